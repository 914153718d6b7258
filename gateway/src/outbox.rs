//! Delivers granted tickets to every Quorum member: one durable cursor, one queue, one connection and one backoff each,
//! so that a member that is down delays nobody (R4.3).
//!
//! Delivered is what a member answered, whatever it answered: a refusal is recorded and shown, and the cursor goes on. A
//! ticket that a member did not answer is sent again until the Quorum takes it no more (`CLOSE` of its spend date).

mod backoff;
mod board;
mod deliverer;
mod member;

pub use backoff::Backoff;
pub use board::{Board, MemberState};
pub use deliverer::{Deliverer, deliver_to_all};
pub use member::{Members, QuorumMembers};

use ecash_service::clock::UnixTime;

use crate::limits::{CLOSE_DAYS, MAX_REFUSAL_DETAIL_BYTES};
use crate::store::{Delivery, RefusalRow};

/// What a member said to one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has the ticket.
    Accepted,
    /// It does not want the ticket, finally.
    Refused {
        /// Why, as one word.
        status: String,
        /// Why, in full.
        detail: String,
    },
    /// It gave no final answer.
    Later {
        /// Why.
        reason: String,
        /// When it asked to be asked again, in seconds.
        retry_after_secs: Option<u64>,
    },
}

/// How far a window of deliveries came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Everything up to here is answered; `None` if not even the first is.
    pub position: Option<i64>,
    /// Answers other than acceptance among these.
    pub refusals: Vec<(i64, String, String)>,
    /// Why the next one is not answered, and when the member asked to be asked again, in seconds.
    pub stopped: Option<(String, Option<u64>)>,
}

/// The answered part of a window: a cursor passes tickets in order, so that it never leaves one behind. Tickets that the
/// Quorum takes no more at `now` are passed with a refusal of our own.
#[must_use]
pub fn settle(answers: &[(Delivery, Outcome)], now: UnixTime) -> Progress {
    let mut progress = Progress {
        position: None,
        refusals: Vec::new(),
        stopped: None,
    };
    for (delivery, outcome) in answers {
        match outcome {
            Outcome::Accepted => {}
            Outcome::Refused { status, detail } => {
                progress
                    .refusals
                    .push((delivery.position, status.clone(), detail.clone()));
            }
            Outcome::Later { reason, .. } if is_closed(delivery, now) => {
                progress.refusals.push((
                    delivery.position,
                    "Undelivered".to_owned(),
                    format!("not answered before the end of the submit window: {reason}"),
                ));
            }
            Outcome::Later {
                reason,
                retry_after_secs,
            } => {
                progress.stopped = Some((reason.clone(), *retry_after_secs));
                break;
            }
        }
        progress.position = Some(delivery.position);
    }
    progress
}

/// Whether `CLOSE` of the ticket's spend date has passed.
fn is_closed(delivery: &Delivery, now: UnixTime) -> bool {
    delivery
        .spend_date
        .plus_days(CLOSE_DAYS)
        .is_ok_and(|close| now.as_secs() >= close.midnight().get())
}

fn rows(member: &str, refusals: Vec<(i64, String, String)>, now: UnixTime) -> Vec<RefusalRow> {
    refusals
        .into_iter()
        .map(|(position, status, detail)| RefusalRow {
            member: member.to_owned(),
            position,
            status,
            detail: clip(detail),
            received_at: now,
        })
        .collect()
}

fn clip(mut text: String) -> String {
    let end = (0..=MAX_REFUSAL_DETAIL_BYTES)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ecash_ticketbook::EcashDate;

    use super::*;

    fn delivery(position: i64) -> Delivery {
        Delivery {
            position,
            bytes: Vec::new(),
            spend_date: EcashDate::from_unix_day(20_000).unwrap(),
        }
    }

    fn later() -> Outcome {
        Outcome::Later {
            reason: "connection refused".to_owned(),
            retry_after_secs: Some(9),
        }
    }

    fn day(unix_day: u64) -> UnixTime {
        UnixTime::from_secs(unix_day * 86_400)
    }

    #[test]
    fn a_cursor_never_passes_a_ticket_without_an_answer() {
        let answers = [
            (delivery(3), Outcome::Accepted),
            (delivery(4), later()),
            (delivery(7), Outcome::Accepted),
        ];
        let progress = settle(&answers, day(20_000));
        assert_eq!(progress.position, Some(3));
        assert_eq!(
            progress.stopped,
            Some(("connection refused".to_owned(), Some(9)))
        );
        assert!(progress.refusals.is_empty());
    }

    #[test]
    fn a_refusal_is_recorded_and_the_cursor_goes_on() {
        let refused = Outcome::Refused {
            status: "InvalidTicket".to_owned(),
            detail: "no".to_owned(),
        };
        let progress = settle(
            &[(delivery(3), refused), (delivery(4), Outcome::Accepted)],
            day(20_000),
        );
        assert_eq!(progress.position, Some(4));
        assert_eq!(
            progress.refusals,
            [(3, "InvalidTicket".to_owned(), "no".to_owned())]
        );
        assert_eq!(progress.stopped, None);
    }

    #[test]
    fn a_ticket_that_no_member_takes_any_more_is_passed_with_a_record() {
        let answers = [(delivery(3), later()), (delivery(4), later())];
        assert_eq!(
            settle(&answers, UnixTime::from_secs(20_004 * 86_400 - 1)).position,
            None
        );
        let progress = settle(&answers, day(20_004));
        assert_eq!(progress.position, Some(4));
        assert_eq!(progress.refusals.len(), 2);
    }
}
