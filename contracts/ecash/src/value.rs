//! Days, and the value of a ticket (`spec/contracts.md` 6.6.3):
//! v(D) = ⌊min{lowest price in force at any moment of the days D − 37 … D} / 50⌋.

use cosmwasm_std::{StdError, StdResult, Storage, Timestamp, Uint128};
use ecash_contract_messages::ecash::{
    DAY_SECS, Date, TICKET_VALUE_WINDOW_DAYS, TICKETS_PER_BOOK, TicketValueResponse,
};

use crate::{
    error::ContractError,
    state::{PRICE_HISTORY, PRICE_HISTORY_LEN},
};

/// The UTC day of a moment, in days since 1970-01-01.
pub(crate) fn day_of(time: Timestamp) -> StdResult<Date> {
    Date::try_from(time.seconds() / DAY_SECS)
        .map_err(|_| StdError::generic_err(format!("{time} is beyond every calendar")))
}

/// 00:00 UTC of a day, in seconds since 1970-01-01.
fn start_of(date: Date) -> u64 {
    u64::from(date) * DAY_SECS
}

/// The number of history entries made before a moment given in seconds, by bisection.
fn entries_before(storage: &dyn Storage, secs: u64) -> StdResult<u32> {
    let (mut low, mut high) = (0, PRICE_HISTORY_LEN.may_load(storage)?.unwrap_or_default());
    while low < high {
        let middle = low + (high - low) / 2;
        if PRICE_HISTORY.load(storage, middle)?.time.seconds() < secs {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// v(date). The walk back is bounded by ten entries a day.
///
/// # Errors
/// [`ContractError::NoTicketValue`] for a day after today or before the first price.
pub(crate) fn ticket_value(
    storage: &dyn Storage,
    now: Timestamp,
    date: Date,
) -> Result<TicketValueResponse, ContractError> {
    let end = start_of(date) + DAY_SECS;
    let window_start = start_of(date.saturating_sub(TICKET_VALUE_WINDOW_DAYS));
    if date > day_of(now)? {
        return Err(ContractError::NoTicketValue { date });
    }
    let mut lowest: Option<Uint128> = None;
    for index in (0..entries_before(storage, end)?).rev() {
        let entry = PRICE_HISTORY.load(storage, index)?;
        lowest = Some(lowest.map_or(entry.lowest, |lowest| lowest.min(entry.lowest)));
        if entry.time <= Timestamp::from_seconds(window_start) {
            break;
        }
    }
    let lowest = lowest.ok_or(ContractError::NoTicketValue { date })?;
    Ok(TicketValueResponse {
        date,
        value: Uint128::new(lowest.u128() / u128::from(TICKETS_PER_BOOK)),
        is_final: now.seconds() >= end,
    })
}
