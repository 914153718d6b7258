//! The command line (`cli.md` 1–3).

mod account;
mod ecash;
mod files;
mod internal;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use account::{AccountBalance, AccountCommand, AccountCreate, AccountSend};
pub(crate) use ecash::{
    EcashCommand, GatewayAccount, GenerateTicket, IssueTicketBook, List, NewClient,
    RecoverTicketBook, Status, Verify, WalletPlace,
};
pub(crate) use files::{
    ExportEvidence, ExportTicketBook, ImportMasterVerificationKey, ImportSignatures,
    ImportTicketBook,
};
pub(crate) use internal::{
    GenerateKeypair, GenerateWithdrawalRequest, InternalCommand, InternalEcashCommand,
};

/// Default of `--wait` in seconds.
const WAIT_SECS: &str = "120";
/// Heading of the options that every command has.
const GLOBAL: &str = "Options of every command";

/// Obtain ticketbooks, spend tickets, send coins.
#[derive(Parser)]
#[command(name = "nym-cli", version, arg_required_else_help = true)]
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
#[derive(Args, Clone)]
pub(crate) struct Global {
    /// BIP-39 mnemonic; the variable MNEMONIC wins over it.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "WORDS", hide_env_values = true)]
    pub(crate) mnemonic: Option<String>,
    /// File with network variables; ignored where CONFIGURED is set in the environment.
    #[arg(short, long, global = true, help_heading = GLOBAL, value_name = "PATH")]
    pub(crate) config_env_file: Option<PathBuf>,
    /// RPC URL of a chain node; overrides NYXD. Several are separated by commas.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) nyxd_url: Option<String>,
    /// Overrides NYM_API (not used by these commands: signers come from the chain).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) nym_api_url: Option<String>,
    /// Overrides MIXNET_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) mixnet_contract_address: Option<String>,
    /// Overrides VESTING_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) vesting_contract_address: Option<String>,
    /// Overrides ECASH_CONTRACT_ADDRESS.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) ecash_contract_address: Option<String>,
    /// Overrides COCONUT_DKG_CONTRACT_ADDRESS.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) coconut_dkg_contract_address: Option<String>,
    /// Overrides GROUP_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) group_contract_address: Option<String>,
    /// Overrides MULTISIG_CONTRACT_ADDRESS (not used by these commands).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS")]
    pub(crate) multisig_contract_address: Option<String>,
    /// Form of the result: for people, or one JSON document.
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, default_value = "table")]
    pub(crate) output: OutputForm,
    /// No progress.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// How long to wait for a network that says "later".
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "SECONDS", default_value = WAIT_SECS, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) wait: u64,
}

/// How a result is printed: for people, or as one JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    // Not documented one by one: the help of every command would take twice the lines.
    Table,
    Json,
}

/// Families of commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Accounts of the chain.
    #[command(
        subcommand,
        after_help = "Example:\n  nym-cli -c net/localnet.env account balance n1…"
    )]
    Account(AccountCommand),
    /// Ticketbooks and tickets.
    #[command(
        subcommand,
        after_help = "Example:\n  nym-cli ecash new-client alice\n  nym-cli -c net/localnet.env --mnemonic \"…\" ecash issue-ticket-book --client-config alice/config.toml"
    )]
    Ecash(EcashCommand),
    /// Parts of commands, for other programs.
    #[command(subcommand, hide = true)]
    Internal(InternalCommand),
    /// Print the completions of a shell.
    #[command(
        after_help = "Example:\n  nym-cli completions bash > ~/.local/share/bash-completion/completions/nym-cli"
    )]
    Completions(Completions),
    /// Write a manual page for every command.
    #[command(after_help = "Example:\n  nym-cli man ./man && man -l ./man/nym-cli-ecash-list.1")]
    Man(Man),
}

/// `completions`
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Folder for the pages; made where it is missing.
    pub(crate) directory: PathBuf,
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
    fn the_help_of_every_command_has_an_example_that_begins_with_the_program() {
        fn check(command: &clap::Command) {
            let children: Vec<_> = command.get_subcommands().collect();
            if children.is_empty() {
                let help = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(help.starts_with("Example"), "{}", command.get_name());
                assert!(help.contains("\n  nym-cli "), "{}", command.get_name());
            }
            children.into_iter().for_each(check);
        }
        check(&Cli::command());
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
}
