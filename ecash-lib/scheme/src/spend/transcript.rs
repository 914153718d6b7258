//! The challenge of a payment's proof (spec 5.4).

use sha2::{Digest, Sha256};

use crate::codec::{Encode, Writer};
use crate::constants::PAY_INFO_BYTES;
use crate::curve::{G1Projective, G2Projective, g1_to_affine, g2_to_affine};
use crate::hash;
use crate::keys::VerificationKey;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::spend::parts::{Decoded, Parts};

/// Length of the instance J without tickets, and of each ticket's part of it.
const INSTANCE_BYTES: usize = 247;
const INSTANCE_TICKET_BYTES: usize = 244;

/// What the proof is about: J = bin(K̂, D, [A_k], [S_k], [T_k], [K̂_k], K̂_e).
pub(super) struct Statement {
    pub(super) kappa: G2,
    pub(super) kappa_e: G2,
    pub(super) commitment: G1,
    pub(super) tickets: Vec<TicketStatement>,
}

/// What the proof is about, for one ticket.
#[derive(Clone, Copy)]
pub(super) struct TicketStatement {
    pub(super) kappa: G2,
    pub(super) serial: G1,
    pub(super) tag: G1,
    pub(super) commitment: G1,
}

/// The prover's commitments, by the statement they belong to.
pub(super) struct Commitments {
    /// F̂.
    pub(super) kappa: G2Projective,
    /// F̂_e.
    pub(super) kappa_e: G2Projective,
    /// F_D.
    pub(super) commitment: G1Projective,
    pub(super) tickets: Vec<TicketCommitments>,
}

/// The prover's commitments for one ticket.
pub(super) struct TicketCommitments {
    /// F_A.
    pub(super) commitment: G1Projective,
    /// F_S.
    pub(super) serial: G1Projective,
    /// F̂_K.
    pub(super) kappa: G2Projective,
    /// F_P.
    pub(super) product: G1Projective,
    /// F_T.
    pub(super) tag: G1Projective,
}

/// The transcript up to the point where it depends on the payment: generators, Γ1 … Γ4, master key.
#[derive(Clone)]
pub(super) struct Transcript(Sha256);

impl Transcript {
    pub(super) fn new(key: &VerificationKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(G1::generator().to_bytes());
        hash.update(G2::generator().to_bytes());
        for gamma in &parameters().gamma {
            hash.update(gamma.to_bytes());
        }
        hash.update(key.to_bytes());
        Self(hash)
    }

    /// c = Hc(… ‖ J ‖ F̂ ‖ F̂_e ‖ F_D ‖ [F_A] ‖ [F_S] ‖ [F̂_K] ‖ [F_P] ‖ [F_T] ‖ pay info ‖ LE64(n)).
    pub(super) fn challenge(
        &self,
        statement: &Statement,
        commitments: &Commitments,
        pay_info: &[u8; PAY_INFO_BYTES],
    ) -> Scalar {
        let tickets = &commitments.tickets;
        let g1 = |of: fn(&TicketCommitments) -> &G1Projective| tickets.iter().map(of).copied();
        // One inversion for each group; the order within is that of the transcript.
        let g1: Vec<G1Projective> = core::iter::once(commitments.commitment)
            .chain(g1(|ticket| &ticket.commitment))
            .chain(g1(|ticket| &ticket.serial))
            .chain(g1(|ticket| &ticket.product))
            .chain(g1(|ticket| &ticket.tag))
            .collect();
        let g2: Vec<G2Projective> = [commitments.kappa, commitments.kappa_e]
            .into_iter()
            .chain(tickets.iter().map(|ticket| ticket.kappa))
            .collect();
        let mut g1 = g1_to_affine(&g1)
            .into_iter()
            .map(|point| G1(point).to_bytes());
        let mut g2 = g2_to_affine(&g2)
            .into_iter()
            .map(|point| G2(point).to_bytes());
        let count = tickets.len();

        let mut hash = self.0.clone();
        hash.update(statement.to_bytes());
        g2.by_ref().take(2).for_each(|bytes| hash.update(bytes));
        g1.by_ref()
            .take(1 + 2 * count)
            .for_each(|bytes| hash.update(bytes));
        g2.for_each(|bytes| hash.update(bytes));
        g1.for_each(|bytes| hash.update(bytes));
        hash.update(pay_info);
        hash.update((count as u64).to_le_bytes());
        hash::challenge(hash)
    }
}

impl Statement {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out =
            Writer::with_capacity(INSTANCE_BYTES + INSTANCE_TICKET_BYTES * self.tickets.len());
        self.kappa.encode(&mut out);
        self.commitment.encode(&mut out);
        for of in [
            |ticket: &TicketStatement| ticket.commitment,
            |ticket: &TicketStatement| ticket.serial,
            |ticket: &TicketStatement| ticket.tag,
        ] {
            out.length(self.tickets.len());
            self.tickets
                .iter()
                .for_each(|ticket| of(ticket).encode(&mut out));
        }
        out.length(self.tickets.len());
        self.tickets
            .iter()
            .for_each(|ticket| ticket.kappa.encode(&mut out));
        self.kappa_e.encode(&mut out);
        out.finish()
    }
}

impl From<&Parts<Decoded>> for Statement {
    fn from(parts: &Parts<Decoded>) -> Self {
        Self {
            kappa: parts.kappa,
            kappa_e: parts.kappa_e,
            commitment: parts.commitment,
            tickets: parts
                .tickets
                .iter()
                .map(|ticket| TicketStatement {
                    kappa: ticket.kappa,
                    serial: ticket.serial,
                    tag: ticket.tag,
                    commitment: ticket.commitment,
                })
                .collect(),
        }
    }
}
