//! Answers. Every list has a bounded page and a next pointer that is null on the last one.

use std::collections::BTreeMap;

use cosmwasm_std::{
    Addr, Binary, Coin, Deps, Env, Order, StdError, StdResult, Storage, Uint128, to_json_binary,
};
use cw_storage_plus::Bound;
use cw_utils::maybe_addr;
use ecash_contract_messages::ecash::{
    BLACKLIST_PAGE, BlacklistEntry, BlacklistedAccountResponse, CHANGES_PAGE, Change,
    CustomDeposits, DEPOSITS_PAGE, Date, DayDeposits, Deposit, DepositData, DepositId,
    DepositInfoResponse, DepositRecord, DepositResponse, DepositsStatistics, GatewayResponse,
    LatestDepositResponse, LedgerResponse, MAX_OPEN_PROPOSALS, MoneyConfigResponse, OpenProposal,
    OpenProposalsResponse, PagedBlacklistedAccountResponse, PagedChangesResponse,
    PagedCustomDepositsResponse, PagedDayDepositsResponse, PagedDepositInfosResponse,
    PagedDepositsResponse, PagedGatewaysResponse, PriceEntry, PriceHistoryResponse, QueryMsg,
    ReducedPrice, WhitelistedAccountsResponse,
};

use crate::{
    changes,
    error::ContractError,
    gateways,
    identity::IdentityKey,
    prices,
    state::{
        BLACKLIST, CHANGES, CONFIG, CONTRACT_ADMIN, CUSTOM_PRICE_AMOUNTS, CUSTOM_PRICE_COUNTS,
        DAY_DEPOSITS, DEFAULT_PRICE_AMOUNT, DEFAULT_PRICE_COUNT, DEPOSIT_INFO, GATEWAY_KEYS,
        GATEWAYS, LEDGER, MONEY_PARAMETERS, MULTISIG, OPEN_PROPOSALS, POOL_COUNTERS, PRICE_HISTORY,
        PRICE_HISTORY_LEN, REDUCED_DEPOSITS, deposit_count, load_deposit_key,
    },
    value,
};

/// Answers a query in JSON.
pub(crate) fn answer(deps: Deps, env: &Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    let storage = deps.storage;
    let json = match msg {
        QueryMsg::GetDefaultDepositAmount {} | QueryMsg::GetRequiredDepositAmount {} => {
            to_json_binary(&CONFIG.load(storage)?.deposit_amount)
        }
        QueryMsg::GetReducedDepositAmount { address } => {
            let address = deps.api.addr_validate(&address)?;
            to_json_binary(&REDUCED_DEPOSITS.may_load(storage, &address)?)
        }
        QueryMsg::GetAllWhitelistedAccounts {} => to_json_binary(&whitelisted(storage)?),
        QueryMsg::GetDeposit { deposit_id } => to_json_binary(&DepositResponse {
            id: deposit_id,
            deposit: deposit(storage, deposit_id),
        }),
        QueryMsg::GetLatestDeposit {} => to_json_binary(&latest_deposit(storage)?),
        QueryMsg::GetDepositsPaged { limit, start_after } => {
            to_json_binary(&deposits(storage, limit, start_after)?)
        }
        QueryMsg::GetDepositsStatistics {} => to_json_binary(&statistics(storage)?),
        QueryMsg::GetBlacklistedAccount { public_key } => {
            to_json_binary(&BlacklistedAccountResponse {
                account: BLACKLIST.may_load(storage, &public_key)?,
            })
        }
        QueryMsg::GetBlacklistPaged { limit, start_after } => {
            to_json_binary(&blacklist(storage, limit, start_after)?)
        }
        QueryMsg::GetDepositInfo { deposit_id } => to_json_binary(&DepositInfoResponse {
            deposit_id,
            info: DEPOSIT_INFO.may_load(storage, deposit_id)?,
        }),
        QueryMsg::GetDepositInfosPaged { limit, start_after } => {
            to_json_binary(&deposit_infos(storage, limit, start_after)?)
        }
        QueryMsg::GetDayDepositsPaged { limit, start_after } => {
            to_json_binary(&day_deposits(storage, limit, start_after)?)
        }
        QueryMsg::GetPriceHistory { limit, start_after } => {
            to_json_binary(&price_history(storage, limit, start_after)?)
        }
        QueryMsg::GetTicketValue { date } => {
            to_json_binary(&value::ticket_value(storage, env.block.time, date)?)
        }
        QueryMsg::GetLedger {} => to_json_binary(&ledger(storage)?),
        QueryMsg::GetCustomDepositsPaged { limit, start_after } => {
            to_json_binary(&custom_deposits(deps, limit, start_after)?)
        }
        QueryMsg::GetGateway { address } => {
            let address = deps.api.addr_validate(&address)?;
            to_json_binary(&GatewayResponse {
                gateway: gateways::find(storage, &address)?,
            })
        }
        QueryMsg::GetGatewayByIdentity { identity_key } => {
            to_json_binary(&gateway_by_identity(storage, &identity_key)?)
        }
        QueryMsg::GetGatewaysPaged { limit, start_after } => {
            to_json_binary(&gateway_page(deps, limit, start_after)?)
        }
        QueryMsg::GetOpenProposals { proposer } => {
            to_json_binary(&open_proposals(deps, &proposer)?)
        }
        QueryMsg::GetMoneyConfig {} => to_json_binary(&money_config(deps)?),
        QueryMsg::GetChangesPaged { limit, start_after } => {
            to_json_binary(&change_page(storage, limit, start_after)?)
        }
    };
    Ok(json?)
}

