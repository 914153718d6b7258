//! Ours against the published crate: both in one process, operations taking turns, medians of thread CPU time, so that
//! neither the clock speed nor other work on the machine favours one side. Ours begins with bytes and decodes strictly
//! where it receives something; theirs begins with decoded objects, except where the line says otherwise.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use ecash_scheme::{
    BlindedSignature, CoinIndexSignatures, DateSignatures, Payment, VerificationKey,
    WithdrawalRequest,
};
use interop::{
    EXPIRATION, Network, THRESHOLD, TICKET_TYPE, User, book, our_answer, our_share, their_share,
    their_wallet,
};
use nym_compact_ecash as published;
use nym_compact_ecash::scheme::coin_indices_signatures::{
    CoinIndexSignatureShare, aggregate_annotated_indices_signatures, sign_coin_indices,
};
use nym_compact_ecash::scheme::expiration_date_signatures::{
    ExpirationDateSignatureShare, aggregate_annotated_expiration_signatures, sign_expiration_date,
};
use rand_core::OsRng;
use rustix::time::{ClockId, clock_gettime};

/// Times each side is measured.
const ROUNDS: usize = 25;

fn cpu_us() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

fn time<T>(run: &mut dyn FnMut() -> T) -> f64 {
    let before = cpu_us();
    black_box(run());
    cpu_us() - before
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One line: the medians of both in milliseconds, and their ratio.
fn compare<A, B>(name: &str, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    time(&mut ours);
    time(&mut theirs);
    for _ in 0..ROUNDS {
        our_times.push(time(&mut ours));
        their_times.push(time(&mut theirs));
    }
    let (ours, theirs) = (median(our_times) / 1e3, median(their_times) / 1e3);
    println!(
        "{name:<28} ours {ours:>9.3} ms   2.0.0 {theirs:>9.3} ms   ratio {:>6.1}",
        theirs / ours
    );
}

fn main() {
    let network = Network::dealt_by_us();
    let user = User::from_seed(b"bench");
    let signer = network.signers.first().unwrap();
    let secret = user.ours.secret_key();
    let pay_info = [7; 72];
    let their_pay_info = published::PayInfo {
        pay_info_bytes: pay_info,
    };
    let parameters = published::ecash_parameters();
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

    let wallet = book(&network, &user);
    let published_wallet = their_wallet(&wallet);
    let spend = |count| {
        wallet
            .clone()
            .spend(
                secret,
                &network.context(),
                &pay_info,
                EXPIRATION,
                count,
                &mut OsRng,
            )
            .unwrap()
    };
    for (name, count) in [("one", 1), ("fifty", 50)] {
        let their_spend = || {
            let mut wallet = published_wallet.clone();
            let key = &network.their_master;
            wallet
                .spend(
                    parameters,
                    key,
                    &user.theirs,
                    &their_pay_info,
                    count,
                    &dates,
                    &coins,
                    EXPIRATION,
                )
                .unwrap()
        };
        compare(&format!("spend_{name}"), || spend(count), their_spend);
        let bytes = spend(count).to_bytes();
        let decoded = published::scheme::Payment::from_bytes(&bytes).unwrap();
        let verify = || {
            let payment = Payment::from_bytes(&bytes).unwrap();
            network
                .our_verifier
                .verify(payment, &pay_info, EXPIRATION, &mut OsRng)
                .unwrap()
        };
        let their_verify = || {
            decoded
                .spend_verify(&network.their_master, &their_pay_info, EXPIRATION)
                .unwrap()
        };
        compare(&format!("verify_{name}"), verify, their_verify);
        let decode = || Payment::from_bytes(&bytes).unwrap();
        compare(&format!("decode_{name} (both)"), decode, || {
            published::scheme::Payment::from_bytes(&bytes).unwrap()
        });
    }

    compare(
        "withdrawal_request",
        || user.our_request(),
        || published::withdrawal_request(&user.theirs, EXPIRATION, TICKET_TYPE).unwrap(),
    );
    let (request, info) = user.our_request();
    let bytes = request.to_bytes();
    let their_request = published::WithdrawalRequest::from_bytes(&bytes).unwrap();
    let issue = || {
        our_answer(
            signer,
            &user,
            &WithdrawalRequest::from_bytes(&bytes).unwrap(),
        )
    };
    let their_issue = || {
        published::issue(
            &signer.theirs,
            user.their_public_key(),
            &their_request,
            EXPIRATION,
            TICKET_TYPE,
        )
        .unwrap()
    };
    compare("issue", issue, their_issue);
    let answer = our_answer(signer, &user, &request);
    let bytes = answer.to_bytes();
    let share = || {
        our_share(
            signer,
            &user,
            &info,
            &BlindedSignature::from_bytes(&bytes).unwrap(),
        )
    };
    compare("verify_share", share, || {
        their_share(signer, &user, &info, &answer)
    });
    let shares: Vec<_> = network
        .signers
        .iter()
        .map(|signer| our_share(signer, &user, &info, &our_answer(signer, &user, &request)))
        .collect();
    let their_shares: Vec<_> = shares
        .iter()
        .map(|share| published::PartialWallet::from_bytes(&share.to_bytes()).unwrap())
        .collect();
    let their_info =
        published::scheme::withdrawal::RequestInfo::from_bytes(&info.to_bytes()).unwrap();
    compare(
        "aggregate_wallet (5)",
        || {
            info.aggregate(secret, &shares, THRESHOLD, &network.our_master)
                .unwrap()
        },
        || {
            published::aggregate_wallets(
                &network.their_master,
                &user.theirs,
                &their_shares,
                &their_info,
            )
            .unwrap()
        },
    );

    let keys: Vec<_> = network
        .signers
        .iter()
        .map(|signer| (signer.index, &signer.our_key))
        .collect();
    let their_keys: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.their_key.clone())
        .collect();
    let indices: Vec<u64> = network.signers.iter().map(|signer| signer.index).collect();
    compare(
        "aggregate_keys (5)",
        || VerificationKey::aggregate(&keys, THRESHOLD).unwrap(),
        || published::aggregate_verification_keys(&their_keys, Some(&indices)).unwrap(),
    );

    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.ours.sign_dates(EXPIRATION).unwrap())
        .collect();
    let date_shares: Vec<_> = network
        .signers
        .iter()
        .zip(&sets)
        .map(|(signer, set)| (signer.index, &signer.our_key, set))
        .collect();
    let their_date_shares: Vec<_> = network
        .signers
        .iter()
        .map(|signer| ExpirationDateSignatureShare {
            index: signer.index,
            key: signer.their_key.clone(),
            signatures: sign_expiration_date(&signer.theirs, EXPIRATION).unwrap(),
        })
        .collect();
    compare(
        "aggregate_dates (5)",
        || {
            DateSignatures::aggregate(&date_shares, THRESHOLD, &network.our_master, &mut OsRng)
                .unwrap()
        },
        || {
            aggregate_annotated_expiration_signatures(
                &network.their_master,
                EXPIRATION,
                &their_date_shares,
            )
            .unwrap()
        },
    );
    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.ours.sign_coin_indices(&network.bases))
        .collect();
    let coin_shares: Vec<_> = network
        .signers
        .iter()
        .zip(&sets)
        .map(|(signer, set)| (signer.index, &signer.our_key, set))
        .collect();
    let their_coin_shares: Vec<_> = network
        .signers
        .iter()
        .map(|signer| CoinIndexSignatureShare {
            index: signer.index,
            key: signer.their_key.clone(),
            signatures: sign_coin_indices(parameters, &network.their_master, &signer.theirs)
                .unwrap(),
        })
        .collect();
    compare(
        "aggregate_coins (5)",
        || {
            let bases = ecash_scheme::CoinIndexBases::new(&network.our_master);
            CoinIndexSignatures::aggregate(
                &coin_shares,
                THRESHOLD,
                &network.our_master,
                &bases,
                &mut OsRng,
            )
            .unwrap()
        },
        || {
            aggregate_annotated_indices_signatures(
                parameters,
                &network.their_master,
                &their_coin_shares,
            )
            .unwrap()
        },
    );
}
