//! The bounded pool for curve arithmetic: it must not hold up the tasks that answer requests, and a flood must not queue
//! without end.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::refusal::Refusal;

/// Jobs that run or wait at most; as many as requests are served at once by default.
const MAX_JOBS: usize = 1024;

/// Runs jobs on blocking threads, as many at once as there are cores less one.
#[derive(Clone, Debug)]
pub struct Workers {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Workers {
    /// A pool for this machine.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = cores.saturating_sub(1).max(1);
        Self {
            running: Arc::new(Semaphore::new(threads)),
            waiting: Arc::new(Semaphore::new(MAX_JOBS)),
        }
    }

    /// Runs `job` when its turn comes.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when too many wait already, or the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let _place = self
            .waiting
            .try_acquire()
            .map_err(|_| Refusal::Overloaded)?;
        let _turn = self
            .running
            .acquire()
            .await
            .map_err(|_| Refusal::Overloaded)?;
        tokio::task::spawn_blocking(job).await.map_err(|error| {
            tracing::error!(%error, "a verification ended abnormally");
            Refusal::Overloaded
        })
    }
}

impl Default for Workers {
    fn default() -> Self {
        Self::new()
    }
}
