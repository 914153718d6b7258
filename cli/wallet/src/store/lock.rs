//! One process per wallet: an operating-system lock, released by the system when the holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ecash_service::files::PRIVATE_FILE_MODE;

use crate::error::WalletError;

/// Most bytes read of a lock file: a process id.
const MAX_PID_BYTES: u64 = 20;

/// Suffix of the lock file.
pub(super) const SUFFIX: &str = ".lock";

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

impl Lock {
    /// Takes the lock of the database at `database` and writes down the own process id.
    pub(crate) fn take(database: &Path) -> Result<Self, WalletError> {
        let path = lock_path(database);
        let fail = |source| WalletError::Lock {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_FILE_MODE)
            .open(&path)
            .map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(WalletError::InUse {
                    path: database.to_path_buf(),
                    pid: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(fail(source)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()))
            .and_then(|()| file.sync_all())
            .map_err(fail)?;
        Ok(Self(file))
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(SUFFIX);
    PathBuf::from(path)
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(MAX_PID_BYTES).read_to_string(&mut text) {
        Ok(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => text,
        _ => "unknown".to_owned(),
    }
}
