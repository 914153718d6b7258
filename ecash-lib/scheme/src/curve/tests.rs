//! The curve layer against plain double-and-add, whichever backend is on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ff::{Field, PrimeField};
use group::{Curve, Group, GroupEncoding};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::weight::Z;
use super::*;
use crate::scalar::Scalar;

fn rng() -> ChaCha12Rng {
    ChaCha12Rng::seed_from_u64(4)
}

/// s·P, bit by bit.
fn multiple<C: Source>(point: &C::Affine, scalar: &Fr) -> C {
    let repr = scalar.to_repr();
    let bytes: &[u8] = repr.as_ref();
    let mut sum = C::identity();
    for bit in (0..8 * bytes.len()).rev() {
        sum = sum.double();
        if bytes[bit / 8] >> (bit % 8) & 1 == 1 {
            sum += point;
        }
    }
    sum
}

/// Scalars at the borders of windows, digits and endomorphisms, and random ones.
fn scalars(rng: &mut ChaCha12Rng) -> Vec<Fr> {
    let z = Fr::from(Z);
    let half = Fr::from(2).invert().unwrap();
    let mut scalars: Vec<Fr> = [
        0,
        1,
        2,
        3,
        15,
        16,
        17,
        31,
        1 << 10,
        (1 << 10) + 1,
        u64::MAX,
        Z / 2,
        Z / 2 + 1,
        Z - 1,
    ]
    .into_iter()
    .map(Fr::from)
    .collect();
    scalars.extend([
        z,
        z.square(),
        z.square() - Fr::ONE,
        z.square() * z,
        z.square() * Fr::from(Z / 2),
        half,
        half * z,
    ]);
    let negative: Vec<Fr> = scalars.iter().map(|scalar| -scalar).collect();
    scalars.extend(negative);
    scalars.extend(core::iter::repeat_with(|| Fr::random(&mut *rng)).take(20));
    scalars
}

/// Infinity, equal, opposite, related and random points.
fn points<C: Source>(rng: &mut ChaCha12Rng) -> Vec<C::Affine> {
    let p = C::random(&mut *rng);
    let q = C::random(&mut *rng);
    let z2 = Fr::from(Z).square();
    [
        C::identity(),
        p,
        p,
        -p,
        p.double(),
        p * z2,
        -(p * z2),
        q,
        C::generator(),
    ]
    .iter()
    .map(Curve::to_affine)
    .collect()
}

