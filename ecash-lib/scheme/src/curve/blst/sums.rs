//! Linear combinations of public points, many at once.
//!
//! Every sum is split by the digits of its scalars in the base of the endomorphism. Fixed points are looked up in their
//! tables. For the others the odd multiples of each point are made; at every bit position the multiples that belong there
//! are added up, and the positions are put together from the top by doublings. All additions of all sums that do not wait
//! for each other share inversions; with enough sums even the doublings do.

use ::blst::{MultiPoint, blst_p1_affine};
use group::{Curve, Group};

use super::affine::{Adder, Affine};
use super::recode::{signed_windows, window_width};
use super::source::{MOST_DIGITS, Source, weight_digits};
use super::{BUCKETS_FROM, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use crate::curve::{Sum, Weight};

/// Sums that are computed together; more need more cache than they save.
const BLOCK: usize = 256;

/// Chains of doublings from which it is faster to take them in lockstep, in affine coordinates.
const LOCKSTEP_FROM: usize = 32;

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
        let terms = points
            .iter()
            .zip(weights)
            .enumerate()
            .map(|(chain, (point, weight))| {
                Term::<G1Projective>::new(chain, point, weight_digits(*weight))
            })
            .collect();
        let columns = Columns::new(terms, points.len(), &mut adder);
        results.extend(columns.finish_affine(&mut adder));
    }
    results
}

/// Σ scalarᵢ·pointᵢ.
pub(super) fn combination<C: Source>(points: &[C::Affine], scalars: &[Fr]) -> C {
    let mut adder = Adder::new();
    let terms = points
        .iter()
        .zip(scalars)
        .map(|(point, scalar)| Term::<C>::new(0, point, C::digits(scalar)))
        .collect();
    Columns::new(terms, 1, &mut adder)
        .finish_projective()
        .into_iter()
        .sum()
}

