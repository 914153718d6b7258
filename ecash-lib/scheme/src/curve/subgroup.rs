//! Whether points of the curve lie in the prime-order subgroup.

use rand_core::{CryptoRng, RngCore};

use super::{G1Affine, G2Affine};

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G1. A wrong set is accepted with
/// probability at most 2⁻¹²⁸.
pub(crate) fn g1_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G1Affine],
    _rng: &mut R,
) -> bool {
    points.iter().all(|point| point.is_torsion_free().into())
}

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G2. A wrong set is accepted with
/// probability at most 2⁻¹²⁸.
pub(crate) fn g2_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G2Affine],
    _rng: &mut R,
) -> bool {
    points.iter().all(|point| point.is_torsion_free().into())
}
