//! Linear combinations of public points, many at once.
//!
//! Every sum is split by the digits of its scalars in the base of the endomorphism. Fixed points are looked up in their
//! tables. For the others see [`Columns`]. All additions of all sums that do not wait for each other share inversions; with
//! enough sums even the doublings do.

use core::ops::Range;

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

/// Sums whose fixed points are added up together: what was looked up for them stays in the cache.
const FIXED_BLOCK: usize = 24;

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
            Jacobian::normalise(&columns.one_by_one(&mut adder))
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
    let mut adder = Adder::new();
    let columns = Columns::<C>::new(&terms, 1, &mut adder);
    let sums = columns.one_by_one(&mut adder);
    sums.iter().map(C::from_jacobian).sum()
}

fn all_sums<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    sums.chunks(BLOCK).flat_map(block).collect()
}

fn block<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    let mut adder = Adder::new();
    let terms: Vec<_> = sums
        .iter()
        .enumerate()
        .flat_map(|(index, sum)| {
            let terms = sum.variable.iter();
            terms.map(move |(point, scalar)| Term::new(index, point, C::digits(&scalar.0)))
        })
        .collect();
    let columns = Columns::<C>::new(&terms, sums.len(), &mut adder);
    let lockstep = sums.len() >= LOCKSTEP_FROM;
    let fixed = Fixed::new(sums, &mut adder, if lockstep { 1 } else { C::FEWEST_PAIRS });
    let results = if lockstep {
        let with_variable = sums.iter().filter(|sum| !sum.variable.is_empty()).count();
        let chains = if with_variable < LOCKSTEP_FROM {
            Jacobian::normalise(&columns.one_by_one(&mut adder))
        } else {
            columns.in_lockstep(&mut adder)
        };
        let mut points = Vec::new();
        let mut lengths = Vec::with_capacity(sums.len());
        for ((index, sum), chain) in sums.iter().enumerate().zip(&chains) {
            let before = points.len();
            points.push(*chain);
            points.extend(fixed.of_sum(index));
            points.extend(sum.plain.iter().map(C::to_raw));
            lengths.push(points.len() - before);
        }
        adder.sum_each(&mut points, &lengths)
    } else {
        let chains = columns.one_by_one(&mut adder);
        let chains: Vec<_> = sums
            .iter()
            .enumerate()
            .zip(chains)
            .map(|((index, sum), chain)| {
                let plain = sum.plain.iter().map(C::to_raw);
                fixed
                    .of_sum(index)
                    .chain(plain)
                    .fold(chain, |chain, point| chain.add(&point))
            })
            .collect();
        Jacobian::normalise(&chains)
    };
    results.iter().map(C::from_raw).collect()
}

/// What the fixed points of each sum contribute, almost added up.
struct Fixed<C: Source> {
    points: Vec<Affine<C::Field>>,
    /// For each sum and each digit of its scalars, the points that belong there.
    lists: Vec<Range<usize>>,
}

impl<C: Source> Fixed<C> {
    fn new(sums: &[Sum<'_, C>], adder: &mut Adder<C::Field>, fewest_pairs: usize) -> Self {
        let mut all = Self {
            points: Vec::new(),
            lists: Vec::with_capacity(sums.len() * C::DIGITS),
        };
        let mut points = Vec::new();
        let mut lengths = Vec::new();
        for sums in sums.chunks(FIXED_BLOCK) {
            points.clear();
            lengths.clear();
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
            for list in adder.shrink_each(&mut points, &lengths, fewest_pairs) {
                let begin = all.points.len();
                all.points.extend(points.get(list).unwrap_or_default()); // total: a range of the points
                all.lists.push(begin..all.points.len());
            }
        }
        all
    }

    /// Points whose sum is what the fixed points of one sum contribute.
    fn of_sum(&self, index: usize) -> impl Iterator<Item = Affine<C::Field>> {
        let lists = self.lists.iter().skip(index * C::DIGITS).take(C::DIGITS);
        lists.enumerate().flat_map(|(position, list)| {
            let points = self.points.get(list.clone()).unwrap_or_default(); // total: a range of the points
            points
                .iter()
                .map(move |point| (0..position).fold(*point, |point, _| C::endomorphism(&point)))
        })
    }
}
