//! Whatever one implementation makes, the other accepts, and where there is only one right answer the bytes are equal.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use ecash_scheme::codec::Encode;
use ecash_scheme::{Error, Identified, PartialWallet, Payment, identify};
use interop_scheme::{
    EXPIRATION, Network, THRESHOLD, User, book, our_answer, our_share, their_answer, their_share,
    their_wallet,
};
use nym_compact_ecash as published;
use nym_compact_ecash::Base58;
use nym_compact_ecash::scheme::coin_indices_signatures::sign_coin_indices;
use nym_compact_ecash::scheme::expiration_date_signatures::sign_expiration_date;
use nym_compact_ecash::scheme::identify::IdentifyResult;
use rand_core::OsRng;

/// Both shapes of keys: four y (as from a ceremony) and five (their dealer).
static NETWORKS: LazyLock<[Network; 2]> =
    LazyLock::new(|| [Network::dealt_by_us(), Network::dealt_by_them()]);

const PAY_INFO: [u8; 72] = [7; 72];

fn their_pay_info(pay_info: [u8; 72]) -> published::PayInfo {
    published::PayInfo {
        pay_info_bytes: pay_info,
    }
}

fn our_payment(network: &Network, user: &User, pay_info: &[u8; 72], count: u64) -> Payment {
    let mut wallet = book(network, user);
    wallet
        .spend(
            user.ours.secret_key(),
            &network.context(),
            pay_info,
            EXPIRATION,
            count,
            &mut OsRng,
        )
        .unwrap()
}

fn spent_by_them(
    network: &Network,
    user: &User,
    wallet: &mut published::scheme::Wallet,
    pay_info: [u8; 72],
    count: u64,
) -> published::scheme::Payment {
    let dates: Vec<_> = network
        .their_dates
        .iter()
        .map(|entry| entry.signature)
        .collect();
    let coins: Vec<_> = network
        .their_coins
        .iter()
        .map(|entry| entry.signature)
        .collect();
    let parameters = published::ecash_parameters();
    let pay_info = their_pay_info(pay_info);
    wallet
        .spend(
            parameters,
            &network.their_master,
            &user.theirs,
            &pay_info,
            count,
            &dates,
            &coins,
            EXPIRATION,
        )
        .unwrap()
}

#[test]
fn keys_and_their_aggregates_are_the_same_bytes() {
    for network in NETWORKS.iter() {
        for signer in &network.signers {
            assert_eq!(signer.our_key.to_bytes(), signer.their_key.to_bytes());
            assert_eq!(signer.our_key.to_base58(), signer.their_key.to_bs58());
            assert_eq!(
                serde_json::to_value(&signer.our_key).unwrap(),
                serde_json::to_value(&signer.their_key).unwrap()
            );
        }
        assert_eq!(
            network.our_master.to_bytes(),
            network.their_master.to_bytes()
        );
    }
    let user = User::from_seed(b"a seed");
    let theirs = published::generate_keypair_user_from_seed(b"a seed");
    assert_eq!(user.ours.to_bytes().to_vec(), theirs.to_bytes());
}

#[test]
fn public_signatures_are_the_same_bytes() {
    for network in NETWORKS.iter() {
        for signer in &network.signers {
            let ours = signer.ours.sign_dates(EXPIRATION).unwrap();
            let theirs = sign_expiration_date(&signer.theirs, EXPIRATION).unwrap();
            assert_eq!(
                serde_json::to_value(&ours).unwrap(),
                serde_json::to_value(&theirs).unwrap()
            );
            let ours = signer.ours.sign_coin_indices(&network.bases);
            let parameters = published::ecash_parameters();
            let theirs =
                sign_coin_indices(parameters, &network.their_master, &signer.theirs).unwrap();
            assert_eq!(
                serde_json::to_value(&ours).unwrap(),
                serde_json::to_value(&theirs).unwrap()
            );
        }
        assert_eq!(
            serde_json::to_value(&network.our_dates).unwrap(),
            serde_json::to_value(&network.their_dates).unwrap()
        );
        assert_eq!(
            serde_json::to_value(&network.our_coins).unwrap(),
            serde_json::to_value(&network.their_coins).unwrap()
        );
    }
}

#[test]
fn requests_are_answered_with_the_same_bytes_whoever_made_them() {
    for network in NETWORKS.iter() {
        let user = User::from_seed(b"requests");
        for (request, info) in [user.our_request(), user.their_request()] {
            for signer in &network.signers {
                let ours = our_answer(signer, &user, &request);
                let theirs = their_answer(signer, &user, &request);
                assert_eq!(ours.to_bytes(), theirs.to_bytes());
                let our_share = our_share(signer, &user, &info, &theirs);
                let their_share = their_share(signer, &user, &info, &ours);
                assert_eq!(
                    our_share.to_bytes().to_vec(),
                    their_share.to_bytes().to_vec()
                );
            }
        }
    }
}

