//! Lagrange coefficients at zero (spec 2.2): λk = Π_{l≠k} il / (il − ik), as integers over one denominator where they are
//! small.
//!
//! For the indices 1 … m, λk = ±C(m, k): 15 bits for m = 17, where the residue mod r has 255. The doublings of a linear
//! combination go with the bits. Indices that are large or far apart get the residues.

use crate::curve::{G1Projective, G2Projective};
use crate::pairing::{g1_combination, g2_combination};
use crate::point::{G1, G2};
use crate::scalar::Scalar;

/// Integers of more bits than this are no gain over residues: the division by the denominator costs a full
/// multiplication for each result.
const SHORT_BITS: u32 = 96;

/// The coefficients λ1 … λm of distinct, non-zero indices: λk = factork / d, negated where the sign says so.
pub(crate) struct Lagrange {
    terms: Vec<Term>,
    /// 1/d; `None` for d = 1.
    inverse: Option<Scalar>,
}

struct Term {
    factor: Scalar,
    negative: bool,
}

impl Lagrange {
    /// The coefficients for `indices`, which are distinct and not zero.
    pub(crate) fn at_zero(indices: &[u64]) -> Self {
        integers(indices).unwrap_or_else(|| Self {
            terms: residues(indices)
                .into_iter()
                .map(|factor| Term {
                    factor,
                    negative: false,
                })
                .collect(),
            inverse: None,
        })
    }

    /// λ1 … λm mod r.
    #[cfg(test)]
    pub(crate) fn scalars(&self) -> Vec<Scalar> {
        let inverse = self.inverse.unwrap_or(Scalar::ONE);
        let signed = |term: &Term| {
            if term.negative {
                -term.factor
            } else {
                term.factor
            }
        };
        self.terms
            .iter()
            .map(|term| signed(term) * inverse)
            .collect()
    }

    /// Σ λk·Pk, in variable time.
    pub(crate) fn combine_g1(&self, points: &[G1]) -> G1 {
        let signed: Vec<G1> = self
            .terms
            .iter()
            .zip(points)
            .map(|(term, point)| if term.negative { G1(-point.0) } else { *point })
            .collect();
        let sum: G1 = G1Projective::into(g1_combination(&self.factors(), &signed));
        match self.inverse {
            None => sum,
            Some(inverse) => g1_combination(&[inverse], &[sum]).into(),
        }
    }

    /// Σ λk·P̂k, in variable time.
    pub(crate) fn combine_g2(&self, points: &[G2]) -> G2 {
        let signed: Vec<G2> = self
            .terms
            .iter()
            .zip(points)
            .map(|(term, point)| if term.negative { G2(-point.0) } else { *point })
            .collect();
        let sum: G2 = G2Projective::into(g2_combination(&self.factors(), &signed));
        match self.inverse {
            None => sum,
            Some(inverse) => g2_combination(&[inverse], &[sum]).into(),
        }
    }

    fn factors(&self) -> Vec<Scalar> {
        self.terms.iter().map(|term| term.factor).collect()
    }
}

/// λk mod r.
fn residues(indices: &[u64]) -> Vec<Scalar> {
    let points: Vec<Scalar> = indices.iter().map(|index| Scalar::from(*index)).collect();
    points
        .iter()
        .enumerate()
        .map(|(k, own)| {
            let (numerator, denominator) = points
                .iter()
                .enumerate()
                .filter(|(l, _)| *l != k)
                .fold((Scalar::ONE, Scalar::ONE), |(up, down), (_, other)| {
                    (up * *other, down * (*other - *own))
                });
            numerator * denominator.invert().unwrap_or(Scalar::ZERO) // total: indices are distinct
        })
        .collect()
}

/// The coefficients as integers over their least common denominator; `None` where one has more than [`SHORT_BITS`].
fn integers(indices: &[u64]) -> Option<Lagrange> {
    let fractions: Vec<Fraction> = (0..indices.len())
        .map(|k| Fraction::coefficient(indices, k))
        .collect::<Option<_>>()?;
    let denominator = fractions.iter().try_fold(1_u128, |lcm, fraction| {
        (lcm / gcd(lcm, fraction.denominator)).checked_mul(fraction.denominator)
    })?;
    let terms = fractions
        .iter()
        .map(|fraction| {
            let factor = fraction
                .numerator
                .checked_mul(denominator / fraction.denominator)?;
            (factor.ilog2() < SHORT_BITS).then(|| Term {
                factor: factor.into(),
                negative: fraction.negative,
            })
        })
        .collect::<Option<_>>()?;
    let inverse = (denominator != 1).then(|| Scalar::from(denominator).invert());
    Some(Lagrange {
        terms,
        inverse: inverse.flatten(),
    })
}

