//! Prices and their history (`spec/contracts.md` 6.6.2): for every account at every moment
//! ½ · default ≤ reduced < default.

use cosmwasm_std::{
    Addr, BlockInfo, Coin, Deps, DepsMut, Event, MessageInfo, Order, Response, StdResult, Storage,
    Uint128,
};
use ecash_contract_messages::ecash::{
    MAX_NAMED_ACCOUNTS, MAX_PRICE_CHANGES_PER_DAY, MAX_REDUCED_PRICES, TICKETS_PER_BOOK, events,
};

use crate::{
    error::ContractError,
    state::{
        CONFIG, CONTRACT_ADMIN, EXPECTED_INVARIANTS, PRICE_HISTORY, PRICE_HISTORY_LEN, PriceRecord,
        REDUCED_DEPOSITS,
    },
    value::day_of,
};

/// ⌈price / 2⌉: the least reduced price beside a default, and the least next default.
fn half(price: Uint128) -> Uint128 {
    // Neither step can overflow: ⌊p/2⌋ + p mod 2 ≤ p.
    let price = price.u128();
    Uint128::new(price / 2 + price % 2)
}

/// Refuses a price below one base unit per ticket.
///
/// # Errors
/// [`ContractError::DepositBelowTicketBookSize`].
pub(crate) fn check_minimum(amount: Uint128) -> Result<(), ContractError> {
    if amount < Uint128::from(TICKETS_PER_BOOK) {
        return Err(ContractError::DepositBelowTicketBookSize { amount });
    }
    Ok(())
}

fn fits(reduced: Uint128, default: Uint128) -> bool {
    half(default) <= reduced && reduced < default
}

fn check_reduced(amount: Uint128, default: Uint128) -> Result<(), ContractError> {
    check_minimum(amount)?;
    if amount >= default {
        return Err(ContractError::ReducedDepositNotReduced { amount, default });
    }
    if amount < half(default) {
        return Err(ContractError::ReducedDepositTooLow { amount, default });
    }
    Ok(())
}

fn check_book_size(storage: &dyn Storage) -> Result<(), ContractError> {
    let stored = EXPECTED_INVARIANTS.load(storage)?.ticket_book_size;
    if stored != TICKETS_PER_BOOK {
        return Err(ContractError::TicketBookSizeChanged { stored });
    }
    Ok(())
}

/// All reduced prices; at most [`MAX_REDUCED_PRICES`].
pub(crate) fn reduced_prices(storage: &dyn Storage) -> StdResult<Vec<(Addr, Coin)>> {
    REDUCED_DEPOSITS
        .range(storage, None, None, Order::Ascending)
        .take(MAX_REDUCED_PRICES as usize) // total: 100 fits
        .collect()
}

/// min{default, reduced prices}.
fn lowest_price(storage: &dyn Storage) -> StdResult<Uint128> {
    let default = CONFIG.load(storage)?.deposit_amount.amount;
    let reduced = reduced_prices(storage)?;
    Ok(reduced
        .into_iter()
        .map(|(_, price)| price.amount)
        .fold(default, Uint128::min))
}

/// Writes the history's next entry if the lowest price is another one than its last says.
///
/// # Errors
/// [`ContractError::TooManyPriceChanges`].
pub(crate) fn record_lowest(
    storage: &mut dyn Storage,
    block: &BlockInfo,
) -> Result<Uint128, ContractError> {
    let lowest = lowest_price(storage)?;
    let len = PRICE_HISTORY_LEN.may_load(storage)?.unwrap_or_default();
    if let Some(last) = len.checked_sub(1)
        && PRICE_HISTORY.load(storage, last)?.lowest == lowest
    {
        return Ok(lowest);
    }
    if let Some(earlier) = len.checked_sub(MAX_PRICE_CHANGES_PER_DAY)
        && day_of(PRICE_HISTORY.load(storage, earlier)?.time)? == day_of(block.time)?
    {
        return Err(ContractError::TooManyPriceChanges);
    }
    let entry = PriceRecord {
        time: block.time,
        lowest,
    };
    PRICE_HISTORY.save(storage, len, &entry)?;
    PRICE_HISTORY_LEN.save(storage, &(len + 1))?;
    Ok(lowest)
}

