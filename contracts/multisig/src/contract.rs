//! Entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{
    Addr, Binary, Deps, DepsMut, Env, MessageInfo, Response, StdResult, to_json_binary,
};
use cw_utils::{Duration, nonpayable};
use cw3_flex_multisig::{contract as stock, msg as stock_msg};
use cw4::Cw4Contract;
use ecash_contract_messages::multisig::{
    Config, ExecuteMsg, InstantiateMsg, MAX_VOTING_PERIOD_SECS, MigrateMsg, QueryMsg,
};

use crate::{
    error::ContractError,
    propose::{check_execution_window, propose},
    state::CONFIG,
};

/// Name of the contract in its `cw2` record, that of the published contract whose state this one can take over.
pub const CONTRACT_NAME: &str = concat!("crates", ".io:cw3-flex-multisig");
/// Version of the state.
pub const CONTRACT_VERSION: &str = "2.0.0";

/// Makes a multisig over a group.
///
/// # Errors
/// A group that is none, a threshold that its total weight cannot reach, another voting period than
/// [`MAX_VOTING_PERIOD_SECS`], a proposal deposit, attached funds, an address that is none.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    if msg.max_voting_period != Duration::Time(MAX_VOTING_PERIOD_SECS) {
        return Err(ContractError::VotingPeriodFixed {
            given: msg.max_voting_period,
        });
    }
    if msg.proposal_deposit.is_some() {
        return Err(ContractError::ProposalDepositRefused);
    }
    let (group_addr, total_weight) = find_group(deps.as_ref(), &msg.group_addr)?;
    msg.threshold
        .validate(total_weight)
        .map_err(|source| ContractError::Threshold {
            total_weight,
            source,
        })?;

    let config = Config {
        threshold: msg.threshold,
        max_voting_period: msg.max_voting_period,
        group_addr,
        coconut_bandwidth_addr: deps
            .api
            .addr_validate(&msg.coconut_bandwidth_contract_address)?,
        coconut_dkg_addr: deps.api.addr_validate(&msg.coconut_dkg_contract_address)?,
        executor: msg.executor,
        proposal_deposit: None,
    };
    CONFIG.save(deps.storage, &config)?;
    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    Ok(Response::new())
}

fn find_group(deps: Deps, address: &str) -> Result<(Cw4Contract, u64), ContractError> {
    let invalid = |error: cosmwasm_std::StdError| ContractError::InvalidGroup {
        addr: address.to_owned(),
        reason: error.to_string(),
    };
    let group = Cw4Contract(deps.api.addr_validate(address).map_err(invalid)?);
    let total_weight = group.total_weight(&deps.querier).map_err(invalid)?;
    Ok((group, total_weight))
}

/// Proposes, votes, executes, closes.
///
/// # Errors
/// Attached funds; a proposer other than the two contracts; a threshold out of reach; a proposal in the wrong status or
/// out of its time; a voter without weight at the proposal's start, or who voted already.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    let msg = match msg {
        ExecuteMsg::Propose {
            title,
            description,
            msgs,
            latest,
        } => return propose(deps, &env, info, title, description, msgs, latest),
        ExecuteMsg::Execute { proposal_id } => {
            check_execution_window(deps.as_ref(), &env.block, proposal_id)?;
            stock_msg::ExecuteMsg::Execute { proposal_id }
        }
        ExecuteMsg::Vote { proposal_id, vote } => stock_msg::ExecuteMsg::Vote { proposal_id, vote },
        ExecuteMsg::Close { proposal_id } => stock_msg::ExecuteMsg::Close { proposal_id },
        ExecuteMsg::MemberChangedHook(diffs) => stock_msg::ExecuteMsg::MemberChangedHook(diffs),
    };
    Ok(stock::execute(deps, env, info, msg)?)
}

/// Answers a query.
///
/// # Errors
/// An unknown proposal; an address that is none; a group that does not answer.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    let msg = match msg {
        QueryMsg::Config {} => return to_json_binary(&CONFIG.load(deps.storage)?),
        QueryMsg::Threshold {} => stock_msg::QueryMsg::Threshold {},
        QueryMsg::Proposal { proposal_id } => stock_msg::QueryMsg::Proposal { proposal_id },
        QueryMsg::ListProposals { start_after, limit } => {
            stock_msg::QueryMsg::ListProposals { start_after, limit }
        }
        QueryMsg::ReverseProposals {
            start_before,
            limit,
        } => stock_msg::QueryMsg::ReverseProposals {
            start_before,
            limit,
        },
        QueryMsg::Vote { proposal_id, voter } => stock_msg::QueryMsg::Vote { proposal_id, voter },
        QueryMsg::ListVotes {
            proposal_id,
            start_after,
            limit,
        } => stock_msg::QueryMsg::ListVotes {
            proposal_id,
            start_after,
            limit,
        },
        QueryMsg::Voter { address } => stock_msg::QueryMsg::Voter { address },
        QueryMsg::ListVoters { start_after, limit } => {
            stock_msg::QueryMsg::ListVoters { start_after, limit }
        }
    };
    stock::query(deps, env, msg)
}

/// Takes the state of the same or an older version over and names the two proposers anew.
///
/// # Errors
/// State of another contract or a newer version; an address that is none.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, msg: MigrateMsg) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    let ecash: Addr = deps.api.addr_validate(&msg.coconut_bandwidth_address)?;
    let dkg: Addr = deps.api.addr_validate(&msg.coconut_dkg_address)?;
    CONFIG.update(deps.storage, |config| -> StdResult<_> {
        Ok(Config {
            coconut_bandwidth_addr: ecash,
            coconut_dkg_addr: dkg,
            ..config
        })
    })?;
    Ok(Response::new())
}
