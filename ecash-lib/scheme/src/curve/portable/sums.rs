//! The sums of [`Sum`] computed in the plain way, for both groups and any backend.

use rand_core::{CryptoRng, RngCore};

use super::{Fr, G1Affine, G1Projective, G2Affine, G2Projective, Source};
use super::{g1_msm_vartime, g1_to_affine, g2_msm_vartime, g2_to_affine};
use crate::curve::{Sum, Weight, Width};

/// A fixed point.
pub(crate) struct Table<C: Source> {
    point: C::Affine,
}

impl<C: Source> Table<C> {
    /// One table for each point.
    pub(crate) fn new(points: &[C::Affine], _width: Width) -> Vec<Self> {
        points.iter().map(|point| Self { point: *point }).collect()
    }

    /// Memory of the one point.
    pub(crate) const fn size_bytes(&self) -> usize {
        core::mem::size_of_val(&self.point)
    }
}

fn sum<C: Source>(sum: &Sum<'_, C>, msm: fn(&[C::Affine], &[Fr]) -> C) -> C {
    let (points, scalars): (Vec<_>, Vec<_>) = sum
        .fixed
        .iter()
        .map(|(table, scalar)| (table.point, scalar.0))
        .chain(
            sum.variable
                .iter()
                .map(|(point, scalar)| (*point, scalar.0)),
        )
        .unzip();
    sum.plain
        .iter()
        .fold(msm(&points, &scalars), |sum, point| sum + point)
}

/// All sums, in affine form.
pub(crate) fn g1_sums(sums: &[Sum<'_, G1Projective>]) -> Vec<G1Affine> {
    let results: Vec<_> = sums
        .iter()
        .map(|terms| sum(terms, g1_msm_vartime))
        .collect();
    g1_to_affine(&results)
}

/// All sums, in affine form.
pub(crate) fn g2_sums(sums: &[Sum<'_, G2Projective>]) -> Vec<G2Affine> {
    let results: Vec<_> = sums
        .iter()
        .map(|terms| sum(terms, g2_msm_vartime))
        .collect();
    g2_to_affine(&results)
}

/// ρᵢ·Pᵢ for every pair.
pub(crate) fn g1_scale_each(points: &[G1Affine], weights: &[Weight]) -> Vec<G1Affine> {
    let results: Vec<_> = points
        .iter()
        .zip(weights)
        .map(|(point, weight)| g1_msm_vartime(&[*point], &[weight.to_scalar().0]))
        .collect();
    g1_to_affine(&results)
}

/// Σ ρᵢ·Pᵢ.
pub(crate) fn g1_weighted_sum(points: &[G1Affine], weights: &[Weight]) -> G1Affine {
    let scalars: Vec<_> = weights.iter().map(|weight| weight.to_scalar().0).collect();
    group::Curve::to_affine(&g1_msm_vartime(points, &scalars))
}

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G1.
pub(crate) fn g1_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G1Affine],
    _rng: &mut R,
) -> bool {
    points.iter().all(|point| point.is_torsion_free().into())
}

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G2.
pub(crate) fn g2_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G2Affine],
    _rng: &mut R,
) -> bool {
    points.iter().all(|point| point.is_torsion_free().into())
}
