//! A piece of work: payments that are verified in one go, from bytes to [`Verified`].

use rand_core::{CryptoRng, RngCore};

use crate::constants::PAY_INFO_BYTES;
use crate::dates::check_midnight;
use crate::error::{Error, Result};
use crate::spend::unchecked::OnCurvePayment;
use crate::spend::verify::equations::refusals;
use crate::spend::verify::prepared::Prepared;
use crate::spend::verify::proof::proofs_hold;
use crate::spend::verify::{Claim, Verified, VerifyingKey};
use crate::spend::{Payment, parts};

/// A payment whose points and scalars are decoded.
pub(super) struct Decoded {
    key: VerifyingKey,
    payment: Payment,
    pay_info: [u8; PAY_INFO_BYTES],
    spend_date: u32,
}

impl Decoded {
    pub(super) const fn new(
        key: VerifyingKey,
        payment: Payment,
        pay_info: [u8; PAY_INFO_BYTES],
        spend_date: u32,
    ) -> Self {
        Self {
            key,
            payment,
            pay_info,
            spend_date,
        }
    }

    pub(super) fn key(&self) -> &Prepared {
        &self.key.0
    }

    pub(super) const fn parts(&self) -> &parts::Parts<parts::Decoded> {
        self.payment.parts()
    }

    pub(super) const fn pay_info(&self) -> &[u8; PAY_INFO_BYTES] {
        &self.pay_info
    }

    pub(super) const fn spend_date(&self) -> u32 {
        self.spend_date
    }
}

/// Decodes and verifies; result i is that of claim i.
pub(in crate::spend) fn verify_chunk<R: RngCore + CryptoRng + ?Sized>(
    claims: Vec<Claim>,
    rng: &mut R,
) -> Vec<Result<Verified<Payment>>> {
    let on_curve = claims
        .into_iter()
        .map(|claim| claim.payment.on_curve().map(|payment| (claim, payment)))
        .collect();
    on_the_good(on_curve, |on_curve| {
        let (claims, payments): (Vec<_>, Vec<_>) = on_curve.into_iter().unzip();
        let decoded = OnCurvePayment::check_all(&payments, rng)
            .into_iter()
            .zip(claims)
            .map(|(payment, claim)| {
                payment.map(|payment| {
                    Decoded::new(claim.key, payment, claim.pay_info, claim.spend_date)
                })
            })
            .collect();
        on_the_good(decoded, |decoded| verify_decoded(decoded, rng))
    })
}

/// Verifies; result i is that of payment i.
pub(super) fn verify_decoded<R: RngCore + CryptoRng + ?Sized>(
    payments: Vec<Decoded>,
    rng: &mut R,
) -> Vec<Result<Verified<Payment>>> {
    let dated = payments
        .into_iter()
        .map(|payment| check_midnight(payment.spend_date).map(|()| payment))
        .collect();
    on_the_good(dated, |payments| {
        let hold = proofs_hold(&payments);
        let proven = payments
            .into_iter()
            .zip(hold)
            .map(|(payment, holds)| {
                if holds {
                    Ok(payment)
                } else {
                    Err(Error::PaymentProof)
                }
            })
            .collect();
        on_the_good(proven, |payments| {
            let refusals = refusals(&payments, rng);
            payments
                .into_iter()
                .zip(refusals)
                .map(|(payment, refusal)| match refusal {
                    Some(error) => Err(error),
                    None => Ok(Verified::new(
                        payment.payment,
                        payment.pay_info,
                        payment.spend_date,
                    )),
                })
                .collect()
        })
    })
}

/// Takes the good ones through `stage` together, and puts its results where they were.
fn on_the_good<T, U>(
    results: Vec<Result<T>>,
    stage: impl FnOnce(Vec<T>) -> Vec<Result<U>>,
) -> Vec<Result<U>> {
    let mut good = Vec::with_capacity(results.len());
    let places: Vec<Result<()>> = results
        .into_iter()
        .map(|result| result.map(|item| good.push(item)))
        .collect();
    let mut done = stage(good).into_iter();
    places
        .into_iter()
        .map(|place| place.and_then(|()| done.next().unwrap_or(Err(Error::PaymentProof)))) // total: one result for each good one
        .collect()
}