/// Page size that is applied: the wanted one within 1 … most.
fn page_size(limit: Option<u32>, (default, most): (u32, u32)) -> u32 {
    limit.unwrap_or(default).clamp(1, most)
}

/// One page, and the key of its last item if more follow.
fn page<T, K>(
    mut rest: impl Iterator<Item = StdResult<T>>,
    size: u32,
    key: impl Fn(&T) -> K,
) -> StdResult<(Vec<T>, Option<K>)> {
    let items: Vec<T> = rest
        .by_ref()
        .take(size as usize) // total: u32 fits
        .collect::<StdResult<_>>()?;
    let next = match rest.next() {
        Some(_) => items.last().map(key),
        None => None,
    };
    Ok((items, next))
}

/// The numbers after one, below a count.
fn ids_after(start_after: Option<u32>, count: u32) -> std::ops::Range<u32> {
    start_after.map_or(0, |id| id.saturating_add(1))..count
}

fn deposit(storage: &dyn Storage, id: DepositId) -> Option<Deposit> {
    load_deposit_key(storage, id).map(|key| Deposit {
        bs58_encoded_ed25519_pubkey: bs58::encode(key).into_string(),
    })
}

fn require_deposit(storage: &dyn Storage, id: DepositId) -> StdResult<Deposit> {
    deposit(storage, id).ok_or_else(|| StdError::not_found(format!("deposit {id}")))
}

fn latest_deposit(storage: &dyn Storage) -> StdResult<LatestDepositResponse> {
    let deposit = match deposit_count(storage)?.checked_sub(1) {
        None => None,
        Some(id) => Some(DepositData {
            id,
            deposit: require_deposit(storage, id)?,
        }),
    };
    Ok(LatestDepositResponse { deposit })
}

fn deposits(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<DepositId>,
) -> StdResult<PagedDepositsResponse> {
    let ids = ids_after(start_after, deposit_count(storage)?);
    let entries = ids.map(|id| {
        let deposit = require_deposit(storage, id)?;
        Ok(DepositData { id, deposit })
    });
    let (deposits, start_next_after) = page(entries, page_size(limit, DEPOSITS_PAGE), |d| d.id)?;
    Ok(PagedDepositsResponse {
        deposits,
        start_next_after,
    })
}

fn deposit_infos(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<DepositId>,
) -> StdResult<PagedDepositInfosResponse> {
    let ids = ids_after(start_after, deposit_count(storage)?);
    let entries = ids.map(|id| {
        Ok(DepositRecord {
            id,
            deposit: require_deposit(storage, id)?,
            info: DEPOSIT_INFO.load(storage, id)?,
        })
    });
    let (deposits, start_next_after) = page(entries, page_size(limit, DEPOSITS_PAGE), |d| d.id)?;
    Ok(PagedDepositInfosResponse {
        deposits,
        start_next_after,
    })
}

