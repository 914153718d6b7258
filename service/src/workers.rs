//! The bounded pool for curve arithmetic, beside the runtime: a flood of requests fills its queue and is told so, and the
//! tasks that answer go on.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Threads for work that would hold up the runtime, one fewer than the machine has cores.
#[derive(Debug)]
pub struct WorkerPool {
    shared: Arc<Shared>,
    threads: usize,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    capacity: usize,
    done: AtomicU64,
}

struct Queue {
    work: VecDeque<Work>,
    open: bool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// Why a job gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoResult {
    /// The queue is full.
    #[error("the queue of the workers is full")]
    Full,
    /// The job panicked, or the pool is closing.
    #[error("the work was given up")]
    GivenUp,
}

impl WorkerPool {
    /// A pool of cores − 1 threads (at least one), with a queue of `queue_per_core` jobs for each core.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn of_this_machine(queue_per_core: usize) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with(
            cores.saturating_sub(1).max(1),
            cores.saturating_mul(queue_per_core),
        )
    }

    /// A pool of `threads` threads and a queue of `capacity` jobs.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn with(threads: usize, capacity: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue {
                work: VecDeque::new(),
                open: true,
            }),
            wake: Condvar::new(),
            capacity,
            done: AtomicU64::new(0),
        });
        let pool = Self { shared, threads };
        for number in 0..threads {
            let shared = Arc::clone(&pool.shared);
            std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || work_off(&shared))?;
        }
        Ok(pool)
    }

    /// Runs `job` on the pool.
    ///
    /// # Errors
    /// [`NoResult::Full`] at once when the queue is full; [`NoResult::GivenUp`] when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoResult> {
        let (reply, result) = oneshot::channel();
        self.push(Box::new(move || {
            let _ = reply.send(job()); // the caller may have gone
        }))?;
        result.await.map_err(|_| NoResult::GivenUp)
    }

    /// Threads of the pool: jobs that run at the same time.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// Jobs run so far.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.shared.done.load(Ordering::Relaxed)
    }

    fn push(&self, work: Work) -> Result<(), NoResult> {
        let mut queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if queue.work.len() >= self.shared.capacity {
            return Err(NoResult::Full);
        }
        queue.work.push_back(work);
        drop(queue);
        self.shared.wake.notify_one();
        Ok(())
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        let mut queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        queue.open = false;
        queue.work.clear();
        drop(queue);
        self.shared.wake.notify_all();
    }
}

fn work_off(shared: &Shared) {
    while let Some(work) = next(shared) {
        shared.done.fetch_add(1, Ordering::Relaxed);
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("a job panicked; what it was for is refused");
        }
    }
}

fn next(shared: &Shared) -> Option<Work> {
    let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(work) = queue.work.pop_front() {
            return Some(work);
        }
        if !queue.open {
            return None;
        }
        queue = shared
            .wake
            .wait(queue)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::sync::Barrier;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_serves_again_when_it_has_room() {
        let pool = Arc::new(WorkerPool::with(1, 1).unwrap());
        let gate = Arc::new(Barrier::new(2));
        let (inside, entered) = oneshot::channel();
        let blocking = tokio::spawn({
            let (pool, gate) = (Arc::clone(&pool), Arc::clone(&gate));
            async move {
                pool.run(move || {
                    let _ = inside.send(());
                    gate.wait();
                })
                .await
            }
        });
        entered.await.unwrap();
        let (reply, queued) = oneshot::channel();
        pool.push(Box::new(move || reply.send(7).unwrap())).unwrap();
        assert_eq!(pool.run(|| 8).await, Err(NoResult::Full));
        gate.wait();
        assert_eq!(blocking.await.unwrap(), Ok(()));
        assert_eq!(queued.await.unwrap(), 7);
        assert_eq!(pool.run(|| 9).await, Ok(9));
    }

    #[tokio::test]
    async fn a_job_that_panics_gives_no_result_and_the_thread_lives_on() {
        let pool = WorkerPool::with(1, 4).unwrap();
        let outcome: Result<(), _> = pool.run(|| panic!("hostile input")).await;
        assert_eq!(outcome, Err(NoResult::GivenUp));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
