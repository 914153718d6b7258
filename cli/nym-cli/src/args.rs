//! The command line (`cli.md` 1–3).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ecash_ticketbook::TicketType;

/// Default of `--wait` in seconds.
const WAIT_SECS: &str = "120";

/// Obtain ticketbooks, spend tickets, send coins.
#[derive(Debug, Parser)]
#[command(
    name = "nym-cli",
    version,
    arg_required_else_help = true,
    propagate_version = true
)]
#[command(
    after_help = "Example, against a local network:\n  nym-cli -c net/localnet.env ecash list --client-config alice/config.toml"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// BIP-39 mnemonic; the variable MNEMONIC wins over it.
    #[arg(long, global = true, value_name = "WORDS", hide_env_values = true)]
    pub(crate) mnemonic: Option<String>,
    /// File with network variables; ignored where CONFIGURED is set in the environment.
    #[arg(short, long, global = true, value_name = "PATH")]
    pub(crate) config_env_file: Option<PathBuf>,
    /// RPC URL of a chain node; overrides NYXD. Several are separated by commas.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) nyxd_url: Option<String>,
    /// Overrides NYM_API (not used by these commands: signers come from the chain).
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) nym_api_url: Option<String>,
    /// Overrides MIXNET_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) mixnet_contract_address: Option<String>,
    /// Overrides VESTING_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) vesting_contract_address: Option<String>,
    /// Overrides ECASH_CONTRACT_ADDRESS.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) ecash_contract_address: Option<String>,
    /// Overrides COCONUT_DKG_CONTRACT_ADDRESS.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) coconut_dkg_contract_address: Option<String>,
    /// Overrides GROUP_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) group_contract_address: Option<String>,
    /// Overrides MULTISIG_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) multisig_contract_address: Option<String>,
    /// Form of the result.
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub(crate) output: OutputForm,
    /// No progress.
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// How long to wait for a network that says "later".
    #[arg(long, global = true, value_name = "SECONDS", default_value = WAIT_SECS, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) wait: u64,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    /// For people.
    Table,
    /// One JSON document.
    Json,
}

/// Families of commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Accounts of the chain.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Ticketbooks and tickets.
    #[command(subcommand)]
    Ecash(EcashCommand),
}

/// `account …`
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make a mnemonic and show its address.
    #[command(after_help = "Example:\n  nym-cli -c net/localnet.env account create")]
    Create(AccountCreate),
    /// Show what an account has.
    #[command(after_help = "Example:\n  nym-cli -c net/localnet.env account balance n1…")]
    Balance(AccountBalance),
    /// Send coins.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env --mnemonic \"…\" account send n1… 200000000"
    )]
    Send(AccountSend),
}

/// `account create`
#[derive(Args, Debug)]
pub(crate) struct AccountCreate {
    /// Words of the mnemonic.
    #[arg(long, default_value = "24", value_parser = ["12", "18", "24"])]
    pub(crate) word_count: String,
}

/// `account balance`
#[derive(Args, Debug)]
pub(crate) struct AccountBalance {
    /// The account; that of the mnemonic if omitted.
    pub(crate) address: Option<String>,
    /// Only this denomination.
    #[arg(long)]
    pub(crate) denom: Option<String>,
    /// Print the number without its denomination.
    #[arg(long, requires = "denom")]
    pub(crate) hide_denom: bool,
    /// Print base units.
    #[arg(long)]
    pub(crate) raw: bool,
}

/// `account send`
#[derive(Args, Debug)]
pub(crate) struct AccountSend {
    /// Receiver.
    pub(crate) recipient: String,
    /// Amount in base units.
    pub(crate) amount: u128,
    /// Denomination; that of fees if omitted.
    #[arg(long)]
    pub(crate) denom: Option<String>,
    /// Memo of the transaction.
    #[arg(long)]
    pub(crate) memo: Option<String>,
}

/// `ecash …`
#[derive(Debug, Subcommand)]
pub(crate) enum EcashCommand {
    /// Write the configuration and identity key of a new client.
    #[command(after_help = "Example:\n  nym-cli ecash new-client alice")]
    NewClient(NewClient),
    /// Pay for ticketbooks and obtain them; finishes first what an earlier call paid for.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env --mnemonic \"…\" ecash issue-ticket-book --client-config alice/config.toml"
    )]
    IssueTicketBook(IssueTicketBook),
    /// Finish what was paid for and is not a book yet.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash recover-ticket-book --client-config alice/config.toml"
    )]
    RecoverTicketBook(ClientOnly),
    /// Make a ticket for a gateway; its index is burned before anything is printed.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash generate-ticket --client-config alice/config.toml \\\n      --provider <base58 key of the gateway> --ticket-file ticket.bin\n  curl -sS --data-binary @ticket.bin -H 'Content-Type: application/octet-stream' \\\n      -H 'Authorization: Bearer <token>' <gateway>/v1/tickets"
    )]
    GenerateTicket(GenerateTicket),
    /// Register at a gateway and print the token under which it takes tickets.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash gateway-account --client-config alice/config.toml --provider <base58 key of the gateway>"
    )]
    GatewayAccount(GatewayAccount),
    /// Show ticketbooks.
    #[command(
        after_help = "Example:\n  nym-cli ecash list --client-config alice/config.toml --all"
    )]
    List(List),
    /// Show what is pending, with deadlines; the network's health; what to note down.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash status --client-config alice/config.toml"
    )]
    Status(Status),
}

