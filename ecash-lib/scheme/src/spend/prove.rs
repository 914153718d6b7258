//! The prover (spec 5.3, 5.4). Every scalar here is secret, E, ℓ and μ too: their leak would cost unlinkability. All
//! multiplications are constant-time.

use crate::constants::PAY_INFO_BYTES;
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

/// Everything the proof is about that must not be shown.
struct Secrets {
    expiration: SecretScalar,
    r: SecretScalar,
    r_e: SecretScalar,
    o_c: SecretScalar,
    tickets: Vec<TicketSecrets>,
}

/// What must not be shown of one ticket.
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

/// The nonces, named like what they hide.
struct Nonces {
    u: SecretScalar,
    v: SecretScalar,
    expiration: SecretScalar,
    r: SecretScalar,
    r_e: SecretScalar,
    o_c: SecretScalar,
    tickets: Vec<TicketNonces>,
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
    let secrets = Secrets::new(spend, pay_info, draw)?;
    let wallet = rerandomise(&spend.wallet, &secrets.r, &draw(Draw::Wallet(Half::Scale)));
    let date = rerandomise(&spend.date, &secrets.r_e, &draw(Draw::Date(Half::Scale)));
    let mut omegas = Vec::with_capacity(spend.coins.len());
    for (position, ((_, coin), ticket)) in spend.coins.iter().zip(&secrets.tickets).enumerate() {
        omegas.push(rerandomise(
            coin,
            &ticket.r,
            &draw(Draw::Coin(position, Half::Scale)),
        ));
    }

    let statement = secrets.statement(spend, key);
    let nonces = Nonces::new(spend.coins.len(), draw);
    let commitments = nonces.commitments(spend, &secrets, key);
    let c = Transcript::new(key).challenge(&statement, &commitments, pay_info);

    let responses = secrets
        .tickets
        .iter()
        .zip(&nonces.tickets)
        .map(|(secret, nonce)| nonce.respond(c, secret));
    let tickets = statement.tickets.iter().zip(omegas).zip(responses).map(
        |((statement, omega), responses)| Ticket {
            kappa: statement.kappa,
            omega,
            serial: statement.serial,
            tag: statement.tag,
            commitment: statement.commitment,
            responses,
        },
    );
    Ok(Parts {
        kappa: statement.kappa,
        kappa_e: statement.kappa_e,
        wallet,
        date,
        commitment: statement.commitment,
        ticket_type: spend.ticket_type,
        proof: nonces.proof(c, spend, &secrets),
        tickets: tickets.collect(),
    })
}

/// (h', S') = (r'·h, r'·S + r·h').
fn rerandomise(signature: &Signature, r: &SecretScalar, scale: &SecretScalar) -> Pair<Decoded> {
    let s = signature.s.mul_secret(scale) + signature.h.mul_secret(&(r * scale));
    Pair {
        h: signature.h.mul_secret(scale).into(),
        s: s.into(),
    }
}

impl Secrets {
    fn new(
        spend: &Spend<'_>,
        pay_info: &[u8; PAY_INFO_BYTES],
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Result<Self> {
        let o_c = draw(Draw::CommitmentOpening);
        let mut tickets = Vec::with_capacity(spend.coins.len());
        for (position, (index, _)) in spend.coins.iter().enumerate() {
            let pay_info_hash = pay_info_hash(pay_info, position as u64);
            tickets.push(TicketSecrets::new(
                spend.v,
                &o_c,
                *index,
                position,
                pay_info_hash,
                draw,
            )?);
        }
        Ok(Self {
            expiration: Scalar::from(spend.expiration).into(),
            r: draw(Draw::Wallet(Half::Blinding)),
            r_e: draw(Draw::Date(Half::Blinding)),
            o_c,
            tickets,
        })
    }

    /// K̂, K̂_e, D, and for each ticket K̂_k, S_k, T_k, A_k (spec 5.3). T_k = (u + μ_k·R_k)·G takes one multiplication.
    fn statement(&self, spend: &Spend<'_>, key: &VerificationKey) -> Statement {
        let (g, g2) = (G1::generator(), G2::generator());
        let [_, gamma2, _, _] = parameters().gamma;
        let [y1, y2, y3, _] = key.y_g2();
        let alpha = key.alpha.projective();
        let kappa = alpha
            + y1.mul_secret(spend.u)
            + y2.mul_secret(spend.v)
            + y3.mul_secret(&self.expiration)
            + g2.mul_secret(&self.r);
        let kappa_e = alpha + y1.mul_secret(&self.expiration) + g2.mul_secret(&self.r_e);
        let ticket = |ticket: &TicketSecrets| {
            let exponent = spend.u + &(&ticket.mu * ticket.pay_info_hash);
            let commitment = g.mul_secret(&ticket.opening) + gamma2.mul_secret(&ticket.index);
            TicketStatement {
                kappa: (alpha + y1.mul_secret(&ticket.index) + g2.mul_secret(&ticket.r)).into(),
                serial: parameters().delta.mul_secret(&ticket.mu).into(),
                tag: g.mul_secret(&exponent).into(),
                commitment: commitment.into(),
            }
        };
        Statement {
            kappa: kappa.into(),
            kappa_e: kappa_e.into(),
            commitment: (g.mul_secret(&self.o_c) + gamma2.mul_secret(spend.v)).into(),
            tickets: self.tickets.iter().map(ticket).collect(),
        }
    }
}

impl TicketSecrets {
    /// μ = 1/(v + ℓ + 1), m = −(a + o_c)·μ.
    fn new(
        v: &SecretScalar,
        o_c: &SecretScalar,
        index: u64,
        position: usize,
        pay_info_hash: Scalar,
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Result<Self> {
        let next = SecretScalar::from(Scalar::from(index) + Scalar::ONE);
        let mu = (v + &next).invert().ok_or(Error::NoSerialNumber(index))?;
        let opening = draw(Draw::TicketOpening(position));
        Ok(Self {
            index: Scalar::from(index).into(),
            product: -&(&(&opening + o_c) * &mu),
            opening,
            mu,
            r: draw(Draw::Coin(position, Half::Blinding)),
            pay_info_hash,
        })
    }
}

impl Nonces {
    fn new(tickets: usize, draw: &mut dyn FnMut(Draw) -> SecretScalar) -> Self {
        let mut nonce = |witness| draw(Draw::Nonce(witness));
        Self {
            u: nonce(Witness::U),
            v: nonce(Witness::V),
            expiration: nonce(Witness::Expiration),
            r: nonce(Witness::R),
            r_e: nonce(Witness::RE),
            o_c: nonce(Witness::CommitmentOpening),
            tickets: (0..tickets)
                .map(|k| TicketNonces {
                    index: nonce(Witness::Index(k)),
                    opening: nonce(Witness::TicketOpening(k)),
                    mu: nonce(Witness::Mu(k)),
                    product: nonce(Witness::Product(k)),
                    r: nonce(Witness::TicketR(k)),
                })
                .collect(),
        }
    }

