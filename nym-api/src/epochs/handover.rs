//! Which epoch signs which deposit around a change of keys (`quorum-api.md` 3.1.2, second table; `dkg.md` 14.2).

use ecash_ticketbook::{EpochId, UnixTime};

use super::{ConcludedEpoch, Epochs};
use crate::refusal::Refusal;

/// A deposit at most this many seconds younger than the change counts as old.
const HANDOVER_MARGIN_SECS: u64 = 120;
/// For this many seconds after the change old deposits are signed under the old epoch.
const HANDOVER_SECS: u64 = 900;

/// Under which epoch a new signature is made for a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Under the epoch asked for.
    Sign,
    /// Not now; the same request can succeed later. `Some`: now it is signed under that epoch.
    Later(Option<EpochId>),
    /// Never under the epoch asked for; under this one.
    Elsewhere(EpochId),
}

/// Whether a deposit of `deposit_time` belongs to the time before `issuing` came into progress: what was signed for it,
/// the epoch before may have signed.
#[must_use]
pub fn is_old(issuing: &ConcludedEpoch, deposit_time: UnixTime) -> bool {
    deposit_time <= issuing.concluded_at.saturating_add(HANDOVER_MARGIN_SECS)
}

/// Whether `asked` may make a new signature for a deposit of `deposit_time`. `merged` says whether this member has taken
/// over the lists of the epoch before the issuing one.
///
/// # Errors
/// [`Refusal::NoIssuingEpoch`].
pub fn place(
    epochs: &Epochs,
    asked: EpochId,
    deposit_time: UnixTime,
    merged: bool,
) -> Result<Placement, Refusal> {
    let issuing = epochs.issuing()?;
    let Some(predecessor) = issuing.predecessor else {
        return Ok(if asked == issuing.id {
            Placement::Sign
        } else {
            Placement::Elsewhere(issuing.id)
        });
    };
    let old = is_old(issuing, deposit_time);
    let handing_over = epochs.block_time < issuing.concluded_at.saturating_add(HANDOVER_SECS);
    Ok(match (old, handing_over) {
        _ if asked != issuing.id && asked != predecessor => Placement::Elsewhere(issuing.id),
        (true, true) if asked == predecessor => Placement::Sign,
        (true, true) => Placement::Later(Some(predecessor)),
        (true, false) if asked == predecessor => Placement::Elsewhere(issuing.id),
        (true, false) if merged => Placement::Sign,
        (true, false) => Placement::Later(None),
        (false, _) if asked == issuing.id => Placement::Sign,
        (false, true) => Placement::Later(Some(issuing.id)),
        (false, false) => Placement::Elsewhere(issuing.id),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use ecash_contract_messages::dkg::EpochState;

    use super::super::ConcludedEpoch;
    use super::*;

    const CHANGE: UnixTime = UnixTime(1_000_000);

    fn concluded(id: u64, predecessor: Option<u64>) -> Arc<ConcludedEpoch> {
        Arc::new(ConcludedEpoch {
            id: EpochId(id),
            threshold: 4,
            dealers: 5,
            signers: Vec::new(),
            own_index: None,
            concluded_at: CHANGE,
            predecessor: predecessor.map(EpochId),
            revoked: false,
        })
    }

    fn epochs(seconds_after_change: u64, predecessor: Option<u64>) -> Epochs {
        Epochs {
            read_at: Duration::ZERO,
            block_height: 1,
            block_time: CHANGE.saturating_add(seconds_after_change),
            current: EpochId(7),
            state: EpochState::InProgress,
            issuing: Some(EpochId(7)),
            concluded: [
                concluded(7, predecessor),
                concluded(5, None),
                concluded(3, None),
            ]
            .into_iter()
            .map(|epoch| (epoch.id, epoch))
            .collect(),
        }
    }

    fn placed(after: u64, asked: u64, deposit_after: i64, merged: bool) -> Placement {
        let deposit = UnixTime(CHANGE.get().checked_add_signed(deposit_after).unwrap());
        place(&epochs(after, Some(5)), EpochId(asked), deposit, merged).unwrap()
    }

    #[test]
    fn an_old_deposit_is_signed_by_the_old_epoch_until_the_end_of_the_handover() {
        assert_eq!(placed(899, 5, 120, false), Placement::Sign);
        assert_eq!(
            placed(899, 7, 120, true),
            Placement::Later(Some(EpochId(5)))
        );
        assert_eq!(placed(900, 5, 120, false), Placement::Elsewhere(EpochId(7)));
        assert_eq!(placed(900, 7, 120, false), Placement::Later(None));
        assert_eq!(placed(900, 7, 120, true), Placement::Sign);
    }

    #[test]
    fn a_young_deposit_is_signed_by_the_new_epoch_from_the_start() {
        assert_eq!(placed(130, 7, 121, false), Placement::Sign);
        assert_eq!(
            placed(899, 5, 121, false),
            Placement::Later(Some(EpochId(7)))
        );
        assert_eq!(placed(900, 5, 121, false), Placement::Elsewhere(EpochId(7)));
        assert_eq!(placed(900, 7, 121, false), Placement::Sign);
    }

    #[test]
    fn an_epoch_before_the_predecessor_signs_nothing_new() {
        for after in [0, 899, 900] {
            for deposit in [-1000, 120, 121] {
                assert_eq!(
                    placed(after, 3, deposit, true),
                    Placement::Elsewhere(EpochId(7))
                );
            }
        }
    }

    #[test]
    fn without_a_predecessor_every_deposit_is_young() {
        let deposit = UnixTime(1);
        let first = epochs(0, None);
        assert_eq!(
            place(&first, EpochId(7), deposit, false).unwrap(),
            Placement::Sign
        );
        assert_eq!(
            place(&first, EpochId(5), deposit, false).unwrap(),
            Placement::Elsewhere(EpochId(7))
        );
    }
}
