//! The proof of payments: every commitment is recomputed exactly from challenge and responses, and hashed (spec 5.6).
//!
//! The commitments of all payments are sums that are computed together:
//!
//! | commitment | computed as | fixed points | variable points |
//! |---|---|---|---|
//! | `F̂ = c·K̂ + (1−c)·X̂ + z_r·Ĝ + z_u·Ŷ1 + z_v·Ŷ2 + z_E·Ŷ3` | `X̂ + c·(K̂ − X̂) + …` | 4 of G2 | 1 |
//! | `F̂_e = c·K̂_e + (1−c)·X̂ + z_E·Ŷ1 + z_re·Ĝ` | `X̂ + c·(K̂_e − X̂) + …` | 2 of G2 | 1 |
//! | `F̂_K,k = c·K̂_k + (1−c)·X̂ + z_ℓ,k·Ŷ1 + z_rk,k·Ĝ` | `X̂ + c·(K̂_k − X̂) + …` | 2 of G2 | 1 |
//! | `F_D = c·D + z_oc·G + z_v·Γ2` | | 2 of G1 | 1 |
//! | `F_A,k = c·A_k + z_a,k·G + z_ℓ,k·Γ2` | | 2 of G1 | 1 |
//! | `F_S,k = c·S_k + z_μ,k·Δ` | | 1 of G1 | 1 |
//! | `F_P,k = z_μ,k·(A_k + D + Γ2) + z_m,k·G + c·Γ2` | | 2 of G1 | 1 |
//! | `F_T,k = c·T_k + (z_u + R_k·z_μ,k)·G` | | 1 of G1 | 1 |
//!
//! K̂ − X̂, K̂_e − X̂, K̂_k − X̂ and A_k + D + Γ2 come first, in sums of their own. A payment of n tickets costs 2n + 6
//! multiplications of fixed points and n + 2 of variable ones in G2, 6n + 2 and 4n + 1 in G1. Everything here is public.

use crate::curve::{G1Affine, G2Affine, g1_sums, g2_sums};
use crate::hash::pay_info_hash;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::spend::transcript::{Commitments, Statement, TicketCommitments};
use crate::spend::verify::chunk::Decoded;
use crate::spend::verify::prepared::{G1Sum, G2Sum, Generators};

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
    let (openings, shifted) = first_sums(payments);
    let (mut openings, mut shifted) = (openings.into_iter(), shifted.into_iter());
    let mut sums = (Vec::new(), Vec::new());
    for payment in payments {
        let tickets = payment.parts().tickets.len();
        let openings = openings.by_ref().take(tickets);
        let shifted = shifted.by_ref().take(2 + tickets);
        push_sums(payment, openings, shifted, &mut sums);
    }
    let mut g1 = g1_sums(&sums.0).into_iter().map(G1);
    let mut g2 = g2_sums(&sums.1).into_iter().map(G2);
    // total: push_sums asked for exactly these sums, in this order.
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

/// A_k + D + Γ2 of every ticket; K̂ − X̂, K̂_e − X̂ and every K̂_k − X̂ of every payment.
fn first_sums(payments: &[Decoded]) -> (Vec<G1Affine>, Vec<G2Affine>) {
    let [_, gamma2, _, _] = parameters().gamma;
    let mut openings = Vec::with_capacity(payments.len());
    let mut shifted = Vec::with_capacity(3 * payments.len());
    for payment in payments {
        let parts = payment.parts();
        let minus_alpha = -payment.key().key.alpha().0;
        openings.extend(parts.tickets.iter().map(|ticket| {
            G1Sum::of_plain(vec![ticket.commitment.0, parts.commitment.0, gamma2.0])
        }));
        shifted.extend(
            parts
                .g2_points()
                .map(|point| G2Sum::of_plain(vec![point.0, minus_alpha])),
        );
    }
    (g1_sums(&openings), g2_sums(&shifted))
}

/// Adds the sums of one payment: F_D and every F_A, F_S, F_P, F_T; F̂, F̂_e and every F̂_K.
fn push_sums<'a>(
    payment: &'a Decoded,
    openings: impl Iterator<Item = G1Affine>,
    mut shifted: impl Iterator<Item = G2Affine>,
    (g1, g2): &mut (Vec<G1Sum<'a>>, Vec<G2Sum<'a>>),
) {
    let (key, parts) = (payment.key(), payment.parts());
    let (proof, c) = (&parts.proof, parts.proof.challenge);
    let [z_u, z_v, z_e] = proof.attributes;
    let alpha = key.key.alpha().0;
    let [y1, y2, y3] = &key.y;
    let Generators {
        g,
        gamma2,
        delta,
        g2: on_g2,
    } = key.generators;
    let mut push_g2 = |fixed| {
        g2.push(G2Sum {
            fixed,
            variable: shifted.next().map(|point| (point, c)).into_iter().collect(),
            plain: vec![alpha],
        });
    };
    let mut push_g1 = |point, scalar, fixed| {
        g1.push(G1Sum {
            fixed,
            variable: vec![(point, scalar)],
            plain: Vec::new(),
        });
    };
    push_g2(vec![(on_g2, proof.r), (y1, z_u), (y2, z_v), (y3, z_e)]);
    push_g2(vec![(y1, z_e), (on_g2, proof.r_e)]);
    push_g1(parts.commitment.0, c, vec![(g, proof.o_c), (gamma2, z_v)]);
    for ((position, ticket), opening) in (0..).zip(&parts.tickets).zip(openings) {
        let z = &ticket.responses;
        let on_g = z_u + pay_info_hash(payment.pay_info(), position) * z.mu;
        push_g2(vec![(y1, z.index), (on_g2, z.r)]);
        push_g1(
            ticket.commitment.0,
            c,
            vec![(g, z.opening), (gamma2, z.index)],
        );
        push_g1(ticket.serial.0, c, vec![(delta, z.mu)]);
        push_g1(opening, z.mu, vec![(g, z.product), (gamma2, c)]);
        push_g1(ticket.tag.0, c, vec![(g, on_g)]);
    }
}