fn price_changed(storage: &mut dyn Storage, block: &BlockInfo) -> Result<Event, ContractError> {
    let lowest = record_lowest(storage, block)?;
    let default = CONFIG.load(storage)?.deposit_amount.amount;
    Ok(Event::new(events::PRICE_CHANGED)
        .add_attribute("default", default)
        .add_attribute("lowest", lowest))
}

fn check_default(deps: Deps, wanted: &Coin) -> Result<(), ContractError> {
    check_book_size(deps.storage)?;
    let present = CONFIG.load(deps.storage)?.deposit_amount;
    if wanted.denom != present.denom {
        return Err(ContractError::InvalidDepositDenom {
            expected: present.denom,
            given: wanted.denom.clone(),
        });
    }
    check_minimum(wanted.amount)?;
    if wanted.amount < half(present.amount) {
        return Err(ContractError::PriceCutTooDeep {
            amount: wanted.amount,
            present: present.amount,
        });
    }
    let accounts: Vec<Addr> = reduced_prices(deps.storage)?
        .into_iter()
        .filter(|(_, reduced)| !fits(reduced.amount, wanted.amount))
        .map(|(address, _)| address)
        .take(MAX_NAMED_ACCOUNTS)
        .collect();
    if !accounts.is_empty() {
        return Err(ContractError::ReducedPricesViolated {
            amount: wanted.amount,
            accounts,
        });
    }
    Ok(())
}

/// Sets the default price.
pub(crate) fn update_default(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    new_deposit: Coin,
) -> Result<Response, ContractError> {
    CONTRACT_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    check_default(deps.as_ref(), &new_deposit)?;
    let updated = new_deposit.to_string();
    CONFIG.update(deps.storage, |mut config| -> StdResult<_> {
        config.deposit_amount = new_deposit;
        Ok(config)
    })?;
    let event = price_changed(deps.storage, block)?;
    Ok(Response::new()
        .add_attribute("updated_deposit", updated)
        .add_event(event))
}

/// Gives an account a reduced price, after the checks but without the history's entry.
///
/// # Errors
/// Another denom; a price out of its bounds; one account too many; a state for books of another size.
pub(crate) fn save_reduced(
    storage: &mut dyn Storage,
    address: &Addr,
    price: &Coin,
) -> Result<(), ContractError> {
    check_book_size(storage)?;
    let default = CONFIG.load(storage)?.deposit_amount;
    if price.denom != default.denom {
        return Err(ContractError::InvalidReducedDepositDenom {
            expected: default.denom,
            given: price.denom.clone(),
        });
    }
    check_reduced(price.amount, default.amount)?;
    let known = REDUCED_DEPOSITS.has(storage, address);
    if !known && reduced_prices(storage)?.len() >= MAX_REDUCED_PRICES as usize {
        // total: 100 fits
        return Err(ContractError::TooManyReducedPrices);
    }
    Ok(REDUCED_DEPOSITS.save(storage, address, price)?)
}

/// Gives an account a reduced price, or another one.
pub(crate) fn set_reduced(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    address: &str,
    price: &Coin,
) -> Result<Response, ContractError> {
    CONTRACT_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    let address = deps.api.addr_validate(address)?;
    save_reduced(deps.storage, &address, price)?;
    let event = price_changed(deps.storage, block)?;
    Ok(Response::new()
        .add_attribute("action", "set_reduced_deposit_price")
        .add_attribute("address", address)
        .add_attribute("deposit", price.to_string())
        .add_event(event))
}

/// Takes a reduced price away.
pub(crate) fn remove_reduced(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    address: &str,
) -> Result<Response, ContractError> {
    CONTRACT_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    let address = deps.api.addr_validate(address)?;
    if !REDUCED_DEPOSITS.has(deps.storage, &address) {
        return Err(ContractError::NoReducedDepositPrice { address });
    }
    REDUCED_DEPOSITS.remove(deps.storage, &address);
    let event = price_changed(deps.storage, block)?;
    Ok(Response::new()
        .add_attribute("action", "remove_reduced_deposit_price")
        .add_attribute("address", address)
        .add_event(event))
}
