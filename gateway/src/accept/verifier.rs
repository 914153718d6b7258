//! Step 7 of R1.14 for all tickets of the moment: they wait in a bounded stream, and leave it in batches for the pool.
//!
//! When a batch is due is decided by [`PaymentStream`]; here are its clock, its lock and the task that waits for it. There
//! are never more batches under way than the pool has threads, so what arrives meanwhile gathers into full batches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use ecash_scheme::{DueBatch, Full, PaymentStream, Sequential, VerifyingKey};
use ecash_service::workers::WorkerPool;
use ecash_ticketbook::Ticket;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::verified::VerifiedTicket;

/// Why there is no verified ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// It does not verify.
    #[error(transparent)]
    Refused(#[from] ecash_scheme::Error),
    /// Too many tickets wait.
    #[error(transparent)]
    Full(#[from] Full),
    /// The pool has no room, is closing, or the verification of its batch broke off.
    #[error("the verification was given up")]
    GivenUp,
}

/// A ticket in the stream, and who waits for it.
struct Waiting {
    ticket: Ticket,
    reply: oneshot::Sender<Result<VerifiedTicket, NotVerified>>,
}

/// Verifies tickets on a pool, many at a time. Its task ends when it is dropped.
pub struct Verifier {
    shared: Arc<Shared>,
    started: Once,
}

struct Shared {
    stream: Mutex<PaymentStream<Waiting>>,
    /// Told when a ticket was added, and when the verifier goes.
    changed: Notify,
    closed: AtomicBool,
    pool: Arc<WorkerPool>,
    /// Where the times of the stream begin.
    origin: Instant,
    /// Tickets whose verification has begun.
    begun: AtomicU64,
}

impl Verifier {
    /// A verifier over `pool`, in which `queue_per_thread` tickets may wait for each of its threads.
    #[must_use]
    pub fn new(pool: Arc<WorkerPool>, queue_per_thread: usize) -> Self {
        let capacity = pool.threads().saturating_mul(queue_per_thread);
        Self {
            shared: Arc::new(Shared {
                stream: Mutex::new(PaymentStream::new(capacity)),
                changed: Notify::new(),
                closed: AtomicBool::new(false),
                pool,
                origin: Instant::now(),
                begun: AtomicU64::new(0),
            }),
            started: Once::new(),
        }
    }

    /// Verifies one ticket together with those that arrive about the same time.
    ///
    /// # Errors
    /// [`NotVerified`].
    pub async fn verify(
        &self,
        ticket: Ticket,
        key: &VerifyingKey,
    ) -> Result<VerifiedTicket, NotVerified> {
        self.started.call_once(|| {
            tokio::spawn(drive(Arc::clone(&self.shared)));
        });
        let (reply, verdict) = oneshot::channel();
        let claim = ticket.claim(key);
        let now = self.shared.now();
        self.shared
            .stream()
            .push(claim, Waiting { ticket, reply }, now)?;
        self.shared.changed.notify_one();
        verdict.await.unwrap_or(Err(NotVerified::GivenUp))
    }

    /// Tickets whose verification has begun so far.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.shared.begun.load(Ordering::Relaxed)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    fn stream(&self) -> MutexGuard<'_, PaymentStream<Waiting>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_batch(&self) -> Option<DueBatch<Waiting>> {
        let mut stream = self.stream();
        stream.forget(|waiting| waiting.reply.is_closed());
        stream.close(self.now())
    }
}

/// Sends every batch to the pool when it is due and a thread is free.
async fn drive(shared: Arc<Shared>) {
    let threads = Arc::new(Semaphore::new(shared.pool.threads()));
    while !shared.closed.load(Ordering::Acquire) {
        let due_at = shared.stream().due_at();
        match due_at {
            None => shared.changed.notified().await,
            Some(due_at) if due_at > shared.now() => {
                let due = tokio::time::sleep_until(shared.origin + due_at);
                tokio::select! {
                    () = due => {}
                    () = shared.changed.notified() => {}
                }
            }
            Some(_) => {
                let Ok(thread) = Arc::clone(&threads).acquire_owned().await else {
                    return;
                };
                if let Some(batch) = shared.next_batch() {
                    tokio::spawn(verify(Arc::clone(&shared), batch, thread));
                }
            }
        }
    }
}

/// Verifies a batch on one thread of the pool, which is free again when this returns.
async fn verify(shared: Arc<Shared>, batch: DueBatch<Waiting>, _thread: OwnedSemaphorePermit) {
    let tickets = batch.len();
    metrics::histogram!("gateway_verification_batch_tickets").record(tickets as f64);
    let job = {
        let shared = Arc::clone(&shared);
        move || {
            shared.begun.fetch_add(tickets as u64, Ordering::Relaxed);
            for (waiting, verdict) in batch.verify(&Sequential, &mut rand::thread_rng()) {
                let verdict = verdict
                    .map(|evidence| VerifiedTicket::after(waiting.ticket, &evidence))
                    .map_err(NotVerified::from);
                let _ = waiting.reply.send(verdict); // the caller may have gone
            }
        }
    };
    if let Err(reason) = shared.pool.run(job).await {
        tracing::warn!(%reason, tickets, "a batch was not verified");
    }
}
