//! Keys: dealing, aggregation, checks.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use ecash_scheme::{VerificationKey, check_polynomial, deal};
use rand::thread_rng;

fn benches(c: &mut Criterion) {
    let rng = &mut thread_rng();
    let indices: Vec<u64> = (1..=17).collect();
    let (master, keys) = deal(12, &indices, rng).unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|(index, secret)| (*index, secret.verification_key()))
        .collect();
    let shares: Vec<_> = keys.iter().map(|(index, key)| (*index, key)).collect();
    let bytes = master.to_bytes();

    c.bench_function("keys::deal/t=12,n=17", |b| {
        b.iter(|| deal(12, &indices, rng).unwrap())
    });
    c.bench_function("keys::decode", |b| {
        b.iter(|| VerificationKey::from_bytes(&bytes).unwrap())
    });
    c.bench_function("keys::aggregate/n=17", |b| {
        b.iter(|| VerificationKey::aggregate(&shares, 12).unwrap())
    });
    c.bench_function("keys::check_consistency", |b| {
        b.iter(|| master.check_consistency(rng).unwrap())
    });
    c.bench_function("keys::check_polynomial/t=12,n=17", |b| {
        b.iter(|| check_polynomial(&shares, 12, rng).unwrap())
    });
}

criterion_group!(keys, benches);
criterion_main!(keys);
