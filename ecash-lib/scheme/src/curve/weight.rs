//! Weights of merged equations.

use rand_core::{CryptoRng, RngCore};

#[cfg(any(test, not(feature = "blst")))]
use crate::scalar::Scalar;

/// |z| for the parameter z of BLS12-381: r = z⁴ − z² + 1, z < 0.
pub(super) const Z: u64 = 0xd201_0000_0001_0000;

/// A weight ρ = a + b·z² with 64-bit a, b: 2¹²⁸ different residues, because a < z² and a + b·z² < r. Multiplication by z²
/// is an endomorphism that costs next to nothing, so ρ·P takes 64 doublings instead of 128.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Weight {
    /// a.
    pub(super) low: u64,
    /// b.
    pub(super) high: u64,
}

impl Weight {
    /// ρ = 1: one equation of a product may have it.
    pub(crate) const ONE: Self = Self { low: 1, high: 0 };

    /// A fresh weight, uniform. Zero is one of them: that an equation drops out is part of the 2⁻¹²⁸.
    pub(crate) fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self {
            low: rng.next_u64(),
            high: rng.next_u64(),
        }
    }

    /// ρ mod r, for a backend that has no endomorphism.
    #[cfg(any(test, not(feature = "blst")))]
    pub(crate) fn to_scalar(self) -> Scalar {
        Scalar::from(self.low) + Scalar::from(self.high) * Scalar::from(Z) * Scalar::from(Z)
    }
}
