//! Entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Response, StdResult};
use cw4_group::{contract as stock, msg as stock_msg};
use ecash_contract_messages::group::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};

use crate::error::ContractError;

/// Name of the contract in its `cw2` record, that of the published contract whose state this one can take over.
pub const CONTRACT_NAME: &str = concat!("crates", ".io:cw4-group");
/// Version of the state.
pub const CONTRACT_VERSION: &str = "2.0.0";

/// Makes a group.
///
/// # Errors
/// An address that is none, a member named twice, a sum of weights beyond u64.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    let msg = stock_msg::InstantiateMsg {
        admin: msg.admin,
        members: msg.members,
    };
    Ok(stock::instantiate(deps, env, info, msg)?)
}

/// Changes a group.
///
/// # Errors
/// A sender other than the admin; what [`instantiate`] refuses; a hook known already or not at all.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    let msg = match msg {
        ExecuteMsg::UpdateAdmin { admin } => stock_msg::ExecuteMsg::UpdateAdmin { admin },
        ExecuteMsg::UpdateMembers { remove, add } => {
            stock_msg::ExecuteMsg::UpdateMembers { remove, add }
        }
        ExecuteMsg::AddHook { addr } => stock_msg::ExecuteMsg::AddHook { addr },
        ExecuteMsg::RemoveHook { addr } => stock_msg::ExecuteMsg::RemoveHook { addr },
    };
    Ok(stock::execute(deps, env, info, msg)?)
}

/// Answers a query.
///
/// # Errors
/// An address that is none.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    let msg = match msg {
        QueryMsg::Admin {} => stock_msg::QueryMsg::Admin {},
        QueryMsg::TotalWeight { at_height } => stock_msg::QueryMsg::TotalWeight { at_height },
        QueryMsg::ListMembers { start_after, limit } => {
            stock_msg::QueryMsg::ListMembers { start_after, limit }
        }
        QueryMsg::Member { addr, at_height } => stock_msg::QueryMsg::Member { addr, at_height },
        QueryMsg::Hooks {} => stock_msg::QueryMsg::Hooks {},
    };
    stock::query(deps, env, msg)
}

/// Takes the state of the same or an older version over.
///
/// # Errors
/// State of another contract or a newer version.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    Ok(Response::new())
}
