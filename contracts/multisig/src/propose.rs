//! Opening a proposal, and how long one can be executed.

use std::cmp::Ordering;

use cosmwasm_std::{
    Addr, BlockInfo, CosmosMsg, Deps, DepsMut, Env, MessageInfo, QuerierWrapper, Response,
    StdResult, Timestamp,
};
use cw_utils::{Expiration, ThresholdError};
use cw3::{Ballot, Proposal, Status, Vote, Votes};
use cw3_fixed_multisig::state::{BALLOTS, PROPOSALS, next_id};
use cw4::{Cw4Contract, Cw4QueryMsg, TotalWeightResponse};
use ecash_contract_messages::multisig::{Config, EXECUTION_WINDOW_SECS, PROPOSAL_ID_ATTRIBUTE};

use crate::{error::ContractError, state::CONFIG};

/// Total weight of the group at the start of a block: what `cw3-flex-multisig` weighs voters by.
fn total_weight_at(querier: &QuerierWrapper, group: &Cw4Contract, height: u64) -> StdResult<u64> {
    let query = Cw4QueryMsg::TotalWeight {
        at_height: Some(height),
    };
    let answer: TotalWeightResponse = querier.query_wasm_smart(group.addr(), &query)?;
    Ok(answer.weight)
}

/// The group's total weight for a new proposal, if the threshold can be reached with it.
fn reachable_weight(deps: Deps, config: &Config, height: u64) -> Result<u64, ContractError> {
    let total_weight = total_weight_at(&deps.querier, &config.group_addr, height)?;
    let unreachable = |source| ContractError::Threshold {
        total_weight,
        source,
    };
    config
        .threshold
        .validate(total_weight)
        .map_err(unreachable)?;
    if total_weight == 0 {
        // A percentage of nothing would pass without a vote.
        return Err(unreachable(ThresholdError::UnreachableWeight {}));
    }
    Ok(total_weight)
}

/// The earlier of the wanted end of voting and now + voting period.
fn end_of_voting(
    config: &Config,
    block: &BlockInfo,
    latest: Option<Expiration>,
) -> Result<Expiration, ContractError> {
    let longest = config.max_voting_period.after(block);
    let wanted = latest.unwrap_or(longest);
    match wanted.partial_cmp(&longest) {
        Some(Ordering::Greater) => Ok(longest),
        Some(_) => Ok(wanted),
        None => Err(ContractError::WrongExpiration),
    }
}

/// Opens a proposal of one of the two contracts, with a `yes` of weight 0 for the proposer.
pub(crate) fn propose(
    deps: DepsMut,
    env: &Env,
    info: MessageInfo,
    title: String,
    description: String,
    msgs: Vec<CosmosMsg>,
    latest: Option<Expiration>,
) -> Result<Response, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    if info.sender != config.coconut_bandwidth_addr && info.sender != config.coconut_dkg_addr {
        return Err(ContractError::Unauthorized {
            sender: info.sender,
        });
    }
    let expires = end_of_voting(&config, &env.block, latest)?;
    let total_weight = reachable_weight(deps.as_ref(), &config, env.block.height)?;

    let mut proposal = Proposal {
        title,
        description,
        start_height: env.block.height,
        expires,
        msgs,
        status: Status::Open,
        votes: Votes::yes(0),
        threshold: config.threshold,
        total_weight,
        proposer: info.sender.clone(),
        deposit: None,
    };
    proposal.update_status(&env.block);
    let id = next_id(deps.storage)?;
    PROPOSALS.save(deps.storage, id, &proposal)?;
    save_proposers_ballot(deps, id, &info.sender)?;

    Ok(Response::new()
        .add_attribute("action", "propose")
        .add_attribute("sender", info.sender)
        .add_attribute(PROPOSAL_ID_ATTRIBUTE, id.to_string())
        .add_attribute("status", format!("{:?}", proposal.status)))
}

fn save_proposers_ballot(deps: DepsMut, id: u64, proposer: &Addr) -> StdResult<()> {
    let ballot = Ballot {
        weight: 0,
        vote: Vote::Yes,
    };
    BALLOTS.save(deps.storage, (id, proposer), &ballot)
}

/// End of the time in which a passed proposal can be executed.
fn execution_deadline(proposal: &Proposal) -> Option<Timestamp> {
    match proposal.expires {
        Expiration::AtTime(end) => Some(end.plus_seconds(EXECUTION_WINDOW_SECS)),
        Expiration::AtHeight(_) | Expiration::Never {} => None,
    }
}

/// Refuses a passed proposal whose execution window is over.
///
/// # Errors
/// [`ContractError::Expired`]; an unknown proposal.
pub(crate) fn check_execution_window(
    deps: Deps,
    block: &BlockInfo,
    proposal_id: u64,
) -> Result<(), ContractError> {
    let proposal = PROPOSALS.load(deps.storage, proposal_id)?;
    match execution_deadline(&proposal) {
        Some(deadline)
            if block.time >= deadline && proposal.current_status(block) == Status::Passed =>
        {
            Err(ContractError::Expired {
                proposal_id,
                deadline,
            })
        }
        _ => Ok(()),
    }
}