fn day_deposits(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<Date>,
) -> StdResult<PagedDayDepositsResponse> {
    let start = start_after.map(Bound::exclusive);
    let entries = DAY_DEPOSITS
        .range(storage, start, None, Order::Ascending)
        .map(|entry| {
            entry.map(|(date, total)| DayDeposits {
                date,
                count: total.count,
                amount: total.amount,
            })
        });
    let (days, start_next_after) = page(entries, page_size(limit, DEPOSITS_PAGE), |d| d.date)?;
    Ok(PagedDayDepositsResponse {
        days,
        start_next_after,
    })
}

fn whitelisted(storage: &dyn Storage) -> StdResult<WhitelistedAccountsResponse> {
    let prices = prices::reduced_prices(storage)?;
    Ok(WhitelistedAccountsResponse {
        whitelisted_accounts: prices
            .into_iter()
            .map(|(address, deposit)| ReducedPrice { address, deposit })
            .collect(),
    })
}

/// Totals come from running counters: reduced = all − default. Only the two maps grow with the accounts.
fn statistics(storage: &dyn Storage) -> StdResult<DepositsStatistics> {
    let made = deposit_count(storage)?;
    let deposited = POOL_COUNTERS.load(storage)?.total_deposited;
    let made_default = DEFAULT_PRICE_COUNT.load(storage)?;
    let deposited_default = DEFAULT_PRICE_AMOUNT.load(storage)?;
    let custom_amount: Uint128 = deposited.amount.checked_sub(deposited_default.amount)?;
    let by_account = |entry: StdResult<(Addr, u32)>| entry.map(|(a, n)| (a.into_string(), n));
    let counts = CUSTOM_PRICE_COUNTS
        .range(storage, None, None, Order::Ascending)
        .map(by_account)
        .collect::<StdResult<BTreeMap<_, _>>>()?;
    let amounts = CUSTOM_PRICE_AMOUNTS
        .range(storage, None, None, Order::Ascending)
        .map(|entry| entry.map(|(address, coin)| (address.into_string(), coin)))
        .collect::<StdResult<BTreeMap<_, _>>>()?;
    Ok(DepositsStatistics {
        total_deposits_made: made,
        total_deposits_made_with_default_price: made_default,
        total_deposits_made_with_custom_price: made.saturating_sub(made_default),
        total_deposited_with_custom_price: Coin::new(custom_amount, &deposited.denom),
        total_deposited: deposited,
        total_deposited_with_default_price: deposited_default,
        deposits_made_with_custom_price: counts,
        deposited_with_custom_price: amounts,
    })
}

fn custom_deposits(
    deps: Deps,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<PagedCustomDepositsResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let start = start_after.as_ref().map(Bound::exclusive);
    let entries = CUSTOM_PRICE_COUNTS
        .range(deps.storage, start, None, Order::Ascending)
        .map(|entry| {
            let (address, count) = entry?;
            let amount = CUSTOM_PRICE_AMOUNTS.load(deps.storage, &address)?;
            Ok(CustomDeposits {
                address,
                count,
                amount,
            })
        });
    let size = page_size(limit, DEPOSITS_PAGE);
    let (accounts, start_next_after) = page(entries, size, |a| a.address.to_string())?;
    Ok(PagedCustomDepositsResponse {
        accounts,
        start_next_after,
    })
}

