//! Answers. Lists ascend by the present owner's address and are sorted here: an epoch has at most a hundred dealers.

use cosmwasm_std::{Addr, Binary, Deps, Env, Order, StdResult, to_json_binary};
use cw_storage_plus::Bound;
use cw_utils::maybe_addr;
use ecash_contract_messages::dkg::{
    AcknowledgementStatus, CanAdvanceStateResponse, CeremonyOutcome, CeremonyResponse,
    ContractVersionResponse, DEALER_ADDRESSES_PAGE, DEALERS_PAGE, DealerAddressesResponse,
    DealerDetails, DealerDetailsResponse, DealerIndicesResponse, DealerRegistration, DealerType,
    DealersResponse, EpochId, EpochState, INDICES_PAGE, KEY_SHARES_PAGE, KeyShare,
    KeyShareResponse, KeySharesResponse, NodeIndex, QueryMsg, RegisteredDealerResponse,
    VerificationProposalResponse,
};

use crate::{
    clock,
    error::ContractError,
    group,
    state::{
        CEREMONIES, CEREMONY_RULES, DEALER_INDEX, DEALER_OWNER, EPOCH_THRESHOLDS, KEY_SHARES,
        REGISTRATIONS, STATE, THRESHOLD, VK_PROPOSALS, load_epoch, load_epoch_at,
    },
};

/// Answers a query in JSON.
pub(crate) fn answer(deps: Deps, env: &Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    let storage = deps.storage;
    let json = match msg {
        QueryMsg::GetState {} => to_json_binary(&STATE.load(storage)?),
        QueryMsg::GetCurrentEpochState {} => to_json_binary(&load_epoch(storage)?),
        QueryMsg::GetEpochStateAtHeight { height } => {
            to_json_binary(&load_epoch_at(storage, height)?)
        }
        QueryMsg::GetCurrentEpochThreshold {} => to_json_binary(&THRESHOLD.may_load(storage)?),
        QueryMsg::GetEpochThreshold { epoch_id } => {
            to_json_binary(&EPOCH_THRESHOLDS.may_load(storage, epoch_id)?)
        }
        QueryMsg::CanAdvanceState {} => to_json_binary(&can_advance(deps, env)?),
        QueryMsg::GetRegisteredDealer {
            dealer_address,
            epoch_id,
        } => to_json_binary(&registered_dealer(deps, &dealer_address, epoch_id)?),
        QueryMsg::GetDealerDetails { dealer_address } => {
            to_json_binary(&dealer_details(deps, &dealer_address)?)
        }
        QueryMsg::GetEpochDealersAddresses {
            epoch_id,
            limit,
            start_after,
        } => to_json_binary(&dealer_addresses(deps, epoch_id, limit, start_after)?),
        QueryMsg::GetEpochDealers {
            epoch_id,
            limit,
            start_after,
        } => to_json_binary(&dealers(deps, epoch_id, limit, start_after)?),
        QueryMsg::GetCurrentDealers { limit, start_after } => {
            let epoch_id = load_epoch(storage)?.epoch_id;
            to_json_binary(&dealers(deps, epoch_id, limit, start_after)?)
        }
        QueryMsg::GetDealerIndices { limit, start_after } => {
            to_json_binary(&dealer_indices(deps, limit, start_after)?)
        }
        QueryMsg::GetVerificationKey { epoch_id, owner } => {
            to_json_binary(&key_share(deps, epoch_id, &owner)?)
        }
        QueryMsg::GetVerificationKeys {
            epoch_id,
            limit,
            start_after,
        } => to_json_binary(&key_shares(deps, epoch_id, limit, start_after)?),
        QueryMsg::GetCeremony { epoch_id } => to_json_binary(&ceremony(deps, env, epoch_id)?),
        QueryMsg::GetVerificationProposal { epoch_id, owner } => {
            to_json_binary(&verification_proposal(deps, epoch_id, &owner)?)
        }
        QueryMsg::GetCeremonyRules {} => to_json_binary(&CEREMONY_RULES.load(storage)?),
        QueryMsg::GetCw2ContractVersion {} => {
            let cw2 = cw2::get_contract_version(storage)?;
            to_json_binary(&ContractVersionResponse {
                contract: cw2.contract,
                version: cw2.version,
            })
        }
    };
    Ok(json?)
}

