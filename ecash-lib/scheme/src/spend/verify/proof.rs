//! The proof of payments: every commitment is recomputed exactly from challenge and responses, and hashed (spec 5.6).
//!
//! The commitments of all payments are sums that are computed together:
//!
//! | commitment | fixed points | variable points | plain |
//! |---|---|---|---|
//! | `F̂ = c·(K̂ − X̂) + X̂ + z_r·Ĝ + z_u·Ŷ1 + z_v·Ŷ2 + z_E·Ŷ3` | 4 of G2 | 1 | X̂ |
//! | `F̂_e = c·(K̂_e − X̂) + X̂ + z_E·Ŷ1 + z_re·Ĝ` | 2 of G2 | 1 | X̂ |
//! | `F̂_K,k = c·(K̂_k − X̂) + X̂ + z_ℓ,k·Ŷ1 + z_rk,k·Ĝ` | 2 of G2 | 1 | X̂ |
//! | `F_D = c·D + z_oc·G + z_v·Γ2` | 2 of G1 | 1 | |
//! | `F_A,k = c·A_k + z_a,k·G + z_ℓ,k·Γ2` | 2 of G1 | 1 | |
//! | `F_S,k = c·S_k + z_μ,k·Δ` | 1 of G1 | 1 | |
//! | `F_P,k = z_μ,k·(A_k + D + Γ2) + z_m,k·G + c·Γ2` | 2 of G1 | 1 | |
//! | `F_T,k = c·T_k + (z_u + R_k·z_μ,k)·G` | 1 of G1 | 1 | |
//!
//! The differences K̂ − X̂ and the sums A_k + D + Γ2 come first. A payment of n tickets costs 2n + 6 multiplications of fixed
//! points and n + 2 of variable ones in G2, 6n + 2 and 4n + 1 in G1. Everything here is public.

use crate::curve::{G1Affine, G2Affine, g1_sums, g2_sums};
use crate::hash::pay_info_hash;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::spend::transcript::{Commitments, Statement, TicketCommitments};
use crate::spend::verify::chunk::Decoded;
use crate::spend::verify::prepared::{G1Sum, G2Sum};

/// Whether the proof of each payment holds, in their order: whether its challenge is the hash of statement, commitments
/// and pay info.
pub(super) fn proofs_hold(payments: &[Decoded]) -> Vec<bool> {
    commitments(payments)
        .into_iter()
        .zip(payments)
        .map(|(commitments, payment)| {
            let statement = Statement::from(payment.parts());
            let expected =
                payment
                    .key()
                    .transcript
                    .challenge(&statement, &commitments, payment.pay_info());
            expected == payment.parts().proof.challenge
        })
        .collect()
}

fn commitments(payments: &[Decoded]) -> Vec<Commitments> {
    let first = FirstSums::new(payments);
    let mut g1 = Vec::new();
    let mut g2 = Vec::new();
    for (payment, first) in payments.iter().zip(first) {
        payment_sums(payment, &first, &mut g1, &mut g2);
    }
    let mut g1 = g1_sums(&g1).into_iter().map(G1);
    let mut g2 = g2_sums(&g2).into_iter().map(G2);
    // total: payment_sums asked for exactly these sums, in this order.
    let mut next_g1 = || g1.next().unwrap_or_else(G1::generator);
    let mut next_g2 = || g2.next().unwrap_or_else(G2::generator);
    payments
        .iter()
        .map(|payment| Commitments {
            kappa: next_g2(),
            kappa_e: next_g2(),
            commitment: next_g1(),
            tickets: payment
                .parts()
                .tickets
                .iter()
                .map(|_| TicketCommitments {
                    kappa: next_g2(),
                    commitment: next_g1(),
                    serial: next_g1(),
                    product: next_g1(),
                    tag: next_g1(),
                })
                .collect(),
        })
        .collect()
}

