//! The prover (spec 5.3, 5.4). Every scalar here is secret, E, ℓ and μ too: their leak would cost unlinkability. All
//! multiplications are constant-time.

use crate::constants::PAY_INFO_BYTES;
use crate::curve::{G1Projective, G2Projective, g1_to_affine, g2_to_affine};
use crate::error::{Error, Result};
use crate::hash::pay_info_hash;
use crate::keys::VerificationKey;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::scalar::{Scalar, SecretScalar};
use crate::signature::Signature;
use crate::spend::parts::{Decoded, Pair, Parts, Proof, Ticket, TicketResponses};
use crate::spend::transcript::{
    Commitments, Statement, TicketCommitments, TicketStatement, Transcript,
};

/// Names of everything a payment draws; `usize` is the position in the payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Draw {
    /// Re-randomisation (r, r') of the ticketbook signature.
    Wallet(Half),
    /// Re-randomisation (r_e, r'_e) of the date signature.
    Date(Half),
    /// Re-randomisation (r_k, r'_k) of a coin-index signature.
    Coin(usize, Half),
    /// o_c.
    CommitmentOpening,
    /// a_k.
    TicketOpening(usize),
    /// A proof nonce.
    Nonce(Witness),
}

/// The two scalars of a re-randomisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    /// r: hides the attributes in K̂.
    Blinding,
    /// r': scales the signature.
    Scale,
}

/// What is proven to be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Witness {
    U,
    V,
    Expiration,
    R,
    RE,
    CommitmentOpening,
    TicketR(usize),
    Index(usize),
    TicketOpening(usize),
    Mu(usize),
    Product(usize),
}

/// What is spent.
pub(super) struct Spend<'a> {
    pub(super) u: &'a SecretScalar,
    pub(super) v: &'a SecretScalar,
    pub(super) expiration: u32,
    pub(super) ticket_type: u8,
    pub(super) wallet: Signature,
    pub(super) date: Signature,
    /// Each ticket's index and coin-index signature.
    pub(super) coins: &'a [(u64, Signature)],
}

/// The secrets of one ticket.
struct TicketSecrets {
    index: SecretScalar,
    opening: SecretScalar,
    mu: SecretScalar,
    /// m = −(a + o_c)·μ.
    product: SecretScalar,
    r: SecretScalar,
    /// R_k, public.
    pay_info_hash: Scalar,
}

/// The nonces of one ticket.
struct TicketNonces {
    index: SecretScalar,
    opening: SecretScalar,
    mu: SecretScalar,
    product: SecretScalar,
    r: SecretScalar,
}

