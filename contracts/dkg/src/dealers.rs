//! Registration, and the one part of it that can change later.

use cosmwasm_std::{Addr, BlockInfo, DepsMut, Event, MessageInfo, Response, StdResult, Storage};
use ecash_contract_messages::dkg::{
    ANNOUNCE_ADDRESS_BYTES, DealerRegistration, ENCRYPTION_KEY_BYTES, Epoch, EpochState,
    IDENTITY_KEY_BYTES, MAX_DEALERS, NodeIndex, events,
};

use crate::{
    error::ContractError,
    group,
    state::{DEALER_INDEX, KEY_SHARES, REGISTRATIONS, load_epoch, node_index_or_next, save_epoch},
};

/// Refuses a field whose length is out of its range.
pub(crate) fn check_length(
    field: &'static str,
    length: usize,
    allowed: std::ops::RangeInclusive<usize>,
) -> Result<(), ContractError> {
    if allowed.contains(&length) {
        return Ok(());
    }
    Err(ContractError::FieldTooLong {
        field,
        length,
        allowed,
    })
}

/// What a dealer says of itself.
pub(crate) struct Application {
    pub(crate) bte_key_with_proof: String,
    pub(crate) identity_key: String,
    pub(crate) announce_address: String,
    pub(crate) resharing: bool,
}

impl Application {
    fn check_lengths(&self) -> Result<(), ContractError> {
        check_length(
            "bte_key_with_proof",
            self.bte_key_with_proof.len(),
            ENCRYPTION_KEY_BYTES,
        )?;
        check_length("identity_key", self.identity_key.len(), IDENTITY_KEY_BYTES)?;
        check_length(
            "announce_address",
            self.announce_address.len(),
            ANNOUNCE_ADDRESS_BYTES,
        )
    }
}

/// Registers the sender for the ceremony.
pub(crate) fn register(
    deps: DepsMut,
    block: &BlockInfo,
    info: MessageInfo,
    application: Application,
) -> Result<Response, ContractError> {
    let mut epoch = load_epoch(deps.storage)?;
    let expected = EpochState::PublicKeySubmission {
        resharing: application.resharing,
    };
    if epoch.state != expected {
        return Err(ContractError::IncorrectEpochState {
            current: epoch.state,
            message: "register_dealer",
            expected: format!("{expected:?}"),
        });
    }
    application.check_lengths()?;
    group::check_voting_member(deps.as_ref(), &info.sender)?;
    if epoch.state_progress.registered_dealers >= MAX_DEALERS {
        return Err(ContractError::TooManyDealers {
            epoch_id: epoch.epoch_id,
        });
    }
    let node_index = node_index_or_next(deps.storage, &info.sender)?;
    if REGISTRATIONS.has(deps.storage, (epoch.epoch_id, node_index)) {
        return Err(ContractError::AlreadyADealer {
            dealer: info.sender,
            epoch_id: epoch.epoch_id,
        });
    }

    let registration = DealerRegistration {
        bte_public_key_with_proof: application.bte_key_with_proof,
        ed25519_identity: application.identity_key,
        announce_address: application.announce_address,
        registered_as: info.sender,
    };
    REGISTRATIONS.save(deps.storage, (epoch.epoch_id, node_index), &registration)?;
    epoch.state_progress.registered_dealers += 1;
    if application.resharing && has_key_in_service(deps.storage, &epoch, node_index)? {
        epoch.state_progress.registered_resharing_dealers += 1;
    }
    save_epoch(deps.storage, &epoch, block.height)?;
    Ok(Response::new().add_attribute(events::NODE_INDEX_ATTRIBUTE, node_index.to_string()))
}

fn has_key_in_service(
    storage: &dyn Storage,
    epoch: &Epoch,
    node_index: NodeIndex,
) -> StdResult<bool> {
    let Some(in_service) = epoch.keys_in_service else {
        return Ok(false);
    };
    let share = KEY_SHARES.may_load(storage, (in_service, node_index))?;
    Ok(share.is_some_and(|share| share.verified))
}

/// The node index of a dealer registered for an epoch.
pub(crate) fn registered_index(
    storage: &dyn Storage,
    epoch: &Epoch,
    dealer: &Addr,
) -> Result<NodeIndex, ContractError> {
    DEALER_INDEX
        .may_load(storage, dealer)?
        .filter(|index| REGISTRATIONS.has(storage, (epoch.epoch_id, *index)))
        .ok_or_else(|| ContractError::NotADealer {
            dealer: dealer.clone(),
            epoch_id: epoch.epoch_id,
        })
}

/// Replaces the sender's announce address in its registration and key share of the current epoch.
pub(crate) fn update_announce_address(
    deps: DepsMut,
    info: MessageInfo,
    new_address: String,
) -> Result<Response, ContractError> {
    let epoch = load_epoch(deps.storage)?;
    if epoch.state != EpochState::InProgress {
        return Err(ContractError::IncorrectEpochState {
            current: epoch.state,
            message: "update_announce_address",
            expected: format!("{:?}", EpochState::InProgress),
        });
    }
    check_length("new_address", new_address.len(), ANNOUNCE_ADDRESS_BYTES)?;
    let index = registered_index(deps.storage, &epoch, &info.sender)?;
    let key = (epoch.epoch_id, index);
    let mut share =
        KEY_SHARES
            .may_load(deps.storage, key)?
            .ok_or_else(|| ContractError::NoCommitForOwner {
                owner: info.sender.clone(),
                epoch_id: epoch.epoch_id,
            })?;
    let mut registration = REGISTRATIONS.load(deps.storage, key)?;

    let event = Event::new(events::ANNOUNCE_ADDRESS_UPDATE)
        .add_attribute("dealer", info.sender)
        .add_attribute("old_address", &registration.announce_address)
        .add_attribute("new_address", &new_address);
    share.announce_address.clone_from(&new_address);
    registration.announce_address = new_address;
    KEY_SHARES.save(deps.storage, key, &share)?;
    REGISTRATIONS.save(deps.storage, key, &registration)?;
    Ok(Response::new().add_event(event))
}
