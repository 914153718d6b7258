//! Dates of instants.

use ecash_service::clock::UnixTime;
use ecash_ticketbook::EcashDate;

/// The UTC date of `time`; after the last date that a ticket can name (2106-02-07), that one.
#[must_use]
pub fn date_of(time: UnixTime) -> EcashDate {
    EcashDate::of(ecash_ticketbook::UnixTime(time.as_secs())).unwrap_or(EcashDate::LAST)
}
