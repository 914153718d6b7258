//! What a deposit's owner is told. No I/O, no clock.

use ecash_requests::quorum::RecordedRequest;
use ecash_ticketbook::UnixTime;

use crate::epochs::{Epochs, is_old};
use crate::issuance::checks::first_request_in_time;
use crate::refusal::Refusal;
use crate::store::deposits::{DepositRow, DepositState};
use crate::store::issuance::Standing;

/// The record that the deposit is bound to, or `None` where this member knows that it accepted none. A member that may
/// have missed one does not say that there is none.
///
/// # Errors
/// [`Refusal::Behind`], [`Refusal::Handover`], [`Refusal::NoIssuingEpoch`].
pub fn status(
    deposit: &DepositRow,
    standing: Standing,
    epochs: &Epochs,
    merged: bool,
) -> Result<Option<RecordedRequest>, Refusal> {
    if let Some(record) = standing.record {
        return Ok(Some(record));
    }
    if standing.behind {
        return Err(Refusal::Behind);
    }
    let issuing = epochs.issuing()?;
    if issuing.predecessor.is_some() && is_old(issuing, deposit.block_time) && !merged {
        return Err(Refusal::Handover { under: None });
    }
    Ok(None)
}

/// Whether a refund demand is written down: the deposit is open, bound to no request, and too old for a first one.
///
/// # Errors
/// [`Refusal::Behind`], [`Refusal::DepositBound`], [`Refusal::DepositNotOpen`], [`Refusal::RefundTooEarly`].
pub fn refund(deposit: &DepositRow, standing: &Standing, now: UnixTime) -> Result<(), Refusal> {
    let id = deposit.id;
    if standing.behind {
        return Err(Refusal::Behind);
    }
    if standing.record.is_some() || standing.conflict {
        return Err(Refusal::DepositBound(id));
    }
    if deposit.state != DepositState::Open {
        return Err(Refusal::DepositNotOpen {
            id,
            state: deposit.state,
        });
    }
    match first_request_in_time(id, deposit.block_time, now) {
        Ok(()) => Err(Refusal::RefundTooEarly {
            id,
            made_at: deposit.block_time,
        }),
        Err(_) => Ok(()),
    }
}
