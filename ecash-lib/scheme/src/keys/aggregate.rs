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
        let first = shares.first().map_or(0, |(_, key)| key.elements());
        if let Some((_, other)) = shares.iter().find(|(_, key)| key.elements() != first) {
            return Err(Error::KeySizesDiffer {
                first,
                other: other.elements(),
            });
        }
        let lagrange = Lagrange::at_zero(&indices);
        let alphas: Vec<G2> = shares.iter().map(|(_, key)| key.alpha).collect();
        let column_g1 = |j: usize| -> Vec<G1> {
            shares
                .iter()
                .filter_map(|(_, key)| key.beta_g1.get(j).copied())
                .collect()
        };
        let column_g2 = |j: usize| -> Vec<G2> {
            shares
                .iter()
                .filter_map(|(_, key)| key.beta_g2.get(j).copied())
                .collect()
        };
        Self::from_points(
            lagrange.combine_g2(&alphas),
            (0..first)
                .map(|j| lagrange.combine_g1(&column_g1(j)))
                .collect(),
            (0..first)
                .map(|j| lagrange.combine_g2(&column_g2(j)))
                .collect(),
        )
    }
}
