//! The proof of payments: every commitment is recomputed exactly from challenge and responses, and hashed (spec 5.6).

use crate::hash::pay_info_hash;
use crate::pairing::{g1_combination, g2_combination};
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::spend::transcript::{Commitments, Statement, TicketCommitments};
use crate::spend::verify::chunk::Decoded;

/// Whether the proof of each payment holds, in their order.
pub(super) fn proofs_hold(payments: &[Decoded]) -> Vec<bool> {
    payments
        .iter()
        .map(|decoded| {
            let statement = Statement::from(decoded.parts());
            let expected = decoded.key().transcript.challenge(
                &statement,
                &commitments(decoded),
                decoded.pay_info(),
            );
            expected == decoded.parts().proof.challenge
        })
        .collect()
}

fn commitments(decoded: &Decoded) -> Commitments {
    let parts = decoded.parts();
    let proof = &parts.proof;
    let c = proof.challenge;
    let not_c = Scalar::ONE - c;
    let [z_u, z_v, z_e] = proof.attributes;
    let g = G1::generator();
    let g2 = G2::generator();
    let alpha = *decoded.key().key.alpha();
    let [y1, y2, y3, _] = decoded.key().key.y_g2();
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
                let pay_info_hash = pay_info_hash(decoded.pay_info(), position);
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
