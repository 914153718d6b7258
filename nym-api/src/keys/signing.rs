//! A key at work. Nothing here gives the secret out: it leaves as a signature only.

use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, VerificationKey,
    VerifiedRequest,
};
use ecash_ticketbook::{EcashDate, EpochId, NodeIndex};

use super::share::{MasterPoints, ShareRecord};
use crate::error::Result;

/// This member's share of one epoch's key, ready to sign.
pub struct SigningKey {
    record: ShareRecord,
    verification_key: VerificationKey,
}

impl SigningKey {
    /// Takes over a share that was read from its file.
    #[must_use]
    pub fn new(record: ShareRecord) -> Self {
        let verification_key = record.secret.verification_key();
        Self {
            record,
            verification_key,
        }
    }

    /// Epoch of the key.
    #[must_use]
    pub fn epoch(&self) -> EpochId {
        self.record.epoch
    }

    /// This member's node index in the epoch.
    #[must_use]
    pub fn index(&self) -> NodeIndex {
        self.record.index
    }

    /// Shares that make the master key.
    #[must_use]
    pub fn threshold(&self) -> u64 {
        self.record.threshold
    }

    /// The public part of the share.
    #[must_use]
    pub fn verification_key(&self) -> &VerificationKey {
        &self.verification_key
    }

    /// The master key's points that came with the share.
    #[must_use]
    pub fn master(&self) -> &MasterPoints {
        &self.record.master
    }

    /// Signs a withdrawal request whose proof verified: `B = y₁M₁ + y₂M₂ + (x + E·y₃ + t·y₄)h` (`ecash-scheme.md` 3.3).
    #[must_use]
    pub fn blind_sign(&self, request: &VerifiedRequest<'_>) -> BlindedSignature {
        self.record.secret.blind_sign(request)
    }

    /// Signs the seven spend dates of an expiration date (`ecash-scheme.md` 4.1).
    ///
    /// # Errors
    /// [`crate::Error::Scheme`] for a date before 1970-01-07.
    pub fn sign_dates(&self, expiration: EcashDate) -> Result<DateSignatures> {
        Ok(self.record.secret.sign_dates(expiration.unix())?)
    }

    /// Signs the fifty ticket indices (`ecash-scheme.md` 4.2).
    #[must_use]
    pub fn sign_coin_indices(&self, bases: &CoinIndexBases) -> CoinIndexSignatures {
        self.record.secret.sign_coin_indices(bases)
    }
}

impl std::fmt::Debug for SigningKey {
    /// Names epoch and node index; never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("epoch", &self.record.epoch)
            .field("index", &self.record.index)
            .finish_non_exhaustive()
    }
}
