//! Taking state over from the same or an older version (`spec/contracts.md` 6.1, no. 7).

use cosmwasm_std::{DepsMut, Env, Response, Storage};
use ecash_contract_messages::ecash::MigrateMsg;

use crate::{
    contract::{CONTRACT_NAME, CONTRACT_VERSION},
    error::ContractError,
    prices,
    state::{DEFAULT_PRICE_AMOUNT, DEFAULT_PRICE_COUNT, LEDGER, POOL_COUNTERS, deposit_count},
};

/// Counts every deposit made so far as one at the default price, in state that has no such statistics. State that has
/// them is left alone, so that a migration repeated changes no counter.
fn found_statistics(storage: &mut dyn Storage) -> Result<(), ContractError> {
    if DEFAULT_PRICE_COUNT.may_load(storage)?.is_some() {
        return Ok(());
    }
    let made = deposit_count(storage)?;
    let deposited = POOL_COUNTERS.load(storage)?.total_deposited;
    DEFAULT_PRICE_COUNT.save(storage, &made)?;
    Ok(DEFAULT_PRICE_AMOUNT.save(storage, &deposited)?)
}

/// Migrates.
pub(crate) fn migrate(
    deps: DepsMut,
    env: &Env,
    msg: MigrateMsg,
) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    if LEDGER.may_load(deps.storage)?.is_none() {
        return Err(ContractError::ForeignState);
    }
    found_statistics(deps.storage)?;
    for account in msg.initial_whitelist {
        let address = deps.api.addr_validate(&account.address)?;
        prices::save_reduced(deps.storage, &address, &account.deposit)?;
    }
    prices::record_lowest(deps.storage, &env.block)?;
    Ok(Response::new())
}
