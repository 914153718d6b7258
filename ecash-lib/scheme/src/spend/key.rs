//! Master keys as a spender uses them.

use std::borrow::Cow;

use crate::curve::{G2Projective, SecretTable, Shape};
use crate::keys::VerificationKey;
use crate::spend::Preparation;
use crate::spend::transcript::Transcript;

/// A master key prepared for making payments: tables of Ŷ1, Ŷ2, Ŷ3, and the part of the transcript that all payments
/// share. Whoever spends more than one ticket under a key keeps one. It holds nothing secret.
#[derive(Clone)]
pub struct SpendingKey {
    pub(super) key: VerificationKey,
    pub(super) transcript: Transcript,
    /// Ŷ1, Ŷ2, Ŷ3.
    pub(super) y: [SecretTable<G2Projective>; 3],
}

impl SpendingKey {
    /// Prepares a master key.
    #[must_use]
    pub fn new(key: &VerificationKey, preparation: Preparation) -> Self {
        Self::with_shape(
            key,
            Shape::fixed(match preparation {
                Preparation::Small => 5,
                Preparation::Default => 6,
                Preparation::Large => 8,
            }),
        )
    }

    fn with_shape(key: &VerificationKey, shape: Shape) -> Self {
        let [y1, y2, y3, _] = key.y_g2();
        Self {
            key: key.clone(),
            transcript: Transcript::new(key),
            y: SecretTable::array([y1.0, y2.0, y3.0], shape),
        }
    }

    /// The master key.
    #[must_use]
    pub const fn key(&self) -> &VerificationKey {
        &self.key
    }

    /// Bytes that the tables take.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        self.y.iter().map(SecretTable::bytes).sum()
    }
}

impl core::fmt::Debug for SpendingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("SpendingKey").field(&self.key).finish()
    }
}

/// A master key that payments are made under: a [`VerificationKey`] as it is, or a [`SpendingKey`], whose payments take
/// less time.
pub trait MasterKey: sealed::Sealed {
    /// The key with its tables; made for the occasion where there are none.
    #[doc(hidden)]
    fn prepared(&self) -> Cow<'_, SpendingKey>;
}

impl MasterKey for SpendingKey {
    fn prepared(&self) -> Cow<'_, SpendingKey> {
        Cow::Borrowed(self)
    }
}

impl MasterKey for VerificationKey {
    fn prepared(&self) -> Cow<'_, SpendingKey> {
        Cow::Owned(SpendingKey::with_shape(self, Shape::FEW))
    }
}

mod sealed {
    /// Keeps other types from being keys.
    pub trait Sealed {}
    impl Sealed for super::SpendingKey {}
    impl Sealed for super::VerificationKey {}
}
