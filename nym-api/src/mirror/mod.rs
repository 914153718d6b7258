//! The mirror of the ecash contract: deposits by id, everything else by the log of changes (`quorum-api.md` 2). One loop
//! writes it; requests read the database, and ask the chain directly for what the mirror does not have yet.

mod convert;
mod direct;
mod poll;

pub use convert::{deposit_row, gateway_row};
pub use direct::{ChainLookup, Direct, LookupFuture};
pub use poll::Poller;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::epochs::STALE_SECS;
use crate::refusal::Refusal;

/// When the mirror last reached the end of the log. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MirrorWatch(Arc<RwLock<Option<Duration>>>);

impl MirrorWatch {
    /// Notes that the end of the log was reached at `now` (monotonic).
    pub fn reached_end(&self, now: Duration) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether the mirror is recent enough to decide from at `now`.
    ///
    /// # Errors
    /// [`Refusal::ChainStale`].
    pub fn check_fresh(&self, now: Duration) -> Result<(), Refusal> {
        let reached = *self.0.read().unwrap_or_else(PoisonError::into_inner);
        match reached {
            Some(at) if now.saturating_sub(at) <= Duration::from_secs(STALE_SECS) => Ok(()),
            _ => Err(Refusal::ChainStale {
                what: "deposits and blacklist",
            }),
        }
    }
}
