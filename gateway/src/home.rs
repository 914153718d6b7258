//! The home directory: identity key, instance id and database belong together and are made together.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use ecash_requests::{IdentityKey, IdentitySecret};
use ecash_service::clock::UnixTime;
use ecash_service::{files, pem};

use crate::config::{CONFIG_FILE, Config};
use crate::error::Error;
use crate::store::{INSTANCE_FILE, KeyOrigin, Store};

/// The identity key inside the home directory.
pub const IDENTITY_FILE: &str = "identity_key.pem";
/// There while an `init` is under way: the key beside it was made by that `init`.
const MARKER_FILE: &str = "init_unfinished";
/// Held while a gateway runs from the home.
const LOCK_FILE: &str = "lock";
/// Label of the identity key's PEM block.
const IDENTITY_LABEL: &str = "ED25519 PRIVATE KEY";
/// Largest identity key file that is read, in bytes.
const MAX_IDENTITY_FILE_BYTES: u64 = 1024;

/// Makes a home: directory, identity key, database, instance id and `config.toml`. An `init` that was interrupted is
/// taken up where it stopped. An identity key that is there already, restored from a copy, is kept; its new database
/// begins in reduced mode, because what was spent at the key before is not known (R3.4).
///
/// # Errors
/// [`Error::AlreadyInitialised`] if there is an instance id; the errors of files and database (a home below a regular
/// file, a directory that others can use).
pub async fn init(config: &Config, now: UnixTime) -> Result<IdentityKey, Error> {
    config.check()?;
    let home = config.gateway.home.as_path();
    files::create_private_dir(home)?;
    let id_file = home.join(INSTANCE_FILE);
    if id_file.symlink_metadata().is_ok() {
        return Err(Error::AlreadyInitialised { path: id_file });
    }
    let marker = home.join(MARKER_FILE);
    let key_is_there = home.join(IDENTITY_FILE).symlink_metadata().is_ok();
    let origin = if key_is_there && marker.symlink_metadata().is_err() {
        KeyOrigin::Restored
    } else {
        files::write_private(&marker, b"")?;
        KeyOrigin::New
    };
    let identity = load_or_make_identity(home)?;
    files::write_private(&home.join(CONFIG_FILE), config.to_toml()?.as_bytes())?;
    Store::create(home, &config.network.ids()?, origin, now).await?;
    forget_unfinished_init(home);
    Ok(identity.public())
}

/// Removes the mark of an `init` under way. It must not outlive the first start: a later `init` beside the key would take
/// the key for a new one.
pub(crate) fn forget_unfinished_init(home: &Path) {
    match std::fs::remove_file(home.join(MARKER_FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the mark of an unfinished init could not be removed");
        }
        _ => {}
    }
}

/// The identity key of an initialised home.
///
/// # Errors
/// [`Error::NotInitialised`] without a key file; [`Error::IdentityKey`] if it holds no key; the errors of files.
pub(crate) fn identity(home: &Path) -> Result<IdentitySecret, Error> {
    let path = home.join(IDENTITY_FILE);
    if path
        .symlink_metadata()
        .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    {
        return Err(Error::NotInitialised);
    }
    read_identity(&path)
}

fn read_identity(path: &Path) -> Result<IdentitySecret, Error> {
    let malformed = |reason: String| Error::IdentityKey {
        path: path.to_path_buf(),
        reason,
    };
    let bytes = files::read_private(path, MAX_IDENTITY_FILE_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed("it is not text".to_owned()))?;
    let seed = pem::decode(IDENTITY_LABEL, text).map_err(|error| malformed(error.to_string()))?;
    let seed: &[u8; 32] = seed
        .as_slice()
        .try_into()
        .map_err(|_| malformed(format!("{} bytes in place of 32", seed.len())))?;
    Ok(IdentitySecret::from_bytes(seed))
}

fn load_or_make_identity(home: &Path) -> Result<IdentitySecret, Error> {
    let path = home.join(IDENTITY_FILE);
    if path.symlink_metadata().is_ok() {
        return read_identity(&path);
    }
    let identity = IdentitySecret::generate(&mut rand::rngs::OsRng);
    let text = pem::encode(IDENTITY_LABEL, identity.to_bytes().as_slice());
    files::create_private(&path, text.as_bytes())?;
    Ok(identity)
}

/// Keeps a second gateway from running from the same home; released when dropped, also by a kill.
#[derive(Debug)]
pub(crate) struct HomeLock {
    _file: File,
}

impl HomeLock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`Error::InUse`] if another process has it; [`Error::Lock`] if the file cannot be made.
    pub(crate) fn take(home: &Path) -> Result<Self, Error> {
        let path: PathBuf = home.join(LOCK_FILE);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| Error::Lock {
                path: path.clone(),
                source,
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse {
                home: home.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
        }
    }
}
