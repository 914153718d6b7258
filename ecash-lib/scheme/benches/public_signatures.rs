//! Date and coin-index signatures: sign, verify one signer's set, aggregate.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{EXPIRATION, Network, THRESHOLD};
use criterion::{Criterion, criterion_group, criterion_main};
use ecash_scheme::{CoinIndexBases, CoinIndexSignatures, DateSignatures};
use rand::thread_rng;

fn benches(c: &mut Criterion) {
    let rng = &mut thread_rng();
    let network = Network::new(1);
    let (signers, master, bases) = (&network.signers, &network.master, &network.bases);
    let signer = signers.first().unwrap();
    let dates: Vec<_> = signers
        .iter()
        .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
        .collect();
    let coins: Vec<_> = signers
        .iter()
        .map(|signer| signer.secret.sign_coin_indices(bases))
        .collect();
    let date_shares: Vec<_> = signers
        .iter()
        .zip(&dates)
        .map(|(signer, set)| (signer.index, &signer.key, set))
        .collect();
    let coin_shares: Vec<_> = signers
        .iter()
        .zip(&coins)
        .map(|(signer, set)| (signer.index, &signer.key, set))
        .collect();

    c.bench_function("dates::sign", |b| {
        b.iter(|| signer.secret.sign_dates(EXPIRATION).unwrap())
    });
    c.bench_function("dates::verify", |b| {
        b.iter(|| network.dates.verify(master, rng).unwrap())
    });
    c.bench_function("dates::aggregate/n=5", |b| {
        b.iter(|| DateSignatures::aggregate(&date_shares, THRESHOLD, master, rng).unwrap());
    });
    c.bench_function("coins::bases", |b| b.iter(|| CoinIndexBases::new(master)));
    c.bench_function("coins::sign", |b| {
        b.iter(|| signer.secret.sign_coin_indices(bases))
    });
    c.bench_function("coins::verify", |b| {
        b.iter(|| network.coins.verify(master, bases, rng).unwrap())
    });
    c.bench_function("coins::aggregate/n=5", |b| {
        b.iter(|| {
            CoinIndexSignatures::aggregate(&coin_shares, THRESHOLD, master, bases, rng).unwrap()
        });
    });
}

criterion_group!(public_signatures, benches);
criterion_main!(public_signatures);
