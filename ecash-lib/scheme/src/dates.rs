//! Checks of dates and ticket types as they enter the scheme (spec 8.2, R10).

use crate::constants::{MAX_TICKET_TYPE, SECONDS_PER_DAY, VALIDITY_DAYS};
use crate::error::{Error, Result};

/// Checks that `date` is a midnight UTC.
pub(crate) fn check_midnight(date: u32) -> Result<()> {
    if date.is_multiple_of(SECONDS_PER_DAY) {
        Ok(())
    } else {
        Err(Error::NotMidnight(date))
    }
}

/// The first spend date of an expiration date: six days earlier; both are midnights.
pub(crate) fn first_spend_date(expiration: u32) -> Result<u32> {
    check_midnight(expiration)?;
    expiration
        .checked_sub((VALIDITY_DAYS - 1) * SECONDS_PER_DAY)
        .ok_or(Error::ExpirationTooEarly(expiration))
}

/// The seven spend dates of an expiration date, ascending.
pub(crate) fn spend_dates(expiration: u32) -> Result<impl Iterator<Item = u32>> {
    let first = first_spend_date(expiration)?;
    Ok((0..VALIDITY_DAYS).map(move |day| first + day * SECONDS_PER_DAY)) // total: first + 6 days = expiration
}

/// Position of `date` among the spend dates of `expiration`: ⌊(d − start) / day⌋ (spec 5.2).
pub(crate) fn spend_date_position(expiration: u32, date: u32) -> Result<usize> {
    let first = first_spend_date(expiration)?;
    date.checked_sub(first)
        .map(|since| since / SECONDS_PER_DAY)
        .filter(|day| *day < VALIDITY_DAYS)
        .map(|day| day as usize)
        .ok_or(Error::DateOutsideValidity {
            date,
            first,
            last: expiration,
        })
}

/// Checks that a ticket type exists.
pub(crate) fn check_ticket_type(ticket_type: u8) -> Result<()> {
    if ticket_type <= MAX_TICKET_TYPE {
        Ok(())
    } else {
        Err(Error::UnknownTicketType(ticket_type))
    }
}
