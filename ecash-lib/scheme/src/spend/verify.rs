//! The strict verifier (spec 5.7, steps 7 and 8; the earlier ones are what makes a [`Payment`]).

use rand_core::{CryptoRng, RngCore};

use crate::constants::PAY_INFO_BYTES;
use crate::curve::G2Projective;
use crate::dates::check_midnight;
use crate::error::{Error, Result};
use crate::hash::pay_info_hash;
use crate::keys::VerificationKey;
use crate::pairing::{Equation, all_hold, g1_combination, g2_combination};
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::public::coin_index_term;
use crate::scalar::Scalar;
use crate::spend::Payment;
use crate::spend::parts::{Decoded, Parts, Ticket};
use crate::spend::transcript::{Commitments, Statement, TicketCommitments, Transcript};

/// A master key prepared for verifying payments: made once for each epoch.
#[derive(Clone)]
pub struct VerifyingKey {
    key: VerificationKey,
    transcript: Transcript,
    /// τI·(Ŷ2 + Ŷ3).
    coin_term: G2Projective,
    /// τE·Ŷ3.
    date_term: G2Projective,
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
        let [_, _, y3, _] = key.y_g2();
        Self {
            key: key.clone(),
            transcript: Transcript::new(key),
            coin_term: coin_index_term(key),
            date_term: g2_combination(&[parameters().date_tag], &[y3]),
        }
    }

    /// The master key.
    #[must_use]
    pub const fn key(&self) -> &VerificationKey {
        &self.key
    }

    /// Verifies one payment for a pay info and a spend date (unix seconds of a midnight): the proof (spec 5.6), then its
    /// n + 2 pairing equations, merged with fresh weights. A false equation survives with probability at most 2⁻¹²⁸.
    /// Cost: n + 3 Miller loops, 1 final exponentiation.
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
        check_midnight(spend_date)?;
        let parts = payment.parts();
        self.check_proof(parts, pay_info)?;
        let equations = self.equations(parts, spend_date);
        if !all_hold(&equations, rng) {
            return Err(false_equation(&equations, spend_date));
        }
        Ok(Verified {
            payment,
            pay_info: *pay_info,
            spend_date,
        })
    }

    /// Recomputes every commitment from challenge and responses, and compares the challenge (spec 5.6).
    fn check_proof(&self, parts: &Parts<Decoded>, pay_info: &[u8; PAY_INFO_BYTES]) -> Result<()> {
        let commitments = self.commitments(parts, pay_info);
        let expected = self
            .transcript
            .challenge(&Statement::from(parts), &commitments, pay_info);
        if expected == parts.proof.challenge {
            Ok(())
        } else {
            Err(Error::PaymentProof)
        }
    }

    fn commitments(&self, parts: &Parts<Decoded>, pay_info: &[u8; PAY_INFO_BYTES]) -> Commitments {
        let proof = &parts.proof;
        let c = proof.challenge;
        let not_c = Scalar::ONE - c;
        let [z_u, z_v, z_e] = proof.attributes;
        let g = G1::generator();
        let g2 = G2::generator();
        let alpha = self.key.alpha;
        let [y1, y2, y3, _] = self.key.y_g2();
        let [_, gamma2, _, _] = parameters().gamma;
        Commitments {
            kappa: g2_combination(
                &[c, not_c, proof.r, z_u, z_v, z_e],
                &[parts.kappa, alpha, g2, y1, y2, y3],
            ),
            kappa_e: g2_combination(&[c, not_c, z_e, proof.r_e], &[parts.kappa_e, alpha, y1, g2]),
            commitment: g1_combination(&[c, proof.o_c, z_v], &[parts.commitment, g, gamma2]),
            tickets: (0..)
                .zip(&parts.tickets)
                .map(|(position, ticket)| {
                    let z = &ticket.responses;
                    let pay_info_hash = pay_info_hash(pay_info, position);
                    let sum = ticket.commitment.projective() + parts.commitment.0 + gamma2.0;
                    TicketCommitments {
                        commitment: g1_combination(
                            &[c, z.opening, z.index],
                            &[ticket.commitment, g, gamma2],
                        ),
                        serial: g1_combination(&[c, z.mu], &[ticket.serial, parameters().delta]),
                        kappa: g2_combination(
                            &[c, not_c, z.index, z.r],
                            &[ticket.kappa, alpha, y1, g2],
                        ),
                        product: g1_combination(&[z.mu, z.product, c], &[sum.into(), g, gamma2]),
                        tag: g1_combination(&[c, z_u + pay_info_hash * z.mu], &[ticket.tag, g]),
                    }
                })
                .collect(),
        }
    }

    /// Ticketbook: `e(h', K̂ + t·Ŷ4) = e(S', Ĝ)`; date: `e(h'_e, K̂_e + d·Ŷ2 + τE·Ŷ3) = e(S'_e, Ĝ)`; each ticket:
    /// `e(ω_k.h, K̂_k + τI·(Ŷ2 + Ŷ3)) = e(ω_k.S, Ĝ)`.
    fn equations(&self, parts: &Parts<Decoded>, spend_date: u32) -> Vec<Equation> {
        let [_, y2, _, y4] = self.key.y_g2();
        let wallet = Equation {
            h: parts.wallet.h,
            q: parts.kappa.projective() + g2_combination(&[parts.ticket_type.into()], &[y4]),
            s: parts.wallet.s,
        };
        let date = Equation {
            h: parts.date.h,
            q: parts.kappa_e.projective()
                + g2_combination(&[spend_date.into()], &[y2])
                + self.date_term,
            s: parts.date.s,
        };
        let coin = |ticket: &Ticket<Decoded>| Equation {
            h: ticket.omega.h,
            q: ticket.kappa.projective() + self.coin_term,
            s: ticket.omega.s,
        };
        [wallet, date]
            .into_iter()
            .chain(parts.tickets.iter().map(coin))
            .collect()
    }
}

/// Names the first equation that does not hold by itself.
fn false_equation(equations: &[Equation], spend_date: u32) -> Error {
    match equations.iter().position(|equation| !equation.holds()) {
        Some(0) | None => Error::PaymentWalletSignature,
        Some(1) => Error::PaymentDateSignature { date: spend_date },
        Some(coin) => Error::PaymentCoinSignature { position: coin - 2 },
    }
}

impl core::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("VerifyingKey").field(&self.key).finish()
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