/// A fraction in lowest terms.
struct Fraction {
    numerator: u128,
    denominator: u128,
    negative: bool,
}

impl Fraction {
    /// λk; `None` if it does not fit.
    fn coefficient(indices: &[u64], k: usize) -> Option<Self> {
        let own = *indices.get(k)?;
        let mut product = Self {
            numerator: 1,
            denominator: 1,
            negative: false,
        };
        for other in indices.iter().filter(|other| **other != own) {
            // Reducing crosswise keeps both sides in lowest terms.
            let (up, down) = (u128::from(*other), u128::from(other.abs_diff(own)));
            let common = gcd(up, down);
            let (up, down) = (up / common, down / common);
            let (left, right) = (gcd(product.numerator, down), gcd(up, product.denominator));
            product.numerator = (product.numerator / left).checked_mul(up / right)?;
            product.denominator = (product.denominator / right).checked_mul(down / left)?;
            product.negative ^= *other < own;
        }
        Some(product)
    }
}

/// The greatest common divisor of two numbers that are not both zero.
fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rand::seq::SliceRandom;
    use rand::{Rng, thread_rng};

    use super::*;

    #[test]
    fn integers_and_residues_are_the_same_coefficients() {
        let rng = &mut thread_rng();
        let all: Vec<u64> = (1..=100).collect();
        for length in [1, 2, 5, 12, 17, 40, 100] {
            for pool in [
                all.clone(),
                (0..200).map(|_| rng.gen_range(1..u64::MAX)).collect(),
            ] {
                let indices: Vec<u64> = pool.choose_multiple(rng, length).copied().collect();
                assert_eq!(
                    Lagrange::at_zero(&indices).scalars(),
                    residues(&indices),
                    "{indices:?}"
                );
            }
        }
    }

    #[test]
    fn consecutive_indices_have_binomial_coefficients_and_no_denominator() {
        let indices: Vec<u64> = (1..=17).collect();
        let lagrange = Lagrange::at_zero(&indices);
        assert!(lagrange.inverse.is_none());
        let binomial = |k: u64| (1..=k).fold(1, |c, i| c * (17 - i + 1) / i);
        for (k, term) in (1..).zip(&lagrange.terms) {
            assert_eq!(term.factor, Scalar::from(binomial(k)));
            assert_eq!(term.negative, k % 2 == 0);
        }
    }

    #[test]
    fn any_twelve_of_seventeen_have_short_coefficients() {
        let rng = &mut thread_rng();
        let all: Vec<u64> = (1..=17).collect();
        for _ in 0..200 {
            let indices: Vec<u64> = all.choose_multiple(rng, 12).copied().collect();
            assert!(integers(&indices).is_some(), "{indices:?}");
        }
    }

    #[test]
    fn a_combination_gives_the_secret_back() {
        let rng = &mut thread_rng();
        for indices in [vec![1, 2, 3], vec![2, 5, 11], vec![u64::MAX, 7, 1 << 40]] {
            let polynomial: Vec<Scalar> = (0..3).map(|_| Scalar::random(rng)).collect();
            let value = |at: u64| {
                polynomial
                    .iter()
                    .rev()
                    .fold(Scalar::ZERO, |sum, c| sum * Scalar::from(at) + *c)
            };
            let shares: Vec<Scalar> = indices.iter().map(|at| value(*at)).collect();
            let lagrange = Lagrange::at_zero(&indices);
            let secret = polynomial.first().copied().unwrap();
            let g1: Vec<G1> = shares
                .iter()
                .map(|s| g1_combination(&[*s], &[G1::generator()]).into())
                .collect();
            let g2: Vec<G2> = shares
                .iter()
                .map(|s| g2_combination(&[*s], &[G2::generator()]).into())
                .collect();
            assert_eq!(
                lagrange.combine_g1(&g1),
                g1_combination(&[secret], &[G1::generator()]).into()
            );
            assert_eq!(
                lagrange.combine_g2(&g2),
                g2_combination(&[secret], &[G2::generator()]).into()
            );
        }
    }
}
