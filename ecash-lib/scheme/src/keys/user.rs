//! Users' keys (spec 2.3): u, and U = u·G. The issuer sees U at every withdrawal; a double spender is named by it.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{USER_KEY_PAIR_BYTES, USER_PUBLIC_KEY_BYTES, USER_SECRET_KEY_BYTES};
use crate::curve::SecretSum;
use crate::error::{Error, Result};
use crate::hash::hash_to_scalar;
use crate::point::G1;
use crate::scalar::SecretScalar;
use crate::secret_products::{g1_secret_sums, secret_bases};
use crate::text;

/// A user's secret u. Wiped when dropped; has no `Debug`.
#[derive(Clone)]
pub struct UserSecretKey(pub(crate) SecretScalar);

/// A user's public key U = u·G. `{"pk": …}` in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserPublicKey {
    pub(crate) pk: G1,
}

/// A user's secret and public key, checked to belong together.
#[derive(Clone)]
pub struct UserKeyPair {
    secret: UserSecretKey,
    public: UserPublicKey,
}

impl UserSecretKey {
    /// A random key.
    pub fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(SecretScalar::random(rng))
    }

    /// u = Hs(seed), for a seed of any length.
    #[must_use]
    pub fn from_seed(seed: &[u8]) -> Self {
        Self(hash_to_scalar(seed).into())
    }

    /// U = u·G, in constant time.
    #[must_use]
    pub fn public_key(&self) -> UserPublicKey {
        let [pk] = g1_secret_sums([SecretSum::new().term(&secret_bases().g, &self.0)]);
        UserPublicKey { pk }
    }

    /// enc(u).
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; USER_SECRET_KEY_BYTES]> {
        self.0.to_bytes()
    }

    /// Reads enc(u).
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::BadScalar`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        SecretScalar::from_bytes(bytes).map(Self)
    }
}

impl ConstantTimeEq for UserSecretKey {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.0.ct_eq(&other.0)
    }
}

impl UserPublicKey {
    /// enc(U).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; USER_PUBLIC_KEY_BYTES] {
        self.pk.to_bytes()
    }

    /// Reads enc(U). Infinity decodes; a withdrawal with it is refused.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::BadPoint`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            pk: G1::from_bytes(bytes)?,
        })
    }

    /// Base58 of enc(U).
    #[must_use]
    pub fn to_base58(&self) -> String {
        text::to_base58(&self.to_bytes())
    }

    /// Reads base58 of enc(U).
    ///
    /// # Errors
    /// [`Error::BadText`] and those of [`UserPublicKey::from_bytes`].
    pub fn from_base58(text: &str) -> Result<Self> {
        Self::from_bytes(&text::from_base58(
            "user public key",
            text,
            USER_PUBLIC_KEY_BYTES,
        )?)
    }
}

impl UserKeyPair {
    /// A random key pair.
    pub fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        UserSecretKey::random(rng).into()
    }

    /// The key pair of u = Hs(seed).
    #[must_use]
    pub fn from_seed(seed: &[u8]) -> Self {
        UserSecretKey::from_seed(seed).into()
    }

    /// u.
    #[must_use]
    pub const fn secret_key(&self) -> &UserSecretKey {
        &self.secret
    }

    /// U.
    #[must_use]
    pub const fn public_key(&self) -> &UserPublicKey {
        &self.public
    }

    /// enc(u) ‖ enc(U).
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; USER_KEY_PAIR_BYTES]> {
        let mut bytes = Zeroizing::new([0; USER_KEY_PAIR_BYTES]);
        let (secret, public) = bytes.split_at_mut(USER_SECRET_KEY_BYTES);
        secret.copy_from_slice(&*self.secret.to_bytes());
        public.copy_from_slice(&self.public.to_bytes());
        bytes
    }

    /// Reads enc(u) ‖ enc(U) and checks U = u·G (spec 8.2, R12).
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::BadScalar`], [`Error::BadPoint`], [`Error::UserKeyMismatch`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = Error::WrongLength {
            what: "user key pair",
            expected: USER_KEY_PAIR_BYTES,
            got: bytes.len(),
        };
        if bytes.len() != USER_KEY_PAIR_BYTES {
            return Err(wrong);
        }
        let (secret, public) = bytes.split_at_checked(USER_SECRET_KEY_BYTES).ok_or(wrong)?;
        let pair = Self::from(UserSecretKey::from_bytes(secret)?);
        if UserPublicKey::from_bytes(public)? == pair.public {
            Ok(pair)
        } else {
            Err(Error::UserKeyMismatch)
        }
    }
}

impl From<UserSecretKey> for UserKeyPair {
    fn from(secret: UserSecretKey) -> Self {
        Self {
            public: secret.public_key(),
            secret,
        }
    }
}

impl Encode for UserSecretKey {
    fn encode(&self, out: &mut Writer) {
        self.0.encode(out);
    }
}

impl Decode for UserSecretKey {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        SecretScalar::decode(input).map(Self)
    }
}

impl Encode for UserPublicKey {
    fn encode(&self, out: &mut Writer) {
        self.pk.encode(out);
    }
}

impl Decode for UserPublicKey {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            pk: G1::decode(input)?,
        })
    }
}
