//! Sets of signatures that differ in one attribute: verified in three Miller loops, whatever their number (spec 9.4, 9.5).

use core::ops::Range;

use rand_core::{CryptoRng, RngCore};

use crate::curve::G2Projective;
use crate::error::{Error, Result};
use crate::keys::{VerificationKey, check_indices, lagrange_at_zero};
use crate::pairing::{g1_combination, product_is_one, random_weights};
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::signature::Signature;

/// The part common to all signatures of a set under one key: `(Â, Ŷ)` with `e(hₖ, Â + mₖ·Ŷ) = e(Sₖ, Ĝ)`.
type Common = dyn Fn(&VerificationKey) -> (G2Projective, G2);

/// What the signatures of a set are about: entry k has the base hₖ and the attribute mₖ.
pub(super) struct Statements {
    /// Name of the set in errors.
    pub(super) what: &'static str,
    /// hₖ.
    pub(super) bases: Vec<G1>,
    /// mₖ, the attribute in which the entries differ.
    pub(super) attributes: Vec<Scalar>,
    pub(super) common: Box<Common>,
}

impl Statements {
    /// Verifies the set: `e(Σ ρₖ·hₖ, Â) · e(Σ ρₖ·mₖ·hₖ, Ŷ) · e(−Σ ρₖ·Sₖ, Ĝ) = 1` with fresh weights.
    ///
    /// # Errors
    /// [`Error::BadEntry`] with the first position that does not verify.
    pub(super) fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        signatures: &[Signature],
        key: &VerificationKey,
        rng: &mut R,
    ) -> Result<()> {
        self.check_bases(signatures)?;
        let common = (self.common)(key);
        match self.first_bad(signatures, &common, 0..signatures.len(), rng) {
            None => Ok(()),
            Some(position) => Err(Error::BadEntry {
                what: self.what,
                position,
            }),
        }
    }

    /// Lagrange combination of the signers' sets, verified under `master`. The bases are the recomputed ones.
    ///
    /// # Errors
    /// Those of the indices; [`Error::BadShares`] names every signer whose set does not verify under its key.
    pub(super) fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        &self,
        shares: &[(u64, &VerificationKey, Vec<Signature>)],
        threshold: u64,
        master: &VerificationKey,
        rng: &mut R,
    ) -> Result<Vec<Signature>> {
        let indices: Vec<u64> = shares.iter().map(|(index, ..)| *index).collect();
        check_indices(&indices, threshold)?;
        let coefficients = lagrange_at_zero(&indices);
        let aggregated: Vec<Signature> = self
            .bases
            .iter()
            .enumerate()
            .map(|(position, h)| {
                let answers: Vec<G1> = shares
                    .iter()
                    .filter_map(|(.., set)| set.get(position))
                    .map(|signature| signature.s)
                    .collect();
                Signature {
                    h: *h,
                    s: g1_combination(&coefficients, &answers).into(),
                }
            })
            .collect();
        let bases_fit = shares.iter().all(|(.., set)| self.check_bases(set).is_ok());
        if bases_fit && self.verify(&aggregated, master, rng).is_ok() {
            return Ok(aggregated);
        }
        let mut signers = Vec::new();
        for (index, key, set) in shares {
            if self.verify(set, key, rng).is_err() {
                signers.push(*index);
            }
        }
        if signers.is_empty() {
            Err(Error::WrongMasterKey { what: self.what })
        } else {
            Err(Error::BadShares {
                what: self.what,
                signers,
            })
        }
    }

    /// Every received h must be the recomputed one, and no S infinity (spec 8.2, R14).
    fn check_bases(&self, signatures: &[Signature]) -> Result<()> {
        if signatures.len() != self.bases.len() {
            return Err(Error::WrongLength {
                what: self.what,
                expected: self.bases.len(),
                got: signatures.len(),
            });
        }
        let wrong = |(signature, base): (&Signature, &G1)| {
            signature.h != *base || signature.s.is_infinity()
        };
        match signatures.iter().zip(&self.bases).position(wrong) {
            None => Ok(()),
            Some(position) => Err(Error::BadEntry {
                what: self.what,
                position,
            }),
        }
    }

    /// The first entry of `range` that does not verify, found by halving.
    fn first_bad<R: RngCore + CryptoRng + ?Sized>(
        &self,
        signatures: &[Signature],
        common: &(G2Projective, G2),
        range: Range<usize>,
        rng: &mut R,
    ) -> Option<usize> {
        if self.holds(signatures, common, &range, rng) {
            return None;
        }
        if range.len() <= 1 {
            return Some(range.start);
        }
        let middle = range.start.midpoint(range.end);
        self.first_bad(signatures, common, range.start..middle, rng)
            .or_else(|| self.first_bad(signatures, common, middle..range.end, rng))
    }

    fn holds<R: RngCore + CryptoRng + ?Sized>(
        &self,
        signatures: &[Signature],
        (constant, varying): &(G2Projective, G2),
        range: &Range<usize>,
        rng: &mut R,
    ) -> bool {
        let within = |position: &usize| range.contains(position);
        let bases: Vec<G1> = (0..)
            .zip(&self.bases)
            .filter(|(k, _)| within(k))
            .map(|(_, h)| *h)
            .collect();
        let attributes = (0..)
            .zip(&self.attributes)
            .filter(|(k, _)| within(k))
            .map(|(_, m)| *m);
        let answers: Vec<G1> = (0..)
            .zip(signatures)
            .filter(|(k, _)| within(k))
            .map(|(_, signature)| signature.s)
            .collect();
        let weights = random_weights(range.len(), rng);
        let multiples: Vec<Scalar> = attributes
            .zip(&weights)
            .map(|(m, weight)| m * *weight)
            .collect();
        product_is_one(&[
            (g1_combination(&weights, &bases), *constant),
            (g1_combination(&multiples, &bases), varying.projective()),
            (
                -g1_combination(&weights, &answers),
                G2::generator().projective(),
            ),
        ])
    }
}
