//! The master key from shares: Σ λk·share_k in every element (spec 2.2).

use crate::constants::MAX_SHARES;
use crate::error::{Error, Result};
use crate::keys::VerificationKey;
use crate::keys::lagrange::Lagrange;
use crate::point::{G1, G2};

/// Checks the signer indices of an aggregation: none zero, none twice, at least `threshold`, at most [`MAX_SHARES`].
pub(crate) fn check_indices(indices: &[u64], threshold: u64) -> Result<()> {
    if threshold == 0 {
        return Err(Error::BadThreshold {
            threshold,
            signers: indices.len(),
        });
    }
    if (indices.len() as u64) < threshold {
        return Err(Error::TooFewShares {
            got: indices.len(),
            needed: threshold,
        });
    }
    if indices.len() > MAX_SHARES {
        return Err(Error::OutOfRange {
            what: "shares",
            min: threshold,
            max: MAX_SHARES as u64,
            got: indices.len() as u64,
        });
    }
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    if sorted.first() == Some(&0) {
        return Err(Error::ZeroIndex);
    }
    match sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .find(|(one, next)| one == next)
    {
        Some((index, _)) => Err(Error::DuplicateIndex(*index)),
        None => Ok(()),
    }
}

impl VerificationKey {
    /// The master key from at least `threshold` shares, each with its signer's index (spec 2.2).
    ///
    /// Any `threshold` or more shares of one polynomial give the same key; whether these lie on one is checked by
    /// [`crate::check_polynomial`].
    ///
    /// # Errors
    /// [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`], [`Error::KeySizesDiffer`],
    /// [`Error::BadThreshold`] for a threshold of 0.
    pub fn aggregate(shares: &[(u64, &Self)], threshold: u64) -> Result<Self> {
        let indices: Vec<u64> = shares.iter().map(|(index, _)| *index).collect();
        check_indices(&indices, threshold)?;
        let elements = shares.first().map_or(0, |(_, key)| key.elements());
        if let Some((_, other)) = shares.iter().find(|(_, key)| key.elements() != elements) {
            return Err(Error::KeySizesDiffer {
                first: elements,
                other: other.elements(),
            });
        }
        let column = |j: usize| -> Vec<G1> {
            shares
                .iter()
                .filter_map(|(_, key)| key.beta_g1.get(j).copied())
                .collect()
        };
        let column_hat = |j: usize| -> Vec<G2> {
            shares
                .iter()
                .filter_map(|(_, key)| key.beta_g2.get(j).copied())
                .collect()
        };
        let columns: Vec<_> = (0..elements).map(column).collect();
        let mut columns_hat: Vec<_> = (0..elements).map(column_hat).collect();
        columns_hat.push(shares.iter().map(|(_, key)| key.alpha).collect());
        let lagrange = Lagrange::at_zero(&indices);
        let mut beta_g2 = lagrange.combine_g2(&columns_hat);
        let alpha = beta_g2.pop().unwrap_or(G2::generator()); // total: one more list than elements
        Self::from_points(alpha, lagrange.combine_g1(&columns), beta_g2)
    }
}
