//! The prover (spec 5.3, 5.4). Every scalar here is secret, E, ℓ and μ too: their leak would cost unlinkability. All
//! multiplications are constant-time, and all points that a payment shows or hashes are computed in two calls, one for each
//! group: none depends on the challenge.
//!
//! Cost for n tickets: 4 + 9n products of fixed points in G1 and n short ones, 10 + 3n in G2 and 2 + n short ones, n + 2
//! re-randomisations of three products each.

use crate::constants::PAY_INFO_BYTES;
use crate::curve::{
    G1Affine, G1Projective, G2Affine, G2Projective, SecretSum, SecretTable, Shape, Size,
    secret_sums,
};
use crate::error::{Error, Result};
use crate::hash::pay_info_hash;
use crate::point::{G1, G2};
use crate::scalar::{Scalar, SecretScalar};
use crate::secret_products::secret_bases;
use crate::signature::Signature;
use crate::spend::SpendingKey;
use crate::spend::parts::{Decoded, Pair, Parts, Proof, Ticket, TicketResponses};
use crate::spend::transcript::{Commitments, Statement, TicketCommitments, TicketStatement};

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

/// What is proven to be known of a whole payment, or the nonces that hide it.
struct Scalars {
    u: SecretScalar,
    v: SecretScalar,
    expiration: SecretScalar,
    expiration_size: Size,
    r: SecretScalar,
    r_e: SecretScalar,
    o_c: SecretScalar,
    tickets: Vec<TicketScalars>,
}

/// What is proven to be known of one ticket, or the nonces that hide it.
struct TicketScalars {
    index: SecretScalar,
    index_size: Size,
    opening: SecretScalar,
    mu: SecretScalar,
    /// m = −(a + o_c)·μ.
    product: SecretScalar,
    r: SecretScalar,
}

/// E is a u32.
const EXPIRATION_SIZE: Size = Size::Bits(32);
/// ℓ is below 50.
const INDEX_SIZE: Size = Size::Bits(6);

/// Makes a payment.
///
/// # Errors
/// [`Error::NoSerialNumber`].
pub(super) fn prove(
    spend: &Spend<'_>,
    key: &SpendingKey,
    pay_info: &[u8; PAY_INFO_BYTES],
    draw: &mut dyn FnMut(Draw) -> SecretScalar,
) -> Result<Parts<Decoded>> {
    let tickets = spend.coins.len();
    let hashes: Vec<Scalar> = (0..)
        .take(tickets)
        .map(|position| pay_info_hash(pay_info, position))
        .collect();
    let witness = Scalars::witness(spend, draw)?;
    let signatures = Rerandomisations::new(spend, &witness, draw);
    let nonces = Scalars::nonces(tickets, draw);

    let mut g1 = witness.g1_sums(&hashes);
    g1.extend(nonces.g1_sums(&hashes));
    g1.extend(nonces.product_sums(&witness));
    g1.extend(signatures.sums());
    let mut g2 = witness.g2_sums(key);
    g2.extend(nonces.g2_sums(key));
    let mut points = Points {
        g1: secret_sums(&g1).into_iter(),
        g2: secret_sums(&g2).into_iter(),
    };
    let statement = points.statement(tickets);
    let commitments = points.commitments(tickets);
    let c = key.transcript.challenge(&statement, &commitments, pay_info);

    Ok(Parts {
        kappa: statement.kappa,
        kappa_e: statement.kappa_e,
        wallet: points.pair(),
        date: points.pair(),
        commitment: statement.commitment,
        ticket_type: spend.ticket_type,
        proof: nonces.respond(c, &witness),
        tickets: statement
            .tickets
            .iter()
            .zip(nonces.tickets.iter().zip(&witness.tickets))
            .map(|(statement, (nonce, secret))| Ticket {
                kappa: statement.kappa,
                omega: points.pair(),
                serial: statement.serial,
                tag: statement.tag,
                commitment: statement.commitment,
                responses: nonce.respond(c, secret),
            })
            .collect(),
    })
}

impl Scalars {
    fn witness(spend: &Spend<'_>, draw: &mut dyn FnMut(Draw) -> SecretScalar) -> Result<Self> {
        let o_c = draw(Draw::CommitmentOpening);
        let mut tickets = Vec::with_capacity(spend.coins.len());
        for (position, (index, _)) in spend.coins.iter().enumerate() {
            tickets.push(TicketScalars::witness(
                spend.v, &o_c, *index, position, draw,
            )?);
        }
        Ok(Self {
            u: spend.u.clone(),
            v: spend.v.clone(),
            expiration: Scalar::from(spend.expiration).into(),
            expiration_size: EXPIRATION_SIZE,
            r: draw(Draw::Wallet(Half::Blinding)),
            r_e: draw(Draw::Date(Half::Blinding)),
            o_c,
            tickets,
        })
    }

