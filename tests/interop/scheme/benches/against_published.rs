//! Ours against the published crate, 17 signers of whom 12 suffice, one thread unless the name says otherwise: both in one
//! process, operations taking turns, medians of thread CPU time, so that neither the clock speed nor other work on the
//! machine favours one side.
//!
//! Where a message is received (payments, requests, answers) ours begins with its bytes and decodes strictly, theirs
//! begins with the decoded object. Shares, keys and sets of signatures are decoded objects on both sides.
//!
//! One JSON line for each operation, then a table with the floor that each ratio must reach. Ends with 1 if one does not.
#![allow(clippy::unwrap_used)]

mod measure;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, PaymentBatch,
    ScopedThreads, Sequential, UncheckedPayment, VerificationKey, Verified, WithdrawalRequest,
    deal, identify,
};
use interop_scheme::{
    EXPIRATION, Network, TICKET_TYPE, User, book, our_answer, our_share, their_share, their_wallet,
};
use measure::Report;
use nym_compact_ecash as published;
use nym_compact_ecash::scheme::coin_indices_signatures::{
    CoinIndexSignatureShare, aggregate_annotated_indices_signatures, sign_coin_indices,
};
use nym_compact_ecash::scheme::expiration_date_signatures::{
    ExpirationDateSignatureShare, aggregate_annotated_expiration_signatures, sign_expiration_date,
};
use nym_compact_ecash::scheme::withdrawal::RequestInfo;
use rand_core::{OsRng, RngCore};

const SIGNERS: u64 = 17;
const THRESHOLD: u64 = 12;

fn main() -> ExitCode {
    let network = Network::of_size(SIGNERS, THRESHOLD);
    let user = User::from_seed(b"bench");
    let mut report = Report::default();
    payments(&network, &user, &mut report);
    withdrawals(&network, &user, &mut report);
    keys(&network, &mut report);
    dates(&network, &mut report);
    coins(&network, &mut report);
    report.finish()
}

