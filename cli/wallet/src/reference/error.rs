//! What can be wrong with a file that belongs to another program.

use std::path::PathBuf;

use crate::advice::Advice;

/// Why the credential database of the published clients is not used, or not in this way. It was left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It is no credential database.
    #[error("{} is not a credential database ({reason}); name another file, or move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Its schema is older than those that are known.
    #[error(
        "{} has an older schema (its last migration is {newest}); start the client that it belongs to once, which brings it up to date", path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its last migration.
        newest: i64,
    },
    /// Its schema is newer, or has a step that is not known.
    #[error(
        "{} has migration {version}, which this version does not know; update this program", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The migration.
        version: i64,
    },
    /// Another program holds its lock.
    #[error("{} is locked by another program; close that, or try again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The disk, or the quota, is full.
    #[error("no space left to write {}; free some and try again, nothing was changed", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("{} cannot be written ({reason})", path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A row does not decode.
    #[error("{}: {what} does not decode: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Table and row.
        what: String,
        /// What was wrong.
        reason: String,
    },
    /// A statement failed.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: sqlx::Error,
    },
}

impl ReferenceError {
    /// Name and advice for user interfaces.
    pub(crate) const fn entry(&self) -> (&'static str, Advice) {
        match self {
            Self::Foreign { .. } => ("reference-foreign", Advice::CorrectInput),
            Self::Older { .. } => ("reference-older", Advice::CorrectInput),
            Self::Newer { .. } => ("reference-newer", Advice::AskForHelp),
            Self::Locked { .. } => ("reference-locked", Advice::CloseOtherProgram),
            Self::DiskFull { .. } => ("reference-disk-full", Advice::FreeDiskSpace),
            Self::NotWritable { .. } => ("reference-not-writable", Advice::CorrectInput),
            Self::Damaged { .. } => ("reference-damaged", Advice::AskForHelp),
            Self::Sqlite { .. } => ("reference", Advice::AskForHelp),
        }
    }
}
