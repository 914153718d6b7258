//! `account …`.

use clap::{Args, Subcommand};

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
