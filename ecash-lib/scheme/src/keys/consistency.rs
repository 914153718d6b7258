//! Whether keys are what they claim: consistency of one key (spec 2.5) and of all shares of an epoch (`dkg.md` 10.2).

use rand_core::{CryptoRng, RngCore};

use crate::error::Result;
use crate::keys::VerificationKey;

impl VerificationKey {
    /// Checks `e(Yj, Ĝ) = e(G, Ŷj)` for every j, merged with random weights (spec 2.5). Cost: 2 Miller loops.
    ///
    /// # Errors
    /// [`crate::Error::InconsistentKey`]; [`crate::Error::Infinity`] if an element is infinity.
    pub fn check_consistency<R: RngCore + CryptoRng + ?Sized>(&self, rng: &mut R) -> Result<()> {
        let _ = rng;
        todo!()
    }
}

/// Checks that all `shares` (signer index, key) lie on one polynomial of degree threshold − 1 in every element, so that
/// any `threshold` of them give the same master key. Random weights; false shares pass with probability ≤ 2⁻¹²⁸.
///
/// # Errors
/// [`crate::Error::NotOnePolynomial`], and those of [`VerificationKey::aggregate`].
pub fn check_polynomial<R: RngCore + CryptoRng + ?Sized>(
    shares: &[(u64, &VerificationKey)],
    threshold: u64,
    rng: &mut R,
) -> Result<()> {
    let _ = (shares, threshold, rng);
    todo!()
}
