//! Private files and directories: created with mode 0600 and 0700, refused when others can use them, never reached
//! through a symbolic link, replaced atomically.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rand::Rng as _;
use zeroize::Zeroizing;

use crate::Error;

/// Permission bits of a private file.
pub const PRIVATE_FILE_MODE: u32 = 0o600;
/// Permission bits of a private directory.
pub const PRIVATE_DIR_MODE: u32 = 0o700;

/// Bits that let somebody else than the owner do something.
const OTHERS: u32 = 0o077;

/// Creates `path` and its missing parents with mode 0700; an existing directory must be private already.
///
/// # Errors
/// [`Error::Io`] (a parent that is a regular file, a full or read-only disk), [`Error::WrongKind`],
/// [`Error::WrongOwner`], [`Error::TooWide`].
pub fn create_private_dir(path: &Path) -> Result<(), Error> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIR_MODE)
        .create(path)
        .map_err(Error::io("create directory", path))?;
    check_private_dir(path)
}

/// Checks that `path` is a directory (not a link to one), ours, and closed to others.
///
/// # Errors
/// [`Error::Io`], [`Error::WrongKind`], [`Error::WrongOwner`], [`Error::TooWide`].
pub fn check_private_dir(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::symlink_metadata(path).map_err(Error::io("look at", path))?;
    if !metadata.is_dir() {
        return Err(Error::WrongKind {
            path: path.to_path_buf(),
            expected: "directory",
        });
    }
    check_owner_and_mode(path, &metadata, PRIVATE_DIR_MODE)
}

/// Checks that `path` is a regular file (not a link to one), ours, and closed to others.
///
/// # Errors
/// [`Error::Io`], [`Error::WrongKind`], [`Error::WrongOwner`], [`Error::TooWide`].
pub fn check_private_file(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::symlink_metadata(path).map_err(Error::io("look at", path))?;
    check_file(path, &metadata)
}

/// Reads a private file of at most `limit_bytes`. The checks are made on the opened file, so that nobody can put another
/// one in its place between check and use.
///
/// # Errors
/// [`Error::Io`], [`Error::WrongKind`], [`Error::WrongOwner`], [`Error::TooWide`], [`Error::TooLarge`].
pub fn read_private(path: &Path, limit_bytes: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(no_follow_flags())
        .open(path)
        .map_err(|source| open_error(path, source))?;
    let metadata = file.metadata().map_err(Error::io("look at", path))?;
    check_file(path, &metadata)?;
    let too_large = |size_bytes| Error::TooLarge {
        path: path.to_path_buf(),
        size_bytes,
        limit_bytes,
    };
    if metadata.len() > limit_bytes {
        return Err(too_large(metadata.len()));
    }
    let capacity = usize::try_from(metadata.len().saturating_add(1)).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(limit_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > limit_bytes {
        return Err(too_large(length));
    }
    Ok(bytes)
}

/// Writes `bytes` to `path` with mode 0600, replacing what was there atomically: a reader, or a crash at any point,
/// sees the old content or the new one, and the new one is on disk when this returns.
///
/// # Errors
/// [`Error::Io`]; [`Error::WrongKind`] when `path` exists and is not a regular file.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_atomic(path, bytes, PRIVATE_FILE_MODE)
}

/// Like [`write_private`], with permission bits of the caller's choice for what is not secret.
///
/// # Errors
/// As [`write_private`].
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    if let Ok(metadata) = std::fs::symlink_metadata(path)
        && !metadata.is_file()
    {
        return Err(Error::WrongKind {
            path: path.to_path_buf(),
            expected: "regular file",
        });
    }
    let staged = staging_path(path);
    let outcome = write_new(&staged, bytes, mode)
        .and_then(|()| std::fs::rename(&staged, path).map_err(Error::io("put in place", path)));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&staged); // the first error is the one to report
        return outcome;
    }
    sync_parent(path)
}

/// Creates `path` with mode 0600 and `bytes` in it, on disk when this returns; an existing file is left alone.
///
/// # Errors
/// [`Error::Io`], of kind `AlreadyExists` when there is a file.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_new(path, bytes, PRIVATE_FILE_MODE)?;
    sync_parent(path)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(no_follow_flags())
        .open(path)
        .map_err(Error::io("create", path))?;
    file.set_permissions(Permissions::from_mode(mode))
        .map_err(Error::io("set the mode of", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    file.sync_all().map_err(Error::io("write to disk", path))
}

fn staging_path(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{:016x}.new", rand::thread_rng().r#gen::<u64>()));
    path.with_file_name(name)
}

fn sync_parent(path: &Path) -> Result<(), Error> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(Error::io("write to disk", parent))
}

