//! The phase clock: when a phase is over and what follows (`spec/dkg.md` 12.4). Pure functions of counters and rules.
//!
//! Without dealings the row *exchange* has no guard: the phase ends by its deadline. Without acknowledgements
//! *submission* is complete with the shares of all registered dealers.

use cosmwasm_std::Timestamp;
use ecash_contract_messages::dkg::{Epoch, EpochState, MAX_DEALERS, TimeConfiguration, threshold};

/// Who of the group has registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attendance {
    /// More members of weight ≥ 1 than a ceremony can have.
    TooMany,
    /// `voting` members of weight ≥ 1, of which `registered` have registered.
    Counted { voting: u32, registered: u32 },
}

/// What the clock knows beside the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Knowledge {
    /// Present in registration only.
    pub(crate) attendance: Option<Attendance>,
    /// Fewest dealers that leave registration.
    pub(crate) min_dealers: u32,
    /// The epoch's threshold, once registration was left.
    pub(crate) threshold: u64,
    /// Threshold of the source epoch of a resharing.
    pub(crate) source_threshold: u64,
}

/// What follows a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The exchange, with the threshold fixed.
    Exchange { threshold: u64 },
    /// The next phase.
    Enter(EpochState),
    /// The keys come into service.
    Conclude,
    /// The ceremony fails, for this reason.
    Abort(String),
}

/// Whether there is nothing left to wait for. Never true for a count of nobody.
pub(crate) fn is_complete(epoch: &Epoch, attendance: Option<Attendance>) -> bool {
    let progress = &epoch.state_progress;
    match epoch.state {
        EpochState::WaitingInitialisation | EpochState::InProgress => false,
        EpochState::PublicKeySubmission { .. } => matches!(
            attendance,
            Some(Attendance::Counted { voting, registered }) if voting > 0 && registered == voting
        ),
        EpochState::DealingExchange { resharing } => {
            let dealers = if resharing {
                progress.registered_resharing_dealers
            } else {
                progress.registered_dealers
            };
            dealers > 0 && progress.submitted_dealings == dealers
        }
        EpochState::VerificationKeySubmission { .. } => {
            progress.registered_dealers > 0
                && progress.submitted_key_shares >= progress.registered_dealers
        }
        EpochState::VerificationKeyValidation { .. }
        | EpochState::VerificationKeyFinalization { .. } => {
            progress.submitted_key_shares > 0
                && progress.verified_keys == progress.submitted_key_shares
        }
    }
}

/// Whether the phase's time is over.
pub(crate) fn is_over(epoch: &Epoch, now: Timestamp) -> bool {
    epoch.deadline.is_some_and(|deadline| deadline <= now)
}

/// What follows the present phase of a ceremony; `None` where none is running.
pub(crate) fn next(epoch: &Epoch, known: &Knowledge) -> Option<Step> {
    let progress = &epoch.state_progress;
    let step = match epoch.state {
        EpochState::WaitingInitialisation | EpochState::InProgress => return None,
        EpochState::PublicKeySubmission { resharing } => {
            leave_registration(epoch, known, resharing)
        }
        EpochState::DealingExchange { resharing } => {
            Step::Enter(EpochState::VerificationKeySubmission { resharing })
        }
        EpochState::VerificationKeySubmission { resharing } => {
            if u64::from(progress.submitted_key_shares) < known.threshold {
                Step::Abort(format!(
                    "{} key shares were submitted, {} are needed",
                    progress.submitted_key_shares, known.threshold
                ))
            } else {
                Step::Enter(EpochState::VerificationKeyValidation { resharing })
            }
        }
        EpochState::VerificationKeyValidation { resharing } => {
            Step::Enter(EpochState::VerificationKeyFinalization { resharing })
        }
        EpochState::VerificationKeyFinalization { .. } => {
            if u64::from(progress.verified_keys) < known.threshold {
                Step::Abort(format!(
                    "{} key shares were verified, {} are needed",
                    progress.verified_keys, known.threshold
                ))
            } else {
                Step::Conclude
            }
        }
    };
    Some(step)
}

fn leave_registration(epoch: &Epoch, known: &Knowledge, resharing: bool) -> Step {
    let registered = epoch.state_progress.registered_dealers;
    let voting = match known.attendance {
        Some(Attendance::Counted { voting, .. }) => voting,
        Some(Attendance::TooMany) | None => {
            return Step::Abort(format!(
                "the group has more than {MAX_DEALERS} members with a vote"
            ));
        }
    };
    let needed = u64::from(known.min_dealers).max(threshold(voting));
    if u64::from(registered) < needed {
        return Step::Abort(format!(
            "{registered} dealers registered, {needed} are needed"
        ));
    }
    let threshold = threshold(registered);
    if resharing {
        let old = epoch.state_progress.registered_resharing_dealers;
        if u64::from(old) < known.source_threshold {
            return Step::Abort(format!(
                "{old} dealers with a share registered, {} are needed",
                known.source_threshold
            ));
        }
        let joiners = registered.saturating_sub(old);
        if u64::from(joiners) + u64::from(old.saturating_sub(1) / 3) >= threshold {
            return Step::Abort(format!(
                "{joiners} joiners are too many for {old} dealers with a share"
            ));
        }
    }
    Step::Exchange { threshold }
}

