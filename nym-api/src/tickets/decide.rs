//! What to do with one ticket, given what is known about its serial number. No I/O, no clock.

use ecash_ticketbook::{EcashDate, SpendingData, TicketType, UnixTime};

use crate::store::gateways::GatewayRow;
use crate::store::tickets::SpentRow;

/// How far a date or a clock may be off, in seconds (`TS_WINDOW`).
pub const TS_WINDOW_SECS: u64 = 120;
/// Days after its spend date within which a ticket has to arrive (`SUBMIT_WINDOW`).
pub const SUBMIT_WINDOW_DAYS: u32 = 3;

/// The verdict on a ticket (`gateway.md` R4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Verified and recorded as the one spend of its serial number, or a repetition of it by its gateway.
    Accepted,
    /// Verified, but another pay info holds the serial number.
    DoubleSpend,
    /// It does not verify, or contradicts the recorded spend that it repeats.
    Invalid,
    /// Its provider key is not that of the gateway.
    WrongProvider,
    /// Its date or its time of arrival is not one on which it counts.
    Late,
}

/// The next step for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Answer.
    Answer(Status),
    /// Verify the proof; if it is good, record the spend, or the conflict with the spend that is recorded.
    Verify,
}

/// What a ticket is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The ticket.
    pub data: &'a SpendingData,
    /// Its type.
    pub ticket_type: TicketType,
    /// The gateway that delivers it.
    pub gateway: &'a GatewayRow,
    /// The recorded spend of its serial number.
    pub spent: Option<&'a SpentRow>,
    /// Whether the master key of its epoch was revoked.
    pub revoked: bool,
    /// Time of this member's clock.
    pub now: UnixTime,
}

/// Steps 1 to 3 of R5.1: provider key; recorded spend; date and window.
#[must_use]
pub fn decide(facts: &Facts<'_>) -> Step {
    let data = facts.data;
    let Some(stamped) = data.pay_info.time() else {
        return Step::Answer(Status::Late);
    };
    if !facts
        .gateway
        .has_key(data.pay_info.provider(), stamped, facts.now)
    {
        return Step::Answer(Status::WrongProvider);
    }
    match facts.spent {
        Some(spent) if !spent.split && spent.pay_info == data.pay_info => {
            return Step::Answer(repeated(facts, spent));
        }
        _ => {}
    }
    let in_time = stamped <= facts.now.saturating_add(TS_WINDOW_SECS)
        && facts.now < closes_at(data.spend_date);
    if facts.revoked || !in_time || !date_is_right(data.spend_date, stamped) {
        return Step::Answer(Status::Late);
    }
    Step::Verify
}

fn repeated(facts: &Facts<'_>, spent: &SpentRow) -> Status {
    let same = spent.spend_date == facts.data.spend_date
        && spent.ticket_type == facts.ticket_type
        && spent.gateway_account == facts.gateway.account;
    if same {
        Status::Accepted
    } else {
        Status::Invalid
    }
}

/// R1.10: `date` is the UTC date of `stamped` or of an instant at most [`TS_WINDOW_SECS`] away from it.
#[must_use]
pub fn date_is_right(date: EcashDate, stamped: UnixTime) -> bool {
    let earliest = stamped.saturating_sub(TS_WINDOW_SECS).unix_day();
    let latest = stamped.saturating_add(TS_WINDOW_SECS).unix_day();
    (earliest..=latest).contains(&u64::from(date.unix_day()))
}

/// `CLOSE(date)`: 00:00 UTC of the fourth day after it. What arrives later does not count.
#[must_use]
pub fn closes_at(date: EcashDate) -> UnixTime {
    date.midnight()
        .saturating_add(u64::from(SUBMIT_WINDOW_DAYS + 1) * 86_400)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MIDNIGHT: UnixTime = UnixTime(1_765_065_600);

    fn date() -> EcashDate {
        EcashDate::of(MIDNIGHT).unwrap()
    }

    #[test]
    fn a_spend_date_is_the_date_of_the_pay_info_or_of_an_instant_two_minutes_away() {
        let yesterday = date().minus_days(1).unwrap();
        assert!(date_is_right(date(), MIDNIGHT));
        assert!(date_is_right(yesterday, MIDNIGHT.saturating_add(119)));
        assert!(!date_is_right(yesterday, MIDNIGHT.saturating_add(120)));
        assert!(date_is_right(date(), MIDNIGHT.saturating_sub(120)));
        assert!(!date_is_right(date(), MIDNIGHT.saturating_sub(121)));
        assert!(!date_is_right(date().plus_days(1).unwrap(), MIDNIGHT));
    }

    #[test]
    fn a_date_closes_at_the_midnight_that_begins_the_fourth_day_after_it() {
        assert_eq!(closes_at(date()), MIDNIGHT.saturating_add(4 * 86_400));
    }
}
