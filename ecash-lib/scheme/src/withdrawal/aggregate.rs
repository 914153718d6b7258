//! Unblinding and checking one share (spec 3.4), and aggregating shares to wallet signatures (3.5).

use zeroize::Zeroizing;

use crate::error::Result;
use crate::keys::{UserSecretKey, VerificationKey};
use crate::point::G1;
use crate::scalar::SecretScalar;
use crate::signature::BlindedSignature;
use crate::spend::WalletSignatures;
use crate::withdrawal::RequestInfo;

/// One signer's share of a wallet. 200 bytes. Wiped when dropped.
#[derive(Clone)]
pub struct PartialWallet {
    pub(crate) h: G1,
    pub(crate) s: G1,
    pub(crate) v: SecretScalar,
    pub(crate) expiration: u32,
    pub(crate) ticket_type: u8,
    pub(crate) index: u64,
}

impl RequestInfo {
    /// Unblinds signer `index`'s answer, `S = B − o1·Y1 − o2·Y2`, and verifies it under that signer's key:
    /// `e(h, X̂ + u·Ŷ1 + v·Ŷ2 + E·Ŷ3 + t·Ŷ4) = e(S, Ĝ)` (spec 3.4). Cost: 2 Miller loops.
    ///
    /// # Errors
    /// [`crate::Error::WrongBase`], [`crate::Error::Infinity`], [`crate::Error::ZeroIndex`], [`crate::Error::WalletShare`].
    pub fn unblind(
        &self,
        user: &UserSecretKey,
        blinded: &BlindedSignature,
        key: &VerificationKey,
        index: u64,
    ) -> Result<PartialWallet> {
        let _ = (user, blinded, key, index);
        todo!()
    }

    /// Aggregates at least `threshold` shares and verifies the result under the master key (spec 3.5). Which shares were
    /// combined does not show in the result.
    ///
    /// # Errors
    /// [`crate::Error::TooFewShares`], [`crate::Error::DuplicateIndex`], [`crate::Error::ZeroIndex`],
    /// [`crate::Error::Infinity`], [`crate::Error::WrongBase`], [`crate::Error::WalletSignature`].
    pub fn aggregate(
        &self,
        user: &UserSecretKey,
        shares: &[PartialWallet],
        threshold: u64,
        master: &VerificationKey,
    ) -> Result<WalletSignatures> {
        let _ = (user, shares, threshold, master);
        todo!()
    }
}

impl PartialWallet {
    /// The signer's index.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// `enc(h) ‖ enc(S) ‖ enc(v) ‖ enc(E as scalar) ‖ enc(t as scalar) ‖ LE64(index)`, 200 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        todo!()
    }

    /// Reads the 200 bytes.
    ///
    /// # Errors
    /// [`crate::Error::WrongLength`], [`crate::Error::BadPoint`], [`crate::Error::BadScalar`],
    /// [`crate::Error::OutOfRange`] if E or t does not fit its integer, [`crate::Error::ZeroIndex`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let _ = bytes;
        todo!()
    }
}
