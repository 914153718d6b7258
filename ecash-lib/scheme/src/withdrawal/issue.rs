//! Blind signing (spec 3.3) and the public check of a blinded signature.

use crate::error::{Error, Result};
use crate::keys::{SecretKey, VerificationKey};
use crate::pairing::{g2_combination, product_is_one};
use crate::point::G2;
use crate::scalar::Scalar;
use crate::secret_products::g1_secret_combination;
use crate::signature::BlindedSignature;
use crate::withdrawal::VerifiedRequest;

impl SecretKey {
    /// Signs a verified request: `B = y1·M1 + y2·M2 + (x + E·y3 + t·y4)·h` (spec 3.3), in constant time.
    #[must_use]
    pub fn blind_sign(&self, request: &VerifiedRequest<'_>) -> BlindedSignature {
        let h = *request.h();
        let [m1, m2] = request.commitments();
        let [y1, y2, y3, y4] = &self.y;
        let attributes = &(y3 * Scalar::from(request.expiration()))
            + &(y4 * Scalar::from(request.ticket_type()));
        let blinded =
            g1_secret_combination(None, [(m1, y1), (m2, y2), (h, &(&self.x + &attributes))]);
        BlindedSignature { h, blinded }
    }
}

impl BlindedSignature {
    /// Checks, without any secret, that the owner of `key` made this signature for `request`:
    /// `e(B, Ĝ) = e(h, X̂ + E·Ŷ3 + t·Ŷ4) · e(M1, Ŷ1) · e(M2, Ŷ2)` (spec 3.3). Cost: 4 Miller loops.
    ///
    /// # Errors
    /// [`Error::WrongBase`], [`Error::Infinity`], [`Error::BlindedSignature`].
    pub fn verify(&self, request: &VerifiedRequest<'_>, key: &VerificationKey) -> Result<()> {
        self.check(request.h())?;
        let [m1, m2] = request.commitments();
        let [y1, y2, y3, y4] = key.y_g2();
        let attributes = g2_combination(
            &[request.expiration().into(), request.ticket_type().into()],
            &[y3, y4],
        );
        let public = key.alpha.projective() + attributes;
        let holds = product_is_one(&[
            (self.h.projective(), public),
            (m1.projective(), y1.projective()),
            (m2.projective(), y2.projective()),
            (-self.blinded.projective(), G2::generator().projective()),
        ]);
        if holds {
            Ok(())
        } else {
            Err(Error::BlindedSignature)
        }
    }
}