/// How long a phase lasts; `None` where none ends.
pub(crate) fn duration_secs(state: EpochState, times: &TimeConfiguration) -> Option<u64> {
    match state {
        EpochState::WaitingInitialisation | EpochState::InProgress => None,
        EpochState::PublicKeySubmission { .. } => Some(times.public_key_submission_time_secs),
        EpochState::DealingExchange { .. } => Some(times.dealing_exchange_time_secs),
        EpochState::VerificationKeySubmission { .. } => {
            Some(times.verification_key_submission_time_secs)
        }
        EpochState::VerificationKeyValidation { .. } => {
            Some(times.verification_key_validation_time_secs)
        }
        EpochState::VerificationKeyFinalization { .. } => {
            Some(times.verification_key_finalization_time_secs)
        }
    }
}

/// Name of a phase in events.
pub(crate) fn name(state: EpochState) -> &'static str {
    match state {
        EpochState::WaitingInitialisation => "waiting_initialisation",
        EpochState::PublicKeySubmission { .. } => "public_key_submission",
        EpochState::DealingExchange { .. } => "dealing_exchange",
        EpochState::VerificationKeySubmission { .. } => "verification_key_submission",
        EpochState::VerificationKeyValidation { .. } => "verification_key_validation",
        EpochState::VerificationKeyFinalization { .. } => "verification_key_finalization",
        EpochState::InProgress => "in_progress",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecash_contract_messages::dkg::StateProgress;

    use super::*;

    fn registration(resharing: bool, registered: u32, old: u32) -> Epoch {
        Epoch {
            state: EpochState::PublicKeySubmission { resharing },
            epoch_id: 1,
            state_progress: StateProgress {
                registered_dealers: registered,
                registered_resharing_dealers: old,
                ..StateProgress::default()
            },
            time_configuration: TimeConfiguration::default(),
            deadline: None,
            ceremony_concluded_at: None,
            keys_in_service: Some(0),
            outgoing_keys: None,
        }
    }

    fn known(voting: u32, source_threshold: u64) -> Knowledge {
        Knowledge {
            attendance: Some(Attendance::Counted {
                voting,
                registered: 0,
            }),
            min_dealers: 1,
            threshold: 0,
            source_threshold,
        }
    }

    fn leaves(epoch: &Epoch, known: &Knowledge) -> bool {
        matches!(next(epoch, known), Some(Step::Exchange { .. }))
    }

    #[test]
    fn a_resharing_needs_the_old_threshold_of_old_dealers_whatever_the_size_of_the_new_group() {
        assert!(!leaves(&registration(true, 4, 2), &known(4, 3)));
        assert!(leaves(&registration(true, 4, 3), &known(4, 3)));
        assert!(!leaves(&registration(true, 10, 6), &known(10, 7)));
        assert!(!leaves(&registration(true, 1, 1), &known(1, 3)));
    }

    #[test]
    fn joiners_with_the_faulty_old_dealers_stay_below_the_new_threshold() {
        // 7 registered, t = 5: 5 old + 2 joiners: 2 + ⌊4/3⌋ = 3 < 5; 3 old + 4 joiners: 4 + 0 < 5; 2 + 5: 5 ≥ 5.
        assert!(leaves(&registration(true, 7, 5), &known(7, 1)));
        assert!(leaves(&registration(true, 7, 3), &known(7, 1)));
        assert!(!leaves(&registration(true, 7, 2), &known(7, 1)));
    }

    #[test]
    fn a_resharing_with_no_old_dealer_or_nobody_at_all_is_aborted() {
        assert!(!leaves(&registration(true, 4, 0), &known(4, 1)));
        assert!(!leaves(&registration(false, 0, 0), &known(0, 0)));
        assert!(!is_complete(
            &registration(false, 0, 0),
            Some(Attendance::Counted {
                voting: 0,
                registered: 0
            })
        ));
    }

    #[test]
    fn a_phase_is_never_complete_for_a_count_of_nobody() {
        for state in [
            EpochState::DealingExchange { resharing: false },
            EpochState::DealingExchange { resharing: true },
            EpochState::VerificationKeySubmission { resharing: false },
            EpochState::VerificationKeyValidation { resharing: false },
            EpochState::VerificationKeyFinalization { resharing: false },
        ] {
            let epoch = Epoch {
                state,
                ..registration(false, 0, 0)
            };
            assert!(!is_complete(&epoch, None), "{state:?}");
        }
    }

    #[test]
    fn the_threshold_is_two_thirds_rounded_down_plus_one() {
        let expected = [1, 2, 3, 3, 4, 5, 5, 6, 7, 7];
        for (n, t) in (1..).zip(expected) {
            assert_eq!(threshold(n), t);
            assert!(matches!(
                next(&registration(false, n, 0), &known(n, 0)),
                Some(Step::Exchange { threshold }) if threshold == t
            ));
        }
    }
}
