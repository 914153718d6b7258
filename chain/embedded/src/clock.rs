//! Block time and where it comes from.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A moment in UTC as nanoseconds since the Unix epoch, as contracts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockTime(u64);

impl BlockTime {
    /// The moment `nanos` nanoseconds after 1970-01-01T00:00:00Z.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The moment `seconds` seconds after 1970-01-01T00:00:00Z; the largest moment when that overflows (year 2554).
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn seconds(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// Nanoseconds within the second, below 10⁹.
    pub const fn subsec_nanos(self) -> u32 {
        (self.0 % NANOS_PER_SECOND) as u32 // total: below 10^9
    }

    /// This moment plus `nanos`; the largest moment when that overflows.
    pub const fn plus_nanos(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}

impl fmt::Display for BlockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.seconds(), self.subsec_nanos())
    }
}

/// Where the producer takes the time of the next block from. The chain makes it strictly increasing.
///
/// Any `Fn() -> BlockTime` is a clock, so that a test can hand in its own.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> BlockTime;
}

impl<F> Clock for F
where
    F: Fn() -> BlockTime + Send + Sync + 'static,
{
    fn now(&self) -> BlockTime {
        self()
    }
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> BlockTime {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        BlockTime(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
    }
}
