//! What to do with a request whose sender is known to own the deposit: `quorum-api.md` 3.1.2, rows 7 and 8.

use ecash_requests::quorum::RequestHash;
use ecash_scheme::BlindedSignature;
use ecash_ticketbook::{EpochId, UnixTime};

use super::checks::first_request_in_time;
use crate::epochs::{Epochs, Placement, place};
use crate::refusal::Refusal;
use crate::store::deposits::DepositRow;
use crate::store::issuance::Recorded;

/// The next step for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give the stored share again.
    Answer(BlindedSignature),
    /// Verify the request and sign it.
    Sign,
}

/// A request in its place: which deposit, which epoch, what is recorded, at what time.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Identity of the request.
    pub request: RequestHash,
    /// The epoch that it is to be signed under.
    pub epoch: EpochId,
    /// The deposit.
    pub deposit: &'a DepositRow,
    /// What is recorded for the deposit.
    pub recorded: Recorded,
    /// What is known of the epochs.
    pub epochs: &'a Epochs,
    /// Whether the lists of the epoch before the issuing one are merged.
    pub merged: bool,
    /// Time of this member's clock.
    pub now: UnixTime,
}

/// Decides, without touching anything.
///
/// # Errors
/// [`Refusal::DepositClosed`], [`Refusal::OtherRequest`], [`Refusal::Behind`], [`Refusal::OtherEpoch`],
/// [`Refusal::Handover`], [`Refusal::DepositTooOld`], [`Refusal::NoIssuingEpoch`].
pub fn decide(situation: &Situation<'_>) -> Result<Step, Refusal> {
    let Situation {
        recorded, deposit, ..
    } = situation;
    if recorded.dead {
        return Err(Refusal::DepositClosed(deposit.id));
    }
    match (recorded.request, recorded.share) {
        (Some(request), _) if request != situation.request => {
            return Err(Refusal::OtherRequest(deposit.id));
        }
        (Some(_), Some(share)) => return Ok(Step::Answer(share)),
        _ => {}
    }
    if recorded.conflict {
        return Err(Refusal::DepositClosed(deposit.id));
    }
    if recorded.behind {
        return Err(Refusal::Behind);
    }
    match place(
        situation.epochs,
        situation.epoch,
        deposit.block_time,
        situation.merged,
    )? {
        Placement::Sign => {}
        Placement::Later(under) => return Err(Refusal::Handover { under }),
        Placement::Elsewhere(under) => {
            return Err(Refusal::OtherEpoch {
                asked: situation.epoch,
                under,
            });
        }
    }
    if recorded.request.is_none() {
        first_request_in_time(deposit.id, deposit.block_time, situation.now)?;
    }
    Ok(Step::Sign)
}
