//! Entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Coin, Deps, DepsMut, Env, MessageInfo, Response};
use cw_utils::nonpayable;
use cw4::Cw4Contract;
use ecash_contract_messages::ecash::{
    APPEAL_PERIOD_SECS, DEFAULT_APPEAL_PERIOD_SECS, ExecuteMsg, InstantiateMsg, MigrateMsg,
    QueryMsg, TICKETS_PER_BOOK,
};

use crate::{
    deposits,
    error::ContractError,
    gateways, ledger, migration, prices, query as queries,
    state::{
        CONFIG, CONTRACT_ADMIN, Config, DEFAULT_PRICE_AMOUNT, DEFAULT_PRICE_COUNT,
        EXPECTED_INVARIANTS, Invariants, MONEY_PARAMETERS, MULTISIG, MoneyParameters,
        POOL_COUNTERS, PoolCounters,
    },
};

/// Name of the contract in its `cw2` record.
pub const CONTRACT_NAME: &str = "crate:nym-ecash";
/// Version of the state.
pub const CONTRACT_VERSION: &str = "0.1.0";

/// Makes an ecash contract; the sender becomes its admin.
///
/// # Errors
/// Attached funds; a price below 50 base units; an appeal period out of range; an address that is none.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    mut deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info).map_err(ContractError::NoFundsExpected)?;
    prices::check_minimum(msg.deposit_amount.amount)?;
    let appeal_period_secs = msg.appeal_period_secs.unwrap_or(DEFAULT_APPEAL_PERIOD_SECS);
    if !APPEAL_PERIOD_SECS.contains(&appeal_period_secs) {
        return Err(ContractError::ParameterOutOfRange {
            given: appeal_period_secs,
        });
    }
    let multisig = deps.api.addr_validate(&msg.multisig_addr)?;
    let config = Config {
        group_addr: Cw4Contract(deps.api.addr_validate(&msg.group_addr)?),
        holding_account: deps.api.addr_validate(&msg.holding_account)?,
        deposit_amount: msg.deposit_amount,
    };
    let nothing = Coin::new(0u128, &config.deposit_amount.denom);

    CONTRACT_ADMIN.set(deps.branch(), Some(info.sender))?;
    MULTISIG.set(deps.branch(), Some(multisig))?;
    CONFIG.save(deps.storage, &config)?;
    POOL_COUNTERS.save(
        deps.storage,
        &PoolCounters {
            total_deposited: nothing.clone(),
            total_redeemed: nothing.clone(),
            tickets_requested_and_not_redeemed: 0,
        },
    )?;
    DEFAULT_PRICE_COUNT.save(deps.storage, &0)?;
    DEFAULT_PRICE_AMOUNT.save(deps.storage, &nothing)?;
    EXPECTED_INVARIANTS.save(
        deps.storage,
        &Invariants {
            ticket_book_size: TICKETS_PER_BOOK,
        },
    )?;
    MONEY_PARAMETERS.save(deps.storage, &MoneyParameters { appeal_period_secs })?;
    ledger::open(deps.storage)?;
    prices::record_lowest(deps.storage, &env.block)?;
    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    Ok(Response::new())
}

/// Takes deposits, sets prices, keeps the registry of gateways.
///
/// # Errors
/// A deposit of another amount or denom or for a malformed key; funds attached to anything else; a sender that the
/// message is not for; a price, key, proof or field out of its bounds; what this contract does not serve.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    let block = &env.block;
    if !matches!(msg, ExecuteMsg::DepositTicketBookFunds { .. }) {
        nonpayable(&info).map_err(ContractError::NoFundsExpected)?;
    }
    match msg {
        ExecuteMsg::DepositTicketBookFunds { identity_key } => {
            deposits::deposit(deps, block, info, &identity_key)
        }
        ExecuteMsg::RequestRedemption { .. } | ExecuteMsg::RedeemTickets { .. } => {
            Err(ContractError::UseSettlement)
        }
        ExecuteMsg::ProposeToBlacklist { .. } | ExecuteMsg::AddToBlacklist { .. } => {
            Err(ContractError::UnimplementedBlacklisting)
        }
        ExecuteMsg::UpdateAdmin { admin } => {
            let admin = deps.api.addr_validate(&admin)?;
            Ok(CONTRACT_ADMIN.execute_update_admin(deps, info, Some(admin))?)
        }
        ExecuteMsg::UpdateDefaultDepositValue { new_deposit } => {
            prices::update_default(deps, block, &info, new_deposit)
        }
        ExecuteMsg::SetReducedDepositPrice { address, deposit } => {
            prices::set_reduced(deps, block, &info, &address, &deposit)
        }
        ExecuteMsg::RemoveReducedDepositPrice { address } => {
            prices::remove_reduced(deps, block, &info, &address)
        }
        ExecuteMsg::RegisterGateway {
            identity_key,
            announce_address,
            roles,
            proof,
        } => gateways::register(
            deps,
            &env,
            info,
            &identity_key,
            announce_address,
            &roles,
            &proof,
        ),
        ExecuteMsg::RotateGatewayIdentity {
            identity_key,
            proof,
        } => gateways::rotate(deps, &env, info, &identity_key, &proof),
        ExecuteMsg::AdmitGateway { address } => gateways::admit(deps, block, &info, &address),
        ExecuteMsg::SuspendGateway { address } => gateways::suspend(deps, block, &info, &address),
    }
}

/// Answers a query.
///
/// # Errors
/// An address or a key that is none; a day without a ticket value.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    queries::answer(deps, &env, msg)
}

/// Takes the state of the same or an older version over.
///
/// # Errors
/// State of another contract or a newer version; a reduced price out of its bounds.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, env: Env, msg: MigrateMsg) -> Result<Response, ContractError> {
    migration::migrate(deps, &env, msg)
}
