//! How much memory a batch takes. Alone in its process, because it counts every allocation of it.
#![allow(clippy::unwrap_used, missing_docs, unsafe_code)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{EXPIRATION, Issuance, Network, PAY_INFO, rng};
use ecash_scheme::{PaymentBatch, ScopedThreads, UncheckedPayment};

/// What a batch of [`PAYMENTS`] stays below, with its inputs and its results.
const LIMIT_BYTES: usize = 64 * 1024 * 1024;
const PAYMENTS: usize = 4_096;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged; the counters are atomic.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of this function, which is that of the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_batch_of_4096_payments_stays_below_64_mebibytes_on_two_threads() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let user = issuance.user.secret_key();
    let bytes = issuance
        .wallet(&network)
        .spend(
            user,
            &network.context(),
            &PAY_INFO,
            EXPIRATION,
            1,
            &mut rng(3),
        )
        .unwrap()
        .to_bytes();
    let payment = UncheckedPayment::parse(&bytes).unwrap();
    let two = ScopedThreads(NonZeroUsize::new(2).unwrap());

    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let (mut batch, key) = PaymentBatch::of_one_key(network.verifying_key.clone());
    for _ in 0..PAYMENTS {
        batch
            .push(key, payment.clone(), &PAY_INFO, EXPIRATION)
            .unwrap();
    }
    let outcome = batch.verify(&two, &mut rng(4));
    let peak = PEAK.load(Ordering::Relaxed) - before;

    assert!(outcome.all_verified());
    assert_eq!(outcome.results().len(), PAYMENTS);
    assert!(
        peak < LIMIT_BYTES,
        "{peak} bytes for {PAYMENTS} payments, {LIMIT_BYTES} allowed"
    );
    println!("{} KiB for {PAYMENTS} payments", peak / 1024);
}
