//! Payments: spend, parse, decode, verify, identify.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{EXPIRATION, Issuance, Network, PAY_INFO};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ecash_scheme::{
    Payment, Preparation, SpendContext, SpendingKey, UncheckedPayment, VerifyingKey, identify,
};
use rand::thread_rng;

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

    for (name, preparation) in [
        ("small", Preparation::Small),
        ("default", Preparation::Default),
        ("large", Preparation::Large),
    ] {
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
    c.bench_function("payment::prepare_key", |b| {
        b.iter(|| VerifyingKey::new(&network.master))
    });
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

criterion_group!(payments, benches);
criterion_main!(payments);
