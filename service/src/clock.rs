//! Time as an argument: servers read it from a [`Clock`], tests set it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::{Date, OffsetDateTime};

/// Seconds per UTC day.
pub const DAY_SECS: u64 = 86_400;

/// Seconds since 1970-01-01T00:00:00Z, at most [`UnixTime::MAX`] (the end of year 9999), so that every value has a date.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(from = "u64", into = "u64")]
pub struct UnixTime(u64);

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// The instant `secs` seconds after the epoch; later than [`Self::MAX`] becomes [`Self::MAX`].
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        if secs > Self::MAX.0 {
            Self::MAX
        } else {
            Self(secs)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// Seconds since the epoch as SQLite stores them.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0.cast_signed() // total: MAX is below 2^38
    }

    /// `self + secs`, capped at [`Self::MAX`].
    #[must_use]
    pub const fn plus_secs(self, secs: u64) -> Self {
        Self::from_secs(self.0.saturating_add(secs))
    }

    /// `self − secs`, floored at the epoch.
    #[must_use]
    pub const fn minus_secs(self, secs: u64) -> Self {
        Self(self.0.saturating_sub(secs))
    }

    /// `self − earlier` in seconds, 0 when `earlier` is later.
    #[must_use]
    pub const fn secs_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// 00:00 UTC of the same day.
    #[must_use]
    pub const fn midnight(self) -> Self {
        Self(self.0 - self.0 % DAY_SECS)
    }

    /// The instant as a calendar value in UTC.
    #[must_use]
    pub fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.as_i64()).unwrap_or(OffsetDateTime::UNIX_EPOCH) // total: 0 … MAX are years 1970 … 9999
    }

    /// The UTC calendar date.
    #[must_use]
    pub fn date(self) -> Date {
        self.to_datetime().date()
    }
}

impl From<u64> for UnixTime {
    fn from(secs: u64) -> Self {
        Self::from_secs(secs)
    }
}

impl From<UnixTime> for u64 {
    fn from(time: UnixTime) -> Self {
        time.0
    }
}

impl From<OffsetDateTime> for UnixTime {
    /// Instants before the epoch become the epoch.
    fn from(at: OffsetDateTime) -> Self {
        Self::from_secs(u64::try_from(at.unix_timestamp()).unwrap_or(0))
    }
}

impl std::fmt::Display for UnixTime {
    /// Seconds since the epoch in decimal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a server reads the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The time of day.
    fn now(&self) -> UnixTime;

    /// Time since an arbitrary instant that stays the same for the life of the clock; never goes back. For rates and
    /// intervals, which must not depend on somebody setting the time of day.
    fn monotonic(&self) -> Duration;
}

/// A clock that a server and its tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the machine.
#[derive(Clone, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic part starts at zero now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// The same, ready to be shared.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self::new())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        )
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that stands still until somebody moves it. Clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<ManualTime>>);

#[derive(Debug)]
struct ManualTime {
    now: UnixTime,
    monotonic: Duration,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self(Arc::new(Mutex::new(ManualTime {
            now,
            monotonic: Duration::ZERO,
        })))
    }

    /// Moves both parts forward by `secs` seconds.
    pub fn advance_secs(&self, secs: u64) {
        self.with(|time| {
            time.now = time.now.plus_secs(secs);
            time.monotonic = time.monotonic.saturating_add(Duration::from_secs(secs));
        });
    }

    /// Sets the time of day, in either direction, as an operator may; the monotonic part stays.
    pub fn set(&self, now: UnixTime) {
        self.with(|time| time.now = now);
    }

    /// The same clock, ready to be shared.
    #[must_use]
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut ManualTime) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.with(|time| time.now)
    }

    fn monotonic(&self) -> Duration {
        self.with(|time| time.monotonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_beyond_year_9999_is_capped_and_still_has_a_date() {
        let time = UnixTime::from_secs(u64::MAX);
        assert_eq!(time, UnixTime::MAX);
        assert_eq!(time.date().year(), 9999);
        assert_eq!(time.plus_secs(1), UnixTime::MAX);
    }

    #[test]
    fn midnight_is_the_start_of_the_same_utc_day() {
        let time = UnixTime::from_secs(1_765_065_600 + 86_399);
        assert_eq!(time.midnight().as_secs(), 1_765_065_600);
        assert_eq!(time.date(), time.midnight().date());
    }

    #[test]
    fn setting_the_time_of_day_back_does_not_move_the_monotonic_part() {
        let clock = ManualClock::at(UnixTime::from_secs(1000));
        clock.advance_secs(5);
        clock.set(UnixTime::from_secs(10));
        assert_eq!(clock.now().as_secs(), 10);
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
    }
}
