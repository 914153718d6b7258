//! Backend `blst`: points and scalars of `blstrs`; batch conversion, multi-scalar multiplication and pairings of `blst`.

pub(crate) use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar as Fr};

use ::blst::{blst_fp12, blst_p1, blst_p1_affine, blst_p2, blst_p2_affine, p1_affines, p2_affines};
use group::Curve;
use group::prime::PrimeCurveAffine;

#[forbid(unsafe_code)]
mod affine;
#[forbid(unsafe_code)]
mod columns;
#[expect(unsafe_code, reason = "field arithmetic is a foreign routine")]
mod field;
#[forbid(unsafe_code)]
mod jacobian;
#[forbid(unsafe_code)]
mod recode;
#[forbid(unsafe_code)]
mod secret;
#[forbid(unsafe_code)]
mod source;
#[forbid(unsafe_code)]
mod subgroup;
#[forbid(unsafe_code)]
mod sums;
#[forbid(unsafe_code)]
mod table;
#[cfg(test)]
#[forbid(unsafe_code)]
mod tests;

pub(crate) use self::source::Source;
pub(crate) use self::subgroup::{g1_all_in_subgroup, g2_all_in_subgroup};
pub(crate) use self::sums::{g1_scale_each, g1_sums, g1_weighted_sum, g2_sums};
pub(crate) use self::table::Table;

/// Number of points from which sorting into buckets (Pippenger) is faster than interleaved windows.
const BUCKETS_FROM: usize = 32;

/// RFC 9380 hash to G1, random-oracle variant, SHA-256.
pub(crate) fn hash_to_g1(message: &[u8], tag: &[u8]) -> G1Projective {
    G1Projective::hash_to_curve(message, tag, &[])
}

/// All points in affine form, with one inversion.
pub(crate) fn g1_to_affine(points: &[G1Projective]) -> Vec<G1Affine> {
    if points
        .iter()
        .any(|point| bool::from(group::Group::is_identity(point)))
    {
        return points.iter().map(Curve::to_affine).collect();
    }
    let raw: Vec<blst_p1> = points.iter().map(|point| *point.as_ref()).collect();
    if raw.is_empty() {
        return Vec::new();
    }
    p1_affines::from(&raw)
        .as_slice()
        .iter()
        .map(g1_from_raw)
        .collect()
}

/// All points in affine form, with one inversion.
pub(crate) fn g2_to_affine(points: &[G2Projective]) -> Vec<G2Affine> {
    if points
        .iter()
        .any(|point| bool::from(group::Group::is_identity(point)))
    {
        return points.iter().map(Curve::to_affine).collect();
    }
    let raw: Vec<blst_p2> = points.iter().map(|point| *point.as_ref()).collect();
    if raw.is_empty() {
        return Vec::new();
    }
    p2_affines::from(&raw)
        .as_slice()
        .iter()
        .map(g2_from_raw)
        .collect()
}

/// Σ scalarᵢ·pointᵢ in variable time: public scalars only.
pub(crate) fn g1_msm_vartime(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    if points.len() < BUCKETS_FROM || scalars.len() != points.len() {
        return sums::combination(points, scalars);
    }
    let raw: Vec<blst_p1_affine> = points.iter().map(|point| *point.as_ref()).collect();
    let (bytes, bits) = scalar_bytes(scalars);
    let mut sum = <G1Projective as group::Group>::identity();
    *sum.as_mut() = ::blst::MultiPoint::mult(raw.as_slice(), &bytes, bits);
    sum
}

/// Σ scalarᵢ·pointᵢ in variable time: public scalars only.
pub(crate) fn g2_msm_vartime(points: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    if points.len() < BUCKETS_FROM || scalars.len() != points.len() {
        return sums::combination(points, scalars);
    }
    let raw: Vec<blst_p2_affine> = points.iter().map(|point| *point.as_ref()).collect();
    let (bytes, bits) = scalar_bytes(scalars);
    let mut sum = <G2Projective as group::Group>::identity();
    *sum.as_mut() = ::blst::MultiPoint::mult(raw.as_slice(), &bytes, bits);
    sum
}

/// A product of Miller loops, Π e(Pᵢ, Q̂ᵢ) but for the final exponentiation. A pair with infinity in it is a factor of 1.
#[derive(Clone, Copy)]
pub(crate) struct MillerProduct(blst_fp12);

impl MillerProduct {
    /// Cost: one Miller loop a pair.
    pub(crate) fn of(pairs: &[(G1Affine, G2Affine)]) -> Self {
        let mut g1 = Vec::with_capacity(pairs.len());
        let mut g2 = Vec::with_capacity(pairs.len());
        for (p, q) in pairs {
            if !bool::from(p.is_identity()) && !bool::from(q.is_identity()) {
                g1.push(*p.as_ref());
                g2.push(*q.as_ref());
            }
        }
        if g1.is_empty() {
            return Self(blst_fp12::default());
        }
        Self(blst_fp12::miller_loop_n(&g2, &g1))
    }

    /// The product of all.
    pub(crate) fn all(products: &[Self]) -> Self {
        Self(
            products
                .iter()
                .fold(blst_fp12::default(), |all, one| all * one.0),
        )
    }

    /// Whether Π e(Pᵢ, Q̂ᵢ) = 1. Cost: one final exponentiation.
    pub(crate) fn is_one(&self) -> bool {
        self.0.final_exp() == blst_fp12::default()
    }
}

/// Whether Π e(Pᵢ, Q̂ᵢ) = 1. Cost: one Miller loop a pair, one final exponentiation.
pub(crate) fn pairing_product_is_one(pairs: &[(G1Affine, G2Affine)]) -> bool {
    MillerProduct::of(pairs).is_one()
}

fn g1_from_raw(raw: &blst_p1_affine) -> G1Affine {
    let mut point = G1Affine::default();
    *point.as_mut() = *raw;
    point
}

fn g2_from_raw(raw: &blst_p2_affine) -> G2Affine {
    let mut point = G2Affine::default();
    *point.as_mut() = *raw;
    point
}

/// Scalars side by side as little-endian bytes, all as wide as the widest, and that width in bits.
fn scalar_bytes(scalars: &[Fr]) -> (Vec<u8>, usize) {
    let full: Vec<[u8; 32]> = scalars.iter().map(Fr::to_bytes_le).collect();
    let width = full
        .iter()
        .map(|bytes| 32 - bytes.iter().rev().take_while(|byte| **byte == 0).count())
        .max()
        .unwrap_or(0)
        .max(1);
    (
        full.iter()
            .flat_map(|bytes| bytes.iter().take(width).copied())
            .collect(),
        (8 * width).min(255),
    )
}
