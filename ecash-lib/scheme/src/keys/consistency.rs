//! Whether keys are what they claim: consistency of one key (spec 2.5), and of all shares of an epoch (`dkg.md` 10.2).

use rand_core::{CryptoRng, RngCore};

use crate::error::{Error, Result};
use crate::keys::{VerificationKey, check_indices};
use crate::pairing::{g1_combination, g2_combination, product_is_one, random_weights};
use crate::point::{G1, G2};
use crate::scalar::Scalar;

impl VerificationKey {
    /// Checks `e(Yj, Ĝ) = e(G, Ŷj)` for every j, as `e(Σ ρj·Yj, Ĝ) · e(−G, Σ ρj·Ŷj) = 1` with fresh weights (spec 2.5),
    /// and that no element is infinity. Cost: 2 Miller loops.
    ///
    /// # Errors
    /// [`Error::InconsistentKey`]; [`Error::Infinity`].
    pub fn check_consistency<R: RngCore + CryptoRng + ?Sized>(&self, rng: &mut R) -> Result<()> {
        self.alpha.not_infinity("key element X")?;
        for (y1, y2) in self.beta_g1.iter().zip(&self.beta_g2) {
            y1.not_infinity("key element Y")?;
            y2.not_infinity("key element Y")?;
        }
        let weights = random_weights(self.elements(), rng);
        let consistent = product_is_one(&[
            (
                g1_combination(&weights, &self.beta_g1),
                G2::generator().projective(),
            ),
            (
                -G1::generator().projective(),
                g2_combination(&weights, &self.beta_g2),
            ),
        ]);
        if consistent {
            Ok(())
        } else {
            Err(Error::InconsistentKey)
        }
    }
}

/// Checks that all `shares` (signer index, key) lie on one polynomial of degree threshold − 1 in every element, so that
/// any `threshold` of them give the same master key.
///
/// Values V(i) at m indices lie on one exactly if Σ f(i)·V(i) / Π_{j≠i} (i − j) = 0 for every f of degree below
/// m − threshold. f is drawn at random, and the elements are merged with random weights: false shares pass with
/// probability at most 2⁻¹²⁸.
///
/// # Errors
/// [`Error::NotOnePolynomial`]; [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`],
/// [`Error::BadThreshold`], [`Error::OutOfRange`], [`Error::KeySizesDiffer`].
pub fn check_polynomial<R: RngCore + CryptoRng + ?Sized>(
    shares: &[(u64, &VerificationKey)],
    threshold: u64,
    rng: &mut R,
) -> Result<()> {
    let indices: Vec<u64> = shares.iter().map(|(index, _)| *index).collect();
    check_indices(&indices, threshold)?;
    let elements = shares.first().map_or(0, |(_, key)| key.elements());
    if let Some((_, other)) = shares.iter().find(|(_, key)| key.elements() != elements) {
        return Err(Error::KeySizesDiffer {
            first: elements,
            other: other.elements(),
        });
    }
    let freedom = (shares.len() as u64).saturating_sub(threshold);
    let f: Vec<Scalar> = (0..freedom).map(|_| Scalar::random(rng)).collect();
    let coefficients = dual_coefficients(&indices, &f);
    let weights = random_weights(elements, rng);

    let mut g1 = Terms::default();
    let mut g2 = Terms::default();
    for ((_, key), coefficient) in shares.iter().zip(&coefficients) {
        g2.push(*coefficient, key.alpha); // one weight may be 1
        for ((y1, y2), weight) in key.beta_g1.iter().zip(&key.beta_g2).zip(&weights) {
            g1.push(*coefficient * *weight, *y1);
            g2.push(*coefficient * *weight, *y2);
        }
    }
    let g1_vanishes = G1::from(g1_combination(&g1.scalars, &g1.points)).is_infinity();
    let g2_vanishes = G2::from(g2_combination(&g2.scalars, &g2.points)).is_infinity();
    if g1_vanishes && g2_vanishes {
        Ok(())
    } else {
        Err(Error::NotOnePolynomial { threshold })
    }
}

/// f(i) / Π_{j≠i} (i − j) for every index i; zero throughout where f has no coefficients.
fn dual_coefficients(indices: &[u64], f: &[Scalar]) -> Vec<Scalar> {
    let points: Vec<Scalar> = indices.iter().map(|index| Scalar::from(*index)).collect();
    points
        .iter()
        .enumerate()
        .map(|(position, own)| {
            let value = f.iter().rev().fold(Scalar::ZERO, |value, coefficient| {
                value * *own + *coefficient
            });
            let others = points
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != position);
            let product = others.fold(Scalar::ONE, |product, (_, other)| product * (*own - *other));
            value * product.invert().unwrap_or(Scalar::ZERO) // total: indices are distinct
        })
        .collect()
}

/// The terms of one linear combination.
struct Terms<P> {
    scalars: Vec<Scalar>,
    points: Vec<P>,
}

impl<P> Default for Terms<P> {
    fn default() -> Self {
        Self {
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }
}

impl<P> Terms<P> {
    fn push(&mut self, scalar: Scalar, point: P) {
        self.scalars.push(scalar);
        self.points.push(point);
    }
}