    fn nonces(tickets: usize, draw: &mut dyn FnMut(Draw) -> SecretScalar) -> Self {
        let mut nonce = |witness| draw(Draw::Nonce(witness));
        Self {
            u: nonce(Witness::U),
            v: nonce(Witness::V),
            expiration: nonce(Witness::Expiration),
            expiration_size: Size::Full,
            r: nonce(Witness::R),
            r_e: nonce(Witness::RE),
            o_c: nonce(Witness::CommitmentOpening),
            tickets: (0..tickets)
                .map(|k| TicketScalars {
                    index: nonce(Witness::Index(k)),
                    index_size: Size::Full,
                    opening: nonce(Witness::TicketOpening(k)),
                    mu: nonce(Witness::Mu(k)),
                    product: nonce(Witness::Product(k)),
                    r: nonce(Witness::TicketR(k)),
                })
                .collect(),
        }
    }

    /// D = o_c·G + v·Γ2, and for each ticket A_k = a_k·G + ℓ_k·Γ2, S_k = μ_k·Δ, T_k = (u + μ_k·R_k)·G (spec 5.3); of the
    /// nonces F_D, F_A, F_S, F_T (5.4).
    fn g1_sums(&self, hashes: &[Scalar]) -> Vec<SecretSum<'static, G1Projective>> {
        let bases = secret_bases();
        let mut sums = Vec::with_capacity(1 + 3 * self.tickets.len());
        sums.push(
            SecretSum::new()
                .term(&bases.g, &self.o_c)
                .term(&bases.gamma2, &self.v),
        );
        for (ticket, hash) in self.tickets.iter().zip(hashes) {
            let tag = &self.u + &(&ticket.mu * *hash);
            sums.extend([
                SecretSum::new().term(&bases.g, &ticket.opening).sized_term(
                    &bases.gamma2,
                    &ticket.index,
                    ticket.index_size,
                ),
                SecretSum::new().term(&bases.delta, &ticket.mu),
                SecretSum::new().term(&bases.g, &tag),
            ]);
        }
        sums
    }

    /// Of the nonces, for each ticket F_P = ρμ·(A_k + D + Γ2) + ρm·G (spec 5.4). A_k + D + Γ2 is
    /// (a_k + o_c)·G + (ℓ_k + v + 1)·Γ2, so no product of a fresh point is needed.
    fn product_sums(&self, witness: &Self) -> Vec<SecretSum<'static, G1Projective>> {
        let bases = secret_bases();
        let v_next = &witness.v + &Scalar::ONE.into();
        self.tickets
            .iter()
            .zip(&witness.tickets)
            .map(|(nonce, secret)| {
                let on_g = &(&nonce.mu * &(&secret.opening + &witness.o_c)) + &nonce.product;
                let on_gamma2 = &nonce.mu * &(&secret.index + &v_next);
                SecretSum::new()
                    .term(&bases.g, &on_g)
                    .term(&bases.gamma2, &on_gamma2)
            })
            .collect()
    }

    /// K̂ = X̂ + u·Ŷ1 + v·Ŷ2 + E·Ŷ3 + r·Ĝ, K̂_e = X̂ + E·Ŷ1 + r_e·Ĝ, and for each ticket K̂_k = X̂ + ℓ_k·Ŷ1 + r_k·Ĝ (spec
    /// 5.3); of the nonces F̂, F̂_e, F̂_K (5.4).
    fn g2_sums<'a>(&self, key: &'a SpendingKey) -> Vec<SecretSum<'a, G2Projective>> {
        let g2 = &secret_bases().g2;
        let [y1, y2, y3] = &key.y;
        let alpha = || SecretSum::new().plus(key.key.alpha.0);
        let mut sums = vec![
            alpha()
                .term(y1, &self.u)
                .term(y2, &self.v)
                .sized_term(y3, &self.expiration, self.expiration_size)
                .term(g2, &self.r),
            alpha()
                .sized_term(y1, &self.expiration, self.expiration_size)
                .term(g2, &self.r_e),
        ];
        sums.extend(self.tickets.iter().map(|ticket| {
            alpha()
                .sized_term(y1, &ticket.index, ticket.index_size)
                .term(g2, &ticket.r)
        }));
        sums
    }

    /// z = ρ − c·w for everything that is about the whole payment.
    fn respond(&self, c: Scalar, witness: &Self) -> Proof<Decoded> {
        Proof {
            challenge: c,
            r: self.r.respond(c, &witness.r),
            r_e: self.r_e.respond(c, &witness.r_e),
            o_c: self.o_c.respond(c, &witness.o_c),
            attributes: [
                self.u.respond(c, &witness.u),
                self.v.respond(c, &witness.v),
                self.expiration.respond(c, &witness.expiration),
            ],
        }
    }
}

