//! The burn rule (`client.md` 7.4, 8.2): once a byte of a ticket may have left the device, its index is never used with
//! another pay info, whatever the gateway answers. No function here leads back to a free index.

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_ticketbook::{EcashDate, EpochId, UnixTime};

use crate::limits::{RESEND_SECS, STRIKE_SECS, STRIKES};

/// State of a ticket in the journal. An index without a row is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketState {
    /// Bytes stored; any of them may have left the device.
    Sent,
    /// The gateway accepted it.
    Accepted,
    /// The gateway gave another final verdict.
    Refused,
    /// No definite verdict in time.
    Abandoned,
    /// Handed out as bytes; kept for printing again.
    Printed,
}

impl TicketState {
    /// Name in the database and in outputs.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
            Self::Printed => "printed",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [
            Self::Sent,
            Self::Accepted,
            Self::Refused,
            Self::Abandoned,
            Self::Printed,
        ]
        .into_iter()
        .find(|state| state.text() == text)
    }
}

/// What came back after the bytes went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A verdict.
    Verdict(Verdict, Consumed),
    /// No verdict: broken connection, timeout, something unreadable.
    None,
}

/// What to do with the ticket after an answer, or after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Final: store this state.
    Final(TicketState),
    /// Not final: the identical bytes may go to the same gateway again until this time.
    SendAgainUntil(UnixTime),
}

/// What an answer makes of a ticket first sent at `sent_at`. A final state never changes again.
#[must_use]
pub fn after_answer(state: TicketState, answer: Answer, sent_at: UnixTime, now: UnixTime) -> After {
    if !matches!(state, TicketState::Sent | TicketState::Printed) {
        return After::Final(state);
    }
    match answer {
        Answer::Verdict(verdict, _) if verdict.is_granted() => After::Final(TicketState::Accepted),
        Answer::Verdict(verdict, consumed) if is_final(verdict, consumed) => {
            After::Final(TicketState::Refused)
        }
        Answer::Verdict(..) | Answer::None => waiting(sent_at, now),
    }
}

/// What a restart makes of a ticket in state `sent`: sent again within ten minutes, given up afterwards.
#[must_use]
pub fn waiting(sent_at: UnixTime, now: UnixTime) -> After {
    let until = sent_at.saturating_add(RESEND_SECS);
    if now <= until {
        After::SendAgainUntil(until)
    } else {
        After::Final(TicketState::Abandoned)
    }
}

/// `consumed` says one thing: whether the identical bytes can still succeed at the same gateway.
fn is_final(verdict: Verdict, consumed: Consumed) -> bool {
    match consumed {
        Consumed::Yes => true,
        Consumed::Unknown => false,
        Consumed::No => !verdict.is_retryable(),
    }
}

/// One of the last tickets made for a gateway, latest first.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Its state.
    pub state: TicketState,
    /// When it was sent.
    pub sent_at: UnixTime,
}

/// Until when a gateway gets no further ticket: two in a row without acceptance lock it for 24 h after the later one.
/// A ticket that still waits for its verdict within the ten minutes counts as no answer yet, hence as a strike only if
/// it is past them. Tickets that were printed are not judged: their verdict is not known here.
#[must_use]
pub fn struck_until(latest_first: &[Past], now: UnixTime) -> Option<UnixTime> {
    let mut strikes = 0;
    let mut until = None;
    for past in latest_first {
        match past.state {
            TicketState::Printed => continue,
            TicketState::Sent if now <= past.sent_at.saturating_add(RESEND_SECS) => continue,
            TicketState::Accepted => break,
            TicketState::Sent | TicketState::Refused | TicketState::Abandoned => {}
        }
        strikes += 1;
        until = until.or(Some(past.sent_at.saturating_add(STRIKE_SECS)));
        if strikes == STRIKES {
            return until.filter(|until| now < *until);
        }
    }
    None
}

/// What is known about the epochs that a ticket can be labelled with.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// Epoch of the book.
    pub own: EpochId,
    /// The epoch in service, if its master key is the book's.
    pub in_service_same_key: Option<EpochId>,
    /// Epochs that the gateway's signed info lists.
    pub listed: &'a [EpochId],
}

/// The epoch that a ticket is labelled with: the one in service where it has the same key and the gateway knows it, else
/// the book's own, else none. The label is outside the proof; after a resharing all holders form one anonymity set.
#[must_use]
pub fn label(labels: &Labels<'_>) -> Option<EpochId> {
    labels
        .in_service_same_key
        .into_iter()
        .chain([labels.own])
        .find(|epoch| labels.listed.contains(epoch))
}

