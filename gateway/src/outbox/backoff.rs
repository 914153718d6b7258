//! How long to wait for a member that does not answer.

use std::time::Duration;

use rand::Rng;

use crate::limits::{BACKOFF_FIRST_SECS, BACKOFF_JITTER_PERCENT, BACKOFF_MAX_SECS};

/// 5 s doubling to 10 min, each ±30 % (R4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Starts again: the member answered.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait after one more failure. A member that named a time is not asked before it.
    pub fn next<R: Rng>(&mut self, retry_after_secs: Option<u64>, rng: &mut R) -> Duration {
        let doubled = BACKOFF_FIRST_SECS
            .checked_shl(self.failures.min(16))
            .unwrap_or(BACKOFF_MAX_SECS);
        self.failures = self.failures.saturating_add(1);
        let base_ms = doubled.min(BACKOFF_MAX_SECS) * 1_000;
        let jitter_ms = base_ms * BACKOFF_JITTER_PERCENT / 100;
        let wait_ms = rng.gen_range(base_ms - jitter_ms..=base_ms + jitter_ms);
        let asked_ms = retry_after_secs.unwrap_or(0).min(BACKOFF_MAX_SECS) * 1_000;
        Duration::from_millis(wait_ms.max(asked_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_to_ten_minutes_within_thirty_percent() {
        let mut backoff = Backoff::default();
        let mut rng = rand::thread_rng();
        for expected_secs in [5_u64, 10, 20, 40, 80, 160, 320, 600, 600, 600] {
            let wait = backoff.next(None, &mut rng).as_millis();
            let expected = u128::from(expected_secs) * 1_000;
            assert!(
                wait * 10 >= expected * 7 && wait * 10 <= expected * 13,
                "{wait} for {expected}"
            );
        }
        backoff.reset();
        assert!(backoff.next(None, &mut rng) <= Duration::from_millis(6_500));
    }

    #[test]
    fn a_member_is_not_asked_before_the_time_it_named() {
        let mut backoff = Backoff::default();
        assert_eq!(
            backoff.next(Some(60), &mut rand::thread_rng()),
            Duration::from_secs(60)
        );
        assert!(backoff.next(Some(u64::MAX), &mut rand::thread_rng()) <= Duration::from_secs(780));
    }
}
