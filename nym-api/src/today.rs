//! From the clock of the process to the times and dates of ticketbooks.

use ecash_service::clock::Clock;
use ecash_ticketbook::{EcashDate, UnixTime};

use crate::error::Result;

/// The time of day of a clock.
pub(crate) fn now(clock: &dyn Clock) -> UnixTime {
    UnixTime(clock.now().as_secs())
}

/// The UTC date of a clock.
///
/// # Errors
/// [`crate::Error::Ticketbook`] after 2106-02-07.
pub(crate) fn today(clock: &dyn Clock) -> Result<EcashDate> {
    Ok(EcashDate::of(now(clock))?)
}