/// What the commitments of one payment are made from.
struct FirstSums {
    /// K̂ − X̂, K̂_e − X̂, and K̂_k − X̂ of every ticket.
    kappas: Vec<G2Affine>,
    /// A_k + D + Γ2 of every ticket.
    openings: Vec<G1Affine>,
}

impl FirstSums {
    fn new(payments: &[Decoded]) -> Vec<Self> {
        let [_, gamma2, _, _] = parameters().gamma;
        let mut g1 = Vec::new();
        let mut g2 = Vec::new();
        for payment in payments {
            let (key, parts) = (payment.key(), payment.parts());
            let kappas = [parts.kappa, parts.kappa_e].into_iter();
            let kappas = kappas.chain(parts.tickets.iter().map(|ticket| ticket.kappa));
            g2.extend(kappas.map(|kappa| G2Sum {
                fixed: Vec::new(),
                variable: Vec::new(),
                plain: vec![kappa.0, -key.key.alpha.0],
            }));
            g1.extend(parts.tickets.iter().map(|ticket| G1Sum {
                fixed: Vec::new(),
                variable: Vec::new(),
                plain: vec![ticket.commitment.0, parts.commitment.0, gamma2.0],
            }));
        }
        let mut g1 = g1_sums(&g1).into_iter();
        let mut g2 = g2_sums(&g2).into_iter();
        payments
            .iter()
            .map(|payment| payment.parts().tickets.len())
            .map(|tickets| Self {
                kappas: g2.by_ref().take(2 + tickets).collect(),
                openings: g1.by_ref().take(tickets).collect(),
            })
            .collect()
    }
}

/// The sums of one payment: F̂, F̂_e and every F̂_K; F_D and F_A, F_S, F_P, F_T of every ticket.
fn payment_sums<'a>(
    payment: &'a Decoded,
    first: &FirstSums,
    g1: &mut Vec<G1Sum<'a>>,
    g2: &mut Vec<G2Sum<'a>>,
) {
    let (key, parts) = (payment.key(), payment.parts());
    let generators = key.generators;
    let (proof, c) = (&parts.proof, parts.proof.challenge);
    let [z_u, z_v, z_e] = proof.attributes;
    let [y1, y2, y3] = &key.y;
    let on_g2 = &generators.g2;
    let fixed = [
        vec![(on_g2, proof.r), (y1, z_u), (y2, z_v), (y3, z_e)],
        vec![(y1, z_e), (on_g2, proof.r_e)],
    ];
    let of_tickets = parts.tickets.iter().map(|ticket| {
        let z = &ticket.responses;
        vec![(y1, z.index), (on_g2, z.r)]
    });
    let fixed = fixed.into_iter().chain(of_tickets);
    g2.extend(first.kappas.iter().zip(fixed).map(|(kappa, fixed)| G2Sum {
        fixed,
        variable: vec![(*kappa, c)],
        plain: vec![key.key.alpha.0],
    }));
    let g1_sum = |point: G1, fixed| G1Sum {
        fixed,
        variable: vec![(point.0, c)],
        plain: Vec::new(),
    };
    let (g, gamma2, delta) = (&generators.g, &generators.gamma2, &generators.delta);
    g1.push(g1_sum(
        parts.commitment,
        vec![(g, proof.o_c), (gamma2, z_v)],
    ));
    for ((position, ticket), opening) in (0..).zip(&parts.tickets).zip(&first.openings) {
        let z = &ticket.responses;
        let on_g = z_u + pay_info_hash(payment.pay_info(), position) * z.mu;
        g1.push(g1_sum(
            ticket.commitment,
            vec![(g, z.opening), (gamma2, z.index)],
        ));
        g1.push(g1_sum(ticket.serial, vec![(delta, z.mu)]));
        g1.push(G1Sum {
            fixed: vec![(g, z.product), (gamma2, c)],
            variable: vec![(*opening, z.mu)],
            plain: Vec::new(),
        });
        g1.push(g1_sum(ticket.tag, vec![(g, on_g)]));
    }
}