fn can_advance(deps: Deps, env: &Env) -> StdResult<CanAdvanceStateResponse> {
    let epoch = load_epoch(deps.storage)?;
    let attendance = match epoch.state {
        EpochState::WaitingInitialisation => return Ok(CanAdvanceStateResponse::default()),
        EpochState::PublicKeySubmission { .. } => Some(group::attendance(deps, epoch.epoch_id)?),
        _ => None,
    };
    Ok(CanAdvanceStateResponse {
        current_state: epoch.state,
        progress: epoch.state_progress,
        deadline: epoch.deadline,
        reached_deadline: clock::is_over(&epoch, env.block.time),
        is_complete: clock::is_complete(&epoch, attendance),
    })
}

fn index_of(deps: Deps, address: &str) -> StdResult<(Addr, Option<NodeIndex>)> {
    let address = deps.api.addr_validate(address)?;
    let index = DEALER_INDEX.may_load(deps.storage, &address)?;
    Ok((address, index))
}

fn registration(
    deps: Deps,
    epoch_id: EpochId,
    index: Option<NodeIndex>,
) -> StdResult<Option<DealerRegistration>> {
    match index {
        Some(index) => REGISTRATIONS.may_load(deps.storage, (epoch_id, index)),
        None => Ok(None),
    }
}

fn registered_dealer(
    deps: Deps,
    address: &str,
    epoch_id: Option<EpochId>,
) -> StdResult<RegisteredDealerResponse> {
    let epoch_id = match epoch_id {
        Some(epoch_id) => epoch_id,
        None => load_epoch(deps.storage)?.epoch_id,
    };
    let (_, index) = index_of(deps, address)?;
    Ok(RegisteredDealerResponse {
        details: registration(deps, epoch_id, index)?,
    })
}

fn details(
    address: Addr,
    assigned_index: NodeIndex,
    registration: DealerRegistration,
) -> DealerDetails {
    DealerDetails {
        address,
        bte_public_key_with_proof: registration.bte_public_key_with_proof,
        ed25519_identity: registration.ed25519_identity,
        announce_address: registration.announce_address,
        assigned_index,
        registered_as: registration.registered_as,
    }
}

fn dealer_details(deps: Deps, address: &str) -> StdResult<DealerDetailsResponse> {
    let (address, index) = index_of(deps, address)?;
    let Some(assigned_index) = index else {
        return Ok(DealerDetailsResponse {
            details: None,
            dealer_type: DealerType::Unknown,
        });
    };
    let epoch = load_epoch(deps.storage)?;
    if let Some(registration) = registration(deps, epoch.epoch_id, index)? {
        return Ok(DealerDetailsResponse {
            details: Some(details(address, assigned_index, registration)),
            dealer_type: DealerType::Current { assigned_index },
        });
    }
    let in_service = match epoch.keys_in_service {
        Some(epoch_id) => registration(deps, epoch_id, index)?,
        None => None,
    };
    Ok(DealerDetailsResponse {
        details: in_service.map(|registration| details(address, assigned_index, registration)),
        dealer_type: DealerType::Past { assigned_index },
    })
}

/// Page size that is applied: the wanted one within 1 … most.
fn page_size(limit: Option<u32>, (default, most): (u32, u32)) -> u32 {
    limit.unwrap_or(default).clamp(1, most)
}

/// One page of items that come in any order, and where the next one starts.
fn page<T>(
    mut items: Vec<(Addr, T)>,
    start_after: Option<&Addr>,
    size: u32,
) -> (Vec<(Addr, T)>, Option<Addr>) {
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut rest = items
        .into_iter()
        .filter(|(address, _)| start_after.is_none_or(|start| address > start));
    let page: Vec<_> = rest.by_ref().take(size as usize).collect(); // total: u32 fits
    let next = match rest.next() {
        Some(_) => page.last().map(|(address, _)| address.clone()),
        None => None,
    };
    (page, next)
}

fn epoch_registrations(
    deps: Deps,
    epoch_id: EpochId,
) -> StdResult<Vec<(Addr, (NodeIndex, DealerRegistration))>> {
    REGISTRATIONS
        .prefix(epoch_id)
        .range(deps.storage, None, None, Order::Ascending)
        .map(|entry| {
            let (index, registration) = entry?;
            let owner = DEALER_OWNER.load(deps.storage, index)?;
            Ok((owner, (index, registration)))
        })
        .collect()
}

