//! `ecash …`: what obtains, shows and spends.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Subcommand};
use ecash_ticketbook::{TICKETS_PER_BOOK, TicketType};

use super::files::{
    ExportEvidence, ExportTicketBook, ImportMasterVerificationKey, ImportSignatures,
    ImportTicketBook, Include,
};

/// Highest index of a ticket.
pub(super) const LAST_INDEX: u64 = TICKETS_PER_BOOK - 1;

/// The four names, so that help and completions list them.
pub(super) fn ticket_type() -> impl TypedValueParser<Value = TicketType> {
    PossibleValuesParser::new(TicketType::ALL.map(TicketType::text))
        .try_map(|name| name.parse::<TicketType>())
}

/// `ecash …`
#[derive(Debug, Subcommand)]
pub(crate) enum EcashCommand {
    /// Write the configuration and identity key of a new client.
    #[command(after_help = "Example:\n  nym-cli ecash new-client alice")]
    NewClient(NewClient),
    /// Pay for ticketbooks and obtain them; finishes first what an earlier call paid for.
    #[command(
        after_help = "Examples:\n  nym-cli -c net/localnet.env --mnemonic \"…\" ecash issue-ticket-book --client-config alice/config.toml\n  nym-cli -c net/localnet.env --mnemonic \"…\" ecash issue-ticket-book --output-file book.bin \\\n      --bs58-encoded-client-secret <base58 of at least 16 random bytes> --include-master-verification-key \\\n      --include-expiration-date-signatures --include-coin-index-signatures"
    )]
    IssueTicketBook(IssueTicketBook),
    /// Finish what was paid for and is not a book yet.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash recover-ticket-book --client-config alice/config.toml"
    )]
    RecoverTicketBook(RecoverTicketBook),
    /// Take in a ticketbook from a file.
    #[command(
        after_help = "Examples:\n  nym-cli ecash import-ticket-book --credentials-store credentials_database.db --credential-path book.bin --full\n  nym-cli ecash import-ticket-book --credentials-store credentials_database.db --credential-data \"$(cat book.txt)\" --full --start 0 --final 24"
    )]
    ImportTicketBook(ImportTicketBook),
    /// Make a ticket for a gateway; its index is burned before anything is printed.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash generate-ticket --client-config alice/config.toml \\\n      --provider <base58 key of the gateway> --ticket-file ticket.bin\n  curl -sS --data-binary @ticket.bin -H 'Content-Type: application/octet-stream' \\\n      -H 'Authorization: Bearer <token>' <gateway>/v1/tickets"
    )]
    GenerateTicket(GenerateTicket),
    /// Take in the signatures of an epoch's coin indices.
    #[command(
        after_help = "Example:\n  nym-cli ecash import-coin-index-signatures --client-config alice/config.toml --signatures-path coins.bin"
    )]
    ImportCoinIndexSignatures(ImportSignatures),
    /// Take in the signatures of an expiration date.
    #[command(
        after_help = "Example:\n  nym-cli ecash import-expiration-date-signatures --client-config alice/config.toml --signatures-path dates.bin"
    )]
    ImportExpirationDateSignatures(ImportSignatures),
    /// Take in the master verification key of an epoch.
    #[command(
        after_help = "Example:\n  nym-cli -c net/localnet.env ecash import-master-verification-key --client-config alice/config.toml --key-path key.bin"
    )]
    ImportMasterVerificationKey(ImportMasterVerificationKey),
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
    /// Check a ticketbook file, a ticket, or evidence against a signer.
    #[command(
        after_help = "Examples:\n  nym-cli -c net/localnet.env ecash verify --ticketbook book.bin\n  nym-cli ecash verify --client-config alice/config.toml --ticket ticket.bin"
    )]
    Verify(Verify),
    /// Hand the tail of a ticketbook over to another device.
    #[command(
        after_help = "Example:\n  nym-cli ecash export-ticket-book --client-config alice/config.toml --ticketbook 1 --start 25 --output-file tail.bin"
    )]
    ExportTicketBook(ExportTicketBook),
    /// Write the evidence against signers to a file.
    #[command(
        after_help = "Example:\n  nym-cli ecash export-evidence --client-config alice/config.toml --output-file evidence.json"
    )]
    ExportEvidence(ExportEvidence),
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