/// Σ ρᵢ·Pᵢ. Cost: a combination of 64-bit scalars of twice as many points.
pub(crate) fn g1_weighted_sum(points: &[G1Affine], weights: &[Weight]) -> G1Affine {
    if points.len() < BUCKETS_FROM {
        let mut adder = Adder::new();
        let terms = points
            .iter()
            .zip(weights)
            .map(|(point, weight)| Term::<G1Projective>::new(0, point, weight_digits(*weight)))
            .collect();
        let sums = Columns::new(terms, 1, &mut adder).finish_projective();
        return sums.iter().sum::<G1Projective>().to_affine();
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

fn all_sums<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    sums.chunks(BLOCK).flat_map(block).collect()
}

fn block<C: Source>(sums: &[Sum<'_, C>]) -> Vec<C::Affine> {
    let mut adder = Adder::new();
    let fixed = fixed_parts(sums, &mut adder);
    let terms = sums
        .iter()
        .enumerate()
        .flat_map(|(chain, sum)| {
            sum.variable
                .iter()
                .map(move |(point, scalar)| Term::new(chain, point, C::digits(&scalar.0)))
        })
        .collect();
    let columns = Columns::<C>::new(terms, sums.len(), &mut adder);
    if sums.len() < LOCKSTEP_FROM {
        let mut chains = columns.finish_projective();
        for ((chain, sum), parts) in chains.iter_mut().zip(sums).zip(&fixed) {
            for part in parts {
                *chain += C::from_raw(part);
            }
            for point in &sum.plain {
                *chain += *point;
            }
        }
        return C::normalise(&chains);
    }
    let chains = columns.finish(&mut adder);
    let mut points = Vec::new();
    let mut lengths = Vec::with_capacity(sums.len());
    for ((chain, sum), parts) in chains.iter().zip(sums).zip(&fixed) {
        points.push(*chain);
        points.extend(parts);
        points.extend(sum.plain.iter().map(C::to_raw));
        lengths.push(1 + parts.len() + sum.plain.len());
    }
    adder
        .sum_each(&mut points, &lengths)
        .iter()
        .map(C::from_raw)
        .collect()
}

/// For each sum the points that add up to its terms with tables.
fn fixed_parts<C: Source>(
    sums: &[Sum<'_, C>],
    adder: &mut Adder<C::Field>,
) -> Vec<Vec<Affine<C::Field>>> {
    let mut points = Vec::new();
    let mut lengths = Vec::with_capacity(sums.len() * C::DIGITS);
    let mut lists = vec![Vec::new(); C::DIGITS];
    for sum in sums {
        for (table, scalar) in &sum.fixed {
            table.look_up(&C::digits(&scalar.0), &mut lists);
        }
        for list in &mut lists {
            lengths.push(list.len());
            points.append(list);
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
                .map(|(digit, part)| (0..digit).fold(*part, |part, _| C::endomorphism(&part)))
                .collect()
        })
        .collect()
}

/// A point and the digits of its scalar.
struct Term<C: Source> {
    /// Index of the sum to which it belongs.
    chain: usize,
    point: Affine<C::Field>,
    digits: [i128; MOST_DIGITS],
    width: u32,
}

impl<C: Source> Term<C> {
    fn new(chain: usize, point: &C::Affine, digits: [i128; MOST_DIGITS]) -> Self {
        let bits = digits
            .iter()
            .map(|digit| 128 - digit.unsigned_abs().leading_zeros())
            .sum();
        Self {
            chain,
            point: C::to_raw(point),
            digits,
            width: window_width(bits),
        }
    }

    /// Odd multiples that are needed.
    const fn multiples(&self) -> usize {
        1 << (self.width - 2)
    }
}

/// For each bit position and each sum, what belongs there: Σ 2^position · column.
struct Columns<C: Source> {
    /// Number of sums.
    chains: usize,
    /// Position by position from the lowest, in each the sums in their order.
    points: Vec<Affine<C::Field>>,
}

impl<C: Source> Columns<C> {
    fn new(terms: Vec<Term<C>>, chains: usize, adder: &mut Adder<C::Field>) -> Self {
        if terms.is_empty() {
            return Self {
                chains,
                points: Vec::new(),
            };
        }
        let multiples = odd_multiples(&terms, adder);
        let mut lists: Vec<Vec<Affine<C::Field>>> = Vec::new();
        for (term, multiples) in terms.iter().zip(multiples) {
            let mut multiples = multiples;
            for (digit, value) in term.digits.iter().take(C::DIGITS).enumerate() {
                if digit > 0 {
                    for multiple in &mut multiples {
                        *multiple = C::endomorphism(multiple);
                    }
                }
                signed_windows(*value, term.width, |position, digit| {
                    let list = position * chains + term.chain;
                    if lists.len() <= list {
                        lists.resize((position + 1) * chains, Vec::new());
                    }
                    let multiple = multiples.get(usize::from(digit.unsigned_abs()) / 2);
                    if let (Some(list), Some(multiple)) = (lists.get_mut(list), multiple) {
                        list.push(if digit < 0 { multiple.neg() } else { *multiple });
                    }
                });
            }
        }
        let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
        let mut points = lists.concat();
        Self {
            chains,
            points: adder.sum_each(&mut points, &lengths),
        }
    }

    /// The sums, in affine form by whichever way is faster.
    fn finish_affine(&self, adder: &mut Adder<C::Field>) -> Vec<C::Affine> {
        if self.chains < LOCKSTEP_FROM {
            C::normalise(&self.finish_projective())
        } else {
            self.finish(adder).iter().map(C::from_raw).collect()
        }
    }

    /// The sums, chain by chain.
    fn finish_projective(&self) -> Vec<C> {
        let mut sums = vec![C::identity(); self.chains];
        for column in self.points.chunks(self.chains).rev() {
            for (sum, point) in sums.iter_mut().zip(column) {
                *sum = sum.double();
                if !point.is_infinity() {
                    *sum += C::from_raw(point);
                }
            }
        }
        sums
    }

    /// The sums, all chains in lockstep.
    fn finish(&self, adder: &mut Adder<C::Field>) -> Vec<Affine<C::Field>> {
        let mut sums = vec![Affine::INFINITY; self.chains];
        for column in self.points.chunks(self.chains).rev() {
            adder.double_each(&mut sums);
            adder.add_each(&mut sums, column);
        }
        sums
    }
}

/// P, 3P, 5P, … for every term, as many as it needs.
fn odd_multiples<C: Source>(
    terms: &[Term<C>],
    adder: &mut Adder<C::Field>,
) -> Vec<Vec<Affine<C::Field>>> {
    let mut lists: Vec<_> = terms.iter().map(|term| vec![term.point]).collect();
    // From k odd multiples P … (2k − 1)P to twice as many: by adding 2k·P to each.
    let mut evens: Vec<_> = terms.iter().map(|term| term.point).collect();
    while lists
        .iter()
        .zip(terms)
        .any(|(list, term)| list.len() < term.multiples())
    {
        adder.double_each(&mut evens);
        let mut sums = Vec::new();
        let mut addends = Vec::new();
        for ((list, term), even) in lists.iter().zip(terms).zip(&evens) {
            if list.len() < term.multiples() {
                for multiple in list {
                    sums.push(*multiple);
                    addends.push(*even);
                }
            }
        }
        adder.add_each(&mut sums, &addends);
        let mut sums = sums.into_iter();
        for (list, term) in lists.iter_mut().zip(terms) {
            if list.len() < term.multiples() {
                let more = list.len();
                list.extend(sums.by_ref().take(more));
            }
        }
    }
    lists
}
