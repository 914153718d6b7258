//! Payments: spend, parse, decode, verify, identify.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{EXPIRATION, Issuance, Network, PAY_INFO};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ecash_scheme::{
    Payment, PaymentBatch, Preparation, Sequential, SpendContext, SpendingKey, UncheckedPayment,
    VerifyingKey, identify,
};
use rand::thread_rng;

const PREPARATIONS: [Preparation; 3] =
    [Preparation::Small, Preparation::Default, Preparation::Large];

fn benches(c: &mut Criterion) {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let user = issuance.user.secret_key();
    let wallet = issuance.wallet(&network);
    let key = &network.verifying_key;
    let spend = |pay_info, count| {
        wallet
            .clone()
            .spend(
                user,
                &network.context(),
                pay_info,
                EXPIRATION,
                count,
                &mut thread_rng(),
            )
            .unwrap()
    };

    for preparation in PREPARATIONS {
        let name = format!("{preparation:?}");
        let spending_key = SpendingKey::new(&network.master, preparation);
        let context = SpendContext {
            master: &spending_key,
            dates: &network.dates,
            coins: &network.coins,
        };
        c.bench_function(&format!("payment::prepare_spending_key/{name}"), |b| {
            b.iter(|| SpendingKey::new(&network.master, preparation))
        });
        for count in [1, 50] {
            c.bench_function(&format!("payment::spend_prepared/{name}/n={count}"), |b| {
                b.iter(|| {
                    let mut wallet = wallet.clone();
                    wallet
                        .spend(
                            user,
                            &context,
                            &PAY_INFO,
                            EXPIRATION,
                            count,
                            &mut thread_rng(),
                        )
                        .unwrap()
                });
            });
        }
    }
    for preparation in PREPARATIONS {
        c.bench_function(&format!("payment::prepare_key/{preparation:?}"), |b| {
            b.iter(|| VerifyingKey::prepare(&network.master, preparation))
        });
        let prepared = VerifyingKey::prepare(&network.master, preparation);
        println!(
            "payment::prepare_key/{preparation:?}: {} KiB of tables",
            prepared.size_bytes() / 1024
        );
        let bytes = spend(&PAY_INFO, 1).to_bytes();
        c.bench_function(&format!("payment::from_bytes/{preparation:?}"), |b| {
            b.iter(|| {
                let payment = UncheckedPayment::parse(&bytes).unwrap();
                prepared
                    .verify_unchecked(payment, &PAY_INFO, EXPIRATION, &mut thread_rng())
                    .unwrap()
            })
        });
    }
    batches(c, key, &spend(&PAY_INFO, 1).to_bytes());
    for count in [1, 10, 50] {
        let payment = spend(&PAY_INFO, count);
        let bytes = payment.to_bytes();
        c.bench_function(&format!("payment::spend/n={count}"), |b| {
            b.iter(|| spend(&PAY_INFO, count))
        });
        c.bench_function(&format!("payment::parse/n={count}"), |b| {
            b.iter(|| UncheckedPayment::parse(&bytes).unwrap())
        });
        c.bench_function(&format!("payment::decode/n={count}"), |b| {
            b.iter(|| Payment::from_bytes(&bytes).unwrap())
        });
        c.bench_function(&format!("payment::verify/n={count}"), |b| {
            let verify = |payment| {
                key.verify(payment, &PAY_INFO, EXPIRATION, &mut thread_rng())
                    .unwrap()
            };
            b.iter_batched(|| payment.clone(), verify, BatchSize::SmallInput);
        });
    }
    let verified = |pay_info| {
        key.verify(spend(pay_info, 1), pay_info, EXPIRATION, &mut thread_rng())
            .unwrap()
    };
    let (one, two) = (verified(&PAY_INFO), verified(&[8; 72]));
    c.bench_function("payment::identify", |b| {
        b.iter(|| identify(&one, &two).unwrap())
    });
}

/// Batches from their bytes; the time is that of the whole batch, the throughput counts payments.
fn batches(c: &mut Criterion, key: &VerifyingKey, bytes: &[u8]) {
    let mut group = c.benchmark_group("payment::batch");
    group.sample_size(10);
    for size in [16, 64, 256, 1_024] {
        group.throughput(Throughput::Elements(size));
        group.bench_function(format!("n={size}"), |b| {
            b.iter(|| {
                let (mut batch, handle) = PaymentBatch::of_one_key(key.clone());
                for _ in 0..size {
                    let payment = UncheckedPayment::parse(bytes).unwrap();
                    batch.push(handle, payment, &PAY_INFO, EXPIRATION).unwrap();
                }
                assert!(batch.verify(&Sequential, &mut thread_rng()).all_verified());
            })
        });
    }
}

criterion_group!(payments, benches);
criterion_main!(payments);
