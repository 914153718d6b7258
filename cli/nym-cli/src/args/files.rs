//! `ecash import-…` and `ecash export-…`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::ecash::{LAST_INDEX, WalletPlace};
use crate::failure::{Exit, Failure};

/// Which global objects go into a ticketbook file.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Include {
    /// Put the signatures of the book's expiration date into the file.
    #[arg(long, requires = "output_file")]
    pub(crate) include_expiration_date_signatures: bool,
    /// Put the signatures of the coin indices into the file.
    #[arg(long, requires = "output_file")]
    pub(crate) include_coin_index_signatures: bool,
    /// Put the master verification key into the file.
    #[arg(long, requires = "output_file")]
    pub(crate) include_master_verification_key: bool,
}

/// `ecash import-ticket-book`
#[derive(Args)]
#[command(group = ArgGroup::new("data").required(true).multiple(false).args(["credential_data", "credential_path"]))]
#[command(group = ArgGroup::new("kind").required(true).multiple(false).args(["standalone", "full"]))]
pub(crate) struct ImportTicketBook {
    /// Credential database; the wallet beside it where it does not exist.
    #[arg(long, value_name = "SQLITE")]
    pub(crate) credentials_store: PathBuf,
    /// The ticketbook as base58 text.
    #[arg(long, value_name = "BASE58")]
    pub(crate) credential_data: Option<String>,
    /// File with the bytes of the ticketbook.
    #[arg(long, value_name = "PATH")]
    pub(crate) credential_path: Option<PathBuf>,
    /// The data is a bare issued ticketbook.
    #[arg(long)]
    pub(crate) standalone: bool,
    /// The data is an importable ticketbook, with what it needs.
    #[arg(long)]
    pub(crate) full: bool,
    /// Revision of the serialisation.
    #[arg(long = "version", hide = true, value_name = "REVISION")]
    pub(crate) revision: Option<u8>,
    /// First index to take (0 to 49); the book's own counter if omitted.
    #[arg(long, value_name = "INDEX", value_parser = clap::value_parser!(u64).range(0..=LAST_INDEX))]
    pub(crate) start: Option<u64>,
    /// Last index to take (0 to 49).
    #[arg(long = "final", value_name = "INDEX", default_value_t = LAST_INDEX, value_parser = clap::value_parser!(u64).range(0..=LAST_INDEX))]
    pub(crate) last: u64,
}

impl ImportTicketBook {
    /// What the parser cannot see: 0 ≤ start ≤ final.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.start {
            Some(start) if start > self.last => Err(Failure::new(
                Exit::Usage,
                format!("--start {start} is above --final {}", self.last),
            )),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for ImportTicketBook {
    /// Without the data, which can be spent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportTicketBook")
            .field("credentials_store", &self.credentials_store)
            .field("credential_path", &self.credential_path)
            .finish_non_exhaustive()
    }
}

/// `ecash import-coin-index-signatures`, `ecash import-expiration-date-signatures`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("data").required(true).multiple(false).args(["signatures_data", "signatures_path"]))]
pub(crate) struct ImportSignatures {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// The signatures as base58 text.
    #[arg(long, value_name = "BASE58")]
    pub(crate) signatures_data: Option<String>,
    /// File with the bytes of the signatures.
    #[arg(long, value_name = "PATH")]
    pub(crate) signatures_path: Option<PathBuf>,
    /// Revision of the serialisation.
    #[arg(long = "version", hide = true, value_name = "REVISION")]
    pub(crate) revision: Option<u8>,
}

/// `ecash import-master-verification-key`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("data").required(true).multiple(false).args(["key_data", "key_path"]))]
pub(crate) struct ImportMasterVerificationKey {
    /// TOML of the client.
    #[arg(long, value_name = "TOML")]
    pub(crate) client_config: PathBuf,
    /// The key as base58 text.
    #[arg(long, value_name = "BASE58")]
    pub(crate) key_data: Option<String>,
    /// File with the bytes of the key.
    #[arg(long, value_name = "PATH")]
    pub(crate) key_path: Option<PathBuf>,
    /// Revision of the serialisation.
    #[arg(long = "version", hide = true, value_name = "REVISION")]
    pub(crate) revision: Option<u8>,
}

/// `ecash export-ticket-book`
#[derive(Args, Debug)]
pub(crate) struct ExportTicketBook {
    #[command(flatten)]
    pub(crate) place: WalletPlace,
    /// The book, by the id that `list` shows.
    #[arg(long, value_name = "ID")]
    pub(crate) ticketbook: i64,
    /// First index to hand over; the lowest from which no ticket was made if omitted.
    #[arg(long, value_name = "INDEX", value_parser = clap::value_parser!(u64).range(0..=LAST_INDEX))]
    pub(crate) start: Option<u64>,
    /// Write the tail of the book to this file, which must not exist.
    #[arg(long, value_name = "PATH")]
    pub(crate) output_file: PathBuf,
    /// Write base58 text in place of bytes.
    #[arg(long)]
    pub(crate) bs58_output: bool,
    #[command(flatten)]
    pub(crate) include: Include,
    /// Write a file that was lost again: the same bytes.
    #[arg(long)]
    pub(crate) again: bool,
}

/// `ecash export-evidence`
#[derive(Args, Debug)]
pub(crate) struct ExportEvidence {
    #[command(flatten)]
    pub(crate) place: WalletPlace,
    /// Write the evidence to this file, which must not exist.
    #[arg(long, value_name = "PATH")]
    pub(crate) output_file: PathBuf,
}