/// Whether a book that expires on `expiration` can be spent on `today`.
#[must_use]
pub fn is_spendable(expiration: EcashDate, today: EcashDate) -> bool {
    expiration.covers(today)
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    const T: UnixTime = UnixTime(1_765_100_000);

    #[test]
    fn no_verdict_and_no_consumed_gives_an_index_back() {
        for verdict in Verdict::ALL {
            for consumed in [Consumed::Yes, Consumed::No, Consumed::Unknown] {
                for later in [0, RESEND_SECS, RESEND_SECS + 1] {
                    let after = after_answer(
                        TicketState::Sent,
                        Answer::Verdict(verdict, consumed),
                        T,
                        T.saturating_add(later),
                    );
                    if let After::SendAgainUntil(until) = after {
                        assert!(later <= RESEND_SECS && until == T.saturating_add(RESEND_SECS));
                        assert!(!verdict.is_granted() && consumed != Consumed::Yes);
                    }
                }
            }
        }
    }

    #[test]
    fn acceptance_is_final_whatever_consumed_says() {
        for verdict in [Verdict::Accepted, Verdict::AlreadyAccepted] {
            for consumed in [Consumed::Yes, Consumed::No, Consumed::Unknown] {
                let after =
                    after_answer(TicketState::Sent, Answer::Verdict(verdict, consumed), T, T);
                assert_eq!(after, After::Final(TicketState::Accepted));
            }
        }
    }

    #[test]
    fn busy_and_silence_are_asked_again_for_ten_minutes_and_then_given_up() {
        for answer in [
            Answer::None,
            Answer::Verdict(Verdict::Busy, Consumed::No),
            Answer::Verdict(Verdict::StorageUnavailable, Consumed::Unknown),
        ] {
            let last = T.saturating_add(RESEND_SECS);
            assert_eq!(
                after_answer(TicketState::Sent, answer, T, last),
                After::SendAgainUntil(last)
            );
            assert_eq!(
                after_answer(TicketState::Sent, answer, T, last.saturating_add(1)),
                After::Final(TicketState::Abandoned)
            );
        }
    }

    #[test]
    fn a_final_state_is_not_changed_by_a_late_answer() {
        for state in [
            TicketState::Refused,
            TicketState::Abandoned,
            TicketState::Accepted,
        ] {
            let after = after_answer(
                state,
                Answer::Verdict(Verdict::DoubleSpend, Consumed::Yes),
                T,
                T,
            );
            assert_eq!(after, After::Final(state));
        }
    }

    fn past(states: &[TicketState]) -> Vec<Past> {
        let count = u64::try_from(states.len()).unwrap_or(0);
        states
            .iter()
            .zip(0..)
            .map(|(state, i)| Past {
                state: *state,
                sent_at: T.saturating_add(count - i),
            })
            .collect()
    }

    #[test]
    fn two_tickets_in_a_row_without_acceptance_lock_a_gateway_for_a_day() {
        use TicketState::{Abandoned, Accepted, Printed, Refused};
        let struck = past(&[Refused, Abandoned, Accepted]);
        let until = T.saturating_add(3 + STRIKE_SECS);
        assert_eq!(struck_until(&struck, until.saturating_sub(1)), Some(until));
        assert_eq!(struck_until(&struck, until), None);
        assert_eq!(
            struck_until(&past(&[Refused, Printed, Refused]), T),
            Some(until)
        );
        assert_eq!(struck_until(&past(&[Refused, Accepted, Refused]), T), None);
        assert_eq!(struck_until(&past(&[Accepted, Refused, Refused]), T), None);
        assert_eq!(struck_until(&past(&[Refused]), T), None);
    }

    #[test]
    fn a_ticket_that_waits_for_its_verdict_is_no_strike_until_its_ten_minutes_are_over() {
        let waiting = past(&[TicketState::Sent, TicketState::Refused]);
        assert_eq!(struck_until(&waiting, T.saturating_add(60)), None);
        assert!(struck_until(&waiting, T.saturating_add(RESEND_SECS + 10)).is_some());
    }

    #[test]
    fn a_ticket_is_labelled_with_the_epoch_in_service_only_under_the_same_key_and_where_it_is_listed()
     {
        let at = |same: Option<u64>, listed: &[EpochId]| {
            label(&Labels {
                own: EpochId(2),
                in_service_same_key: same.map(EpochId),
                listed,
            })
        };
        assert_eq!(at(Some(5), &[EpochId(2), EpochId(5)]), Some(EpochId(5)));
        assert_eq!(at(Some(5), &[EpochId(2)]), Some(EpochId(2)));
        assert_eq!(at(None, &[EpochId(2), EpochId(5)]), Some(EpochId(2)));
        assert_eq!(at(None, &[EpochId(5)]), None);
    }
}
