//! Payments made from nothing: no deposit, no book, no signature of anybody.
//!
//! Every equation is e(h, X̂ + Σ mj·Ŷj + r·Ĝ) = e(S, Ĝ) with mj and r known to the forger. With h = p·G and Σ p = 0 over
//! all equations that are multiplied together, X̂ leaves the product, and what remains is e(Σ p·(Σ mj·Yj + r·G), Ĝ): the
//! Yj stand in the public key. An unweighted product of any two or more equations is therefore worth nothing (F5), be it
//! inside one payment or across a batch (9.3).

use ecash_scheme::Error;
use rand::RngCore;

use super::algebra::{
    DAY, EXPIRATION, G1Affine, Key, PARAMETERS, Pair, Scalar, g, number, random, sum1,
};
use super::prover::{Blindings, Claims, Ticket, forge};
use super::verifier::{Claim, Rule};
use super::world::{NONE, PAY_INFO, WORLD, rng};

/// The known side of an equation: m1 … m4 and the blinding r.
struct Known {
    attributes: [Scalar; 4],
    blinding: Scalar,
}

impl Known {
    /// Σ mj·Yj + r·G.
    fn in_g1(&self, key: &Key) -> G1Affine {
        let mut terms = vec![(self.blinding, g())];
        terms.extend(self.attributes.iter().copied().zip(key.y1.iter().copied()));
        sum1(&terms)
    }
}

/// Signatures (p·G, S) for which the product over all of `equations` is right.
fn signatures(key: &Key, equations: &[Known], rng: &mut impl RngCore) -> Vec<Pair> {
    let mut factors: Vec<Scalar> = equations.iter().skip(1).map(|_| random(rng)).collect();
    factors.insert(0, -factors.iter().fold(Scalar::zero(), |sum, p| sum + p));
    let rest: Vec<(Scalar, G1Affine)> = factors
        .iter()
        .copied()
        .zip(equations.iter().map(|one| one.in_g1(key)))
        .collect();
    let answers: Vec<Scalar> = equations.iter().skip(1).map(|_| random(rng)).collect();
    let others: Vec<G1Affine> = answers.iter().map(|s| sum1(&[(*s, g())])).collect();
    let mut first = rest;
    first.extend(answers.iter().map(|s| (-s, g())));
    let answers = std::iter::once(sum1(&first)).chain(others);
    factors
        .iter()
        .map(|p| sum1(&[(*p, g())]))
        .zip(answers)
        .collect()
}

fn of_payment(claims: &Claims, blindings: &Blindings) -> Vec<Known> {
    let (zero, coin_tag) = (Scalar::zero(), PARAMETERS.coin_tag);
    let e = number(claims.expiration);
    let shown_type = number(claims.ticket_type);
    let book = Known {
        attributes: [claims.u, claims.v, e, shown_type],
        blinding: blindings.r,
    };
    let date = Known {
        attributes: [e, number(EXPIRATION), PARAMETERS.date_tag, zero],
        blinding: blindings.r_e,
    };
    let coins = claims
        .tickets
        .iter()
        .zip(&blindings.r_k)
        .map(|(ticket, r_k)| Known {
            attributes: [ticket.kappa_index, coin_tag, coin_tag, zero],
            blinding: *r_k,
        });
    [book, date].into_iter().chain(coins).collect()
}

/// A user, a book and tickets that exist in the forger's head only.
fn invented(tickets: u64, rng: &mut impl RngCore) -> Claims {
    let u = random(rng);
    let tickets = (0..tickets).map(|k| Ticket::honest(1000 + k, NONE(), u, k));
    Claims {
        u,
        v: random(rng),
        expiration: EXPIRATION + DAY,
        tickets: tickets.collect(),
        book: NONE(),
        date: NONE(),
        ..WORLD.claims(&[])
    }
}

/// Payments of `tickets` tickets each whose equations, all multiplied together, are right.
fn mint(payments: usize, tickets: u64, seed: u64) -> Vec<Claim> {
    let rng = &mut rng(seed);
    let key = &WORLD.issuer.key;
    let made: Vec<_> = (0..payments)
        .map(|_| {
            let claims = Claims {
                count: tickets,
                ..invented(tickets, rng)
            };
            let (draft, blindings) = forge(key, &claims, &PAY_INFO, rng);
            (claims, draft, blindings)
        })
        .collect();
    let equations: Vec<Known> = made
        .iter()
        .flat_map(|(claims, _, blindings)| of_payment(claims, blindings))
        .collect();
    let mut signatures = signatures(key, &equations, rng).into_iter();
    made.into_iter()
        .map(|(_, mut draft, _)| {
            let places = [&mut draft.book, &mut draft.date]
                .into_iter()
                .chain(&mut draft.coins);
            places.for_each(|place| *place = signatures.next().unwrap());
            Claim {
                draft,
                pay_info: PAY_INFO,
                spend_date: EXPIRATION,
            }
        })
        .collect()
}

#[test]
fn a_payment_is_not_minted_from_nothing() {
    for tickets in [1, 2, 5] {
        let forged = mint(1, tickets, tickets);
        WORLD.attack(Rule::Weights, &forged, &[Error::PaymentWalletSignature]);
    }
}

#[test]
fn a_batch_is_not_minted_from_nothing() {
    for payments in [2, 3, 7] {
        let forged = mint(payments, 1, payments as u64);
        let expected = vec![Error::PaymentWalletSignature; payments];
        WORLD.attack(Rule::Weights, &forged, &expected);
    }
}

/// One half of a minted pair is nothing without the other, and nothing with it either.
#[test]
fn each_half_of_a_minted_pair_is_refused_by_itself() {
    let forged = mint(2, 2, 9);
    for half in &forged {
        assert!(
            !WORLD
                .lax(Rule::Weights)
                .accepts(std::slice::from_ref(half), &mut rng(1))
        );
        WORLD.refused(std::slice::from_ref(half), &[Error::PaymentWalletSignature]);
    }
}

/// Coin-index signatures alone, beside an honest ticketbook and date: tickets beyond the fifty.
#[test]
fn tickets_beyond_the_book_are_not_minted_in_pairs() {
    let mut claims = WORLD.claims(&[0, 1]);
    for (k, ticket) in claims.tickets.iter_mut().enumerate() {
        let index = number(50 + k as u64);
        (ticket.index, ticket.kappa_index) = (index, index);
    }
    let (mut draft, blindings) = forge(&WORLD.issuer.key, &claims, &PAY_INFO, &mut rng(1));
    let coins = of_payment(&claims, &blindings).split_off(2);
    draft.coins = signatures(&WORLD.issuer.key, &coins, &mut rng(2));
    let forged = Claim {
        draft,
        pay_info: PAY_INFO,
        spend_date: EXPIRATION,
    };
    WORLD.attack(
        Rule::Weights,
        &[forged],
        &[Error::PaymentCoinSignature { position: 0 }],
    );
}
