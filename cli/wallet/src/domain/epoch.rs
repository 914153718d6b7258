//! Under which epoch a stored request is sent while the network changes its keys (`client.md` 5.2, `dkg.md` 14.2).

use ecash_ticketbook::{EpochId, UnixTime};

use crate::limits::{HANDOVER_SECS, OLD_DEPOSIT_MARGIN_SECS};

/// The issuing epoch and how it came into service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issuing {
    /// Epoch e′ under which new books are issued.
    pub epoch: EpochId,
    /// Block time at which it came into progress, if known.
    pub concluded: Option<UnixTime>,
    /// The epoch e that was in service before it, if there was one.
    pub predecessor: Option<EpochId>,
}

/// The epochs to send a request under, in this order: the first yields all it can before the second is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskUnder {
    /// First choice.
    pub first: EpochId,
    /// Second choice.
    pub then: Option<EpochId>,
}

/// Which epochs sign a deposit of this block time now.
///
/// | time \ deposit | ≤ c + 120 s | later |
/// |---|---|---|
/// | before c + 900 s | e | e′ |
/// | from c + 900 s on | e once more if it was asked before, then e′ | e′ |
///
/// `asked_under` tells whether the request was ever sent under an epoch.
#[must_use]
pub fn ask_under(
    issuing: &Issuing,
    deposit_time: UnixTime,
    asked_under: impl Fn(EpochId) -> bool,
    now: UnixTime,
) -> AskUnder {
    let only = |first| AskUnder { first, then: None };
    let (Some(concluded), Some(predecessor)) = (issuing.concluded, issuing.predecessor) else {
        return only(issuing.epoch);
    };
    if deposit_time.get() > concluded.get().saturating_add(OLD_DEPOSIT_MARGIN_SECS) {
        return only(issuing.epoch);
    }
    if now.get() < concluded.get().saturating_add(HANDOVER_SECS) {
        return only(predecessor);
    }
    if asked_under(predecessor) {
        return AskUnder {
            first: predecessor,
            then: Some(issuing.epoch),
        };
    }
    only(issuing.epoch)
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    const C: u64 = 1_765_000_000;
    const OLD: EpochId = EpochId(4);
    const NEW: EpochId = EpochId(6);

    fn under(deposit: u64, asked: bool, now: u64) -> AskUnder {
        let issuing = Issuing {
            epoch: NEW,
            concluded: Some(UnixTime(C)),
            predecessor: Some(OLD),
        };
        ask_under(
            &issuing,
            UnixTime(deposit),
            |epoch| asked && epoch == OLD,
            UnixTime(now),
        )
    }

    #[test]
    fn an_old_deposit_stays_with_the_predecessor_for_fifteen_minutes() {
        for deposit in [C - 5_000, C, C + 120] {
            assert_eq!(
                under(deposit, false, C + 899),
                AskUnder {
                    first: OLD,
                    then: None
                }
            );
        }
        assert_eq!(
            under(C + 121, true, C + 130),
            AskUnder {
                first: NEW,
                then: None
            }
        );
    }

    #[test]
    fn afterwards_stored_answers_of_the_predecessor_come_first_where_it_was_asked() {
        assert_eq!(
            under(C, true, C + 900),
            AskUnder {
                first: OLD,
                then: Some(NEW)
            }
        );
        assert_eq!(
            under(C, false, C + 900),
            AskUnder {
                first: NEW,
                then: None
            }
        );
    }

    #[test]
    fn without_a_known_conclusion_or_predecessor_it_is_always_the_issuing_epoch() {
        for (concluded, predecessor) in [(None, Some(OLD)), (Some(UnixTime(C)), None), (None, None)]
        {
            let issuing = Issuing {
                epoch: NEW,
                concluded,
                predecessor,
            };
            let ask = ask_under(&issuing, UnixTime(C - 1), |_| true, UnixTime(C + 1));
            assert_eq!(
                ask,
                AskUnder {
                    first: NEW,
                    then: None
                }
            );
        }
    }
}
