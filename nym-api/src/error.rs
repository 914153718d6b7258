//! The one error type of this crate.

use std::path::PathBuf;

use ecash_ticketbook::EpochId;

/// What can go wrong in a Quorum member outside of answering a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, configuration, database, address: set-up.
    #[error(transparent)]
    Service(#[from] ecash_service::Error),
    /// A statement of the database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored value does not decode: the file was changed by something else.
    #[error("database: {what} does not decode ({reason}); restore a copy and announce it")]
    Stored {
        /// Table and column.
        what: &'static str,
        /// What was wrong with it.
        reason: String,
    },
    /// A number does not fit into its column.
    #[error("{what} {value} is too large to be stored")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// Its value.
        value: u64,
    },
    /// The chain did not answer or refused.
    #[error("chain: {0}")]
    Chain(#[from] nyx_client::Error),
    /// The chain answered with a value that cannot be right.
    #[error("chain: {what} is {value}: {reason}")]
    ChainData {
        /// The field.
        what: &'static str,
        /// Its value.
        value: String,
        /// Why it is refused.
        reason: String,
    },
    /// The scheme refused a value.
    #[error(transparent)]
    Scheme(#[from] ecash_scheme::Error),
    /// A date or ticket is out of range.
    #[error(transparent)]
    Ticketbook(#[from] ecash_ticketbook::TicketbookError),
    /// A key, name or signed statement is refused.
    #[error(transparent)]
    Requests(#[from] ecash_requests::RequestsError),
    /// A configuration value is missing or contradicts another one.
    #[error("configuration: {key} {reason}")]
    Config {
        /// The dotted key.
        key: &'static str,
        /// What is wrong and what to write.
        reason: String,
    },
    /// A key file is not what it has to be.
    #[error("key file {}: {reason}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The key that protects key files has the wrong form.
    #[error("keys.protection: {0}")]
    Protection(String),
    /// Another process uses the same state directory.
    #[error("{} is in use by another nym-api; stop it first: one account must not be run twice", path.display())]
    AlreadyRunning {
        /// The lock file.
        path: PathBuf,
    },
    /// The account cannot pay the fees of a signer.
    #[error(
        "account {address} holds {have}{denom}, a signer needs at least {need}{denom} for fees; send it some"
    )]
    TooPoor {
        /// The account.
        address: String,
        /// What it holds, in base units.
        have: u128,
        /// What it needs, in base units.
        need: u128,
        /// The denomination.
        denom: String,
    },
    /// An answer has no text in the form asked for.
    #[error("an answer cannot be written as {form}: {reason}")]
    Answer {
        /// The form.
        form: &'static str,
        /// Why.
        reason: String,
    },
    /// There is no key for an epoch.
    #[error("no usable key of epoch {0}")]
    NoKey(EpochId),
    /// The home has not been initialised.
    #[error("{} is missing; run `nym-api init` first", path.display())]
    NotInitialised {
        /// What was looked for.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn stored(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Stored {
            what,
            reason: reason.to_string(),
        }
    }
}

/// Result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
