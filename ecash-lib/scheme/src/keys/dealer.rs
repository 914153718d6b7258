//! The trusted dealer (spec 2.1): for tests, and for networks that have not held a key-generation ceremony.

use rand_core::{CryptoRng, RngCore};

use crate::constants::ATTRIBUTES;
use crate::error::{Error, Result};
use crate::keys::{SecretKey, VerificationKey, check_indices};
use crate::scalar::{Scalar, SecretScalar};

/// Deals shares of a fresh key with four elements y to the signers `indices`: the master verification key, and one secret
/// key for each index. Any `threshold` shares make the key: the elements are the values of independent random polynomials
/// of degree threshold − 1 at the index, the master's those at 0.
///
/// # Errors
/// [`Error::BadThreshold`] if the threshold is 0 or above the number of signers, [`Error::DuplicateIndex`],
/// [`Error::ZeroIndex`], [`Error::OutOfRange`] for too many signers.
pub fn deal<R: RngCore + CryptoRng + ?Sized>(
    threshold: u64,
    indices: &[u64],
    rng: &mut R,
) -> Result<(VerificationKey, Vec<(u64, SecretKey)>)> {
    if threshold > indices.len() as u64 {
        return Err(Error::BadThreshold {
            threshold,
            signers: indices.len(),
        });
    }
    check_indices(indices, threshold)?;
    let mut polynomial =
        || -> Vec<SecretScalar> { (0..threshold).map(|_| SecretScalar::random(rng)).collect() };
    let x = polynomial();
    let y: Vec<_> = (0..ATTRIBUTES).map(|_| polynomial()).collect();
    let key_at = |point: Scalar| {
        SecretKey::from_scalars(
            evaluate(&x, point),
            y.iter()
                .map(|coefficients| evaluate(coefficients, point))
                .collect(),
        )
    };
    let master = key_at(Scalar::ZERO)?.verification_key();
    let shares = indices
        .iter()
        .map(|index| Ok((*index, key_at(Scalar::from(*index))?)))
        .collect::<Result<_>>()?;
    Ok((master, shares))
}

/// The value of a secret polynomial at a public point.
fn evaluate(coefficients: &[SecretScalar], point: Scalar) -> SecretScalar {
    coefficients
        .iter()
        .rev()
        .fold(Scalar::ZERO.into(), |value: SecretScalar, coefficient| {
            &(&value * point) + coefficient
        })
}
