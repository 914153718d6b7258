//! Blind signing (spec 3.3) and the public check of a blinded signature.

use crate::curve::{G1Projective, SecretSum, SecretTable, Shape, secret_sums};
use crate::error::{Error, Result};
use crate::keys::{SecretKey, VerificationKey};
use crate::pairing::{g2_combination, product_is_one};
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::signature::BlindedSignature;
use crate::withdrawal::VerifiedRequest;

impl SecretKey {
    /// Signs a verified request: `B = y1·M1 + y2·M2 + (x + E·y3 + t·y4)·h` (spec 3.3), in constant time.
    #[must_use]
    pub fn blind_sign(&self, request: &VerifiedRequest<'_>) -> BlindedSignature {
        let signed = self.blind_sign_all(core::slice::from_ref(request)).pop();
        // total: there is an answer to every request.
        signed.unwrap_or(BlindedSignature {
            h: *request.h(),
            blinded: *request.h(),
        })
    }

    /// [`SecretKey::blind_sign`] for many requests. Cost of each: 128 doublings, about 150 additions and 3 tables of 16
    /// points; additions and tables share inversions.
    #[must_use]
    pub fn blind_sign_all(&self, requests: &[VerifiedRequest<'_>]) -> Vec<BlindedSignature> {
        let [y1, y2, y3, y4] = &self.y;
        let points: Vec<_> = requests
            .iter()
            .flat_map(|request| {
                let [m1, m2] = request.commitments();
                [m1.0, m2.0, request.h().0]
            })
            .collect();
        let tables = SecretTable::new(&points, Shape::ONCE);
        let sums: Vec<SecretSum<'_, G1Projective>> = tables
            .as_chunks()
            .0
            .iter()
            .zip(requests)
            .map(|([m1, m2, h], request)| {
                let attributes = &(y3 * Scalar::from(request.expiration()))
                    + &(y4 * Scalar::from(request.ticket_type()));
                SecretSum::new()
                    .term(m1, y1)
                    .term(m2, y2)
                    .term(h, &(&self.x + &attributes))
            })
            .collect();
        secret_sums(&sums)
            .into_iter()
            .zip(requests)
            .map(|(blinded, request)| BlindedSignature {
                h: *request.h(),
                blinded: G1(blinded),
            })
            .collect()
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