fn check_file(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    if !metadata.is_file() {
        return Err(Error::WrongKind {
            path: path.to_path_buf(),
            expected: "regular file",
        });
    }
    check_owner_and_mode(path, metadata, PRIVATE_FILE_MODE)
}

fn check_owner_and_mode(path: &Path, metadata: &Metadata, allowed: u32) -> Result<(), Error> {
    let expected = rustix::process::geteuid().as_raw();
    if metadata.uid() != expected {
        return Err(Error::WrongOwner {
            path: path.to_path_buf(),
            owner: metadata.uid(),
            expected,
        });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(Error::TooWide {
            path: path.to_path_buf(),
            mode,
            allowed,
        });
    }
    Ok(())
}

fn no_follow_flags() -> i32 {
    (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC | rustix::fs::OFlags::NONBLOCK)
        .bits()
        .cast_signed()
}

fn open_error(path: &Path, source: std::io::Error) -> Error {
    let is_link = source.kind() != ErrorKind::NotFound
        && std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        return Error::WrongKind {
            path: path.to_path_buf(),
            expected: "regular file",
        };
    }
    Error::io("open", path)(source)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn home() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_private_file_is_written_with_mode_0600_and_replaced_whole() {
        let home = home();
        let path = home.path().join("key");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two, longer").unwrap();
        assert_eq!(*read_private(&path, 100).unwrap(), b"two, longer");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(home.path()).unwrap().count(),
            1,
            "no staging file is left"
        );
    }

    #[test]
    fn a_file_that_group_or_others_can_use_is_refused() {
        let home = home();
        let path = home.path().join("key");
        for mode in [0o604, 0o640, 0o610, 0o602, 0o660, 0o777] {
            write_atomic(&path, b"secret", mode).unwrap();
            assert!(
                matches!(read_private(&path, 100), Err(Error::TooWide { .. })),
                "{mode:o}"
            );
            assert!(check_private_file(&path).is_err());
        }
    }

    #[test]
    fn a_symbolic_link_is_neither_read_nor_written_through() {
        let home = home();
        let target = home.path().join("target");
        let link = home.path().join("link");
        write_private(&target, b"secret").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(matches!(
            read_private(&link, 100),
            Err(Error::WrongKind { .. })
        ));
        assert!(matches!(
            write_private(&link, b"x"),
            Err(Error::WrongKind { .. })
        ));
        assert!(matches!(
            check_private_file(&link),
            Err(Error::WrongKind { .. })
        ));
        assert_eq!(*read_private(&target, 100).unwrap(), b"secret");
    }

    #[test]
    fn a_file_above_its_limit_is_refused() {
        let home = home();
        let path = home.path().join("key");
        write_private(&path, &[0; 11]).unwrap();
        let outcome = read_private(&path, 10);
        assert!(matches!(
            outcome,
            Err(Error::TooLarge {
                size_bytes: 11,
                limit_bytes: 10,
                ..
            })
        ));
        assert_eq!(read_private(&path, 11).unwrap().len(), 11);
    }

    #[test]
    fn create_private_leaves_an_existing_file_alone() {
        let home = home();
        let path = home.path().join("key");
        create_private(&path, b"first").unwrap();
        let outcome = create_private(&path, b"second");
        assert!(
            matches!(outcome, Err(Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists)
        );
        assert_eq!(*read_private(&path, 100).unwrap(), b"first");
    }

    #[test]
    fn a_directory_below_a_regular_file_or_open_to_others_is_refused_by_name() {
        let home = home();
        let file = home.path().join("file");
        write_private(&file, b"").unwrap();
        let below = file.join("home");
        let error = create_private_dir(&below).unwrap_err();
        assert!(
            error.to_string().contains(&below.display().to_string()),
            "{error}"
        );
        let open = home.path().join("open");
        create_private_dir(&open).unwrap();
        std::fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(
            create_private_dir(&open),
            Err(Error::TooWide { mode: 0o755, .. })
        ));
    }

    #[test]
    fn a_directory_is_not_a_private_file_and_a_file_is_not_a_private_directory() {
        let home = home();
        let file = home.path().join("file");
        write_private(&file, b"").unwrap();
        assert!(matches!(
            check_private_dir(&file),
            Err(Error::WrongKind { .. })
        ));
        assert!(matches!(
            read_private(home.path(), 10),
            Err(Error::WrongKind { .. })
        ));
    }
}
