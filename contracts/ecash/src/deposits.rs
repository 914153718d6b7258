//! Buying the right to a book (`spec/contracts.md` 6.2, 6.6.2).

use cosmwasm_std::{
    Addr, BlockInfo, Coin, DepsMut, Event, MessageInfo, Response, Storage, Uint128,
};
use cw_utils::must_pay;
use ecash_contract_messages::ecash::{DepositInfo, DepositState, events};

use crate::{
    error::ContractError,
    identity::IdentityKey,
    ledger,
    state::{
        CONFIG, CUSTOM_PRICE_AMOUNTS, CUSTOM_PRICE_COUNTS, DAY_DEPOSITS, DEFAULT_PRICE_AMOUNT,
        DEFAULT_PRICE_COUNT, DEPOSIT_INFO, REDUCED_DEPOSITS, append_deposit_key,
    },
    value::day_of,
};

/// At which price a deposit was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Price {
    Default,
    Reduced,
}

/// The price that an amount pays. An account with a reduced price may pay the default as well.
fn price_paid(
    received: Uint128,
    default: Uint128,
    reduced: Option<Uint128>,
) -> Result<Price, ContractError> {
    if received == default {
        return Ok(Price::Default);
    }
    if reduced == Some(received) {
        return Ok(Price::Reduced);
    }
    Err(ContractError::WrongAmount {
        received,
        amount: reduced.unwrap_or(default),
    })
}

/// Takes a deposit. The response's data is its id, 4 bytes big-endian.
pub(crate) fn deposit(
    deps: DepsMut,
    block: &BlockInfo,
    info: MessageInfo,
    identity_key: &str,
) -> Result<Response, ContractError> {
    let identity = IdentityKey::parse(identity_key)?;
    let default = CONFIG.load(deps.storage)?.deposit_amount;
    let received =
        must_pay(&info, &default.denom).map_err(|source| ContractError::InvalidDeposit {
            denom: default.denom.clone(),
            source,
        })?;
    let reduced = REDUCED_DEPOSITS.may_load(deps.storage, &info.sender)?;
    let price = price_paid(received, default.amount, reduced.map(|coin| coin.amount))?;

    let paid = Coin::new(received, default.denom);
    count_by_price(deps.storage, price, &info.sender, &paid)?;
    count_by_day(deps.storage, block, received)?;
    ledger::book_deposit(deps.storage, received)?;
    let id = append_deposit_key(deps.storage, identity.as_bytes())?;
    let record = DepositInfo {
        payer: info.sender,
        amount: received,
        height: block.height,
        time: block.time,
        state: DepositState::Open,
        changed_at: None,
    };
    DEPOSIT_INFO.save(deps.storage, id, &record)?;

    let event = Event::new(events::DEPOSITED_FUNDS)
        .add_attribute(events::DEPOSIT_ID_ATTRIBUTE, id.to_string())
        .add_attribute("payer", record.payer)
        .add_attribute("amount", received)
        .add_attribute("time", block.time.nanos().to_string());
    Ok(Response::new().add_event(event).set_data(id.to_be_bytes()))
}

fn count_by_price(
    storage: &mut dyn Storage,
    price: Price,
    payer: &Addr,
    paid: &Coin,
) -> Result<(), ContractError> {
    match price {
        Price::Default => {
            DEFAULT_PRICE_COUNT.update(storage, count_one)?;
            DEFAULT_PRICE_AMOUNT.update(storage, |sum| add(sum, paid))?;
        }
        Price::Reduced => {
            CUSTOM_PRICE_COUNTS
                .update(storage, payer, |count| count_one(count.unwrap_or_default()))?;
            CUSTOM_PRICE_AMOUNTS.update(storage, payer, |sum| match sum {
                Some(sum) => add(sum, paid),
                None => Ok(paid.clone()),
            })?;
        }
    }
    Ok(())
}

fn count_by_day(
    storage: &mut dyn Storage,
    block: &BlockInfo,
    amount: Uint128,
) -> Result<(), ContractError> {
    DAY_DEPOSITS.update(
        storage,
        day_of(block.time)?,
        |day| -> Result<_, ContractError> {
            let mut day = day.unwrap_or_default();
            day.count = count_one(day.count)?;
            day.amount = day.amount.checked_add(amount)?;
            Ok(day)
        },
    )?;
    Ok(())
}

fn count_one(count: u32) -> Result<u32, ContractError> {
    count.checked_add(1).ok_or_else(|| {
        cosmwasm_std::StdError::generic_err("the counter of deposits is full").into()
    })
}

fn add(mut sum: Coin, paid: &Coin) -> Result<Coin, ContractError> {
    sum.amount = sum.amount.checked_add(paid.amount)?;
    Ok(sum)
}
