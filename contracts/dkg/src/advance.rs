//! Starting a ceremony, going on to its next phase, ending it.

use cosmwasm_std::{BlockInfo, DepsMut, Event, MessageInfo, Response, StdResult, Storage};
use ecash_contract_messages::dkg::{
    CeremonyOutcome, Epoch, EpochId, EpochState, PhaseEntry, StateProgress, events,
};

use crate::{
    clock::{self, Knowledge, Step},
    error::ContractError,
    group,
    state::{
        CEREMONIES, CEREMONY_RULES, CONCLUDED_EPOCH, Ceremony, DKG_ADMIN, EPOCH_THRESHOLDS,
        LAST_CONCLUDED, NEXT_EPOCH_ID, THRESHOLD, load_epoch, save_epoch,
    },
};

/// Starts a fresh ceremony while none was ever concluded.
pub(crate) fn initiate(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
) -> Result<Response, ContractError> {
    DKG_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    let before = load_epoch(deps.storage)?;
    if before.state != EpochState::WaitingInitialisation {
        return Err(ContractError::AlreadyInitialised {
            epoch_id: before.epoch_id,
        });
    }
    let epoch_id = next_epoch_id(deps.storage)?;
    let mut epoch = Epoch {
        epoch_id,
        state_progress: StateProgress::default(),
        ceremony_concluded_at: None,
        ..before.clone()
    };
    let ceremony = Ceremony {
        resharing: false,
        in_service_at_start: before.keys_in_service,
        source_epoch: None,
        source_threshold: None,
        master_epoch: epoch_id,
        predecessor: None,
        threshold: None,
        phases: Vec::new(),
        acknowledgement_deadline: None,
        acknowledged: 0,
        closed_height: None,
        complete_dealers: 0,
        outcome: CeremonyOutcome::Running,
        reason: None,
    };
    THRESHOLD.remove(deps.storage);
    let state = EpochState::PublicKeySubmission { resharing: false };
    let event = enter(deps.storage, block, &mut epoch, ceremony, state)?;
    Ok(Response::new().add_event(event))
}

fn next_epoch_id(storage: &mut dyn Storage) -> StdResult<EpochId> {
    let id = NEXT_EPOCH_ID.load(storage)?;
    NEXT_EPOCH_ID.save(storage, &(id + 1))?;
    Ok(id)
}

/// Goes on to what follows the present phase, if that is complete or over.
pub(crate) fn advance(deps: DepsMut, block: &BlockInfo) -> Result<Response, ContractError> {
    let mut epoch = load_epoch(deps.storage)?;
    let attendance = match epoch.state {
        EpochState::WaitingInitialisation => return Err(ContractError::WaitingInitialisation),
        EpochState::InProgress => {
            return Err(ContractError::EpochAlreadyInProgress {
                epoch_id: epoch.epoch_id,
            });
        }
        EpochState::PublicKeySubmission { .. } => {
            Some(group::attendance(deps.as_ref(), epoch.epoch_id)?)
        }
        _ => None,
    };
    if !clock::is_over(&epoch, block.time) && !clock::is_complete(&epoch, attendance) {
        let left = epoch
            .deadline
            .map_or(0, |end| end.seconds().saturating_sub(block.time.seconds()));
        return Err(ContractError::EarlyEpochStateAdvancement(left));
    }

    let mut ceremony = CEREMONIES.load(deps.storage, epoch.epoch_id)?;
    let known = Knowledge {
        attendance,
        min_dealers: CEREMONY_RULES.load(deps.storage)?.min_dealers,
        threshold: ceremony.threshold.unwrap_or_default(),
        source_threshold: ceremony.source_threshold.unwrap_or_default(),
    };
    let storage = deps.storage;
    let events = match clock::next(&epoch, &known) {
        None => return Err(ContractError::WaitingInitialisation),
        Some(Step::Abort(reason)) => vec![abort(storage, block, &epoch, ceremony, reason)?],
        Some(Step::Conclude) => conclude(storage, block, epoch, ceremony)?.into(),
        Some(Step::Exchange { threshold }) => {
            ceremony.threshold = Some(threshold);
            THRESHOLD.save(storage, &threshold)?;
            EPOCH_THRESHOLDS.save(storage, epoch.epoch_id, &threshold)?;
            let resharing = ceremony.resharing;
            let state = EpochState::DealingExchange { resharing };
            vec![enter(storage, block, &mut epoch, ceremony, state)?]
        }
        Some(Step::Enter(state)) => {
            if matches!(state, EpochState::VerificationKeySubmission { .. }) {
                // Nothing can be acknowledged in this version: closed from the start.
                ceremony.closed_height = Some(block.height);
            }
            vec![enter(storage, block, &mut epoch, ceremony, state)?]
        }
    };
    Ok(Response::new().add_events(events))
}

