//! The one error type of this crate.

use std::path::PathBuf;

/// Why a gateway cannot be made, started or run. What clients are told is a verdict or an HTTP error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files, configuration, database, listeners.
    #[error(transparent)]
    Service(#[from] ecash_service::Error),
    /// There is something at the place where `init` would put it.
    #[error("{} exists: this home is initialised already; choose another home, or run the gateway from this one", path.display())]
    AlreadyInitialised {
        /// What exists.
        path: PathBuf,
    },
    /// The home has no instance id.
    #[error("this home is not initialised; run `nym-gateway init` first")]
    NotInitialised,
    /// The instance id file is malformed.
    #[error("{} is not an instance id (32 hex digits); restore it from the backup of the identity key, or run `nym-gateway init` in a new home", path.display())]
    InstanceFile {
        /// The file.
        path: PathBuf,
    },
    /// The home was made for another network.
    #[error(
        "this home belongs to the network ({found}), the configuration names ({expected}); a gateway of another network needs a home and a key of its own"
    )]
    OtherNetwork {
        /// Chain id, ecash and DKG contract of the home.
        found: String,
        /// Those of the configuration.
        expected: String,
    },
    /// A lost database could not be put aside.
    #[error("the database is lost and {} cannot be put aside: {source}", path.display())]
    PutAside {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process runs from this home.
    #[error("another gateway runs from {}; stop it first", home.display())]
    InUse {
        /// The home.
        home: PathBuf,
    },
    /// The lock of the home cannot be used.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("cannot {action}: {reason}")]
    Store {
        /// What was tried.
        action: &'static str,
        /// What SQLite said.
        reason: String,
    },
    /// A key file is not what it should be.
    #[error("{} holds no ed25519 key: {reason}", path.display())]
    IdentityKey {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A configuration value that is well-formed and impossible.
    #[error("configuration: {key}: {problem}")]
    Config {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The system gave no thread for verification.
    #[error("cannot start the verification pool: {0}")]
    Pool(std::io::Error),
    /// A listener does not know its address.
    #[error("cannot tell the address of a listener: {0}")]
    Listener(std::io::Error),
    /// The chain's client could not be made.
    #[error("chain: {0}")]
    Chain(#[from] nyx_client::Error),
    /// A text that signed statements carry is malformed.
    #[error(transparent)]
    Requests(#[from] ecash_requests::RequestsError),
}

impl Error {
    pub(crate) fn store(action: &'static str, error: &impl std::fmt::Display) -> Self {
        Self::Store {
            action,
            reason: error.to_string(),
        }
    }
}
