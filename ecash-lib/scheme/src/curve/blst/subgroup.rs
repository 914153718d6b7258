//! Whether points of the curve lie in the prime-order subgroup, many at once.
//!
//! Each round adds up the points with small random coefficients and checks the one sum. Let P be a point outside: its image
//! in the cofactor group is not 0, and its order there is at least the smallest prime ℓ of the cofactor (3 in G1, 13 in G2).
//! So for ℓ successive integers c the images of c·P are all different, and whatever the other points contribute, at most
//! one of them brings the sum into the subgroup. With coefficients uniform in {−1, 0, 1} (G1) a round errs with probability
//! at most 1/3, 81 rounds with 3⁻⁸¹ < 2⁻¹²⁸; with coefficients uniform in {−6, …, 6} (G2) a round errs with probability at
//! most 1/13, 35 rounds with 13⁻³⁵ < 2⁻¹²⁹. One round with large coefficients would not do: a point of order 3 survives it
//! with probability 1/3.
//!
//! Cost: per point of G1 20 + 9 additions (four points share their 81 combinations), and 81 checks; per point of G2 32 + 5
//! additions, and 35 checks.

use rand_core::{CryptoRng, RngCore};

use super::affine::{Adder, Affine};
use super::source::Source;
use super::{G1Affine, G1Projective, G2Affine, G2Projective};

/// Points of G1 from which checking them together is faster.
const G1_TOGETHER_FROM: usize = 104;
/// Points of G2 from which checking them together is faster.
const G2_TOGETHER_FROM: usize = 80;

/// Rounds for G1: 3⁻⁸¹ < 2⁻¹²⁸.
const G1_ROUNDS: usize = 81;
/// Rounds for G2: 13⁻³⁵ < 2⁻¹²⁹.
const G2_ROUNDS: usize = 35;

/// Points of G1 whose combinations are looked up together.
const G1_GROUP: usize = 4;
/// Largest coefficient of a point of G2.
const G2_LARGEST: usize = 6;

/// Groups of points that are worked on together; more need more cache.
const GROUPS_AT_ONCE: usize = 16;

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G1. A wrong set is accepted with
/// probability at most 2⁻¹²⁸.
pub(crate) fn g1_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G1Affine],
    rng: &mut R,
) -> bool {
    if points.len() < G1_TOGETHER_FROM {
        return points.iter().all(|point| point.is_torsion_free().into());
    }
    g1_round_sums(points, rng)
        .iter()
        .all(|sum| sum.is_torsion_free().into())
}

/// Whether all `points`, which are on the curve, are in the prime-order subgroup of G2. A wrong set is accepted with
/// probability at most 2⁻¹²⁸.
pub(crate) fn g2_all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(
    points: &[G2Affine],
    rng: &mut R,
) -> bool {
    if points.len() < G2_TOGETHER_FROM {
        return points.iter().all(|point| point.is_torsion_free().into());
    }
    g2_round_sums(points, rng)
        .iter()
        .all(|sum| sum.is_torsion_free().into())
}

fn g1_round_sums<R: RngCore + CryptoRng + ?Sized>(
    points: &[G1Affine],
    rng: &mut R,
) -> Vec<G1Affine> {
    round_sums::<G1Projective, R>(points, G1_GROUP, G1_ROUNDS, ternary_combinations, rng)
}

fn g2_round_sums<R: RngCore + CryptoRng + ?Sized>(
    points: &[G2Affine],
    rng: &mut R,
) -> Vec<G2Affine> {
    round_sums::<G2Projective, R>(points, 1, G2_ROUNDS, small_multiples, rng)
}

/// Gives for groups of points their combinations without 0, one of each pair of opposites.
type Combine<F> = fn(&[&[Affine<F>]], &mut Adder<F>) -> Vec<Vec<Affine<F>>>;

