//! Merged pairing equations: every equation of the scheme is e(h, Q̂) = e(S, Ĝ) (spec 9.1).
//!
//! Several are checked at once as Π e(ρᵢ·hᵢ, Q̂ᵢ) · e(−Σ ρᵢ·Sᵢ, Ĝ) = 1 with weights drawn after all inputs are fixed. A
//! false equation survives with probability at most 2⁻¹²⁸, because decoding put every point into its prime-order subgroup.
//! An unweighted product would accept two errors that cancel.

use rand_core::{CryptoRng, RngCore};

use crate::constants::WIDE_BYTES;
use crate::curve::{self, G1Projective, G2Projective};
use crate::point::{G1, G2};
use crate::scalar::Scalar;

/// Bytes of a weight.
const WEIGHT_BYTES: usize = 16;

/// One equation e(h, Q̂) = e(S, Ĝ).
#[derive(Clone, Copy)]
pub(crate) struct Equation {
    pub(crate) h: G1,
    pub(crate) q: G2Projective,
    pub(crate) s: G1,
}

impl Equation {
    /// Whether this equation holds. Cost: 2 Miller loops.
    pub(crate) fn holds(&self) -> bool {
        curve::pairing_product_is_one(&[
            (self.h.0, G2::from(self.q).0),
            (-self.s.0, G2::generator().0),
        ])
    }
}

/// `count` fresh weights, uniform in [0, 2¹²⁸). Zero is one of them: that an equation drops out is part of the 2⁻¹²⁸.
pub(crate) fn random_weights<R: RngCore + CryptoRng + ?Sized>(
    count: usize,
    rng: &mut R,
) -> Vec<Scalar> {
    let weight = |_| {
        let mut wide = [0; WIDE_BYTES];
        let (low, _) = wide.split_at_mut(WEIGHT_BYTES);
        rng.fill_bytes(low);
        Scalar::from_wide_bytes(&wide)
    };
    (0..count).map(weight).collect()
}

/// Whether Π e(Pᵢ, Q̂ᵢ) = 1.
pub(crate) fn product_is_one(pairs: &[(G1Projective, G2Projective)]) -> bool {
    let (g1, g2): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let affine: Vec<_> = curve::g1_to_affine(&g1)
        .into_iter()
        .zip(curve::g2_to_affine(&g2))
        .collect();
    curve::pairing_product_is_one(&affine)
}

/// Σ sᵢ·Pᵢ in variable time: public scalars only.
pub(crate) fn g1_combination(scalars: &[Scalar], points: &[G1]) -> G1Projective {
    let points: Vec<_> = points.iter().map(|point| point.0).collect();
    let scalars: Vec<_> = scalars.iter().map(|scalar| scalar.0).collect();
    curve::g1_msm_vartime(&points, &scalars)
}

/// Σ sᵢ·P̂ᵢ in variable time: public scalars only.
pub(crate) fn g2_combination(scalars: &[Scalar], points: &[G2]) -> G2Projective {
    let points: Vec<_> = points.iter().map(|point| point.0).collect();
    let scalars: Vec<_> = scalars.iter().map(|scalar| scalar.0).collect();
    curve::g2_msm_vartime(&points, &scalars)
}