fn pay_info(number: u64) -> [u8; 72] {
    let mut bytes = [7; 72];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

const fn their_pay_info(number: [u8; 72]) -> published::PayInfo {
    published::PayInfo {
        pay_info_bytes: number,
    }
}

fn payments(network: &Network, user: &User, report: &mut Report) {
    let wallet = book(network, user);
    let published_wallet = their_wallet(&wallet);
    let secret = user.ours.secret_key();
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
    let spend = |pay_info: &[u8; 72]| {
        let mut wallet = wallet.clone();
        let context = network.context();
        wallet
            .spend(secret, &context, pay_info, EXPIRATION, 1, &mut OsRng)
            .unwrap()
    };
    let first = pay_info(0);
    report.compare(
        "spend_one",
        18.0,
        || spend(&first),
        || {
            let mut wallet = published_wallet.clone();
            wallet
                .spend(
                    published::ecash_parameters(),
                    &network.their_master,
                    &user.theirs,
                    &their_pay_info(first),
                    1,
                    &dates,
                    &coins,
                    EXPIRATION,
                )
                .unwrap()
        },
    );

    let payments: Vec<(Vec<u8>, [u8; 72])> = (0..256)
        .map(|number| {
            let pay_info = pay_info(number);
            (spend(&pay_info).to_bytes(), pay_info)
        })
        .collect();
    let theirs: Vec<_> = payments
        .iter()
        .map(|(bytes, _)| published::scheme::Payment::from_bytes(bytes).unwrap())
        .collect();
    let verify = |(bytes, pay_info): &(Vec<u8>, [u8; 72])| {
        let payment = UncheckedPayment::parse(bytes).unwrap();
        network
            .our_verifier
            .verify_unchecked(payment, pay_info, EXPIRATION, &mut OsRng)
            .unwrap()
    };
    let their_verify = || {
        theirs[0]
            .spend_verify(&network.their_master, &their_pay_info(first), EXPIRATION)
            .unwrap();
    };
    report.compare("verify_one", 10.0, || verify(&payments[0]), their_verify);

    let batch = |size: usize| {
        let (mut batch, key) = PaymentBatch::of_one_key(network.our_verifier.clone());
        for (bytes, pay_info) in &payments[..size] {
            let payment = UncheckedPayment::parse(bytes).unwrap();
            batch.push(key, payment, pay_info, EXPIRATION).unwrap();
        }
        batch
    };
    for (size, floor) in [(16, 12.5), (64, 15.0), (256, 16.0)] {
        report.compare_each(
            &format!("verify_batch_{size}"),
            floor,
            size,
            || {
                assert!(batch(size).verify(&Sequential, &mut OsRng).all_verified());
            },
            their_verify,
        );
    }
    let two = ScopedThreads(NonZeroUsize::new(2).unwrap());
    report.speed_up(
        "verify_batch_64_two_threads",
        1.8,
        64,
        || assert!(batch(64).verify(&Sequential, &mut OsRng).all_verified()),
        || assert!(batch(64).verify(&two, &mut OsRng).all_verified()),
        their_verify,
    );

    let twice: [Verified<_>; 2] = [verify(&payments[0]), verify(&payments[1])];
    report.compare(
        "identify",
        9.0,
        || identify(&twice[0], &twice[1]).unwrap(),
        || {
            published::scheme::identify::identify(
                &theirs[0],
                &theirs[1],
                their_pay_info(first),
                their_pay_info(pay_info(1)),
            )
        },
    );
}

fn withdrawals(network: &Network, user: &User, report: &mut Report) {
    let secret = user.ours.secret_key();
    let signer = &network.signers[0];
    report.compare(
        "withdrawal_request",
        12.5,
        || user.our_request(),
        || published::withdrawal_request(&user.theirs, EXPIRATION, TICKET_TYPE).unwrap(),
    );
    let (request, info) = user.our_request();
    let bytes = request.to_bytes();
    let their_request = published::WithdrawalRequest::from_bytes(&bytes).unwrap();
    report.compare(
        "issue",
        9.0,
        || {
            our_answer(
                signer,
                user,
                &WithdrawalRequest::from_bytes(&bytes).unwrap(),
            )
        },
        || {
            published::issue(
                &signer.theirs,
                user.their_public_key(),
                &their_request,
                EXPIRATION,
                TICKET_TYPE,
            )
            .unwrap()
        },
    );

    let their_info = RequestInfo::from_bytes(&info.to_bytes()).unwrap();
    let answers: Vec<_> = network
        .signers
        .iter()
        .take(THRESHOLD as usize)
        .map(|signer| {
            let answer = our_answer(signer, user, &request);
            let theirs = published::BlindedSignature::from_bytes(&answer.to_bytes()).unwrap();
            (signer, answer.to_bytes(), theirs)
        })
        .collect();
    let their_verified = |signer: &interop_scheme::Signer, answer: &published::BlindedSignature| {
        published::issue_verify(
            &signer.their_key,
            &user.theirs,
            answer,
            &their_info,
            signer.index,
        )
        .unwrap()
    };
    let (_, first, their_first) = &answers[0];
    report.compare(
        "verify_share",
        5.0,
        || our_share(signer, user, &info, &info.read_answer(first).unwrap()),
        || their_verified(signer, their_first),
    );

    let shares: Vec<_> = answers
        .iter()
        .map(|(signer, answer, _)| {
            let answer = BlindedSignature::from_bytes(answer).unwrap();
            our_share(signer, user, &info, &answer)
        })
        .collect();
    let their_shares: Vec<_> = answers
        .iter()
        .map(|(signer, answer, _)| {
            let answer = BlindedSignature::from_bytes(answer).unwrap();
            their_share(signer, user, &info, &answer)
        })
        .collect();
    let their_aggregate = |shares: &[published::PartialWallet]| {
        published::aggregate_wallets(&network.their_master, &user.theirs, shares, &their_info)
            .unwrap()
    };
    report.compare(
        "aggregate_shares",
        10.0,
        || {
            info.aggregate(secret, &shares, THRESHOLD, &network.our_master)
                .unwrap()
        },
        || their_aggregate(&their_shares),
    );
    report.compare(
        "answers_to_wallet",
        45.0,
        || {
            let answers: Vec<_> = answers
                .iter()
                .map(|(signer, bytes, _)| {
                    (
                        signer.index,
                        &signer.our_key,
                        info.read_answer(bytes).unwrap(),
                    )
                })
                .collect();
            info.collect(secret, &answers, THRESHOLD, &network.our_master)
                .unwrap()
        },
        || {
            let shares: Vec<_> = answers
                .iter()
                .map(|(signer, _, answer)| their_verified(signer, answer))
                .collect();
            their_aggregate(&shares)
        },
    );
}

fn keys(network: &Network, report: &mut Report) {
    let small: Vec<u64> = (1..=SIGNERS).collect();
    let any: Vec<u64> = small.iter().map(|_| OsRng.next_u64() | 1).collect();
    let far = deal(THRESHOLD, &any, &mut OsRng).unwrap().1;
    let far: Vec<VerificationKey> = far.iter().map(|(_, key)| key.verification_key()).collect();
    let near: Vec<VerificationKey> = network
        .signers
        .iter()
        .map(|signer| signer.our_key.clone())
        .collect();
    for (name, floor, indices, keys) in [
        ("aggregate_keys_small_indices", 100.0, &small, &near),
        ("aggregate_keys_any", 40.0, &any, &far),
    ] {
        let ours: Vec<_> = indices.iter().copied().zip(keys).collect();
        let theirs: Vec<_> = keys
            .iter()
            .map(|key| published::VerificationKeyAuth::from_bytes(&key.to_bytes()).unwrap())
            .collect();
        report.compare(
            name,
            floor,
            || VerificationKey::aggregate(&ours, THRESHOLD).unwrap(),
            || published::aggregate_verification_keys(&theirs, Some(indices)).unwrap(),
        );
    }
}

fn dates(network: &Network, report: &mut Report) {
    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.ours.sign_dates(EXPIRATION).unwrap())
        .collect();
    let ours: Vec<_> = network
        .signers
        .iter()
        .zip(&sets)
        .map(|(signer, set)| (signer.index, &signer.our_key, set))
        .collect();
    let theirs: Vec<_> = network
        .signers
        .iter()
        .map(|signer| ExpirationDateSignatureShare {
            index: signer.index,
            key: signer.their_key.clone(),
            signatures: sign_expiration_date(&signer.theirs, EXPIRATION).unwrap(),
        })
        .collect();
    let master = &network.our_master;
    let their_aggregate = || {
        aggregate_annotated_expiration_signatures(&network.their_master, EXPIRATION, &theirs)
            .unwrap()
    };
    report.compare(
        "date_signatures",
        120.0,
        || DateSignatures::aggregate(&ours, THRESHOLD, master, &mut OsRng).unwrap(),
        their_aggregate,
    );
    report.compare(
        "date_signatures_every_share",
        27.0,
        || DateSignatures::aggregate_every_share(&ours, THRESHOLD, master, &mut OsRng).unwrap(),
        their_aggregate,
    );
}