fn blacklist(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<PagedBlacklistedAccountResponse> {
    let start = start_after.as_deref().map(Bound::exclusive);
    let entries = BLACKLIST
        .range(storage, start, None, Order::Ascending)
        .map(|entry| entry.map(|(public_key, info)| BlacklistEntry { public_key, info }));
    let per_page = page_size(limit, BLACKLIST_PAGE);
    let (accounts, start_next_after) = page(entries, per_page, |e| e.public_key.clone())?;
    Ok(PagedBlacklistedAccountResponse {
        accounts,
        per_page,
        start_next_after,
    })
}

fn price_history(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<u32>,
) -> StdResult<PriceHistoryResponse> {
    let count = PRICE_HISTORY_LEN.may_load(storage)?.unwrap_or_default();
    let entries = ids_after(start_after, count).map(|index| {
        let record = PRICE_HISTORY.load(storage, index)?;
        Ok(PriceEntry {
            index,
            time: record.time,
            lowest: record.lowest,
        })
    });
    let (entries, start_next_after) = page(entries, page_size(limit, DEPOSITS_PAGE), |e| e.index)?;
    Ok(PriceHistoryResponse {
        entries,
        start_next_after,
    })
}

fn ledger(storage: &dyn Storage) -> StdResult<LedgerResponse> {
    let ledger = LEDGER.load(storage)?;
    Ok(LedgerResponse {
        denom: CONFIG.load(storage)?.deposit_amount.denom,
        deposited: ledger.deposited,
        balance: ledger.balance,
        paid: ledger.paid,
        refunded: ledger.refunded,
        swept: ledger.swept,
        reserved: ledger.reserved,
        withheld: ledger.withheld,
        tickets_settled: ledger.tickets_settled,
        deposits: deposit_count(storage)?,
    })
}

fn gateway_by_identity(
    storage: &dyn Storage,
    identity_key: &str,
) -> Result<GatewayResponse, ContractError> {
    let key = IdentityKey::parse(identity_key)?;
    let gateway = match GATEWAY_KEYS.may_load(storage, key.as_bytes())? {
        Some(address) => gateways::find(storage, &address)?,
        None => None,
    };
    Ok(GatewayResponse { gateway })
}

fn gateway_page(
    deps: Deps,
    limit: Option<u32>,
    start_after: Option<String>,
) -> StdResult<PagedGatewaysResponse> {
    let start_after = maybe_addr(deps.api, start_after)?;
    let start = start_after.as_ref().map(Bound::exclusive);
    let entries = GATEWAYS
        .range(deps.storage, start, None, Order::Ascending)
        .map(|entry| entry.map(|(_, gateway)| gateway));
    let size = page_size(limit, DEPOSITS_PAGE);
    let (gateways, start_next_after) = page(entries, size, |g| g.address.to_string())?;
    Ok(PagedGatewaysResponse {
        gateways,
        start_next_after,
    })
}

fn open_proposals(deps: Deps, proposer: &str) -> StdResult<OpenProposalsResponse> {
    let proposer = deps.api.addr_validate(proposer)?;
    let proposals = OPEN_PROPOSALS
        .prefix(&proposer)
        .range(deps.storage, None, None, Order::Ascending)
        .take(MAX_OPEN_PROPOSALS as usize) // total: 64 fits
        .map(|entry| {
            entry.map(|(slot, at)| OpenProposal {
                slot,
                multisig: at.multisig,
                proposal_id: at.proposal_id,
            })
        })
        .collect::<StdResult<_>>()?;
    Ok(OpenProposalsResponse { proposals })
}

fn money_config(deps: Deps) -> StdResult<MoneyConfigResponse> {
    let config = CONFIG.load(deps.storage)?;
    let missing = |what: &str| StdError::not_found(what);
    Ok(MoneyConfigResponse {
        admin: CONTRACT_ADMIN
            .get(deps)?
            .ok_or_else(|| missing("contract_admin"))?,
        multisig_addr: MULTISIG.get(deps)?.ok_or_else(|| missing("multisig"))?,
        group_addr: config.group_addr.0,
        holding_account: config.holding_account,
        appeal_period_secs: MONEY_PARAMETERS.load(deps.storage)?.appeal_period_secs,
    })
}

fn change_page(
    storage: &dyn Storage,
    limit: Option<u32>,
    start_after: Option<u64>,
) -> StdResult<PagedChangesResponse> {
    let first = start_after.map_or(0, |index| index.saturating_add(1));
    let entries = (first..changes::len(storage)?).map(|index| {
        let record = CHANGES.load(storage, index)?;
        Ok(Change {
            index,
            height: record.height,
            time: record.time,
            kind: record.kind,
            key: record.key,
        })
    });
    let (changes, start_next_after) = page(entries, page_size(limit, CHANGES_PAGE), |c| c.index)?;
    Ok(PagedChangesResponse {
        changes,
        start_next_after,
    })
}