/// `ecash issue-ticket-book`
#[derive(Args)]
#[command(group = ArgGroup::new("target").required(true).multiple(false).args(["client_config", "output_file"]))]
pub(crate) struct IssueTicketBook {
    /// Type of the book.
    #[arg(long, value_name = "TYPE", default_value = "v1-mixnet-entry", value_parser = ticket_type())]
    pub(crate) ticketbook_type: TicketType,
    /// TOML of the client: its wallet keeps the book.
    // The parser drops a requirement that a conflict excludes, so the conflicts are spelled out.
    #[arg(long, value_name = "TOML", conflicts_with_all = [
        "bs58_output",
        "bs58_encoded_client_secret",
        "include_expiration_date_signatures",
        "include_coin_index_signatures",
        "include_master_verification_key",
    ])]
    pub(crate) client_config: Option<PathBuf>,
    /// Write the book to this file, which must not exist: whoever holds the file spends the book.
    #[arg(
        long,
        value_name = "PATH",
        requires = "bs58_encoded_client_secret",
        conflicts_with = "new_deposit"
    )]
    pub(crate) output_file: Option<PathBuf>,
    /// Write base58 text in place of bytes.
    #[arg(long, requires = "output_file")]
    pub(crate) bs58_output: bool,
    #[command(flatten)]
    pub(crate) include: Include,
    /// Seed of the ecash key of a book for a file, base58 of at least 16 bytes.
    #[arg(
        long,
        value_name = "SECRET",
        requires = "output_file",
        conflicts_with = "client_config"
    )]
    pub(crate) bs58_encoded_client_secret: Option<String>,
    /// Books in one deposit transaction (1 to 20; 1 for a file).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) count: u32,
    /// Pay even though an issuance of this type is pending.
    #[arg(long)]
    pub(crate) new_deposit: bool,
}

impl std::fmt::Debug for IssueTicketBook {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssueTicketBook")
            .field("client_config", &self.client_config)
            .field("output_file", &self.output_file)
            .finish_non_exhaustive()
    }
}

/// `ecash recover-ticket-book`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("target").required(true).multiple(false).args(["client_config", "output_file"]))]
pub(crate) struct RecoverTicketBook {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: Option<PathBuf>,
    /// Output file of an `issue-ticket-book` that did not finish.
    #[arg(long, value_name = "PATH")]
    pub(crate) output_file: Option<PathBuf>,
}

/// `ecash generate-ticket`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("source").required(true).multiple(false).args(["client_config", "credential_storage"]))]
pub(crate) struct GenerateTicket {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: Option<PathBuf>,
    /// Credential database; the wallet beside it where it does not exist.
    #[arg(long, value_name = "SQLITE")]
    pub(crate) credential_storage: Option<PathBuf>,
    /// Type of the ticket.
    #[arg(long, value_name = "TYPE", default_value = "v1-mixnet-entry", value_parser = ticket_type())]
    pub(crate) ticketbook_type: TicketType,
    /// Identity key of the gateway, base58.
    #[arg(long, value_name = "KEY")]
    pub(crate) provider: String,
    /// This index; the lowest free one if omitted.
    #[arg(long, value_name = "INDEX", conflicts_with = "full", value_parser = clap::value_parser!(u64).range(0..=LAST_INDEX))]
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

/// Where a wallet is: exactly one of the two.
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
    #[command(flatten)]
    pub(crate) place: WalletPlace,
    /// Ask nobody.
    #[arg(long)]
    pub(crate) offline: bool,
}

/// `ecash verify`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("what").required(true).multiple(false).args(["ticketbook", "ticket", "evidence"]))]
#[command(group = ArgGroup::new("keys").multiple(false).args(["client_config", "credentials_store"]))]
pub(crate) struct Verify {
    /// A ticketbook file, bytes or base58 text.
    #[arg(long, value_name = "FILE")]
    pub(crate) ticketbook: Option<PathBuf>,
    /// Spending data of a ticket, base58, or a file with its bytes.
    #[arg(long, value_name = "BASE58|FILE")]
    pub(crate) ticket: Option<String>,
    /// An evidence file.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// TOML of a client whose wallet has the keys; without it they come from the chain.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: Option<PathBuf>,
    /// Credential database beside which a wallet with the keys lies.
    #[arg(long, value_name = "SQLITE")]
    pub(crate) credentials_store: Option<PathBuf>,
}