fn dealer_addresses(
    deps: Deps,
    epoch_id: EpochId,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<DealerAddressesResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let size = page_size(limit, DEALER_ADDRESSES_PAGE);
    let (dealers, start_next_after) = page(
        epoch_registrations(deps, epoch_id)?,
        start_after.as_ref(),
        size,
    );
    Ok(DealerAddressesResponse {
        dealers: dealers.into_iter().map(|(address, _)| address).collect(),
        start_next_after,
    })
}

fn dealers(
    deps: Deps,
    epoch_id: EpochId,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<DealersResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let per_page = page_size(limit, DEALERS_PAGE);
    let (dealers, start_next_after) = page(
        epoch_registrations(deps, epoch_id)?,
        start_after.as_ref(),
        per_page,
    );
    Ok(DealersResponse {
        dealers: dealers
            .into_iter()
            .map(|(address, (index, registration))| details(address, index, registration))
            .collect(),
        per_page,
        start_next_after,
    })
}

fn dealer_indices(
    deps: Deps,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<DealerIndicesResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let size = page_size(limit, INDICES_PAGE) as usize; // total: u32 fits
    let start = start_after.as_ref().map(Bound::exclusive);
    let mut rest = DEALER_INDEX.range(deps.storage, start, None, Order::Ascending);
    let indices: Vec<_> = rest.by_ref().take(size).collect::<StdResult<_>>()?;
    let start_next_after = match rest.next() {
        Some(_) => indices.last().map(|(address, _)| address.clone()),
        None => None,
    };
    Ok(DealerIndicesResponse {
        indices,
        start_next_after,
    })
}

fn key_share(deps: Deps, epoch_id: EpochId, owner: &str) -> StdResult<KeyShareResponse> {
    let (owner, index) = index_of(deps, owner)?;
    let share = match index {
        Some(index) => KEY_SHARES.may_load(deps.storage, (epoch_id, index))?,
        None => None,
    };
    Ok(KeyShareResponse {
        owner,
        epoch_id,
        share,
    })
}

fn key_shares(
    deps: Deps,
    epoch_id: EpochId,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<KeySharesResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let per_page = page_size(limit, KEY_SHARES_PAGE);
    let concluded = CEREMONIES
        .may_load(deps.storage, epoch_id)?
        .is_some_and(|ceremony| ceremony.outcome == CeremonyOutcome::Concluded);
    let shares = KEY_SHARES
        .prefix(epoch_id)
        .range(deps.storage, None, None, Order::Ascending)
        .map(|entry| entry.map(|(_, share)| (share.owner.clone(), share)))
        .filter(|entry: &StdResult<(Addr, KeyShare)>| match entry {
            Ok((_, share)) => share.verified || !concluded,
            Err(_) => true,
        })
        .collect::<StdResult<Vec<_>>>()?;
    let (shares, start_next_after) = page(shares, start_after.as_ref(), per_page);
    Ok(KeySharesResponse {
        shares: shares.into_iter().map(|(_, share)| share).collect(),
        per_page,
        start_next_after,
    })
}

fn ceremony(
    deps: Deps,
    env: &Env,
    epoch_id: Option<EpochId>,
) -> Result<CeremonyResponse, ContractError> {
    let epoch_id = match epoch_id {
        Some(epoch_id) => epoch_id,
        None => load_epoch(deps.storage)?.epoch_id,
    };
    let record = CEREMONIES
        .may_load(deps.storage, epoch_id)?
        .ok_or(ContractError::NoCeremony { epoch_id })?;
    Ok(CeremonyResponse {
        epoch_id,
        resharing: record.resharing,
        in_service_at_start: record.in_service_at_start,
        source_epoch: record.source_epoch,
        source_threshold: record.source_threshold,
        master_epoch: record.master_epoch,
        predecessor: record.predecessor,
        revoked: None,
        threshold: record.threshold,
        phases: record.phases,
        acknowledgement: AcknowledgementStatus {
            deadline: record.acknowledgement_deadline,
            received: record.acknowledged,
            closed: record.closed_height.is_some(),
            closed_height: record.closed_height,
        },
        complete_dealers: record.complete_dealers,
        outcome: record.outcome,
        reason: record.reason,
        block_height: env.block.height,
        block_time: env.block.time,
    })
}

fn verification_proposal(
    deps: Deps,
    epoch_id: EpochId,
    owner: &str,
) -> StdResult<VerificationProposalResponse> {
    let (_, index) = index_of(deps, owner)?;
    let proposal = match index {
        Some(index) => VK_PROPOSALS.may_load(deps.storage, (epoch_id, index))?,
        None => None,
    };
    Ok(VerificationProposalResponse { proposal })
}
