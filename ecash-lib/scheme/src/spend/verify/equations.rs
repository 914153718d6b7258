//! The pairing equations of payments, merged with random weights; on failure the bad payments are found by bisection.

use rand_core::{CryptoRng, RngCore};

use crate::error::Error;
use crate::pairing::{Equation, all_hold, g2_combination};
use crate::spend::parts;
use crate::spend::verify::chunk::Decoded;

/// For each payment, why its equations do not hold, if they do not.
pub(super) fn refusals<R: RngCore + CryptoRng + ?Sized>(
    payments: &[Decoded],
    rng: &mut R,
) -> Vec<Option<Error>> {
    let equations: Vec<Vec<Equation>> = payments.iter().map(equations).collect();
    let mut refusals = vec![None; payments.len()];
    if !all_hold(&equations.concat(), rng) {
        for ((refusal, equations), payment) in refusals.iter_mut().zip(&equations).zip(payments) {
            if !all_hold(equations, rng) {
                *refusal = Some(false_equation(equations, payment.spend_date()));
            }
        }
    }
    refusals
}

/// Ticketbook: `e(h', K̂ + t·Ŷ4) = e(S', Ĝ)`; date: `e(h'_e, K̂_e + d·Ŷ2 + τE·Ŷ3) = e(S'_e, Ĝ)`; each ticket:
/// `e(ω_k.h, K̂_k + τI·(Ŷ2 + Ŷ3)) = e(ω_k.S, Ĝ)`.
fn equations(payment: &Decoded) -> Vec<Equation> {
    let parts = payment.parts();
    let key = payment.key();
    let [_, y2, _, _] = key.key.y_g2();
    let wallet = Equation {
        h: parts.wallet.h,
        q: parts.kappa.projective() + key.type_term(parts.ticket_type),
        s: parts.wallet.s,
    };
    let date = Equation {
        h: parts.date.h,
        q: parts.kappa_e.projective()
            + g2_combination(&[payment.spend_date().into()], &[y2])
            + key.date_term,
        s: parts.date.s,
    };
    let coin = |ticket: &parts::Ticket<parts::Decoded>| Equation {
        h: ticket.omega.h,
        q: ticket.kappa.projective() + key.coin_term,
        s: ticket.omega.s,
    };
    [wallet, date]
        .into_iter()
        .chain(parts.tickets.iter().map(coin))
        .collect()
}

/// Names the first equation that does not hold by itself.
fn false_equation(equations: &[Equation], spend_date: u32) -> Error {
    match equations.iter().position(|equation| !equation.holds()) {
        Some(0) | None => Error::PaymentWalletSignature,
        Some(1) => Error::PaymentDateSignature { date: spend_date },
        Some(coin) => Error::PaymentCoinSignature { position: coin - 2 },
    }
}
