//! The chain's folder: its files, its lock, and writes that are on disk when they return.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::ChainError;

const LOCK: &str = "lock";
const LOG: &str = "blocks.log";
const SNAPSHOT: &str = "snapshot";
const SNAPSHOT_NEW: &str = "snapshot.new";

/// A failed file operation as an error of the chain.
pub(crate) fn io_error(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> ChainError {
    let path = path.to_owned();
    move |source| ChainError::Io {
        path,
        action,
        source,
    }
}

/// The folder, locked for as long as this lives; a killed process leaves no lock behind.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens or makes the folder (mode 0700) and locks it.
    ///
    /// # Errors
    /// [`ChainError::InUse`], [`ChainError::Io`].
    pub(crate) fn open(path: &Path) -> Result<Self, ChainError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(io_error(path, "making the folder"))?;
        let lock_path = path.join(LOCK);
        let lock = private()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io_error(&lock_path, "opening"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(ChainError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(ChainError::Io {
                path: lock_path,
                action: "locking",
                source,
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.path.join(LOG)
    }

    pub(crate) fn snapshot_path(&self) -> PathBuf {
        self.path.join(SNAPSHOT)
    }

    /// Puts `bytes` in the place of the snapshot: whoever reads afterwards, even after a crash, sees all of the old or
    /// all of the new.
    pub(crate) fn replace_snapshot(&self, bytes: &[u8]) -> Result<(), ChainError> {
        let (new, path) = (self.path.join(SNAPSHOT_NEW), self.snapshot_path());
        let mut file = private()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&new)
            .map_err(io_error(&new, "opening"))?;
        file.write_all(bytes).map_err(io_error(&new, "writing"))?;
        file.sync_all().map_err(io_error(&new, "syncing"))?;
        fs::rename(&new, &path).map_err(io_error(&path, "replacing"))?;
        self.sync()
    }

    /// Makes the folder's entries durable.
    pub(crate) fn sync(&self) -> Result<(), ChainError> {
        File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .map_err(io_error(&self.path, "syncing"))
    }
}

/// Options for files that only their owner reads.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