/// Makes a payment.
///
/// # Errors
/// [`Error::NoSerialNumber`].
pub(super) fn prove(
    spend: &Spend<'_>,
    key: &VerificationKey,
    pay_info: &[u8; PAY_INFO_BYTES],
    draw: &mut dyn FnMut(Draw) -> SecretScalar,
) -> Result<Parts<Decoded>> {
    let g = G1::generator();
    let g2 = G2::generator();
    let [_, gamma2, _, _] = parameters().gamma;
    let alpha = key.alpha.projective();
    let [y1, y2, y3, _] = key.y_g2();
    let expiration = SecretScalar::from(Scalar::from(spend.expiration));

    let r = draw(Draw::Wallet(Half::Blinding));
    let wallet = rerandomise(&spend.wallet, &r, &draw(Draw::Wallet(Half::Scale)));
    let r_e = draw(Draw::Date(Half::Blinding));
    let date = rerandomise(&spend.date, &r_e, &draw(Draw::Date(Half::Scale)));
    let o_c = draw(Draw::CommitmentOpening);

    let mut secrets = Vec::with_capacity(spend.coins.len());
    let mut g1_points: Vec<G1Projective> = vec![g.mul_secret(&o_c) + gamma2.mul_secret(spend.v)];
    g1_points.extend(wallet.into_iter().chain(date));
    let mut g2_points: Vec<G2Projective> = vec![
        alpha
            + y1.mul_secret(spend.u)
            + y2.mul_secret(spend.v)
            + y3.mul_secret(&expiration)
            + g2.mul_secret(&r),
        alpha + y1.mul_secret(&expiration) + g2.mul_secret(&r_e),
    ];
    for (position, (index, coin)) in spend.coins.iter().enumerate() {
        let ticket = TicketSecrets::new(spend.v, &o_c, *index, position, pay_info, draw)?;
        g1_points.extend([
            parameters().delta.mul_secret(&ticket.mu),
            g.mul_secret(&(spend.u + &(&ticket.mu * ticket.pay_info_hash))),
            g.mul_secret(&ticket.opening) + gamma2.mul_secret(&ticket.index),
        ]);
        g1_points.extend(rerandomise(
            coin,
            &ticket.r,
            &draw(Draw::Coin(position, Half::Scale)),
        ));
        g2_points.push(alpha + y1.mul_secret(&ticket.index) + g2.mul_secret(&ticket.r));
        secrets.push(ticket);
    }
    let mut g1_points = g1_to_affine(&g1_points).into_iter().map(G1);
    let mut g2_points = g2_to_affine(&g2_points).into_iter().map(G2);
    // total: as many points are taken as were put in, in the same order.
    let mut next_g1 = || g1_points.next().unwrap_or_else(G1::generator);
    let mut next_g2 = || g2_points.next().unwrap_or_else(G2::generator);

    let commitment = next_g1();
    let wallet = Pair {
        h: next_g1(),
        s: next_g1(),
    };
    let date = Pair {
        h: next_g1(),
        s: next_g1(),
    };
    let (kappa, kappa_e) = (next_g2(), next_g2());
    let (statements, omegas): (Vec<_>, Vec<_>) = secrets
        .iter()
        .map(|_| {
            let statement = TicketStatement {
                serial: next_g1(),
                tag: next_g1(),
                commitment: next_g1(),
                kappa: next_g2(),
            };
            (
                statement,
                Pair {
                    h: next_g1(),
                    s: next_g1(),
                },
            )
        })
        .unzip();
    let statement = Statement {
        kappa,
        kappa_e,
        commitment,
        tickets: statements,
    };

    let mut nonce = |witness| draw(Draw::Nonce(witness));
    let (n_u, n_v, n_e) = (
        nonce(Witness::U),
        nonce(Witness::V),
        nonce(Witness::Expiration),
    );
    let (n_r, n_r_e, n_o_c) = (
        nonce(Witness::R),
        nonce(Witness::RE),
        nonce(Witness::CommitmentOpening),
    );
    let nonces: Vec<TicketNonces> = (0..secrets.len())
        .map(|k| TicketNonces {
            index: nonce(Witness::Index(k)),
            opening: nonce(Witness::TicketOpening(k)),
            mu: nonce(Witness::Mu(k)),
            product: nonce(Witness::Product(k)),
            r: nonce(Witness::TicketR(k)),
        })
        .collect();
    let one = SecretScalar::from(Scalar::ONE);
    let commitments = Commitments {
        kappa: alpha
            + g2.mul_secret(&n_r)
            + y1.mul_secret(&n_u)
            + y2.mul_secret(&n_v)
            + y3.mul_secret(&n_e),
        kappa_e: alpha + g2.mul_secret(&n_r_e) + y1.mul_secret(&n_e),
        commitment: g.mul_secret(&n_o_c) + gamma2.mul_secret(&n_v),
        tickets: secrets
            .iter()
            .zip(&nonces)
            .map(|(ticket, n)| {
                // A_k + D + Γ2 = (a_k + o_c)·G + (ℓ_k + v + 1)·Γ2, so F_P needs no multiplication of a fresh point.
                let on_g = &(&n.mu * &(&ticket.opening + &o_c)) + &n.product;
                let on_gamma2 = &n.mu * &(&(&ticket.index + spend.v) + &one);
                TicketCommitments {
                    commitment: g.mul_secret(&n.opening) + gamma2.mul_secret(&n.index),
                    serial: parameters().delta.mul_secret(&n.mu),
                    kappa: alpha + g2.mul_secret(&n.r) + y1.mul_secret(&n.index),
                    product: g.mul_secret(&on_g) + gamma2.mul_secret(&on_gamma2),
                    tag: g.mul_secret(&(&n_u + &(&n.mu * ticket.pay_info_hash))),
                }
            })
            .collect(),
    };
    let c = Transcript::new(key).challenge(&statement, &commitments, pay_info);

    let responses = secrets
        .iter()
        .zip(&nonces)
        .map(|(ticket, n)| TicketResponses {
            r: n.r.respond(c, &ticket.r),
            index: n.index.respond(c, &ticket.index),
            opening: n.opening.respond(c, &ticket.opening),
            mu: n.mu.respond(c, &ticket.mu),
            product: n.product.respond(c, &ticket.product),
        });
    let tickets = statement
        .tickets
        .iter()
        .zip(omegas)
        .zip(responses)
        .map(|((statement, omega), responses)| Ticket {
            kappa: statement.kappa,
            omega,
            serial: statement.serial,
            tag: statement.tag,
            commitment: statement.commitment,
            responses,
        })
        .collect();
    Ok(Parts {
        kappa,
        kappa_e,
        wallet,
        date,
        commitment,
        ticket_type: spend.ticket_type,
        proof: Proof {
            challenge: c,
            r: n_r.respond(c, &r),
            r_e: n_r_e.respond(c, &r_e),
            o_c: n_o_c.respond(c, &o_c),
            attributes: [
                n_u.respond(c, spend.u),
                n_v.respond(c, spend.v),
                n_e.respond(c, &expiration),
            ],
        },
        tickets,
    })
}

/// (h', S') = (r'·h, r'·S + r·h').
fn rerandomise(signature: &Signature, r: &SecretScalar, scale: &SecretScalar) -> [G1Projective; 2] {
    let h = signature.h.mul_secret(scale);
    [
        h,
        signature.s.mul_secret(scale) + signature.h.mul_secret(&(r * scale)),
    ]
}

impl TicketSecrets {
    /// μ = 1/(v + ℓ + 1), m = −(a + o_c)·μ.
    fn new(
        v: &SecretScalar,
        o_c: &SecretScalar,
        index: u64,
        position: usize,
        pay_info: &[u8; PAY_INFO_BYTES],
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Result<Self> {
        let next = SecretScalar::from(Scalar::from(index) + Scalar::ONE);
        let mu = (v + &next).invert().ok_or(Error::NoSerialNumber(index))?;
        let opening = draw(Draw::TicketOpening(position));
        Ok(Self {
            index: SecretScalar::from(Scalar::from(index)),
            product: -&(&(&opening + o_c) * &mu),
            opening,
            mu,
            r: draw(Draw::Coin(position, Half::Blinding)),
            pay_info_hash: pay_info_hash(pay_info, position as u64),
        })
    }
}
