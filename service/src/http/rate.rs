//! Token buckets: one per caller, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Callers that get a bucket of their own; everybody beyond them shares one more.
const MAX_BUCKETS: usize = 65_536;

/// How many requests a caller may make: `burst` at once, refilled evenly over `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    per: Duration,
}

impl Rate {
    /// No limit.
    pub const UNLIMITED: Self = Self {
        burst: 0,
        per: Duration::from_secs(1),
    };

    /// `count` per second; 0 means no limit.
    #[must_use]
    pub const fn per_second(count: u32) -> Self {
        Self {
            burst: count,
            per: Duration::from_secs(1),
        }
    }

    /// `count` per minute; 0 means no limit.
    #[must_use]
    pub const fn per_minute(count: u32) -> Self {
        Self {
            burst: count,
            per: Duration::from_secs(60),
        }
    }

    /// `count` per hour; 0 means no limit.
    #[must_use]
    pub const fn per_hour(count: u32) -> Self {
        Self {
            burst: count,
            per: Duration::from_secs(3600),
        }
    }

    /// Whether nothing is refused.
    #[must_use]
    pub const fn is_unlimited(self) -> bool {
        self.burst == 0
    }
}

/// When to come back: whole seconds, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(u32);

impl RetryAfter {
    /// `secs` seconds from now; 0 becomes 1.
    #[must_use]
    pub const fn from_secs(secs: u32) -> Self {
        Self(if secs == 0 { 1 } else { secs })
    }

    /// The number of seconds.
    #[must_use]
    pub const fn secs(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// One bucket per key `K`. Full buckets are forgotten, at most 65 536 are kept, and callers beyond that share
/// one bucket, so that a flood of addresses can neither fill the memory nor free itself of the limit.
#[derive(Debug)]
pub struct TokenBuckets<K> {
    rate: Rate,
    capacity: usize,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    own: HashMap<K, Bucket>,
    shared: Bucket,
    swept_at: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl<K: Eq + Hash> TokenBuckets<K> {
    /// Buckets for `rate`, all full.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_capacity(rate, MAX_BUCKETS)
    }

    fn with_capacity(rate: Rate, capacity: usize) -> Self {
        let full = Bucket {
            tokens: f64::from(rate.burst),
            at: Duration::ZERO,
        };
        Self {
            rate,
            capacity,
            state: Mutex::new(State {
                own: HashMap::new(),
                shared: full,
                swept_at: Duration::ZERO,
            }),
        }
    }

    /// Takes one token from the bucket of `key` at `now` (monotonic).
    ///
    /// # Errors
    /// [`RetryAfter`] when there is none; nothing is taken then.
    pub fn take(&self, key: K, now: Duration) -> Result<(), RetryAfter> {
        self.take_many(key, 1, now)
    }

    /// Takes `count` tokens at once or none. More than the burst are never to be had at once: then the bucket has to
    /// be full, and is empty afterwards.
    ///
    /// # Errors
    /// [`RetryAfter`] when there are not enough; nothing is taken then.
    pub fn take_many(&self, key: K, count: u32, now: Duration) -> Result<(), RetryAfter> {
        if self.rate.is_unlimited() || count == 0 {
            return Ok(());
        }
        let rate = self.rate;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let crowded = state.own.len() >= self.capacity;
        if crowded && now.saturating_sub(state.swept_at) >= Duration::from_secs(1) {
            state.swept_at = now;
            state.own.retain(|_, bucket| !bucket.is_full(rate, now));
        }
        let room = state.own.len() < self.capacity;
        let bucket = if room {
            state.own.entry(key).or_insert(Bucket {
                tokens: f64::from(rate.burst),
                at: now,
            })
        } else {
            let State { own, shared, .. } = &mut *state;
            own.get_mut(&key).unwrap_or(shared)
        };
        bucket.take(rate, count, now)
    }
}

impl Bucket {
    fn refilled(self, rate: Rate, now: Duration) -> f64 {
        let burst = f64::from(rate.burst);
        let gained = now.saturating_sub(self.at).as_secs_f64() * burst / rate.per.as_secs_f64();
        (self.tokens + gained).min(burst)
    }

    fn is_full(self, rate: Rate, now: Duration) -> bool {
        self.refilled(rate, now) >= f64::from(rate.burst)
    }

    fn take(&mut self, rate: Rate, count: u32, now: Duration) -> Result<(), RetryAfter> {
        let tokens = self.refilled(rate, now);
        let wanted = f64::from(count.min(rate.burst));
        if tokens >= wanted {
            *self = Self {
                tokens: tokens - wanted,
                at: self.at.max(now),
            };
            return Ok(());
        }
        let missing = Duration::from_secs_f64(
            (wanted - tokens) * rate.per.as_secs_f64() / f64::from(rate.burst),
        );
        let secs = missing
            .as_secs()
            .saturating_add(u64::from(missing.subsec_nanos() > 0));
        Err(RetryAfter::from_secs(
            u32::try_from(secs).unwrap_or(u32::MAX),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_caller_gets_the_burst_then_waits_and_another_caller_is_not_held_up() {
        let buckets = TokenBuckets::new(Rate::per_minute(3));
        for _ in 0..3 {
            assert_eq!(buckets.take("a", at(100)), Ok(()));
        }
        assert_eq!(buckets.take("a", at(100)), Err(RetryAfter::from_secs(20)));
        assert_eq!(buckets.take("b", at(100)), Ok(()));
        assert_eq!(buckets.take("a", at(119)), Err(RetryAfter::from_secs(1)));
        assert_eq!(buckets.take("a", at(120)), Ok(()));
    }

    #[test]
    fn a_rate_of_zero_refuses_nothing() {
        let buckets = TokenBuckets::new(Rate::per_minute(0));
        assert!((0..10_000).all(|_| buckets.take((), at(0)).is_ok()));
    }

    #[test]
    fn callers_beyond_the_capacity_share_one_bucket_until_others_are_idle() {
        let buckets = TokenBuckets::with_capacity(Rate::per_minute(2), 2);
        assert_eq!(buckets.take(1, at(10)), Ok(()));
        assert_eq!(buckets.take(2, at(10)), Ok(()));
        assert_eq!(buckets.take(3, at(10)), Ok(()));
        assert_eq!(buckets.take(4, at(10)), Ok(()));
        assert!(buckets.take(5, at(10)).is_err());
        assert_eq!(
            buckets.take(1, at(10)),
            Ok(()),
            "a known caller keeps its own bucket"
        );
        assert_eq!(buckets.take(5, at(200)), Ok(()));
        assert_eq!(buckets.take(5, at(200)), Ok(()));
        assert!(buckets.take(5, at(200)).is_err());
    }

    #[test]
    fn many_tokens_are_taken_together_or_not_at_all() {
        let buckets = TokenBuckets::new(Rate::per_second(10));
        assert_eq!(buckets.take_many((), 6, at(5)), Ok(()));
        assert!(buckets.take_many((), 6, at(5)).is_err());
        assert_eq!(buckets.take_many((), 4, at(5)), Ok(()));
        assert_eq!(
            buckets.take_many((), 1000, at(6)),
            Ok(()),
            "a full bucket pays for what exceeds it"
        );
        assert!(buckets.take((), at(6)).is_err());
    }
}