    /// F̂, F̂_e, F_D, and for each ticket F_A, F_S, F̂_K, F_P, F_T (spec 5.4).
    fn commitments(
        &self,
        spend: &Spend<'_>,
        secrets: &Secrets,
        key: &VerificationKey,
    ) -> Commitments {
        let (g, g2) = (G1::generator(), G2::generator());
        let [_, gamma2, _, _] = parameters().gamma;
        let [y1, y2, y3, _] = key.y_g2();
        let alpha = key.alpha.projective();
        let one = SecretScalar::from(Scalar::ONE);
        let ticket = |(secret, nonce): (&TicketSecrets, &TicketNonces)| {
            // A_k + D + Γ2 = (a_k + o_c)·G + (ℓ_k + v + 1)·Γ2, so F_P takes no multiplication of a fresh point.
            let on_g = &(&nonce.mu * &(&secret.opening + &secrets.o_c)) + &nonce.product;
            let on_gamma2 = &nonce.mu * &(&(&secret.index + spend.v) + &one);
            TicketCommitments {
                commitment: g.mul_secret(&nonce.opening) + gamma2.mul_secret(&nonce.index),
                serial: parameters().delta.mul_secret(&nonce.mu),
                kappa: alpha + g2.mul_secret(&nonce.r) + y1.mul_secret(&nonce.index),
                product: g.mul_secret(&on_g) + gamma2.mul_secret(&on_gamma2),
                tag: g.mul_secret(&(&self.u + &(&nonce.mu * secret.pay_info_hash))),
            }
        };
        Commitments {
            kappa: alpha
                + g2.mul_secret(&self.r)
                + y1.mul_secret(&self.u)
                + y2.mul_secret(&self.v)
                + y3.mul_secret(&self.expiration),
            kappa_e: alpha + g2.mul_secret(&self.r_e) + y1.mul_secret(&self.expiration),
            commitment: g.mul_secret(&self.o_c) + gamma2.mul_secret(&self.v),
            tickets: secrets
                .tickets
                .iter()
                .zip(&self.tickets)
                .map(ticket)
                .collect(),
        }
    }

    /// z = ρ − c·w for everything that is about the whole payment.
    fn proof(&self, c: Scalar, spend: &Spend<'_>, secrets: &Secrets) -> Proof<Decoded> {
        Proof {
            challenge: c,
            r: self.r.respond(c, &secrets.r),
            r_e: self.r_e.respond(c, &secrets.r_e),
            o_c: self.o_c.respond(c, &secrets.o_c),
            attributes: [
                self.u.respond(c, spend.u),
                self.v.respond(c, spend.v),
                self.expiration.respond(c, &secrets.expiration),
            ],
        }
    }
}

impl TicketNonces {
    /// z = ρ − c·w for one ticket.
    fn respond(&self, c: Scalar, secret: &TicketSecrets) -> TicketResponses<Decoded> {
        TicketResponses {
            r: self.r.respond(c, &secret.r),
            index: self.index.respond(c, &secret.index),
            opening: self.opening.respond(c, &secret.opening),
            mu: self.mu.respond(c, &secret.mu),
            product: self.product.respond(c, &secret.product),
        }
    }
}
