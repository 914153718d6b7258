//! The strict verifier (spec 5.7).

use rand_core::{CryptoRng, RngCore};

use crate::constants::PAY_INFO_BYTES;
use crate::error::Result;
use crate::keys::VerificationKey;
use crate::spend::Payment;

/// A master key prepared for verifying payments: made once for each epoch.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    key: VerificationKey,
}

/// A payment whose proof and signatures verified under one key, for the pay info and spend date kept with it. Made by
/// [`VerifyingKey::verify`] only; the only way to identification and to storage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified<P> {
    payment: P,
    pay_info: [u8; PAY_INFO_BYTES],
    spend_date: u32,
}

impl VerifyingKey {
    /// Prepares a master key.
    #[must_use]
    pub fn new(key: &VerificationKey) -> Self {
        Self { key: key.clone() }
    }

    /// The master key.
    #[must_use]
    pub const fn key(&self) -> &VerificationKey {
        &self.key
    }

    /// Verifies one payment for a pay info and a spend date (unix seconds of a midnight).
    ///
    /// # Errors
    /// [`crate::Error::PaymentProof`], [`crate::Error::PaymentWalletSignature`], [`crate::Error::PaymentDateSignature`],
    /// [`crate::Error::PaymentCoinSignature`], [`crate::Error::NotMidnight`].
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        payment: Payment,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        rng: &mut R,
    ) -> Result<Verified<Payment>> {
        let _ = (payment, pay_info, spend_date, rng);
        todo!()
    }
}

impl<P> Verified<P> {
    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &P {
        &self.payment
    }

    /// The payment, giving up the evidence that it verified.
    #[must_use]
    pub fn into_payment(self) -> P {
        self.payment
    }

    /// The pay info it verified for.
    #[must_use]
    pub const fn pay_info(&self) -> &[u8; PAY_INFO_BYTES] {
        &self.pay_info
    }

    /// The spend date it verified for, unix seconds.
    #[must_use]
    pub const fn spend_date(&self) -> u32 {
        self.spend_date
    }
}