/// `ecash new-client`
#[derive(Args, Debug)]
pub(crate) struct NewClient {
    /// Folder to make; it must not hold a client already.
    pub(crate) directory: PathBuf,
    /// Name of the client; that of the folder if omitted.
    #[arg(long)]
    pub(crate) id: Option<String>,
}

/// A command that takes a client only.
#[derive(Args, Debug)]
pub(crate) struct ClientOnly {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
}

/// `ecash issue-ticket-book`
#[derive(Args, Debug)]
pub(crate) struct IssueTicketBook {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// Type of the book.
    #[arg(long, value_name = "TYPE", default_value = "v1-mixnet-entry")]
    pub(crate) ticketbook_type: TicketType,
    /// Books in one deposit transaction.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) count: u32,
    /// Pay even though an issuance of this type is pending.
    #[arg(long)]
    pub(crate) new_deposit: bool,
}

/// `ecash generate-ticket`
#[derive(Args, Debug)]
pub(crate) struct GenerateTicket {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// Type of the ticket.
    #[arg(long, value_name = "TYPE", default_value = "v1-mixnet-entry")]
    pub(crate) ticketbook_type: TicketType,
    /// Identity key of the gateway, base58.
    #[arg(long, value_name = "KEY")]
    pub(crate) provider: String,
    /// This index; the lowest free one if omitted.
    #[arg(long, value_name = "INDEX", conflicts_with = "full")]
    pub(crate) ticket_index: Option<u64>,
    /// All indices with the start of a payment each; burns nothing.
    #[arg(long)]
    pub(crate) full: bool,
    /// Burn nothing: a double spend once this and another payment of the index are both spent.
    #[arg(long, conflicts_with = "full")]
    pub(crate) no_burn: bool,
    /// Also write the 1278 bytes that a gateway takes.
    #[arg(long, value_name = "PATH", conflicts_with = "full")]
    pub(crate) ticket_file: Option<PathBuf>,
    /// Look the key up in the chain's registry first.
    #[arg(long)]
    pub(crate) check_provider: bool,
}

/// `ecash gateway-account`
#[derive(Args, Debug)]
pub(crate) struct GatewayAccount {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// Identity key of the gateway, base58.
    #[arg(long, value_name = "KEY")]
    pub(crate) provider: String,
}

/// Where a wallet is.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct WalletPlace {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: Option<PathBuf>,
    /// Credential database beside which the wallet lies.
    #[arg(long, value_name = "SQLITE")]
    pub(crate) credentials_store: Option<PathBuf>,
}

/// `ecash list`
#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) place: WalletPlace,
    /// Also spent, expired and discarded books.
    #[arg(long)]
    pub(crate) all: bool,
}

/// `ecash status`
#[derive(Args, Debug)]
pub(crate) struct Status {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// Ask nobody.
    #[arg(long)]
    pub(crate) offline: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_are_accepted_anywhere() {
        let cli = Cli::try_parse_from([
            "nym-cli",
            "ecash",
            "list",
            "--credentials-store",
            "a.db",
            "--output",
            "json",
            "-c",
            "x.env",
        ])
        .unwrap();
        assert_eq!(cli.global.output, OutputForm::Json);
        assert!(cli.global.config_env_file.is_some());
    }

    #[test]
    fn contradictory_or_missing_arguments_are_usage_errors() {
        for wrong in [
            &["nym-cli", "ecash", "list"][..],
            &[
                "nym-cli",
                "ecash",
                "list",
                "--credentials-store",
                "a",
                "--client-config",
                "b",
            ],
            &[
                "nym-cli",
                "ecash",
                "issue-ticket-book",
                "--client-config",
                "a",
                "--count",
                "21",
            ],
            &[
                "nym-cli",
                "ecash",
                "issue-ticket-book",
                "--client-config",
                "a",
                "--ticketbook-type",
                "v2",
            ],
            &[
                "nym-cli",
                "ecash",
                "generate-ticket",
                "--client-config",
                "a",
            ],
            &[
                "nym-cli",
                "ecash",
                "generate-ticket",
                "--client-config",
                "a",
                "--provider",
                "k",
                "--full",
                "--ticket-index",
                "3",
            ],
            &["nym-cli", "account", "create", "--word-count", "13"],
            &["nym-cli", "account", "balance", "--hide-denom"],
        ] {
            assert!(Cli::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
