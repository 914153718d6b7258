//! The trusted dealer (spec 2.1): for tests and for networks that have not held a key-generation ceremony.

use rand_core::{CryptoRng, RngCore};

use crate::error::Result;
use crate::keys::{SecretKey, VerificationKey};

/// Deals shares of a fresh key with four elements y to the signers `indices`: the master verification key, and one secret
/// key per index. Any `threshold` shares make the key.
///
/// # Errors
/// [`crate::Error::BadThreshold`] if the threshold is 0 or above the number of signers, [`crate::Error::DuplicateIndex`],
/// [`crate::Error::ZeroIndex`].
pub fn deal<R: RngCore + CryptoRng + ?Sized>(
    threshold: u64,
    indices: &[u64],
    rng: &mut R,
) -> Result<(VerificationKey, Vec<(u64, SecretKey)>)> {
    let _ = (threshold, indices, rng);
    todo!()
}
