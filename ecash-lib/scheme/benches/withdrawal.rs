//! Withdrawal: request, issue, check and aggregate shares.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{EXPIRATION, Issuance, Network, THRESHOLD, TICKET_TYPE};
use criterion::{Criterion, criterion_group, criterion_main};
use ecash_scheme::{RandomNonces, WithdrawalRequest, WithdrawalSecrets};
use rand::thread_rng;

fn benches(c: &mut Criterion) {
    let rng = &mut thread_rng();
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let user = &issuance.user;
    let bytes = issuance.request.to_bytes();
    let signer = network.signers.first().unwrap();
    let answer = issuance.answers.first().unwrap();
    let verified = issuance
        .request
        .verify(user.public_key(), EXPIRATION, TICKET_TYPE)
        .unwrap();
    let unblind = || {
        issuance
            .info
            .unblind(user.secret_key(), answer, &signer.key, signer.index)
            .unwrap()
    };
    let answers = network.signers.iter().zip(&issuance.answers);
    let shares: Vec<_> = answers
        .map(|(signer, answer)| {
            issuance
                .info
                .unblind(user.secret_key(), answer, &signer.key, signer.index)
                .unwrap()
        })
        .collect();

    c.bench_function("withdrawal::request", |b| {
        b.iter(|| {
            let secrets = WithdrawalSecrets::random(rng);
            WithdrawalRequest::new(
                user,
                EXPIRATION,
                TICKET_TYPE,
                secrets,
                &mut RandomNonces(rng),
            )
            .unwrap()
        });
    });
    c.bench_function("withdrawal::decode", |b| {
        b.iter(|| WithdrawalRequest::from_bytes(&bytes).unwrap())
    });
    c.bench_function("withdrawal::verify", |b| {
        b.iter(|| {
            issuance
                .request
                .verify(user.public_key(), EXPIRATION, TICKET_TYPE)
                .map(|_| ())
                .unwrap()
        });
    });
    c.bench_function("withdrawal::blind_sign", |b| {
        b.iter(|| signer.secret.blind_sign(&verified))
    });
    c.bench_function("withdrawal::check_blinded", |b| {
        b.iter(|| answer.verify(&verified, &signer.key).unwrap())
    });
    c.bench_function("withdrawal::unblind", |b| b.iter(unblind));
    c.bench_function("withdrawal::aggregate/n=5", |b| {
        b.iter(|| {
            issuance
                .info
                .aggregate(user.secret_key(), &shares, THRESHOLD, &network.master)
                .unwrap()
        });
    });
}

criterion_group!(withdrawal, benches);
criterion_main!(withdrawal);
