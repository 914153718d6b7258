//! The one error type of this crate.

use std::path::PathBuf;

/// What can go wrong while a server is set up. Every message names the thing, its value and the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused an operation on a file or directory.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A private file or directory can be reached by group or others.
    #[error("{} has mode {mode:04o}, which others can use; run `chmod {allowed:o} {}`", path.display(), path.display())]
    TooWide {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The widest bits that are accepted.
        allowed: u32,
    },
    /// A private file or directory belongs to another user.
    #[error("{} belongs to user id {owner}, not to {expected}, under which this program runs; change its owner or run as that user", path.display())]
    WrongOwner {
        /// The file or directory.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
        /// The effective user id of this process.
        expected: u32,
    },
    /// A private path is not what it has to be: a symbolic link, a device, a file in place of a directory.
    #[error("{} is not a {expected} (symbolic links are not followed); name the {expected} itself", path.display())]
    WrongKind {
        /// The path.
        path: PathBuf,
        /// What it should have been.
        expected: &'static str,
    },
    /// A file is larger than what it is read for.
    #[error("{} has {size_bytes} bytes, more than the {limit_bytes} expected; is this the right file?", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size_bytes: u64,
        /// The most that is read.
        limit_bytes: u64,
    },
    /// A text in a file is not UTF-8.
    #[error("{} is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A reference to a secret is neither `env:NAME` nor `file:/path`.
    #[error(
        "secrets are given as `env:NAME` or `file:/path`, not in place; the value here is {length} bytes long and is not shown"
    )]
    SecretReference {
        /// Length of what was given; the value itself may be a secret.
        length: usize,
    },
    /// The variable that should hold a secret is not set, is empty or is not UTF-8.
    #[error(
        "environment variable {name} holds no secret (unset, empty or not UTF-8); set it, or use `file:/path`"
    )]
    SecretMissing {
        /// Name of the variable.
        name: String,
    },
    /// A file that should hold a secret is empty.
    #[error("{} holds no secret: the file is empty", path.display())]
    SecretEmpty {
        /// The file.
        path: PathBuf,
    },
    /// A configuration file is not TOML.
    #[error("{} is not valid TOML: {message}", path.display())]
    ConfigSyntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        message: String,
    },
    /// A configuration value is missing, unknown or out of range.
    #[error("configuration ({origin}): {message}")]
    Config {
        /// Which layers took part.
        origin: String,
        /// Key and reason.
        message: String,
    },
    /// PEM text is malformed or carries another label.
    #[error("not a PEM block labelled `{label}`: {reason}")]
    Pem {
        /// The expected label.
        label: &'static str,
        /// What was wrong.
        reason: &'static str,
    },
    /// A database could not be opened or brought to the present schema.
    #[error("cannot open database {}: {reason}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said and what to do.
        reason: String,
    },
    /// A listening address is in use, not ours or not permitted.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Signal handlers, the log or the metrics recorder could not be installed.
    #[error("cannot set up {what}: {reason}")]
    Setup {
        /// Which facility.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

impl Error {
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
