//! The container of one secret at rest (`dkg.md` 15.1): 84 bytes of header, then XChaCha20-Poly1305 over the secret with
//! the header as associated data. The key is `HKDF-SHA-256(salt, 32 bytes of the key file, "ECASH-DKG-V01-FILE-KEY")`.
//!
//! The header has room for a passphrase (protection 1, Argon2id); this version writes and reads key files only and says
//! so when it meets the other.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ecash_service::files;
use ecash_service::secret::SecretRef;
use ecash_ticketbook::{EpochId, NodeIndex};
use hkdf::Hkdf;
use rand::RngCore as _;
use sha2::Sha256;
use std::path::Path;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{Error, Result};

/// Length of the header, which is the associated data of the encryption.
pub const HEADER_BYTES: usize = 84;
/// Length of the key in a key file.
pub const KEY_BYTES: usize = 32;
/// The largest ciphertext of a share or receiver key.
pub const MAX_CIPHERTEXT_BYTES: usize = 65_536;

const MAGIC: &[u8; 8] = b"ECASHKEY";
const VERSION: u8 = 1;
const PROTECTION_PASSPHRASE: u8 = 1;
const PROTECTION_KEY_FILE: u8 = 2;
const FILE_KEY_INFO: &[u8] = b"ECASH-DKG-V01-FILE-KEY";
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A signing share.
    Share,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Share => 1,
        }
    }
}

/// The secret that key files are encrypted with: 32 bytes that the operator keeps elsewhere.
#[derive(Clone)]
pub struct Protection(Zeroizing<[u8; KEY_BYTES]>);

impl Protection {
    /// The key itself, for dealers and tests.
    #[must_use]
    pub fn from_bytes(key: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// Reads the key: 32 raw bytes from a private file, or 64 hexadecimal digits from an environment variable.
    ///
    /// # Errors
    /// The errors of reading secrets; [`Error::Protection`] when the content has another length or form.
    pub fn load(reference: &SecretRef) -> Result<Self> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        match reference {
            SecretRef::File(path) => {
                let limit = u64::try_from(KEY_BYTES).unwrap_or(u64::MAX);
                let bytes = files::read_private(path, limit)?;
                if bytes.len() != KEY_BYTES {
                    return Err(Error::Protection(format!(
                        "{} has {} bytes, a key file has exactly {KEY_BYTES}",
                        path.display(),
                        bytes.len()
                    )));
                }
                key.copy_from_slice(&bytes);
            }
            SecretRef::Env(name) => {
                let text = reference.load()?;
                hex::decode_to_slice(text.expose(), key.as_mut_slice()).map_err(|_| {
                    Error::Protection(format!(
                        "environment variable {name} does not hold 64 hexadecimal digits"
                    ))
                })?;
            }
        }
        Ok(Self(key))
    }

    /// Makes a new random key and writes it to `path` with mode 0600; an existing file is left alone.
    ///
    /// # Errors
    /// [`ecash_service::Error::Io`], of kind `AlreadyExists` when there is a file.
    pub fn create(path: &Path) -> Result<()> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        rand::rngs::OsRng.fill_bytes(key.as_mut_slice());
        files::create_private(path, key.as_slice())?;
        Ok(())
    }

    fn cipher(&self, salt: &[u8]) -> XChaCha20Poly1305 {
        let mut key = Zeroizing::new([0_u8; 32]);
        let _ = Hkdf::<Sha256>::new(Some(salt), self.0.as_slice())
            .expand(FILE_KEY_INFO, key.as_mut_slice()); // total: 32 bytes are one block of output
        XChaCha20Poly1305::new(key.as_slice().into())
    }
}

/// What the header says in the clear, and the secret.
pub struct Opened {
    /// Epoch of the secret.
    pub epoch: EpochId,
    /// Node index of the holder.
    pub index: NodeIndex,
    /// The decrypted content.
    pub plaintext: Zeroizing<Vec<u8>>,
}

/// The bytes of a file that holds `plaintext`.
///
/// # Errors
/// [`Error::Protection`] when the content is longer than a file may hold.
pub fn seal(
    protection: &Protection,
    kind: Kind,
    epoch: EpochId,
    index: NodeIndex,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let too_long = || {
        Error::Protection(format!(
            "{} bytes are too many for one key file",
            plaintext.len()
        ))
    };
    let length = plaintext
        .len()
        .checked_add(16)
        .filter(|n| *n <= MAX_CIPHERTEXT_BYTES)
        .ok_or_else(too_long)?;
    let mut salt = [0_u8; SALT_BYTES];
    let mut nonce = [0_u8; NONCE_BYTES];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    rand::rngs::OsRng.fill_bytes(&mut nonce);
    let mut bytes = Vec::with_capacity(HEADER_BYTES + length);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[VERSION, kind.code(), PROTECTION_KEY_FILE, 0]);
    bytes.extend_from_slice(&[0; 12]);
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&epoch.get().to_be_bytes());
    bytes.extend_from_slice(&index.get().to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(length).map_err(|_| too_long())?.to_be_bytes());
    let ciphertext = protection
        .cipher(&salt)
        .encrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: plaintext,
                aad: &bytes,
            },
        )
        .map_err(|_| too_long())?;
    bytes.extend_from_slice(&ciphertext);
    Ok(bytes)
}

