//! Entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError};
use cw_utils::nonpayable;
use cw4::Cw4Contract;
use ecash_contract_messages::dkg::{
    DEFAULT_MIN_DEALERS, Epoch, EpochState, ExecuteMsg, InstantiateMsg, KEY_SIZE, MigrateMsg,
    QueryMsg, StateProgress, StateResponse,
};

use crate::{
    advance,
    dealers::{self, Application, check_length},
    error::ContractError,
    query as queries,
    shares::{self, Order, PROPOSAL_REPLY_ID},
    state::{CEREMONY_RULES, DKG_ADMIN, MULTISIG, NEXT_EPOCH_ID, STATE, load_epoch, save_epoch},
    timing,
};

/// Name of the contract in its `cw2` record.
pub const CONTRACT_NAME: &str = "crate:nym-coconut-dkg";
/// Version of the state.
pub const CONTRACT_VERSION: &str = "0.1.0";
/// Longest denom of a Cosmos chain, in bytes.
const DENOM_BYTES: std::ops::RangeInclusive<usize> = 1..=128;

/// Makes a DKG contract that waits for its first ceremony; the sender becomes its admin.
///
/// # Errors
/// Another key size than 5, durations or a number of dealers out of range, a group that does not answer, attached
/// funds, an address that is none.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    mut deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    if msg.key_size != KEY_SIZE {
        return Err(ContractError::KeySizeFixed {
            given: msg.key_size,
        });
    }
    check_length("mix_denom", msg.mix_denom.len(), DENOM_BYTES)?;
    let times = msg.time_configuration.unwrap_or_default();
    timing::check_phases(&times)?;
    let rules = timing::rules(
        &times,
        msg.acknowledgement_time_secs,
        msg.min_dealers.unwrap_or(DEFAULT_MIN_DEALERS),
    )?;
    let multisig_addr = deps.api.addr_validate(&msg.multisig_addr)?;
    let group = find_group(deps.as_ref(), &msg.group_addr)?;

    DKG_ADMIN.set(deps.branch(), Some(info.sender))?;
    MULTISIG.set(deps.branch(), Some(multisig_addr.clone()))?;
    let state = StateResponse {
        mix_denom: msg.mix_denom,
        multisig_addr,
        group_addr: group.0,
        key_size: KEY_SIZE,
    };
    STATE.save(deps.storage, &state)?;
    CEREMONY_RULES.save(deps.storage, &rules)?;
    NEXT_EPOCH_ID.save(deps.storage, &0)?;
    let epoch = Epoch {
        state: EpochState::WaitingInitialisation,
        epoch_id: 0,
        state_progress: StateProgress::default(),
        time_configuration: times,
        deadline: None,
        ceremony_concluded_at: None,
        keys_in_service: None,
        outgoing_keys: None,
    };
    save_epoch(deps.storage, &epoch, env.block.height)?;
    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    Ok(Response::new())
}

fn find_group(deps: Deps, address: &str) -> Result<Cw4Contract, ContractError> {
    let invalid = |error: StdError| ContractError::InvalidGroup {
        addr: address.to_owned(),
        reason: error.to_string(),
    };
    let group = Cw4Contract(deps.api.addr_validate(address).map_err(invalid)?);
    group.total_weight(&deps.querier).map_err(invalid)?;
    Ok(group)
}

/// Starts and advances ceremonies, registers dealers, takes and verifies key shares.
///
/// # Errors
/// Attached funds; a sender that the message is not for; a message in the wrong phase; a field out of its bounds; a
/// second registration or share; a verification that was voted on for something else.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    match msg {
        ExecuteMsg::InitiateDkg {} => advance::initiate(deps, &env.block, &info),
        ExecuteMsg::RegisterDealer {
            bte_key_with_proof,
            identity_key,
            announce_address,
            resharing,
        } => {
            let application = Application {
                bte_key_with_proof,
                identity_key,
                announce_address,
                resharing,
            };
            dealers::register(deps, &env.block, info, application)
        }
        ExecuteMsg::CommitVerificationKeyShare {
            share,
            outcome,
            resharing,
        } => shares::commit(deps, &env, info, share, outcome, resharing),
        ExecuteMsg::VerifyVerificationKeyShare {
            owner,
            resharing,
            epoch_id,
            share_hash,
        } => {
            let order = Order {
                owner,
                resharing,
                epoch_id,
                share_hash,
            };
            shares::verify(deps, &env.block, &info, order)
        }
        ExecuteMsg::AdvanceEpochState {} => advance::advance(deps, &env.block),
        ExecuteMsg::UpdateAnnounceAddress { new_address } => {
            dealers::update_announce_address(deps, info, new_address)
        }
    }
}

/// Hears under which id the multisig took a proposal.
///
/// # Errors
/// A reply to nothing; an answer of the multisig that names no id.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, _env: Env, reply: Reply) -> Result<Response, ContractError> {
    match reply.id {
        PROPOSAL_REPLY_ID => shares::proposal_made(deps, reply),
        id => Err(ContractError::UnknownReply { id }),
    }
}

/// Answers a query.
///
/// # Errors
/// An address that is none; a ceremony that never was.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    queries::answer(deps, &env, msg)
}

/// Takes the state of the same or an older version over; durations apply from the next transition.
///
/// # Errors
/// State of another contract or a newer version; durations out of range.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, env: Env, msg: MigrateMsg) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    let mut epoch = load_epoch(deps.storage)?;
    if let Some(times) = msg.time_configuration {
        timing::check_phases(&times)?;
        epoch.time_configuration = times;
    }
    let rules = CEREMONY_RULES.load(deps.storage)?;
    let window = msg
        .acknowledgement_time_secs
        .unwrap_or(rules.acknowledgement_time_secs);
    let rules = timing::rules(&epoch.time_configuration, Some(window), rules.min_dealers)?;
    CEREMONY_RULES.save(deps.storage, &rules)?;
    save_epoch(deps.storage, &epoch, env.block.height)?;
    Ok(Response::new())
}
