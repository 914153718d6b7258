//! The offset between the own clock and the network's (`client.md` 3.2 step 3).

use ecash_ticketbook::UnixTime;

use crate::limits::CLOCK_TOLERANCE_SECS;

/// Median of the offsets (network − own, in seconds) over at least 2F + 1 signers, so that F liars cannot move it beyond
/// what honest signers say. `None` with fewer answers.
#[must_use]
pub fn median_offset(mut offsets_secs: Vec<i64>, faulty: usize) -> Option<i64> {
    if offsets_secs.len() < faulty.saturating_mul(2).saturating_add(1) {
        return None;
    }
    offsets_secs.sort_unstable();
    offsets_secs.get(offsets_secs.len() / 2).copied()
}

/// What of an offset is applied: nothing up to 30 s, all of it beyond.
#[must_use]
pub const fn correction(offset_secs: i64) -> i64 {
    if offset_secs.unsigned_abs() <= CLOCK_TOLERANCE_SECS.unsigned_abs() {
        0
    } else {
        offset_secs
    }
}

/// The own clock, corrected.
#[must_use]
pub fn corrected(own: UnixTime, correction_secs: i64) -> UnixTime {
    let moved = correction_secs.unsigned_abs();
    if correction_secs < 0 {
        own.saturating_sub(moved)
    } else {
        own.saturating_add(moved)
    }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn one_liar_among_five_cannot_move_the_offset_beyond_the_honest_answers() {
        for lie in [i64::MIN, -1_000_000, 1_000_000, i64::MAX] {
            assert!((0..=2).contains(&median_offset(vec![0, 1, lie, 2, 1], 1).unwrap_or(99)));
        }
    }

    #[test]
    fn fewer_than_two_f_plus_one_answers_say_nothing() {
        assert_eq!(median_offset(vec![40, 40], 1), None);
        assert_eq!(median_offset(vec![], 0), None);
        assert_eq!(median_offset(vec![40, 41, 42], 1), Some(41));
    }

    #[test]
    fn thirty_seconds_are_ignored_and_thirty_one_are_corrected_in_full() {
        assert_eq!([correction(30), correction(-30)], [0, 0]);
        assert_eq!([correction(31), correction(-31)], [31, -31]);
        assert_eq!(corrected(UnixTime(100), -31), UnixTime(69));
        assert_eq!(corrected(UnixTime(100), 31), UnixTime(131));
    }
}
