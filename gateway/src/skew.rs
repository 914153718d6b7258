//! How far the own clock is off (R1.12): told by the signers' `Date` headers and the chain's blocks.

use ecash_service::clock::UnixTime;

use crate::limits::{MAX_SKEW_SECS, SKEW_ALARM_SECS};

/// The offset of the true time from the own clock, in seconds: the median of `offsets` (signer's time − own time), if
/// there are at least 2F + 1, and at least `block_offset` (time of the latest block − own time), which cannot lie ahead
/// of the truth. F of 2F + 1 answers may lie and the median still lies between two honest ones.
#[must_use]
pub fn estimate(mut offsets: Vec<i64>, faults: usize, block_offset: Option<i64>) -> Option<i64> {
    if offsets.len() <= faults.saturating_mul(2) {
        return None;
    }
    offsets.sort_unstable();
    let median = offsets.get(offsets.len() / 2).copied()?;
    Some(block_offset.map_or(median, |block| median.max(block)))
}

/// The last estimate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockState {
    last: Option<(i64, UnixTime)>,
}

impl ClockState {
    /// An estimate made at `at`.
    #[must_use]
    pub const fn estimated(offset_secs: i64, at: UnixTime) -> Self {
        Self {
            last: Some((offset_secs, at)),
        }
    }

    /// The offset last estimated, in seconds.
    #[must_use]
    pub fn offset_secs(&self) -> Option<i64> {
        self.last.map(|(offset, _)| offset)
    }

    /// Whether tickets can be judged by this clock: there was an estimate, and the last one is within 30 s. How old it is
    /// does not matter: signers or chain out of reach do not stop acceptance.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.last
            .is_some_and(|(offset, _)| offset.unsigned_abs() <= MAX_SKEW_SECS.unsigned_abs())
    }

    /// Whether the last estimate is so old that the operator should know.
    #[must_use]
    pub fn is_overdue(&self, now: UnixTime) -> bool {
        self.last
            .is_some_and(|(_, at)| now.secs_since(at) > SKEW_ALARM_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn false_clocks_of_f_signers_move_no_estimate_beyond_the_honest_ones() {
        assert_eq!(estimate(vec![0, 1, 1_000_000], 1, None), Some(1));
        assert_eq!(estimate(vec![-1_000_000, 0, 1], 1, None), Some(0));
        assert_eq!(estimate(vec![-1, 0, 1, 1_000_000], 1, None), Some(1));
        assert_eq!(estimate(vec![-1_000_000, -1, 0, 1], 1, None), Some(0));
    }

    #[test]
    fn two_f_answers_give_no_estimate() {
        assert_eq!(estimate(vec![0, 0], 1, None), None);
        assert_eq!(estimate(Vec::new(), 0, Some(5)), None);
        assert_eq!(estimate(vec![3], 0, None), Some(3));
    }

    #[test]
    fn the_time_of_the_latest_block_is_a_lower_bound() {
        assert_eq!(estimate(vec![0, 0, 0], 1, Some(-2)), Some(0));
        assert_eq!(estimate(vec![0, 0, 0], 1, Some(45)), Some(45));
    }

    #[test]
    fn a_clock_is_trusted_up_to_thirty_seconds_and_not_before_the_first_estimate() {
        let at = UnixTime::from_secs(1_000);
        assert!(!ClockState::default().is_trusted());
        for offset in [-30, 0, 30] {
            assert!(ClockState::estimated(offset, at).is_trusted());
        }
        for offset in [-45, -31, 31, 45, i64::MIN] {
            assert!(!ClockState::estimated(offset, at).is_trusted());
        }
        assert!(ClockState::estimated(0, at).is_overdue(at.plus_secs(601)));
        assert!(!ClockState::estimated(0, at).is_overdue(at.plus_secs(600)));
        assert!(!ClockState::default().is_overdue(at));
    }
}
