//! Where curve arithmetic runs: it must not hold up the tasks that answer requests, and a flood must not queue without end.

use std::sync::Arc;

use ecash_service::workers::WorkerPool;

use crate::error::Result;
use crate::refusal::Refusal;

/// Jobs that may wait, per core of the machine; on two cores as many as requests are served at once by default.
const QUEUE_PER_CORE: usize = 512;

/// Runs jobs on threads of their own. Clones share them.
#[derive(Clone, Debug)]
pub struct Workers(Arc<WorkerPool>);

impl Workers {
    /// A pool for this machine.
    ///
    /// # Errors
    /// [`ecash_service::Error::Setup`] when the system gives no thread.
    pub fn new() -> Result<Self> {
        let pool = WorkerPool::of_this_machine(QUEUE_PER_CORE).map_err(|error| {
            ecash_service::Error::Setup {
                what: "the threads for curve arithmetic",
                reason: error.to_string(),
            }
        })?;
        Ok(Self(Arc::new(pool)))
    }

    /// Runs `job` when its turn comes.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when too many wait already, or the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> std::result::Result<T, Refusal> {
        self.0.run(job).await.map_err(|_| Refusal::Overloaded)
    }
}
