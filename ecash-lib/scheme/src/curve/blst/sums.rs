//! Linear combinations of public points, many at once.
//!
//! Every sum is split by the digits of its scalars in the base of the endomorphism. Fixed points are looked up in their
//! tables. For the others see [`Columns`]. All additions of all sums that do not wait for each other share inversions; with
//! enough sums even the doublings do.

use ::blst::{MultiPoint, blst_p1_affine};
use group::{Curve, Group};

use super::affine::{Adder, Affine};
use super::columns::{Columns, Term};
use super::jacobian::Jacobian;
use super::source::{Source, weight_digits};
use super::{BUCKETS_FROM, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use crate::curve::{Sum, Weight};

/// Sums that are computed together; more need more cache than they save.
const BLOCK: usize = 512;

/// Sums with variable points from which it is faster to double all in lockstep, in affine coordinates.
const LOCKSTEP_FROM: usize = 40;

/// All sums, in affine form.
pub(crate) fn g1_sums(sums: &[Sum<'_, G1Projective>]) -> Vec<G1Affine> {
    all_sums(sums)
}

/// All sums, in affine form.
pub(crate) fn g2_sums(sums: &[Sum<'_, G2Projective>]) -> Vec<G2Affine> {
    all_sums(sums)
}

/// ρᵢ·Pᵢ for every pair. Cost of each: 64 doublings, about 30 additions.
pub(crate) fn g1_scale_each(points: &[G1Affine], weights: &[Weight]) -> Vec<G1Affine> {
    let mut results = Vec::with_capacity(points.len());
    for (points, weights) in points.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
        let mut adder = Adder::new();
        let terms: Vec<_> = points
            .iter()
            .zip(weights)
            .enumerate()
            .map(|(sum, (point, weight))| {
                Term::<G1Projective>::new(sum, point, weight_digits(*weight))
            })
            .collect();
        let columns = Columns::<G1Projective>::new(&terms, points.len(), &mut adder);
        let scaled = if points.len() < LOCKSTEP_FROM {
            Jacobian::normalise(&columns.one_by_one())
        } else {
            columns.in_lockstep(&mut adder)
        };
        results.extend(scaled.iter().map(G1Projective::from_raw));
    }
    results
}

/// Σ scalarᵢ·pointᵢ.
pub(super) fn combination<C: Source>(points: &[C::Affine], scalars: &[Fr]) -> C {
    one_sum(
        points
            .iter()
            .zip(scalars)
            .map(|(point, scalar)| Term::new(0, point, C::digits(scalar))),
    )
}

/// Σ ρᵢ·Pᵢ. Cost: a combination of 64-bit scalars of twice as many points.
pub(crate) fn g1_weighted_sum(points: &[G1Affine], weights: &[Weight]) -> G1Affine {
    if points.len() < BUCKETS_FROM {
        let terms = points.iter().zip(weights);
        let terms = terms.map(|(point, weight)| Term::new(0, point, weight_digits(*weight)));
        return one_sum::<G1Projective>(terms).to_affine();
    }
    let raw: Vec<blst_p1_affine> = points
        .iter()
        .flat_map(|point| {
            let raw = G1Projective::to_raw(point);
            [raw, G1Projective::endomorphism(&raw)]
        })
        .map(|raw| *G1Projective::from_raw(&raw).as_ref())
        .collect();
    let bytes: Vec<u8> = weights
        .iter()
        .flat_map(|weight| [weight.low.to_le_bytes(), weight.high.to_le_bytes()])
        .flatten()
        .collect();
    let mut sum = G1Projective::identity();
    *sum.as_mut() = MultiPoint::mult(raw.as_slice(), &bytes, 64);
    sum.to_affine()
}

fn one_sum<C: Source>(terms: impl Iterator<Item = Term<C>>) -> C {
    let terms: Vec<_> = terms.collect();
    let columns = Columns::<C>::new(&terms, 1, &mut Adder::new());
    columns.one_by_one().iter().map(C::from_jacobian).sum()
}

fn all_sums<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    sums.chunks(BLOCK).flat_map(block).collect()
}

fn block<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    let mut adder = Adder::new();
    let fixed = fixed_parts(sums, &mut adder);
    let terms: Vec<_> = sums
        .iter()
        .enumerate()
        .flat_map(|(index, sum)| {
            let terms = sum.variable.iter();
            terms.map(move |(point, scalar)| Term::new(index, point, C::digits(&scalar.0)))
        })
        .collect();
    let columns = Columns::<C>::new(&terms, sums.len(), &mut adder);
    let with_variable = sums.iter().filter(|sum| !sum.variable.is_empty()).count();
    let results = if sums.len() < LOCKSTEP_FROM {
        let mut chains = columns.one_by_one();
        for ((chain, sum), parts) in chains.iter_mut().zip(sums).zip(&fixed) {
            let plain = sum.plain.iter().map(C::to_raw);
            *chain = parts
                .iter()
                .copied()
                .chain(plain)
                .fold(*chain, |chain, point| chain.add(&point));
        }
        Jacobian::normalise(&chains)
    } else {
        let chains = if with_variable < LOCKSTEP_FROM {
            Jacobian::normalise(&columns.one_by_one())
        } else {
            columns.in_lockstep(&mut adder)
        };
        let mut points = Vec::new();
        let mut lengths = Vec::with_capacity(sums.len());
        for ((chain, sum), parts) in chains.iter().zip(sums).zip(&fixed) {
            points.push(*chain);
            points.extend(parts);
            points.extend(sum.plain.iter().map(C::to_raw));
            lengths.push(1 + parts.len() + sum.plain.len());
        }
        adder.sum_each(&mut points, &lengths)
    };
    results.iter().map(C::from_raw).collect()
}

/// For each sum the points that add up to its terms with tables.
fn fixed_parts<C: Source>(
    sums: &[Sum<'_, C>],
    adder: &mut Adder<C::Field>,
) -> Vec<Vec<Affine<C::Field>>> {
    let tables = sums.iter().flat_map(|sum| &sum.fixed);
    let most = tables.map(|(table, _)| C::DIGITS * table.windows()).sum();
    let mut points = Vec::with_capacity(most);
    let mut lengths = Vec::with_capacity(sums.len() * C::DIGITS);
    for sum in sums {
        let digits: Vec<_> = sum
            .fixed
            .iter()
            .map(|(_, scalar)| C::digits(&scalar.0))
            .collect();
        for position in 0..C::DIGITS {
            let before = points.len();
            for ((table, _), digits) in sum.fixed.iter().zip(&digits) {
                table.look_up(digits.get(position).copied().unwrap_or(0), &mut points);
            }
            lengths.push(points.len() - before);
        }
    }
    let parts = adder.sum_each(&mut points, &lengths);
    parts
        .chunks(C::DIGITS)
        .zip(sums)
        .map(|(parts, sum)| {
            if sum.fixed.is_empty() {
                return Vec::new();
            }
            parts
                .iter()
                .enumerate()
                .map(|(position, part)| (0..position).fold(*part, |part, _| C::endomorphism(&part)))
                .collect()
        })
        .collect()
}
