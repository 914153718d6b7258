//! What a withdrawal draws or derives: the secrets of the book, and the nonces of its proof.

use rand_core::{CryptoRng, RngCore};

use crate::constants::{WIDE_BYTES, WITHDRAWAL_INSTANCE_BYTES};
use crate::scalar::SecretScalar;

/// The secrets of one book: v, and the openings o, o1, o2 of its commitments. Wiped when dropped.
#[derive(Clone)]
pub struct WithdrawalSecrets {
    pub(crate) v: SecretScalar,
    pub(crate) o: SecretScalar,
    pub(crate) o1: SecretScalar,
    pub(crate) o2: SecretScalar,
}

impl WithdrawalSecrets {
    /// Given scalars.
    #[must_use]
    pub const fn new(v: SecretScalar, o: SecretScalar, o1: SecretScalar, o2: SecretScalar) -> Self {
        Self { v, o, o1, o2 }
    }

    /// Random scalars.
    pub fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut draw = || SecretScalar::random(rng);
        Self {
            v: draw(),
            o: draw(),
            o1: draw(),
            o2: draw(),
        }
    }

    /// Derived scalars: each from 64 bytes, little-endian, reduced mod r (`client.md` 2.1).
    #[must_use]
    pub fn from_wide_bytes(
        v: &[u8; WIDE_BYTES],
        o: &[u8; WIDE_BYTES],
        o1: &[u8; WIDE_BYTES],
        o2: &[u8; WIDE_BYTES],
    ) -> Self {
        Self {
            v: SecretScalar::from_wide_bytes(v),
            o: SecretScalar::from_wide_bytes(o),
            o1: SecretScalar::from_wide_bytes(o1),
            o2: SecretScalar::from_wide_bytes(o2),
        }
    }
}

/// Which secret a proof nonce hides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NonceName {
    /// The opening of C.
    O,
    /// The opening of M1.
    O1,
    /// The opening of M2.
    O2,
    /// The user's secret.
    U,
    /// The wallet secret.
    V,
}

impl NonceName {
    /// The name as it enters derivations: `o`, `o1`, `o2`, `u` or `v`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::O => "o",
            Self::O1 => "o1",
            Self::O2 => "o2",
            Self::U => "u",
            Self::V => "v",
        }
    }
}

/// Where the nonces of a withdrawal proof come from. Each must be unpredictable, and never the same for two different
/// instances: two proofs under one nonce reveal the secret.
///
/// Any closure `FnMut(&[u8; 246], NonceName) -> SecretScalar` is one.
pub trait NonceSource {
    /// The nonce for `name` in the proof about `instance`, the bytes I of spec 3.1.
    fn nonce(
        &mut self,
        instance: &[u8; WITHDRAWAL_INSTANCE_BYTES],
        name: NonceName,
    ) -> SecretScalar;
}

impl<F: FnMut(&[u8; WITHDRAWAL_INSTANCE_BYTES], NonceName) -> SecretScalar> NonceSource for F {
    fn nonce(
        &mut self,
        instance: &[u8; WITHDRAWAL_INSTANCE_BYTES],
        name: NonceName,
    ) -> SecretScalar {
        self(instance, name)
    }
}

/// Nonces drawn from a generator.
pub struct RandomNonces<'a, R: ?Sized>(pub &'a mut R);

impl<R: RngCore + CryptoRng + ?Sized> NonceSource for RandomNonces<'_, R> {
    fn nonce(&mut self, _: &[u8; WITHDRAWAL_INSTANCE_BYTES], _: NonceName) -> SecretScalar {
        SecretScalar::random(self.0)
    }
}
