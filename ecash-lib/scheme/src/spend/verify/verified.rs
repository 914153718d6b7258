//! The evidence that a payment verified.

use crate::constants::PAY_INFO_BYTES;

/// A payment whose proof and signatures verified under one key, for the pay info and spend date kept with it. Made by
/// [`crate::VerifyingKey`], [`crate::PaymentBatch`] and [`crate::PaymentStream`] only; the only way to identification and
/// to storage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified<P> {
    payment: P,
    pay_info: [u8; PAY_INFO_BYTES],
    spend_date: u32,
}

impl<P> Verified<P> {
    /// For the verifier, once everything has been checked.
    pub(super) const fn new(payment: P, pay_info: [u8; PAY_INFO_BYTES], spend_date: u32) -> Self {
        Self {
            payment,
            pay_info,
            spend_date,
        }
    }

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
