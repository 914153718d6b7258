//! Strict ed25519. A key is accepted only in its one canonical encoding and never of small order; a signature only with
//! canonical R and s. So no signature verifies under two keys, and no two verifiers disagree about one.

use crate::RequestsError;
use crate::bytes::Base58;
use crate::text::SignedText;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Length of a public or secret key in bytes.
pub const KEY_BYTES: usize = 32;
/// Length of a signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// An ed25519 signature, 64 bytes, base58 in JSON. Whether it is canonical shows when it is verified.
pub type Signature = Base58<SIGNATURE_BYTES>;

/// An ed25519 public key: canonically encoded (y < p), on the curve, not of small order. Base58 in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IdentityKey(VerifyingKey);

impl IdentityKey {
    /// The key with this encoding.
    ///
    /// # Errors
    /// [`RequestsError::Key`] if the bytes are not the canonical encoding of a point of the curve, or of a point of
    /// small order (under which some signatures verify for every message).
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<Self, RequestsError> {
        let refused = |reason| RequestsError::Key {
            key: Base58(*bytes).to_string(),
            reason,
        };
        let key =
            VerifyingKey::from_bytes(bytes).map_err(|_| refused("not a point of the curve"))?;
        if key.is_weak() {
            return Err(refused("of small order"));
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(refused("not canonically encoded"));
        }
        Ok(Self(key))
    }

    /// The key with this base58 text.
    ///
    /// # Errors
    /// [`RequestsError::Bytes`], and those of [`Self::from_bytes`].
    pub fn from_base58(text: &str) -> Result<Self, RequestsError> {
        Self::from_bytes(text.parse::<Base58<KEY_BYTES>>()?.as_bytes())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.as_bytes()
    }

    /// Verifies a signature over `message`, strictly.
    ///
    /// # Errors
    /// [`RequestsError::Signature`] naming `what` was signed.
    pub fn verify(
        &self,
        what: &'static str,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), RequestsError> {
        self.0
            .verify_strict(
                message,
                &ed25519_dalek::Signature::from_bytes(signature.as_bytes()),
            )
            .map_err(|_| RequestsError::Signature {
                what,
                key: self.to_string(),
            })
    }

    /// Verifies a signature over a signed text.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_text(
        &self,
        what: &'static str,
        text: &SignedText,
        signature: &Signature,
    ) -> Result<(), RequestsError> {
        self.verify(what, text.as_bytes(), signature)
    }
}

impl std::hash::Hash for IdentityKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Base58(*self.as_bytes()), f)
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IdentityKey {
    type Err = RequestsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_base58(text)
    }
}

impl Serialize for IdentityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IdentityKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_bytes(Base58::deserialize(deserializer)?.as_bytes())
            .map_err(serde::de::Error::custom)
    }
}

/// An ed25519 secret key: the 32-byte seed. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct IdentitySecret(SigningKey);

impl IdentitySecret {
    /// A fresh key.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// The key with this seed.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The seed, for storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> IdentityKey {
        IdentityKey(self.0.verifying_key())
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Base58(self.0.sign(message).to_bytes())
    }

    /// Signs a text.
    #[must_use]
    pub fn sign_text(&self, text: &SignedText) -> Signature {
        self.sign(text.as_bytes())
    }
}