fn coins(network: &Network, report: &mut Report) {
    let signer = &network.signers[0];
    let parameters = published::ecash_parameters();
    let their_sign = |signer: &interop_scheme::Signer| {
        sign_coin_indices(parameters, &network.their_master, &signer.theirs).unwrap()
    };
    report.compare(
        "sign_coin_indices",
        3.3,
        || {
            let bases = CoinIndexBases::new(&network.our_master);
            signer.ours.sign_coin_indices(&bases)
        },
        || their_sign(signer),
    );
    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.ours.sign_coin_indices(&network.bases))
        .collect();
    let ours: Vec<_> = network
        .signers
        .iter()
        .zip(&sets)
        .map(|(signer, set)| (signer.index, &signer.our_key, set))
        .collect();
    let theirs: Vec<_> = network
        .signers
        .iter()
        .map(|signer| CoinIndexSignatureShare {
            index: signer.index,
            key: signer.their_key.clone(),
            signatures: their_sign(signer),
        })
        .collect();
    let master = &network.our_master;
    let their_aggregate = || {
        aggregate_annotated_indices_signatures(parameters, &network.their_master, &theirs).unwrap()
    };
    report.compare(
        "coin_signatures",
        200.0,
        || {
            let bases = CoinIndexBases::new(master);
            CoinIndexSignatures::aggregate(&ours, THRESHOLD, master, &bases, &mut OsRng).unwrap()
        },
        their_aggregate,
    );
    report.compare(
        "coin_signatures_every_share",
        70.0,
        || {
            let bases = CoinIndexBases::new(master);
            CoinIndexSignatures::aggregate_every_share(&ours, THRESHOLD, master, &bases, &mut OsRng)
                .unwrap()
        },
        their_aggregate,
    );
}
