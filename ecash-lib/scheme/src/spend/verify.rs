//! The strict verifier (spec 5.7): syntax and shape were checked on the bytes; here are points and scalars, the proof, the
//! pairing equations.

mod chunk;
mod equations;
mod prepared;
mod proof;
mod verified;

use std::sync::Arc;

use rand_core::{CryptoRng, RngCore};

use crate::constants::PAY_INFO_BYTES;
use crate::error::{Error, Result};
use crate::keys::VerificationKey;
use crate::spend::{Payment, UncheckedPayment};

pub(super) use chunk::verify_chunk;
pub use prepared::Preparation;
use prepared::Prepared;
pub use verified::Verified;

/// A master key prepared for verifying payments: made once for each epoch. A clone shares what was prepared.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Prepared>);

/// One payment with all that its verification depends on.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The master key of the epoch that it names.
    pub key: VerifyingKey,
    /// The payment.
    pub payment: UncheckedPayment,
    /// The pay info it was made for.
    pub pay_info: [u8; PAY_INFO_BYTES],
    /// The date it is spent on, unix seconds of a midnight.
    pub spend_date: u32,
}

impl VerifyingKey {
    /// Prepares a master key with [`Preparation::Default`].
    #[must_use]
    pub fn new(key: &VerificationKey) -> Self {
        Self::prepare(key, Preparation::Default)
    }

    /// Prepares a master key with tables of a size of the caller's choice.
    #[must_use]
    pub fn prepare(key: &VerificationKey, preparation: Preparation) -> Self {
        Self(Arc::new(Prepared::new(key, preparation)))
    }

    /// The master key.
    #[must_use]
    pub fn key(&self) -> &VerificationKey {
        &self.0.key
    }

    /// Memory of the tables, in bytes: those of this key, and those of the generators, which all keys of one
    /// [`Preparation`] share.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.0.size_bytes()
    }

    /// Verifies one payment from its bytes, for a pay info and a spend date (unix seconds of a midnight): strict decoding,
    /// then as [`VerifyingKey::verify`]. Soundness and cost: [`crate::spend`].
    ///
    /// # Errors
    /// [`Error::BadPoint`], [`Error::BadScalar`] and those of [`VerifyingKey::verify`].
    pub fn verify_unchecked<R: RngCore + CryptoRng + ?Sized>(
        &self,
        payment: UncheckedPayment,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        rng: &mut R,
    ) -> Result<Verified<Payment>> {
        let claim = Claim {
            key: self.clone(),
            payment,
            pay_info: *pay_info,
            spend_date,
        };
        only(chunk::verify_chunk(vec![claim], rng))
    }

    /// Verifies one decoded payment for a pay info and a spend date (unix seconds of a midnight): the proof (spec 5.6),
    /// then its n + 2 pairing equations, merged with fresh weights. A false equation survives with probability at most
    /// 2⁻¹²⁸, because decoding put every point into its subgroup. Cost: n + 3 Miller loops, 1 final exponentiation.
    ///
    /// # Errors
    /// [`Error::NotMidnight`], [`Error::PaymentProof`]; [`Error::PaymentWalletSignature`],
    /// [`Error::PaymentDateSignature`], [`Error::PaymentCoinSignature`] for the first equation that is false.
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        payment: Payment,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        rng: &mut R,
    ) -> Result<Verified<Payment>> {
        let decoded = chunk::Decoded::new(self.clone(), payment, *pay_info, spend_date);
        only(chunk::verify_decoded(vec![decoded], rng))
    }
}

/// The one result of a piece with one payment.
fn only(results: Vec<Result<Verified<Payment>>>) -> Result<Verified<Payment>> {
    results
        .into_iter()
        .next()
        .unwrap_or(Err(Error::PaymentProof)) // total: one payment in, one result out
}

impl core::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("VerifyingKey").field(&self.0.key).finish()
    }
}