#[test]
fn shares_of_both_kinds_of_signers_aggregate_to_one_wallet_under_both() {
    for network in NETWORKS.iter() {
        let user = User::from_seed(b"mixed");
        for (request, info) in [user.our_request(), user.their_request()] {
            let shares: Vec<PartialWallet> = network
                .signers
                .iter()
                .map(|signer| match signer.index % 2 {
                    0 => our_share(signer, &user, &info, &our_answer(signer, &user, &request)),
                    _ => {
                        let share = their_share(
                            signer,
                            &user,
                            &info,
                            &their_answer(signer, &user, &request),
                        );
                        PartialWallet::from_bytes(&share.to_bytes()).unwrap()
                    }
                })
                .collect();
            let ours = info
                .aggregate(
                    user.ours.secret_key(),
                    &shares,
                    THRESHOLD,
                    &network.our_master,
                )
                .unwrap();
            let their_info =
                published::scheme::withdrawal::RequestInfo::from_bytes(&info.to_bytes()).unwrap();
            let their_shares: Vec<_> = shares
                .iter()
                .take(3)
                .map(|share| published::PartialWallet::from_bytes(&share.to_bytes()).unwrap())
                .collect();
            let theirs = published::aggregate_wallets(
                &network.their_master,
                &user.theirs,
                &their_shares,
                &their_info,
            )
            .unwrap();
            assert_eq!(
                ours.to_bytes().to_vec(),
                theirs.into_wallet_signatures().to_bytes().to_vec()
            );
        }
    }
}

#[test]
fn our_payments_verify_under_theirs() {
    for network in NETWORKS.iter() {
        let user = User::from_seed(b"ours");
        for count in [1, 2, 50] {
            let payment = our_payment(network, &user, &PAY_INFO, count);
            let theirs = published::scheme::Payment::from_bytes(&payment.to_bytes()).unwrap();
            theirs
                .spend_verify(&network.their_master, &their_pay_info(PAY_INFO), EXPIRATION)
                .unwrap();
            assert!(theirs.proves_coin_index_binding());
            assert_eq!(
                theirs.encoded_serial_number(),
                payment.encoded_serial_number()
            );
            assert_eq!(
                serde_json::to_value(&theirs).unwrap(),
                serde_json::to_value(&payment).unwrap()
            );
            assert!(
                theirs
                    .spend_verify(&network.their_master, &their_pay_info([8; 72]), EXPIRATION)
                    .is_err()
            );
        }
    }
}

#[test]
fn their_payments_verify_under_ours() {
    for network in NETWORKS.iter() {
        let user = User::from_seed(b"theirs");
        for count in [1, 2, 50] {
            let mut wallet = their_wallet(&book(network, &user));
            let theirs = spent_by_them(network, &user, &mut wallet, PAY_INFO, count);
            let payment = Payment::from_bytes(&theirs.to_bytes()).unwrap();
            assert_eq!(payment.to_bin(), theirs.to_bytes());
            let read: Payment =
                serde_json::from_value(serde_json::to_value(&theirs).unwrap()).unwrap();
            assert_eq!(read, payment);
            let refused = network
                .our_verifier
                .verify(read, &[8; 72], EXPIRATION, &mut OsRng);
            assert_eq!(refused, Err(Error::PaymentProof));
            network
                .our_verifier
                .verify(payment, &PAY_INFO, EXPIRATION, &mut OsRng)
                .unwrap();
        }
    }
}

#[test]
fn a_ticket_spent_once_with_each_names_its_spender_to_both() {
    for network in NETWORKS.iter() {
        let user = User::from_seed(b"twice");
        let mut wallet = book(network, &user);
        let theirs = spent_by_them(network, &user, &mut their_wallet(&wallet), [9; 72], 2);
        let ours = wallet
            .spend(
                user.ours.secret_key(),
                &network.context(),
                &PAY_INFO,
                EXPIRATION,
                1,
                &mut OsRng,
            )
            .unwrap();

        let ours_as_theirs = published::scheme::Payment::from_bytes(&ours.to_bytes()).unwrap();
        let named = published::identify::identify(
            &ours_as_theirs,
            &theirs,
            their_pay_info(PAY_INFO),
            their_pay_info([9; 72]),
        );
        let IdentifyResult::DoubleSpendingPublicKeys(key) = named else {
            panic!("nobody named")
        };
        assert_eq!(key.to_bytes(), user.ours.public_key().to_bytes().to_vec());

        let theirs = Payment::from_bytes(&theirs.to_bytes()).unwrap();
        let verified = |payment, pay_info| {
            network
                .our_verifier
                .verify(payment, pay_info, EXPIRATION, &mut OsRng)
                .unwrap()
        };
        let (one, two) = (verified(ours, &PAY_INFO), verified(theirs, &[9; 72]));
        assert_eq!(
            identify(&one, &two),
            Ok(Identified::Spender(*user.ours.public_key()))
        );
    }
}
