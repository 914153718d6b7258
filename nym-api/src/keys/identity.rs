//! The node's identity: an ed25519 key in PEM files, registered with the DKG contract. It signs what the node says.

use std::path::Path;

use ecash_requests::IdentitySecret;
use ecash_service::{files, pem};

use crate::error::{Error, Result};

/// Name of the file with the secret key, inside the key directory.
pub const PRIVATE_FILE: &str = "private_identity.pem";
/// Name of the file with the public key.
pub const PUBLIC_FILE: &str = "public_identity.pem";

const PRIVATE_LABEL: &str = "ED25519 PRIVATE KEY";
const PUBLIC_LABEL: &str = "ED25519 PUBLIC KEY";
const MAX_FILE_BYTES: u64 = 4096;

/// Reads the identity from the key directory.
///
/// # Errors
/// [`Error::NotInitialised`] when there is none; [`Error::Service`] for a file that others can read or that is no PEM;
/// [`Error::KeyFile`] for a key that does not have 32 bytes.
pub fn load(dir: &Path) -> Result<IdentitySecret> {
    let path = dir.join(PRIVATE_FILE);
    if !path.exists() {
        return Err(Error::NotInitialised { path });
    }
    let bytes = files::read_private(&path, MAX_FILE_BYTES)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| ecash_service::Error::NotText { path: path.clone() })?;
    let key = pem::decode(PRIVATE_LABEL, text)?;
    let key = <&[u8; 32]>::try_from(key.as_slice()).map_err(|_| Error::KeyFile {
        reason: format!("an identity key has 32 bytes, this one {}", key.len()),
        path: path.clone(),
    })?;
    Ok(IdentitySecret::from_bytes(key))
}

/// Reads the identity, or makes one if there is none.
///
/// # Errors
/// As [`load`], and [`Error::Service`] when the files cannot be written.
pub fn load_or_create(dir: &Path) -> Result<IdentitySecret> {
    if !dir.join(PRIVATE_FILE).exists() {
        let identity = IdentitySecret::generate(&mut rand::rngs::OsRng);
        let text = pem::encode(PRIVATE_LABEL, identity.to_bytes().as_slice());
        files::create_private(&dir.join(PRIVATE_FILE), text.as_bytes())?;
        let public = pem::encode(PUBLIC_LABEL, identity.public().as_bytes());
        files::write_private(&dir.join(PUBLIC_FILE), public.as_bytes())?;
    }
    load(dir)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_identity_is_made_once_and_refused_when_others_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            load(dir.path()),
            Err(Error::NotInitialised { .. })
        ));
        let made = load_or_create(dir.path())
            .unwrap_or_else(|e| panic!("{e}"))
            .public();
        assert_eq!(
            load_or_create(dir.path())
                .unwrap_or_else(|e| panic!("{e}"))
                .public(),
            made
        );
        let path = dir.path().join(PRIVATE_FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load(dir.path()).is_err());
    }
}
