//! The checks of a blind-sign request that need no database: `quorum-api.md` 3.1.2, rows 1 to 5.

use ecash_requests::IdentityKey;
use ecash_requests::NetworkIds;
use ecash_requests::quorum::{Addressee, BlindSignRequestBody, RequestHash, ResponseKey};
use ecash_ticketbook::{DepositId, EcashDate, NodeIndex, UnixTime, VALIDITY_DAYS};

use crate::error::Error;
use crate::refusal::Refusal;
use crate::store::deposits::{DepositRow, DepositState};

/// A first request comes at most this many days after its deposit; from then on the deposit can be refunded.
pub const FIRST_REQUEST_DAYS: u32 = 30;
/// The latest expiration date of a deposit's book, in days after the date of the deposit's block: 30 + 6.
pub const LATEST_EXPIRATION_DAYS: u32 = FIRST_REQUEST_DAYS + VALIDITY_DAYS - 1;
/// Seconds per day.
const DAY_SECS: u64 = 86_400;

/// Row 3, first half: today ≤ `expiration` ≤ today + 6 days.
///
/// # Errors
/// [`Refusal::ExpirationDate`].
pub fn expiration_is_near(expiration: EcashDate, now: UnixTime) -> Result<(), Refusal> {
    let today = EcashDate::of(now).map_err(Error::from)?;
    let last = today.default_expiration().unwrap_or(EcashDate::LAST);
    within(expiration, today, last)
}

/// Row 3, second half: `expiration` ≤ date of the deposit's block + 36 days. What a ticket is worth rests on this bound.
///
/// # Errors
/// [`Refusal::ExpirationDate`].
pub fn expiration_suits_deposit(
    expiration: EcashDate,
    deposit_time: UnixTime,
) -> Result<(), Refusal> {
    let made_on = EcashDate::of(deposit_time).map_err(Error::from)?;
    let last = made_on
        .plus_days(LATEST_EXPIRATION_DAYS)
        .unwrap_or(EcashDate::LAST);
    within(expiration, EcashDate::FIRST, last)
}

fn within(asked: EcashDate, first: EcashDate, last: EcashDate) -> Result<(), Refusal> {
    if first <= asked && asked <= last {
        return Ok(());
    }
    Err(Refusal::ExpirationDate { asked, first, last })
}

/// Row 4 without the dead mark: the deposit is open, and its key signed this request for it. Gives the key.
///
/// # Errors
/// [`Refusal::DepositNotOpen`], [`Refusal::DepositKey`], [`Refusal::Statement`].
pub fn deposit_signed_it(
    body: &BlindSignRequestBody,
    deposit: &DepositRow,
) -> Result<IdentityKey, Refusal> {
    if deposit.state != DepositState::Open {
        return Err(Refusal::DepositNotOpen {
            id: deposit.id,
            state: deposit.state,
        });
    }
    let key = IdentityKey::from_bytes(&deposit.pubkey).map_err(|reason| Refusal::DepositKey {
        id: deposit.id,
        reason,
    })?;
    body.check_signature(&key)?;
    Ok(key)
}

/// What a request says about how it wants to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// In the clear; published clients know no other.
    Clear {
        /// Whether the request carried a valid envelope.
        enveloped: bool,
    },
    /// Sealed for this key.
    Sealed(ResponseKey),
}

impl Answering {
    /// Whether the request carried a valid envelope.
    #[must_use]
    pub const fn enveloped(self) -> bool {
        match self {
            Self::Clear { enveloped } => enveloped,
            Self::Sealed(_) => true,
        }
    }
}

/// What row 5 is checked against.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeContext<'a> {
    /// The network.
    pub network: &'a NetworkIds,
    /// Identity of the request.
    pub request: &'a RequestHash,
    /// Key of the deposit.
    pub deposit_key: &'a IdentityKey,
    /// This member's node index in the epoch.
    pub own_index: NodeIndex,
    /// Whether the request named an epoch.
    pub names_epoch: bool,
    /// Whether requests without envelope are refused here.
    pub required: bool,
    /// Time of this member's clock.
    pub now: UnixTime,
}

/// Row 5: the envelope, where there is one.
///
/// # Errors
/// [`Refusal::EnvelopeRequired`], [`Refusal::EnvelopeWithoutEpoch`], [`Refusal::Statement`].
pub fn envelope(
    body: &BlindSignRequestBody,
    context: &EnvelopeContext<'_>,
) -> Result<Answering, Refusal> {
    let Some(envelope) = &body.envelope else {
        return if context.required {
            Err(Refusal::EnvelopeRequired)
        } else {
            Ok(Answering::Clear { enveloped: false })
        };
    };
    let signer = Addressee {
        node_index: context.own_index,
        now: context.now,
    };
    match envelope.check(
        context.network,
        context.request,
        signer,
        context.deposit_key,
    )? {
        None => Ok(Answering::Clear { enveloped: true }),
        Some(_) if !context.names_epoch => Err(Refusal::EnvelopeWithoutEpoch),
        Some(key) => Ok(Answering::Sealed(key)),
    }
}

/// Row 8: a first request comes at most 30 days after the deposit's block.
///
/// # Errors
/// [`Refusal::DepositTooOld`].
pub fn first_request_in_time(
    id: DepositId,
    deposit_time: UnixTime,
    now: UnixTime,
) -> Result<(), Refusal> {
    let last = deposit_time.saturating_add(u64::from(FIRST_REQUEST_DAYS) * DAY_SECS);
    if now <= last {
        return Ok(());
    }
    Err(Refusal::DepositTooOld {
        id,
        made_at: deposit_time,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOON: UnixTime = UnixTime(1_765_065_600 + 43_200);

    fn today() -> EcashDate {
        EcashDate::of(NOON).unwrap()
    }

    #[test]
    fn a_book_expires_today_at_the_earliest_and_in_six_days_at_the_latest() {
        assert!(expiration_is_near(today(), NOON).is_ok());
        assert!(expiration_is_near(today().plus_days(6).unwrap(), NOON).is_ok());
        for wrong in [
            today().minus_days(1).unwrap(),
            today().plus_days(7).unwrap(),
            today().plus_days(8).unwrap(),
            EcashDate::FIRST,
            EcashDate::LAST,
        ] {
            let refused = expiration_is_near(wrong, NOON).unwrap_err();
            assert!(matches!(refused, Refusal::ExpirationDate { .. }));
            assert!(refused.to_string().contains(&wrong.to_string()));
        }
    }

    #[test]
    fn the_day_begins_and_ends_at_midnight_utc() {
        let midnight = today().midnight();
        assert!(expiration_is_near(today(), midnight).is_ok());
        assert!(expiration_is_near(today(), midnight.saturating_sub(1)).is_ok());
        assert!(expiration_is_near(today().minus_days(1).unwrap(), midnight).is_err());
    }

    #[test]
    fn a_book_expires_at_most_36_days_after_its_deposit() {
        assert!(expiration_suits_deposit(today().plus_days(36).unwrap(), NOON).is_ok());
        assert!(expiration_suits_deposit(today().plus_days(37).unwrap(), NOON).is_err());
    }

    #[test]
    fn a_first_request_is_in_time_at_30_days_and_too_late_a_second_after() {
        let last = NOON.saturating_add(30 * DAY_SECS);
        assert!(first_request_in_time(DepositId(1), NOON, last).is_ok());
        let refused =
            first_request_in_time(DepositId(1), NOON, last.saturating_add(1)).unwrap_err();
        assert!(refused.to_string().contains("refund"));
    }
}