fn sums_equal_single_multiplications<C: Source>(
    sums: impl Fn(&[Sum<'_, C>]) -> Vec<C::Affine>,
    msm: fn(&[C::Affine], &[Fr]) -> C,
) where
    C::Affine: PartialEq + core::fmt::Debug,
{
    let mut rng = rng();
    let points = points::<C>(&mut rng);
    let scalars = scalars(&mut rng);
    let tables: Vec<_> = [Width::Small, Width::Default]
        .into_iter()
        .flat_map(|width| Table::<C>::new(&points, width))
        .collect();
    let bases: Vec<_> = points.iter().chain(&points).copied().collect();
    let mut wanted = Vec::new();
    let mut asked = Vec::new();
    for (round, scalar) in scalars.iter().enumerate() {
        for (index, (table, point)) in tables.iter().zip(&bases).enumerate() {
            // From no term at all to three of each kind, with a term and its opposite among them.
            let other = scalars[(round + index) % scalars.len()];
            let fixed = [
                (table, *scalar, point),
                (&tables[0], other, &points[0]),
                (table, -*scalar, point),
            ];
            let variable = [(points[1], *scalar), (points[3], *scalar), (*point, other)];
            let (fixed, variable) = (
                &fixed[..(round + index) % 4],
                &variable[..(round / 2 + index) % 4],
            );
            let plain = &points[..(round + 3 * index) % points.len()];
            let mut sum = C::identity();
            for (_, scalar, point) in fixed {
                sum += multiple::<C>(point, scalar);
            }
            for (point, scalar) in variable {
                sum += multiple::<C>(point, scalar);
            }
            for point in plain {
                sum += point;
            }
            wanted.push(sum.to_affine());
            asked.push(Sum {
                fixed: fixed
                    .iter()
                    .map(|(table, scalar, _)| (*table, Scalar(*scalar)))
                    .collect(),
                variable: variable
                    .iter()
                    .map(|(point, scalar)| (*point, Scalar(*scalar)))
                    .collect(),
                plain: plain.to_vec(),
            });
            let (points, scalars): (Vec<_>, Vec<_>) = variable.iter().copied().unzip();
            let sum: C = variable
                .iter()
                .map(|(point, scalar)| multiple::<C>(point, scalar))
                .sum();
            assert_eq!(msm(&points, &scalars), sum);
        }
    }
    assert!(sums(&[]).is_empty());
    assert_eq!(sums(&asked), wanted);
    for (chunk, wanted) in asked.chunks(3).zip(wanted.chunks(3)) {
        assert_eq!(sums(chunk), wanted);
    }
}

#[test]
fn sums_of_g1_equal_single_multiplications_on_edge_scalars_and_points() {
    sums_equal_single_multiplications::<G1Projective>(g1_sums, g1_msm_vartime);
}

#[test]
fn sums_of_g2_equal_single_multiplications_on_edge_scalars_and_points() {
    sums_equal_single_multiplications::<G2Projective>(g2_sums, g2_msm_vartime);
}

#[test]
fn large_tables_give_the_same_products() {
    let mut rng = rng();
    let point = G1Projective::random(&mut rng).to_affine();
    let tables = Table::<G1Projective>::new(&[point], Width::Large);
    for scalar in scalars(&mut rng) {
        let sum = Sum {
            fixed: vec![(&tables[0], Scalar(scalar))],
            variable: vec![],
            plain: vec![],
        };
        assert_eq!(
            g1_sums(&[sum]),
            [multiple::<G1Projective>(&point, &scalar).to_affine()]
        );
    }
}

#[test]
fn combinations_of_many_points_equal_single_multiplications() {
    let mut rng = rng();
    for count in [0, 1, 31, 32, 33, 100] {
        let mut points = points::<G1Projective>(&mut rng);
        points.extend(
            core::iter::repeat_with(|| G1Projective::random(&mut rng).to_affine()).take(count),
        );
        points.truncate(count);
        let scalars: Vec<Fr> = (0..count).map(|_| Fr::random(&mut rng)).collect();
        let wanted: G1Projective = points
            .iter()
            .zip(&scalars)
            .map(|(point, scalar)| multiple::<G1Projective>(point, scalar))
            .sum();
        assert_eq!(g1_msm_vartime(&points, &scalars), wanted);
    }
}

#[test]
fn weights_multiply_as_the_scalars_they_stand_for() {
    let mut rng = rng();
    for count in [0, 1, 9, 40, 300] {
        let mut points = points::<G1Projective>(&mut rng);
        points.extend(
            core::iter::repeat_with(|| G1Projective::random(&mut rng).to_affine()).take(count),
        );
        points.truncate(count);
        let edge = [
            (0, 0),
            (0, 1),
            (u64::MAX, u64::MAX),
            (1 << 63, 5),
            (0, u64::MAX),
        ];
        let mut weights: Vec<_> = edge
            .into_iter()
            .map(|(low, high)| Weight { low, high })
            .chain([Weight::ONE])
            .collect();
        weights.extend(core::iter::repeat_with(|| Weight::random(&mut rng)).take(count));
        weights.truncate(count);
        let wanted: Vec<G1Projective> = points
            .iter()
            .zip(&weights)
            .map(|(point, weight)| {
                multiple::<G1Projective>(point, &Fr::from(weight.low))
                    + multiple::<G1Projective>(
                        point,
                        &(Fr::from(weight.high) * Fr::from(Z).square()),
                    )
            })
            .collect();
        let affine: Vec<_> = wanted.iter().map(Curve::to_affine).collect();
        assert_eq!(g1_scale_each(&points, &weights), affine);
        assert_eq!(
            g1_weighted_sum(&points, &weights),
            wanted.iter().sum::<G1Projective>().to_affine()
        );
        for (point, (weight, wanted)) in points.iter().zip(weights.iter().zip(&wanted)) {
            assert_eq!(
                multiple::<G1Projective>(point, &weight.to_scalar().0),
                *wanted
            );
        }
    }
}

/// The cofactor of G1 and its primes: 3 · 11² · 10177² · 859267² · 52437899².
const G1_COFACTOR: &str = "396c8c005555e1568c00aaab0000aaab";
/// The cofactor of G2: 13² · 23² · 2713 · 11953 · 262069 · a large prime.
const G2_COFACTOR: &str = "5d543a95414e7f1091d50792876a202cd91de4547085abaa68a205b2e5a7ddfa628f1cb4d9e82ef21537e293a6691ae1616ec6e786f0c70cf1c38e31c7238e5";

/// n/divisor, big-endian.
fn divided(number: &[u8], divisor: u32) -> Vec<u8> {
    let mut remainder = 0;
    let quotient = number
        .iter()
        .map(|byte| {
            let dividend = remainder << 8 | u32::from(*byte);
            remainder = dividend % divisor;
            u8::try_from(dividend / divisor).unwrap()
        })
        .collect();
    assert_eq!(remainder, 0);
    quotient
}

/// n·P for any point of the curve.
fn times<C: Source>(point: &C, number: &[u8]) -> C {
    number.iter().fold(C::identity(), |sum, byte| {
        (0..8).rev().fold(sum, |sum, bit| {
            let sum = sum.double();
            if byte >> bit & 1 == 1 {
                sum + point
            } else {
                sum
            }
        })
    })
}

/// A point of the curve whose order is the prime ℓ, ℓ^power dividing the cofactor.
fn of_small_order<C: Source>(cofactor: &str, prime: u8, power: u32, rng: &mut ChaCha12Rng) -> C
where
    C::Affine: GroupEncoding,
{
    let odd = format!(
        "{}{cofactor}",
        if cofactor.len() % 2 == 1 { "0" } else { "" }
    );
    let rest = divided(&hex::decode(odd).unwrap(), u32::from(prime).pow(power));
    let order: Vec<u8> = (-Fr::ONE).to_repr().iter().rev().copied().collect();
    loop {
        let mut bytes = <C::Affine as GroupEncoding>::Repr::default();
        rng.fill_bytes(bytes.as_mut());
        bytes.as_mut()[0] = 0x80 | bytes.as_ref()[0] & 0x0f;
        let on_curve: Option<C::Affine> = C::Affine::from_bytes_unchecked(&bytes).into();
        let Some(on_curve) = on_curve else { continue };
        let point = C::identity() + on_curve;
        // r·P = (r − 1)·P + P
        let mut point = times(&(times(&point, &order) + point), &rest);
        if bool::from(point.is_identity()) {
            continue;
        }
        loop {
            let next = times(&point, &[prime]);
            if next.is_identity().into() {
                return point;
            }
            point = next;
        }
    }
}

fn wrong_points_are_found<C: Source>(
    cofactor: &str,
    primes: &[(u8, u32)],
    all_in_subgroup: impl Fn(&[C::Affine], &mut ChaCha12Rng) -> bool,
    each_in_subgroup: impl Fn(&C::Affine) -> bool,
) where
    C::Affine: GroupEncoding,
{
    let mut rng = rng();
    for count in [0_usize, 1, 3, 79, 80, 103, 104, 150] {
        let good: Vec<C> = (0..count).map(|_| C::random(&mut rng)).collect();
        let affine = |points: &[C]| points.iter().map(Curve::to_affine).collect::<Vec<_>>();
        assert!(all_in_subgroup(&affine(&good), &mut rng));
        for (prime, power) in primes {
            let wrong = of_small_order::<C>(cofactor, *prime, *power, &mut rng);
            assert!(!each_in_subgroup(&wrong.to_affine()));
            for position in [0, count / 2, count.saturating_sub(1)]
                .into_iter()
                .filter(|_| count > 0)
            {
                let mut points = good.clone();
                points[position] += wrong;
                assert!(!all_in_subgroup(&affine(&points), &mut rng));
            }
            if count > 1 {
                // Two that cancel in an unweighted sum, side by side and far apart.
                for other in [1, count - 1] {
                    let mut points = good.clone();
                    points[0] += wrong;
                    points[other] -= wrong;
                    assert!(!all_in_subgroup(&affine(&points), &mut rng));
                }
                let all: Vec<C> = good.iter().map(|point| wrong + point).collect();
                assert!(!all_in_subgroup(&affine(&all), &mut rng));
                let all = vec![wrong; count];
                assert!(!all_in_subgroup(&affine(&all), &mut rng));
            }
        }
    }
}

#[test]
fn points_of_small_order_hidden_in_a_set_of_g1_are_found() {
    wrong_points_are_found::<G1Projective>(
        G1_COFACTOR,
        &[(3, 1), (11, 2)],
        g1_all_in_subgroup,
        |point| point.is_torsion_free().into(),
    );
}

#[test]
fn points_of_small_order_hidden_in_a_set_of_g2_are_found() {
    wrong_points_are_found::<G2Projective>(
        G2_COFACTOR,
        &[(13, 2), (23, 2)],
        g2_all_in_subgroup,
        |point| point.is_torsion_free().into(),
    );
}

/// SHA-256 of sums of every kind: the same for all backends.
const DIGEST: &str = "998e1ebb72654ca82b841ee129e073bbc30158358657e6ea48222984021eb409";

#[test]
fn all_backends_give_the_same_bytes() {
    use sha2::{Digest, Sha256};
    let mut counter = 0_u8;
    let mut next = || {
        counter += 1;
        let wide: Vec<u8> = (0..2)
            .flat_map(|half| Sha256::digest([counter, half]))
            .collect();
        Scalar::from_wide_bytes(&wide.try_into().unwrap())
    };
    let mut hash = Sha256::new();
    let g1: Vec<_> = (0..6)
        .map(|_| (G1Projective::generator() * next().0).to_affine())
        .collect();
    let g2: Vec<_> = (0..6)
        .map(|_| (G2Projective::generator() * next().0).to_affine())
        .collect();
    let g1_tables = Table::<G1Projective>::new(&g1[..2], Width::Default);
    let g2_tables = Table::<G2Projective>::new(&g2[..2], Width::Small);
    for _ in 0..3 {
        let terms: Vec<_> = (0..4).map(|_| next()).collect();
        let g1_sum = Sum {
            fixed: g1_tables.iter().zip(terms.iter().copied()).collect(),
            variable: vec![(g1[2], terms[2]), (g1[3], terms[3])],
            plain: vec![g1[4]],
        };
        let g2_sum = Sum {
            fixed: g2_tables.iter().zip(terms.iter().copied()).collect(),
            variable: vec![(g2[2], terms[2]), (g2[3], terms[3])],
            plain: vec![g2[4]],
        };
        hash.update(g1_sums(&[g1_sum])[0].to_bytes());
        hash.update(g2_sums(&[g2_sum])[0].to_bytes());
        hash.update(
            g1_msm_vartime(
                &g1[..4],
                &terms.iter().map(|term| term.0).collect::<Vec<_>>(),
            )
            .to_bytes(),
        );
    }
    assert_eq!(hex::encode(hash.finalize()), DIGEST);
}
