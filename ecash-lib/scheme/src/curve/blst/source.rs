//! The two source groups with their endomorphisms.
//!
//! z = −0xd201000000010000 is the parameter of the curve. Both maps act on the subgroup of order r as multiplication by a
//! power of |z| and cost a few field multiplications:
//! * G1: (x, y) ↦ (β·x, −y) is multiplication by z². β is that cube root of 1 in Fp; with the other one, (β²·x, −y) would be
//!   multiplication by 1 − z².
//! * G2: Q̂ ↦ −ψ(Q̂) is multiplication by |z|. ψ(x, y) = (x̄/ξ^((p−1)/3), ȳ/ξ^((p−1)/2)), ξ = 1 + i, is the p-power map of the
//!   curve of which G2 is the twist; p ≡ z mod r.
//!
//! Outside the subgroup they are something else, so the points must be in it.

use group::prime::PrimeCurve;

use super::affine::Affine;
use super::field::{Field, Fp, Fp2};
use super::jacobian::Jacobian;
use super::recode::{self, DIGIT_BOUND};
use super::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use crate::curve::weight::{Weight, Z};

/// Digits that a scalar has at most in any group.
pub(super) const MOST_DIGITS: usize = recode::DIGITS;

/// A source group of the pairing.
pub(crate) trait Source: PrimeCurve<Scalar = Fr> {
    /// Its coordinates.
    type Field: Field;

    /// Digits of a scalar in the base of the endomorphism.
    const DIGITS: usize;
    /// Bound of their absolute value.
    const DIGIT_BOUND: u128;

    /// Additions that must share an inversion to be faster than additions to a point in Jacobian coordinates.
    const FEWEST_PAIRS: usize;

    /// The coordinates of a point.
    fn to_raw(point: &Self::Affine) -> Affine<Self::Field>;
    /// The point with these coordinates.
    fn from_raw(raw: &Affine<Self::Field>) -> Self::Affine;
    /// The point with these coordinates.
    fn from_jacobian(raw: &Jacobian<Self::Field>) -> Self;
    /// The multiple of a point of the subgroup by the base in which [`Source::digits`] writes scalars.
    fn endomorphism(point: &Affine<Self::Field>) -> Affine<Self::Field>;
    /// The digits of a scalar; those from [`Source::DIGITS`] on are 0.
    fn digits(scalar: &Fr) -> [i128; MOST_DIGITS];
}

/// β, in Montgomery form.
pub(super) const BETA: Fp = Fp::from_montgomery([
    0x30f1_361b_798a_64e8,
    0xf3b8_ddab_7ece_5a2a,
    0x16a8_ca3a_c615_77f7,
    0xc26a_2ff8_74fd_029b,
    0x3636_b766_6070_1c6e,
    0x051b_a4ab_241b_6160,
]);

/// 1/ξ^((p−1)/3) = PSI_X·i, in Montgomery form.
pub(super) const PSI_X: Fp = Fp::from_montgomery([
    0x890d_c9e4_8675_45c3,
    0x2af3_2253_3285_a5d5,
    0x5088_0866_309b_7e2c,
    0xa20d_1b8c_7e88_1024,
    0x14e4_f04f_e2db_9068,
    0x14e5_6d3f_1564_853a,
]);

/// 1/ξ^((p−1)/2), in Montgomery form.
pub(super) const PSI_Y: Fp2 = Fp2::new(
    Fp::from_montgomery([
        0x3e2f_585d_a55c_9ad1,
        0x4294_213d_86c1_8183,
        0x3828_44c8_8b62_3732,
        0x92ad_2afd_1910_3e18,
        0x1d79_4e4f_ac7c_f0b9,
        0x0bd5_92fc_7d82_5ec8,
    ]),
    Fp::from_montgomery([
        0x7bcf_a7a2_5aa3_0fda,
        0xdc17_dec1_2a92_7e7c,
        0x2f08_8dd8_6b4e_bef1,
        0xd1ca_2087_da74_d4a7,
        0x2da2_5966_96ce_bc1d,
        0x0e2b_7eed_bbfd_87d2,
    ]),
);

impl Source for G1Projective {
    type Field = Fp;

    const DIGITS: usize = 2;
    const DIGIT_BOUND: u128 = DIGIT_BOUND * (Z as u128 + 1);
    const FEWEST_PAIRS: usize = 14;

    fn to_raw(point: &G1Affine) -> Affine<Fp> {
        let raw = point.as_ref();
        Affine {
            x: Fp(raw.x),
            y: Fp(raw.y),
        }
    }

    fn from_raw(raw: &Affine<Fp>) -> G1Affine {
        let mut point = G1Affine::default();
        let to = point.as_mut();
        to.x = raw.x.0;
        to.y = raw.y.0;
        point
    }

    fn from_jacobian(raw: &Jacobian<Fp>) -> Self {
        let (x, y, z) = raw.coordinates();
        let mut point = <Self as group::Group>::identity();
        let to = point.as_mut();
        (to.x, to.y, to.z) = (x.0, y.0, z.0);
        point
    }

    fn endomorphism(point: &Affine<Fp>) -> Affine<Fp> {
        Affine {
            x: point.x.mul(&BETA),
            y: point.y.neg(),
        }
    }

    fn digits(scalar: &Fr) -> [i128; MOST_DIGITS] {
        let [d0, d1, d2, d3] = recode::digits(scalar);
        let z = i128::from(Z);
        [d0 + d1 * z, d2 + d3 * z, 0, 0]
    }
}

impl Source for G2Projective {
    type Field = Fp2;

    const DIGITS: usize = 4;
    const DIGIT_BOUND: u128 = DIGIT_BOUND;
    const FEWEST_PAIRS: usize = 6;

    fn to_raw(point: &G2Affine) -> Affine<Fp2> {
        let raw = point.as_ref();
        Affine {
            x: Fp2(raw.x),
            y: Fp2(raw.y),
        }
    }

    fn from_raw(raw: &Affine<Fp2>) -> G2Affine {
        let mut point = G2Affine::default();
        let to = point.as_mut();
        to.x = raw.x.0;
        to.y = raw.y.0;
        point
    }

    fn from_jacobian(raw: &Jacobian<Fp2>) -> Self {
        let (x, y, z) = raw.coordinates();
        let mut point = <Self as group::Group>::identity();
        let to = point.as_mut();
        (to.x, to.y, to.z) = (x.0, y.0, z.0);
        point
    }

    fn endomorphism(point: &Affine<Fp2>) -> Affine<Fp2> {
        // (a − b·i)·c·i = b·c + a·c·i
        let (a, b) = point.x.parts();
        Affine {
            x: Fp2::new(b.mul(&PSI_X), a.mul(&PSI_X)),
            y: point.y.conjugate().mul(&PSI_Y).neg(),
        }
    }

    fn digits(scalar: &Fr) -> [i128; MOST_DIGITS] {
        recode::digits(scalar)
    }
}

/// The digits of a weight in G1.
pub(super) fn weight_digits(weight: Weight) -> [i128; MOST_DIGITS] {
    [i128::from(weight.low), i128::from(weight.high), 0, 0]
}