fn enter(
    storage: &mut dyn Storage,
    block: &BlockInfo,
    epoch: &mut Epoch,
    mut ceremony: Ceremony,
    state: EpochState,
) -> StdResult<Event> {
    let event = Event::new(events::PHASE)
        .add_attribute("epoch_id", epoch.epoch_id.to_string())
        .add_attribute("from", clock::name(epoch.state))
        .add_attribute("to", clock::name(state));
    epoch.state = state;
    epoch.deadline = clock::duration_secs(state, &epoch.time_configuration)
        .map(|secs| block.time.plus_seconds(secs));
    ceremony.phases.push(PhaseEntry {
        state,
        height: block.height,
        time: block.time,
    });
    CEREMONIES.save(storage, epoch.epoch_id, &ceremony)?;
    save_epoch(storage, epoch, block.height)?;
    Ok(event)
}

fn conclude(
    storage: &mut dyn Storage,
    block: &BlockInfo,
    mut epoch: Epoch,
    mut ceremony: Ceremony,
) -> StdResult<[Event; 2]> {
    let concluded = Event::new(events::CONCLUDED)
        .add_attribute("epoch_id", epoch.epoch_id.to_string())
        .add_attribute("verified", epoch.state_progress.verified_keys.to_string())
        .add_attribute(
            "threshold",
            ceremony.threshold.unwrap_or_default().to_string(),
        );
    ceremony.predecessor = LAST_CONCLUDED.may_load(storage)?;
    ceremony.outcome = CeremonyOutcome::Concluded;
    epoch.ceremony_concluded_at = Some(block.time);
    epoch.outgoing_keys = epoch.keys_in_service;
    epoch.keys_in_service = Some(epoch.epoch_id);
    LAST_CONCLUDED.save(storage, &epoch.epoch_id)?;
    let phase = enter(storage, block, &mut epoch, ceremony, EpochState::InProgress)?;
    Ok([phase, concluded])
}

/// Gives a ceremony up. The epoch in service becomes the current one again; without one the contract waits.
fn abort(
    storage: &mut dyn Storage,
    block: &BlockInfo,
    failed: &Epoch,
    mut ceremony: Ceremony,
    reason: String,
) -> StdResult<Event> {
    let back = match CONCLUDED_EPOCH.may_load(storage)? {
        Some(concluded) => Epoch {
            time_configuration: failed.time_configuration,
            ..concluded
        },
        None => Epoch {
            state: EpochState::WaitingInitialisation,
            deadline: None,
            ..failed.clone()
        },
    };
    match EPOCH_THRESHOLDS.may_load(storage, back.epoch_id)? {
        Some(threshold) if back.state == EpochState::InProgress => {
            THRESHOLD.save(storage, &threshold)?;
        }
        _ => THRESHOLD.remove(storage),
    }
    let back_to = match back.state {
        EpochState::InProgress => back.epoch_id.to_string(),
        state => clock::name(state).to_owned(),
    };
    let event = Event::new(events::ABORTED)
        .add_attribute("epoch_id", failed.epoch_id.to_string())
        .add_attribute("back_to", back_to)
        .add_attribute("phase", clock::name(failed.state))
        .add_attribute("reason", &reason);
    ceremony.outcome = CeremonyOutcome::Aborted;
    ceremony.reason = Some(reason);
    CEREMONIES.save(storage, failed.epoch_id, &ceremony)?;
    save_epoch(storage, &back, block.height)?;
    Ok(event)
}
