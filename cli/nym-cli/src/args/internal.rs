//! `internal …`: hidden.

use clap::{Args, Subcommand};
use ecash_ticketbook::{EcashDate, TicketType};

use super::ecash::ticket_type;

/// `internal …`
#[derive(Debug, Subcommand)]
pub(crate) enum InternalCommand {
    /// Ticketbooks and tickets.
    #[command(subcommand)]
    Ecash(InternalEcashCommand),
}

/// `internal ecash …`
#[derive(Debug, Subcommand)]
pub(crate) enum InternalEcashCommand {
    /// Make a withdrawal request for a credential proxy.
    #[command(
        after_help = "Example:\n  nym-cli internal ecash generate-withdrawal-request --ticketbook-type v1-wireguard-entry"
    )]
    GenerateWithdrawalRequest(GenerateWithdrawalRequest),
    /// Make an ecash key pair.
    #[command(after_help = "Example:\n  nym-cli internal ecash generate-keypair")]
    GenerateKeypair(GenerateKeypair),
}

/// `internal ecash generate-withdrawal-request`
#[derive(Args)]
pub(crate) struct GenerateWithdrawalRequest {
    /// Type of the book.
    #[arg(long, value_name = "TYPE", default_value = "v1-mixnet-entry", value_parser = ticket_type())]
    pub(crate) ticketbook_type: TicketType,
    /// Last day on which the book can be spent; six days from today if omitted.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) expiration_date: Option<EcashDate>,
    /// The ecash secret key; a fresh one if omitted.
    #[arg(long, value_name = "BASE58")]
    pub(crate) ecash_secret_key_bs58: Option<String>,
}

impl std::fmt::Debug for GenerateWithdrawalRequest {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GenerateWithdrawalRequest")
            .field("ticketbook_type", &self.ticketbook_type)
            .field("expiration_date", &self.expiration_date)
            .finish_non_exhaustive()
    }
}

/// `internal ecash generate-keypair`
#[derive(Args)]
pub(crate) struct GenerateKeypair {
    /// Seed of the key, base58; a random key if omitted.
    #[arg(long, value_name = "SECRET")]
    pub(crate) bs58_encoded_client_secret: Option<String>,
}

impl std::fmt::Debug for GenerateKeypair {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GenerateKeypair").finish_non_exhaustive()
    }
}
