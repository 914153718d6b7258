//! What to do with one ticket, given what is known. No I/O and no clock: time and knowledge are arguments.

use ecash_requests::gateway::Verdict;
use ecash_service::clock::UnixTime;
use ecash_ticketbook::{EcashDate, PayInfo, Ticket};

use crate::limits::{CLOCK_WINDOW_SECS, MAX_EVIDENCE_PER_SERIAL};
use crate::spend_store::{AccountId, Known};
use crate::time::date_of;

/// How a ticket goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is settled: nothing is verified, nothing is written.
    Answer(Verdict),
    /// Verify it and grant it.
    Grant,
    /// Verify it and keep it as evidence, without a grant.
    Evidence,
}

/// Step 4 of R1.14: what a lookup of the serial says. A spend is identified by serial and pay info; whatever else
/// differs between two copies is ignored.
#[must_use]
pub fn decide(ticket: &Ticket, account: AccountId, known: &Known) -> Step {
    match known {
        Known::Absent => Step::Grant,
        Known::EvidenceOnly => Step::Answer(Verdict::DoubleSpend),
        Known::Spent {
            pay_info,
            account: owner,
            ..
        } if pay_info == ticket.pay_info() => {
            if *owner == Some(account) {
                Step::Answer(Verdict::AlreadyAccepted)
            } else {
                Step::Answer(Verdict::TicketReplay)
            }
        }
        Known::Spent { evidence, .. } if *evidence >= MAX_EVIDENCE_PER_SERIAL => {
            Step::Answer(Verdict::DoubleSpend)
        }
        Known::Spent { .. } => Step::Evidence,
    }
}

/// The provider keys that this gateway takes tickets for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderKeys {
    /// The present identity key.
    pub current: [u8; 32],
    /// The one before, and until when tickets for it are taken (R1.26).
    pub previous: Option<([u8; 32], UnixTime)>,
}

impl ProviderKeys {
    fn take(&self, provider: &[u8; 32], now: UnixTime) -> bool {
        *provider == self.current
            || self
                .previous
                .is_some_and(|(key, until)| *provider == key && now < until)
    }
}

/// Step 5 of R1.14: provider, time and date (R1.7, R1.10), and the lost time of reduced mode (R3.4).
///
/// # Errors
/// The verdict that refuses the ticket.
pub fn check_pay_info(
    ticket: &Ticket,
    keys: &ProviderKeys,
    reduced_since: Option<UnixTime>,
    now: UnixTime,
) -> Result<(), Verdict> {
    if !keys.take(ticket.pay_info().provider(), now) {
        return Err(Verdict::WrongProvider);
    }
    let made_at = time_of(ticket.pay_info()).ok_or(Verdict::StaleOrFuture)?;
    let is_now = now.as_secs().abs_diff(made_at.as_secs()) <= CLOCK_WINDOW_SECS;
    if !is_now || !is_date_of(ticket.spend_date(), made_at) {
        return Err(Verdict::StaleOrFuture);
    }
    if reduced_since.is_some_and(|opened| made_at <= opened.plus_secs(CLOCK_WINDOW_SECS)) {
        return Err(Verdict::StaleOrFuture);
    }
    Ok(())
}

fn time_of(pay_info: &PayInfo) -> Option<UnixTime> {
    let time = pay_info.time()?;
    (time.get() <= UnixTime::MAX.as_secs()).then(|| UnixTime::from_secs(time.get()))
}

/// Whether `date` is the UTC date of `time` or of an instant at most [`CLOCK_WINDOW_SECS`] away from it.
fn is_date_of(date: EcashDate, time: UnixTime) -> bool {
    let first = date_of(time.minus_secs(CLOCK_WINDOW_SECS));
    let last = date_of(time.plus_secs(CLOCK_WINDOW_SECS));
    first <= date && date <= last
}
