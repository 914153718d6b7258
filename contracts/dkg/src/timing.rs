//! Ranges of durations (`spec/dkg.md` 12.1).

use std::ops::RangeInclusive;

use ecash_contract_messages::dkg::{
    CeremonyRules, DEFAULT_ACKNOWLEDGEMENT_SECS, MAX_DEALERS, PHASE_SECS, PROPOSAL_LIFE_SECS,
    TimeConfiguration,
};

use crate::error::ContractError;

fn within(what: &'static str, given: u64, range: RangeInclusive<u64>) -> Result<(), ContractError> {
    if range.contains(&given) {
        return Ok(());
    }
    Err(ContractError::TimeConfigurationOutOfRange {
        what,
        given,
        min: *range.start(),
        max: *range.end(),
    })
}

/// Checks the durations of the phases: each within [`PHASE_SECS`], and the three in which a verification proposal must
/// stay open together within its life.
pub(crate) fn check_phases(times: &TimeConfiguration) -> Result<(), ContractError> {
    let submission = times.verification_key_submission_time_secs;
    let validation = times.verification_key_validation_time_secs;
    let finalization = times.verification_key_finalization_time_secs;
    for (what, given) in [
        ("registration", times.public_key_submission_time_secs),
        ("exchange", times.dealing_exchange_time_secs),
        ("submission", submission),
        ("validation", validation),
        ("finalization", finalization),
    ] {
        within(what, given, PHASE_SECS)?;
    }
    within(
        "submission, validation and finalization together",
        submission + validation + finalization,
        3..=PROPOSAL_LIFE_SECS,
    )
}

/// The rules of later ceremonies. Without a window of its own a deployment gets the default, or half of a shorter
/// submission phase.
pub(crate) fn rules(
    times: &TimeConfiguration,
    acknowledgement_time_secs: Option<u64>,
    min_dealers: u32,
) -> Result<CeremonyRules, ContractError> {
    if !(1..=MAX_DEALERS).contains(&min_dealers) {
        return Err(ContractError::MinDealersOutOfRange { given: min_dealers });
    }
    let submission = times.verification_key_submission_time_secs;
    let window = acknowledgement_time_secs
        .unwrap_or_else(|| DEFAULT_ACKNOWLEDGEMENT_SECS.min(submission / 2));
    within(
        "the acknowledgement window (below the submission time)",
        window,
        1..=submission.saturating_sub(1),
    )?;
    Ok(CeremonyRules {
        min_dealers,
        acknowledgement_time_secs: window,
        max_dealers: MAX_DEALERS,
    })
}