impl TicketScalars {
    /// μ = 1/(v + ℓ + 1), m = −(a + o_c)·μ.
    fn witness(
        v: &SecretScalar,
        o_c: &SecretScalar,
        index: u64,
        position: usize,
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Result<Self> {
        let next = SecretScalar::from(Scalar::from(index) + Scalar::ONE);
        let mu = (v + &next).invert().ok_or(Error::NoSerialNumber(index))?;
        let opening = draw(Draw::TicketOpening(position));
        Ok(Self {
            index: Scalar::from(index).into(),
            index_size: INDEX_SIZE,
            product: -&(&(&opening + o_c) * &mu),
            opening,
            mu,
            r: draw(Draw::Coin(position, Half::Blinding)),
        })
    }

    /// z = ρ − c·w for one ticket.
    fn respond(&self, c: Scalar, witness: &Self) -> TicketResponses<Decoded> {
        TicketResponses {
            r: self.r.respond(c, &witness.r),
            index: self.index.respond(c, &witness.index),
            opening: self.opening.respond(c, &witness.opening),
            mu: self.mu.respond(c, &witness.mu),
            product: self.product.respond(c, &witness.product),
        }
    }
}

/// The signatures of a payment (ticketbook, date, each coin) with the scalars that re-randomise them:
/// (h', S') = (r'·h, r'·S + r·h').
struct Rerandomisations(Vec<Rerandomisation>);

/// One signature to re-randomise.
struct Rerandomisation {
    h: SecretTable<G1Projective>,
    s: SecretTable<G1Projective>,
    /// r'.
    scale: SecretScalar,
    /// r·r'.
    shift: SecretScalar,
}

impl Rerandomisations {
    fn new(
        spend: &Spend<'_>,
        witness: &Scalars,
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Self {
        let mut signatures = Vec::with_capacity(2 + spend.coins.len());
        signatures.push((spend.wallet, &witness.r, draw(Draw::Wallet(Half::Scale))));
        signatures.push((spend.date, &witness.r_e, draw(Draw::Date(Half::Scale))));
        for (position, ((_, coin), ticket)) in spend.coins.iter().zip(&witness.tickets).enumerate()
        {
            signatures.push((*coin, &ticket.r, draw(Draw::Coin(position, Half::Scale))));
        }
        let points: Vec<_> = signatures
            .iter()
            .flat_map(|(signature, ..)| [signature.h.0, signature.s.0])
            .collect();
        let mut tables = SecretTable::new(&points, Shape::ONCE).into_iter();
        let rerandomisations = signatures.iter().map_while(|(_, r, scale)| {
            Some(Rerandomisation {
                h: tables.next()?,
                s: tables.next()?,
                scale: scale.clone(),
                shift: *r * scale,
            })
        });
        Self(rerandomisations.collect())
    }

    /// h' and S' of each.
    fn sums(&self) -> impl Iterator<Item = SecretSum<'_, G1Projective>> {
        self.0.iter().flat_map(|of| {
            [
                SecretSum::new().term(&of.h, &of.scale),
                SecretSum::new()
                    .term(&of.s, &of.scale)
                    .term(&of.h, &of.shift),
            ]
        })
    }
}

/// The points that were computed, in the order of their sums.
struct Points {
    g1: std::vec::IntoIter<G1Affine>,
    g2: std::vec::IntoIter<G2Affine>,
}

impl Points {
    fn next_g1(&mut self) -> G1 {
        self.g1.next().map_or_else(G1::generator, G1) // total: a point for every sum
    }

    fn next_g2(&mut self) -> G2 {
        self.g2.next().map_or_else(G2::generator, G2) // total: a point for every sum
    }

    fn pair(&mut self) -> Pair<Decoded> {
        Pair {
            h: self.next_g1(),
            s: self.next_g1(),
        }
    }

    fn statement(&mut self, tickets: usize) -> Statement {
        Statement {
            kappa: self.next_g2(),
            kappa_e: self.next_g2(),
            commitment: self.next_g1(),
            tickets: (0..tickets)
                .map(|_| TicketStatement {
                    commitment: self.next_g1(),
                    serial: self.next_g1(),
                    tag: self.next_g1(),
                    kappa: self.next_g2(),
                })
                .collect(),
        }
    }

    fn commitments(&mut self, tickets: usize) -> Commitments {
        let alike = self.statement(tickets);
        Commitments {
            kappa: alike.kappa,
            kappa_e: alike.kappa_e,
            commitment: alike.commitment,
            tickets: alike
                .tickets
                .iter()
                .map(|ticket| TicketCommitments {
                    commitment: ticket.commitment,
                    serial: ticket.serial,
                    kappa: ticket.kappa,
                    tag: ticket.tag,
                    product: self.next_g1(),
                })
                .collect(),
        }
    }
}
