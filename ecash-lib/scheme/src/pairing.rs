//! Merged pairing equations: every equation of the scheme is e(h, Q̂) = e(S, Ĝ) (spec 9.1).
//!
//! Several are checked at once as Π e(ρᵢ·hᵢ, Q̂ᵢ) · e(−Σ ρᵢ·Sᵢ, Ĝ) = 1 with weights drawn after all inputs are fixed. A
//! false equation survives with probability at most 2⁻¹²⁸, because decoding put every point into its prime-order subgroup.

use rand_core::{CryptoRng, RngCore};

use crate::scalar::Scalar;

/// A fresh weight, uniform in [0, 2¹²⁸).
pub(crate) fn random_weight<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Scalar {
    let mut wide = [0; crate::constants::WIDE_BYTES];
    let (low, _) = wide.split_at_mut(16);
    rng.fill_bytes(low);
    Scalar::from_wide_bytes(&wide)
}
