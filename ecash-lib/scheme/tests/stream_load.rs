//! The stream under load and under none, on a clock that the test moves: what a caller waits, and how large batches get.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{EXPIRATION, Issuance, Network, PAY_INFO, rng};
use ecash_scheme::{Claim, PaymentStream, STREAM_BATCH, STREAM_WAIT, UncheckedPayment};

const US: Duration = Duration::from_micros(1);
const SECOND: Duration = Duration::from_secs(1);
/// Payments that may wait.
const CAPACITY: usize = 256;

fn claim() -> Claim {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let (user, context) = (issuance.user.secret_key(), network.context());
    let payment = issuance
        .wallet(&network)
        .spend(user, &context, &PAY_INFO, EXPIRATION, 1, &mut rng(3))
        .unwrap();
    Claim {
        key: network.verifying_key,
        payment: UncheckedPayment::parse(&payment.to_bytes()).unwrap(),
        pay_info: PAY_INFO,
        spend_date: EXPIRATION,
    }
}

/// How long one worker takes for a batch: what it costs in the main, without the curve.
fn service_time(payments: usize) -> Duration {
    1_000 * US + 2_000 * US * u32::try_from(payments).unwrap()
}

/// What became of the payments of one second.
struct Second {
    longest: Duration,
    refused: usize,
    /// How many batches there were of each size.
    sizes: BTreeMap<usize, usize>,
}

/// One second of payments that arrive at a steady `interval`, verified by one worker.
fn second_of(claim: &Claim, interval: Duration) -> Second {
    let mut stream = PaymentStream::new(CAPACITY);
    let mut outcome = Second {
        longest: Duration::ZERO,
        refused: 0,
        sizes: BTreeMap::new(),
    };
    let (mut arrival, mut free_at) = (Duration::ZERO, Duration::ZERO);
    while arrival < SECOND || stream.waiting() > 0 {
        let leaves = stream.due_at().map(|due| due.max(free_at));
        match leaves {
            Some(now) if arrival >= SECOND || now <= arrival => {
                let batch = stream.close(now).unwrap();
                free_at = now + service_time(batch.len());
                *outcome.sizes.entry(batch.len()).or_default() += 1;
                for since in batch.callers() {
                    outcome.longest = outcome.longest.max(free_at - *since);
                }
            }
            _ => {
                if stream.push(claim.clone(), arrival, arrival).is_err() {
                    outcome.refused += 1;
                }
                arrival += interval;
            }
        }
    }
    outcome
}

#[test]
fn a_lonely_payment_is_held_up_by_the_wait_and_by_nothing_else() {
    let outcome = second_of(&claim(), 50_000 * US);
    assert_eq!(outcome.longest, STREAM_WAIT + service_time(1));
    assert_eq!(outcome.sizes, BTreeMap::from([(1, 20)]));
    assert_eq!(outcome.refused, 0);
}

#[test]
fn under_load_that_the_worker_can_bear_nobody_is_refused_and_the_latency_is_bounded() {
    let outcome = second_of(&claim(), 2_200 * US);
    assert_eq!(outcome.refused, 0);
    // One batch under way while the next one gathers.
    assert!(outcome.longest <= STREAM_WAIT + 2 * service_time(STREAM_BATCH));
}

#[test]
fn under_more_load_than_the_worker_can_bear_batches_are_full_the_queue_is_bounded_and_the_rest_is_refused()
 {
    let outcome = second_of(&claim(), 500 * US);
    assert!(outcome.refused > 0);
    let full = outcome.sizes.get(&STREAM_BATCH).copied().unwrap_or(0);
    let others: usize = outcome.sizes.values().sum::<usize>() - full;
    assert!(full > others, "{:?}", outcome.sizes);
    let batches_ahead = u32::try_from(CAPACITY / STREAM_BATCH + 1).unwrap();
    assert!(outcome.longest <= STREAM_WAIT + batches_ahead * service_time(STREAM_BATCH));
}