/// The sum of each round.
fn round_sums<C: Source, R: RngCore + CryptoRng + ?Sized>(
    points: &[C::Affine],
    group: usize,
    rounds: usize,
    combine: Combine<C::Field>,
    rng: &mut R,
) -> Vec<C::Affine> {
    let points: Vec<_> = points.iter().map(C::to_raw).collect();
    let groups: Vec<_> = points.chunks(group).collect();
    let mut adder = Adder::new();
    let mut sums = vec![Affine::INFINITY; rounds];
    let mut draws = Draws::new(rng);
    for groups in groups.chunks(GROUPS_AT_ONCE) {
        let combinations = combine(groups, &mut adder);
        let mut terms = Vec::with_capacity(rounds * (groups.len() + 1));
        let mut lengths = Vec::with_capacity(rounds);
        for sum in &sums {
            let before = terms.len();
            terms.push(*sum);
            for combinations in &combinations {
                // 0, one of the combinations, or the opposite of one.
                let count = combinations.len();
                let drawn = draws.below(2 * count + 1);
                let opposite = drawn > count;
                let index = if opposite { drawn - count } else { drawn };
                let chosen = index
                    .checked_sub(1)
                    .and_then(|index| combinations.get(index));
                terms.extend(chosen.map(|point| point.signed(opposite)));
            }
            lengths.push(terms.len() - before);
        }
        sums = adder.sum_each(&mut terms, &lengths);
    }
    sums.iter().map(C::from_raw).collect()
}

/// All Σ cᵢ·Pᵢ with cᵢ in {−1, 0, 1} whose last coefficient that is not 0 is 1.
fn ternary_combinations<F: super::field::Field>(
    groups: &[&[Affine<F>]],
    adder: &mut Adder<F>,
) -> Vec<Vec<Affine<F>>> {
    let mut lists: Vec<Vec<Affine<F>>> = vec![Vec::new(); groups.len()];
    for position in 0..G1_GROUP {
        let mut sums = Vec::new();
        let mut addends = Vec::new();
        for (list, group) in lists.iter().zip(groups) {
            if let Some(point) = group.get(position) {
                for combination in list {
                    sums.extend([*point, *point]);
                    addends.extend([*combination, combination.neg()]);
                }
            }
        }
        adder.add_each(&mut sums, &addends);
        let mut sums = sums.into_iter();
        for (list, group) in lists.iter_mut().zip(groups) {
            if let Some(point) = group.get(position) {
                let more = 2 * list.len();
                list.push(*point);
                list.extend(sums.by_ref().take(more));
            }
        }
    }
    lists
}

/// P, 2P, …, 6P of the one point of each group.
fn small_multiples<F: super::field::Field>(
    groups: &[&[Affine<F>]],
    adder: &mut Adder<F>,
) -> Vec<Vec<Affine<F>>> {
    let points: Vec<_> = groups
        .iter()
        .filter_map(|group| group.first().copied())
        .collect();
    let mut lists: Vec<_> = points.iter().map(|point| vec![*point]).collect();
    let mut multiples = points.clone();
    for _ in 1..G2_LARGEST {
        adder.add_each(&mut multiples, &points);
        for (list, multiple) in lists.iter_mut().zip(&multiples) {
            list.push(*multiple);
        }
    }
    lists
}

/// Uniform small numbers from a generator that is asked for many bytes at once.
struct Draws<'a, R: ?Sized> {
    rng: &'a mut R,
    bytes: [u8; 256],
    used: usize,
}

impl<'a, R: RngCore + CryptoRng + ?Sized> Draws<'a, R> {
    const fn new(rng: &'a mut R) -> Self {
        Self {
            rng,
            bytes: [0; 256],
            used: 256,
        }
    }

    /// Uniform in 0 … `count` − 1; `count` is at most 256.
    fn below(&mut self, count: usize) -> usize {
        let fair = 256 - 256 % count;
        loop {
            let Some(byte) = self.bytes.get(self.used) else {
                self.rng.fill_bytes(&mut self.bytes);
                self.used = 0;
                continue;
            };
            self.used += 1;
            let value = usize::from(*byte);
            if value < fair {
                return value % count;
            }
        }
    }
}
