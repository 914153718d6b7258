//! Backend `portable`: the pure-Rust crate `bls12_381`, for targets without an assembler and for differential tests.

pub(crate) use bls12_381::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar as Fr};

use bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use bls12_381::{G2Prepared, Gt, MillerLoopResult, multi_miller_loop};

use group::prime::PrimeCurve;

mod secret;
mod straus;
mod sums;

pub(crate) use self::sums::{
    Table, g1_all_in_subgroup, g1_scale_each, g1_sums, g1_weighted_sum, g2_all_in_subgroup, g2_sums,
};

/// A source group of the pairing.
pub(crate) trait Source: PrimeCurve<Scalar = Fr> {}
impl Source for G1Projective {}
impl Source for G2Projective {}

/// RFC 9380 hash to G1, random-oracle variant, SHA-256.
pub(crate) fn hash_to_g1(message: &[u8], tag: &[u8]) -> G1Projective {
    <G1Projective as HashToCurve<ExpandMsgXmd<sha2_09::Sha256>>>::hash_to_curve(message, tag)
}

/// All points in affine form, with one inversion.
pub(crate) fn g1_to_affine(points: &[G1Projective]) -> Vec<G1Affine> {
    let mut affine = vec![G1Affine::identity(); points.len()];
    G1Projective::batch_normalize(points, &mut affine);
    affine
}

/// All points in affine form, with one inversion.
pub(crate) fn g2_to_affine(points: &[G2Projective]) -> Vec<G2Affine> {
    let mut affine = vec![G2Affine::identity(); points.len()];
    G2Projective::batch_normalize(points, &mut affine);
    affine
}

/// Σ scalarᵢ·pointᵢ in variable time: public scalars only.
pub(crate) fn g1_msm_vartime(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    straus::combination(points, scalars, g1_to_affine)
}

/// Σ scalarᵢ·pointᵢ in variable time: public scalars only.
pub(crate) fn g2_msm_vartime(points: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    straus::combination(points, scalars, g2_to_affine)
}

/// A product of Miller loops, Π e(Pᵢ, Q̂ᵢ) but for the final exponentiation. A pair with infinity in it is a factor of 1.
#[derive(Clone, Copy)]
pub(crate) struct MillerProduct(MillerLoopResult);

impl MillerProduct {
    /// Cost: one Miller loop a pair.
    pub(crate) fn of(pairs: &[(G1Affine, G2Affine)]) -> Self {
        let prepared: Vec<(G1Affine, G2Prepared)> = pairs
            .iter()
            .filter(|(p, q)| !bool::from(p.is_identity()) && !bool::from(q.is_identity()))
            .map(|(p, q)| (*p, G2Prepared::from(*q)))
            .collect();
        let terms: Vec<(&G1Affine, &G2Prepared)> = prepared.iter().map(|(p, q)| (p, q)).collect();
        Self(multi_miller_loop(&terms))
    }

    /// The product of all.
    pub(crate) fn all(products: &[Self]) -> Self {
        Self(
            products
                .iter()
                .fold(MillerLoopResult::default(), |all, one| all + one.0),
        )
    }

    /// Whether Π e(Pᵢ, Q̂ᵢ) = 1. Cost: one final exponentiation.
    pub(crate) fn is_one(&self) -> bool {
        self.0.final_exponentiation() == Gt::identity()
    }
}

/// Whether Π e(Pᵢ, Q̂ᵢ) = 1. Cost: one Miller loop a pair, one final exponentiation.
pub(crate) fn pairing_product_is_one(pairs: &[(G1Affine, G2Affine)]) -> bool {
    MillerProduct::of(pairs).is_one()
}
