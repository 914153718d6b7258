//! Why the chain cannot start or go on.

use std::path::PathBuf;

/// Why a chain cannot be opened, or had to stop. A refused transaction is not an error of the chain: see
/// [`Refusal`](crate::Refusal).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The genesis has an entry that is not valid.
    #[error("genesis: {0}")]
    Genesis(String),
    /// The folder belongs to a chain that started from another genesis.
    #[error(
        "{path} holds a chain that started from another genesis (chain id {found}): give it the genesis it started from, \
         or another folder"
    )]
    OtherGenesis {
        /// The chain's folder.
        path: PathBuf,
        /// The chain id found there.
        found: String,
    },
    /// Another process has the folder open.
    #[error("{0} is in use by another process: stop it first, or choose another folder")]
    InUse(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {action} failed")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The operating system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A file of the chain holds something that the chain did not write.
    #[error(
        "{path} is damaged at byte {offset}: {reason}; restore the folder from a copy, or start a new chain in an empty one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the damage begins.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// An earlier write failed, so the chain no longer makes blocks.
    #[error("the chain stopped at height {height}: {reason}; free the disk and start it again")]
    Halted {
        /// Height of the last block on disk.
        height: u64,
        /// The failure.
        reason: String,
    },
    /// The listener could not be opened or used.
    #[error("RPC on {address}")]
    Listen {
        /// The address.
        address: String,
        /// The operating system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A task of the chain ended before its time.
    #[error("internal: {0}")]
    Internal(String),
}
