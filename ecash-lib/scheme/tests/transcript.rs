//! One seeded run through the whole scheme has the same bytes on every machine and under both curve backends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{DAY, EXPIRATION, INDICES, Issuance, Network, PAY_INFO, TICKET_TYPE, rng};
use ecash_scheme::codec::Encode;
use ecash_scheme::{Identified, identify};
use sha2::{Digest, Sha256};

/// SHA-256 over everything the run produces.
const DIGEST: &str = "3b14f35f9e7d6dfadf0f19499340fbcdf076226884bf95d808ec9d0c86b88529";

#[test]
fn a_seeded_run_gives_the_checked_in_digest_under_every_backend() {
    let mut digest = Sha256::new();
    let network = Network::new(1);
    digest.update(network.master.to_bytes());
    for signer in &network.signers {
        digest.update(signer.secret.to_bytes());
        digest.update(signer.key.to_bytes());
    }
    digest.update(network.dates.to_bin());
    digest.update(network.coins.to_bin());

    let issuance = Issuance::new(&network, 2);
    digest.update(issuance.user.to_bytes());
    digest.update(issuance.request.to_bytes());
    digest.update(issuance.info.to_bytes());
    issuance
        .answers
        .iter()
        .for_each(|answer| digest.update(answer.to_bytes()));
    let verified = issuance
        .request
        .verify(issuance.user.public_key(), EXPIRATION, TICKET_TYPE)
        .unwrap();
    for (signer, answer) in network.signers.iter().zip(&issuance.answers) {
        answer.verify(&verified, &signer.key).unwrap();
    }

    let mut wallet = issuance.wallet(&network);
    let mut copy = wallet.clone();
    digest.update(wallet.to_bytes());
    let mut rng = rng(3);
    let user = issuance.user.secret_key();
    for (day, count) in (0..).zip([1, 2, 5, 42]) {
        let spend_date = EXPIRATION - day * DAY;
        let payment = wallet
            .spend(
                user,
                &network.context(),
                &PAY_INFO,
                spend_date,
                count,
                &mut rng,
            )
            .unwrap();
        let again = copy
            .spend(
                user,
                &network.context(),
                &[8; 72],
                spend_date,
                count,
                &mut rng,
            )
            .unwrap();
        digest.update(payment.to_bytes());
        digest.update(serde_json::to_vec(&again).unwrap());
        let payment = network
            .verifying_key
            .verify(payment, &PAY_INFO, spend_date, &mut rng)
            .unwrap();
        let again = network
            .verifying_key
            .verify(again, &[8; 72], spend_date, &mut rng)
            .unwrap();
        assert_eq!(
            identify(&payment, &again).unwrap(),
            Identified::Spender(*issuance.user.public_key())
        );
    }
    digest.update(wallet.to_bytes());
    assert_eq!(INDICES.len(), network.signers.len());
    assert_eq!(hex::encode(digest.finalize()), DIGEST);
}
