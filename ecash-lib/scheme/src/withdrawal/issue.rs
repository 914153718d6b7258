//! Blind signing (spec 3.3) and the public check of a blinded signature.

use crate::error::Result;
use crate::keys::{SecretKey, VerificationKey};
use crate::signature::BlindedSignature;
use crate::withdrawal::VerifiedRequest;

impl SecretKey {
    /// Signs a verified request: `B = y1·M1 + y2·M2 + (x + E·y3 + t·y4)·h` (spec 3.3), in constant time.
    #[must_use]
    pub fn blind_sign(&self, request: &VerifiedRequest<'_>) -> BlindedSignature {
        let _ = request;
        todo!()
    }
}

impl BlindedSignature {
    /// Checks, without any secret, that `key`'s owner made this signature for `request`:
    /// `e(B, Ĝ) = e(h, X̂ + E·Ŷ3 + t·Ŷ4) · e(M1, Ŷ1) · e(M2, Ŷ2)` (spec 3.3). Cost: 4 Miller loops.
    ///
    /// # Errors
    /// [`crate::Error::WrongBase`], [`crate::Error::Infinity`], [`crate::Error::BlindedSignature`].
    pub fn verify(&self, request: &VerifiedRequest<'_>, key: &VerificationKey) -> Result<()> {
        let _ = (request, key);
        todo!()
    }
}
