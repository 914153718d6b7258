//! The curve layer against plain double-and-add, whichever backend is on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ff::{Field, PrimeField};
use group::{Curve, Group};
use rand::SeedableRng;
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
