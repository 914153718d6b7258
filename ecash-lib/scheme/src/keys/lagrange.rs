//! Lagrange coefficients at zero (spec 2.2): λk = Π_{l≠k} il / (il − ik), as integers over one denominator where they are
//! small.
//!
//! For the indices 1 … m, λk = ±C(m, k): 15 bits for m = 17, where the residue mod r has 255. The doublings of a linear
//! combination go with the bits, of −5 as of 5. Indices that are large or far apart get the residues.

use crate::curve::{self, Source, Sum};
use crate::point::{G1, G2};
use crate::scalar::Scalar;

/// The coefficients λ1 … λm of distinct, non-zero indices: λk = factork / d.
pub(crate) struct Lagrange {
    factors: Vec<Scalar>,
    /// 1/d; `None` for d = 1.
    inverse: Option<Scalar>,
}

impl Lagrange {
    /// The coefficients for `indices`, which are distinct and not zero.
    pub(crate) fn at_zero(indices: &[u64]) -> Self {
        integers(indices).unwrap_or_else(|| Self {
            factors: residues(indices),
            inverse: None,
        })
    }

    /// λ1 … λm mod r.
    #[cfg(test)]
    pub(crate) fn scalars(&self) -> Vec<Scalar> {
        let inverse = self.inverse.unwrap_or(Scalar::ONE);
        let scaled = |factor: &Scalar| *factor * inverse;
        self.factors.iter().map(scaled).collect()
    }

    /// Σ λk·Pk for each list P1 … Pm, all of them together, in variable time.
    pub(crate) fn combine_g1(&self, lists: &[Vec<G1>]) -> Vec<G1> {
        let affine = |list: &Vec<G1>| list.iter().map(|point| point.0).collect();
        let sums = self.combine(lists.iter().map(affine), curve::g1_sums);
        sums.into_iter().map(G1).collect()
    }

    /// Σ λk·P̂k for each list P̂1 … P̂m, all of them together, in variable time.
    pub(crate) fn combine_g2(&self, lists: &[Vec<G2>]) -> Vec<G2> {
        let affine = |list: &Vec<G2>| list.iter().map(|point| point.0).collect();
        let sums = self.combine(lists.iter().map(affine), curve::g2_sums);
        sums.into_iter().map(G2).collect()
    }

    fn combine<C: Source>(
        &self,
        lists: impl Iterator<Item = Vec<C::Affine>>,
        compute: fn(&[Sum<'_, C>]) -> Vec<C::Affine>,
    ) -> Vec<C::Affine> {
        let factors = || self.factors.iter().copied();
        let sums: Vec<_> = lists
            .map(|list| Sum::of(list.into_iter().zip(factors())))
            .collect();
        let points = compute(&sums);
        match self.inverse {
            None => points,
            Some(inverse) => {
                let scaled: Vec<_> = points
                    .into_iter()
                    .map(|point| Sum::of([(point, inverse)]))
                    .collect();
                compute(&scaled)
            }
        }
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

/// The coefficients as integers over their least common denominator; `None` where one has more than 64 bits: such are no
/// gain over residues, as the division by the denominator costs a full multiplication for each result.
fn integers(indices: &[u64]) -> Option<Lagrange> {
    let fractions: Vec<Fraction> = (0..indices.len())
        .map(|k| Fraction::coefficient(indices, k))
        .collect::<Option<_>>()?;
    let denominator = fractions.iter().try_fold(1_u64, |lcm, fraction| {
        (lcm / gcd(lcm, fraction.denominator)).checked_mul(fraction.denominator)
    })?;
    let factors = fractions
        .iter()
        .map(|fraction| {
            let size = fraction
                .numerator
                .checked_mul(denominator / fraction.denominator)?;
            let factor = Scalar::from(size);
            Some(if fraction.negative { -factor } else { factor })
        })
        .collect::<Option<_>>()?;
    let inverse = (denominator != 1).then(|| Scalar::from(denominator).invert());
    Some(Lagrange {
        factors,
        inverse: inverse.flatten(),
    })
}

/// A fraction in lowest terms.
struct Fraction {
    numerator: u64,
    denominator: u64,
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
            let (up, down) = (*other, other.abs_diff(own));
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
const fn gcd(a: u64, b: u64) -> u64 {
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
    use crate::pairing::{g1_combination, g2_combination};

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
        for (k, factor) in (1..).zip(&lagrange.factors) {
            let expected = Scalar::from(binomial(k));
            assert_eq!(*factor, if k % 2 == 0 { -expected } else { expected });
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
            let g1 = lagrange.combine_g1(&[g1.clone(), g1]);
            let g2 = lagrange.combine_g2(&[g2.clone(), g2]);
            let expected = G1::from(g1_combination(&[secret], &[G1::generator()]));
            assert_eq!(g1, [expected, expected]);
            let expected = G2::from(g2_combination(&[secret], &[G2::generator()]));
            assert_eq!(g2, [expected, expected]);
        }
    }
}