/// Opens the bytes of a file of `kind`.
///
/// # Errors
/// [`Error::KeyFile`] naming `path`: not a key file, another version, kind or protection, a wrong length, or a
/// ciphertext that this key does not open.
pub fn open(protection: &Protection, kind: Kind, path: &Path, bytes: &[u8]) -> Result<Opened> {
    let fail = |reason: String| Error::KeyFile {
        path: path.to_path_buf(),
        reason,
    };
    let Some((header, ciphertext)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(fail(format!(
            "it has {} bytes, too few for a key file",
            bytes.len()
        )));
    };
    let mut fields = Fields(header);
    if &fields.take::<8>() != MAGIC {
        return Err(fail("it is not a key file".to_owned()));
    }
    let [version, found_kind, protected_by, zero] = fields.take::<4>();
    if version != VERSION || zero != 0 {
        return Err(fail(format!(
            "it is of format version {version}, this program reads {VERSION}"
        )));
    }
    if found_kind != kind.code() {
        return Err(fail(format!(
            "it is of kind {found_kind}, expected {}",
            kind.code()
        )));
    }
    match protected_by {
        PROTECTION_KEY_FILE => {}
        PROTECTION_PASSPHRASE => {
            return Err(fail(
                "it is protected by a passphrase, which this version does not read; use a key file"
                    .to_owned(),
            ));
        }
        other => return Err(fail(format!("its protection {other} is unknown"))),
    }
    if fields.take::<12>() != [0; 12] {
        return Err(fail(
            "it has passphrase parameters although a key file protects it".to_owned(),
        ));
    }
    let salt = fields.take::<SALT_BYTES>();
    let nonce = fields.take::<NONCE_BYTES>();
    let epoch = EpochId(u64::from_be_bytes(fields.take()));
    let index = NodeIndex(u64::from_be_bytes(fields.take()));
    let length = usize::try_from(u32::from_be_bytes(fields.take())).unwrap_or(usize::MAX);
    if length != ciphertext.len() || length > MAX_CIPHERTEXT_BYTES {
        return Err(fail(format!(
            "it announces {length} bytes of content and has {}",
            ciphertext.len()
        )));
    }
    let plaintext = protection
        .cipher(&salt)
        .decrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: ciphertext,
                aad: header,
            },
        )
        .map_err(|_| {
            fail("it does not open: it was altered, or keys.protection is another key".to_owned())
        })?;
    Ok(Opened {
        epoch,
        index,
        plaintext: Zeroizing::new(plaintext),
    })
}

/// Reads fixed-length fields off the front of a header.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N], // total: the fields of the header add up to its length
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.plaintext.zeroize();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    fn protection() -> Protection {
        Protection::from_bytes([7; 32])
    }

    fn sealed() -> Vec<u8> {
        seal(
            &protection(),
            Kind::Share,
            EpochId(3),
            NodeIndex(2),
            b"a secret share",
        )
        .unwrap()
    }

    fn reopen(bytes: &[u8]) -> Result<Opened> {
        open(
            &protection(),
            Kind::Share,
            Path::new("epoch-3.share"),
            bytes,
        )
    }

    #[test]
    fn a_sealed_secret_opens_with_its_key_and_its_header() {
        let opened = reopen(&sealed()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(*opened.plaintext, b"a secret share");
        assert_eq!((opened.epoch, opened.index), (EpochId(3), NodeIndex(2)));
    }

    #[test]
    fn no_byte_of_a_key_file_can_be_changed_cut_or_added() {
        let bytes = sealed();
        for position in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[position] ^= 1;
            assert!(reopen(&altered).is_err(), "byte {position}");
        }
        assert!(reopen(&bytes[..bytes.len() - 1]).is_err());
        assert!(reopen(&[bytes.as_slice(), &[0]].concat()).is_err());
        assert!(reopen(&bytes[..40]).is_err());
    }

    #[test]
    fn another_key_does_not_open_it_and_the_message_says_so() {
        let other = Protection::from_bytes([8; 32]);
        let Err(error) = open(&other, Kind::Share, Path::new("epoch-3.share"), &sealed()) else {
            panic!("opened")
        };
        assert!(
            error.to_string().contains("epoch-3.share")
                && error.to_string().contains("keys.protection"),
            "{error}"
        );
    }

    #[test]
    fn a_key_file_is_created_once_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("protection.key");
        Protection::create(&path).unwrap();
        let first = std::fs::read(&path).unwrap();
        assert_eq!(first.len(), KEY_BYTES);
        assert!(Protection::create(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert!(Protection::load(&SecretRef::File(path)).is_ok());
    }
}
