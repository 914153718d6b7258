//! Payments that arrive one by one: a service verifies them in batches, and each caller gets its own verdict.
//!
//! A state machine without clock, thread or lock. The service pushes what arrives, asks [`PaymentStream::close`] whether
//! a batch is due, and verifies it where it likes. A batch is due when [`STREAM_BATCH`] payments wait, or when the first of
//! them has waited [`STREAM_WAIT`]: under load payments are verified at the price of a batch, and a single one is never
//! held up for longer than that.

use std::collections::VecDeque;

use core::time::Duration;

use rand_core::{CryptoRng, RngCore};

use crate::error::Result;
use crate::parallel::Parallel;
use crate::spend::{Claim, Payment, PaymentBatch, Verified};

/// Payments that make a batch due at once.
pub const STREAM_BATCH: usize = 64;
/// Longest time that a payment waits for others.
pub const STREAM_WAIT: Duration = Duration::from_millis(4);

/// A bounded queue of payments, each with the caller `C` that waits for its verdict.
///
/// Times are durations since an instant of the caller's choice, from a clock that does not go back.
#[derive(Debug)]
pub struct PaymentStream<C> {
    waiting: VecDeque<Entry<C>>,
    capacity: usize,
}

#[derive(Debug)]
struct Entry<C> {
    claim: Claim,
    caller: C,
    since: Duration,
}

/// A batch that is due.
#[derive(Debug)]
#[must_use]
pub struct DueBatch<C>(Vec<(Claim, C)>);

/// The queue is full: the service verifies less than arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{capacity} payments wait for verification already; try again later")]
pub struct Full {
    /// How many may wait.
    pub capacity: usize,
}

impl<C> PaymentStream<C> {
    /// A queue in which at most `capacity` payments wait.
    #[must_use]
    pub const fn new(capacity: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            capacity,
        }
    }

    /// Takes a payment that arrives `now`.
    ///
    /// # Errors
    /// [`Full`].
    pub fn push(
        &mut self,
        claim: Claim,
        caller: C,
        now: Duration,
    ) -> core::result::Result<(), Full> {
        if self.waiting.len() >= self.capacity {
            return Err(Full {
                capacity: self.capacity,
            });
        }
        self.waiting.push_back(Entry {
            claim,
            caller,
            since: now,
        });
        Ok(())
    }

    /// The batch that is due `now`, oldest payments first.
    pub fn close(&mut self, now: Duration) -> Option<DueBatch<C>> {
        if self.due_at()? > now {
            return None;
        }
        let count = self.waiting.len().min(STREAM_BATCH);
        let batch = self.waiting.drain(..count);
        Some(DueBatch(
            batch.map(|entry| (entry.claim, entry.caller)).collect(),
        ))
    }

    /// When the next batch is due if nothing more arrives: in the past if it is due already, `None` while nothing waits.
    #[must_use]
    pub fn due_at(&self) -> Option<Duration> {
        let first = self.waiting.front()?;
        if self.waiting.len() >= STREAM_BATCH {
            return Some(first.since);
        }
        Some(first.since.saturating_add(STREAM_WAIT))
    }

    /// Drops the payments whose callers are `gone`: nobody wants their verdict.
    pub fn forget(&mut self, gone: impl Fn(&C) -> bool) {
        self.waiting.retain(|entry| !gone(&entry.caller));
    }

    /// Payments that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

impl<C> DueBatch<C> {
    /// Payments in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none; a batch that [`PaymentStream::close`] gave has some.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those who wait for it, in the order of their payments.
    pub fn callers(&self) -> impl Iterator<Item = &C> {
        self.0.iter().map(|(_, caller)| caller)
    }

    /// Verifies it as [`PaymentBatch::verify`] does, and gives every caller its verdict.
    pub fn verify<P: Parallel, R: RngCore + CryptoRng + ?Sized>(
        self,
        parallel: &P,
        rng: &mut R,
    ) -> Vec<(C, Result<Verified<Payment>>)> {
        let (claims, callers): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        let outcome = PaymentBatch::from(claims).verify(parallel, rng);
        callers.into_iter().zip(outcome.into_results()).collect()
    }
}
