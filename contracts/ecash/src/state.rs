//! All storage of the contract (`spec/contracts.md` 6.4, 6.6.7). Values are JSON but for a deposit's key, which is 32
//! raw bytes; integer key parts are big-endian.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Coin, StdResult, Storage, Timestamp, Uint128};
use cw_controllers::Admin;
use cw_storage_plus::{Item, Map, Path};
use cw4::Cw4Contract;
use ecash_contract_messages::ecash::{
    BlacklistInfo, ChangeKind, Date, DepositId, DepositInfo, Gateway, IDENTITY_KEY_BYTES,
};

/// Sets prices and admits gateways.
pub(crate) const CONTRACT_ADMIN: Admin = Admin::new("contract_admin");
/// Moves money.
pub(crate) const MULTISIG: Admin = Admin::new("multisig");
/// Addresses and the default price.
pub(crate) const CONFIG: Item<Config> = Item::new("config");
/// The reference's totals.
pub(crate) const POOL_COUNTERS: Item<PoolCounters> = Item::new("pool_counters");
/// What later code must agree with.
pub(crate) const EXPECTED_INVARIANTS: Item<Invariants> = Item::new("expected_invariants");
/// Parameters of 6.6.1.
pub(crate) const MONEY_PARAMETERS: Item<MoneyParameters> = Item::new("money_parameters");

const NEXT_DEPOSIT_ID: Item<DepositId> = Item::new("deposit_ids");
/// What is known of a deposit beside its key.
pub(crate) const DEPOSIT_INFO: Map<DepositId, DepositInfo> = Map::new("deposit_info");
/// Deposits by day.
pub(crate) const DAY_DEPOSITS: Map<Date, DayTotal> = Map::new("day_deposits");
/// Number of deposits at the default price.
pub(crate) const DEFAULT_PRICE_COUNT: Item<u32> = Item::new("deposits_with_default_price");
/// Money of these.
pub(crate) const DEFAULT_PRICE_AMOUNT: Item<Coin> =
    Item::new("deposits_with_default_price_amounts");
/// Number of deposits at a reduced price, by account.
pub(crate) const CUSTOM_PRICE_COUNTS: Map<&Addr, u32> = Map::new("deposits_with_custom_price");
/// Money of these, by account.
pub(crate) const CUSTOM_PRICE_AMOUNTS: Map<&Addr, Coin> =
    Map::new("deposits_with_custom_price_amounts");

/// Reduced prices.
pub(crate) const REDUCED_DEPOSITS: Map<&Addr, Coin> = Map::new("reduced_deposits");
/// The lowest price and since when, by number.
pub(crate) const PRICE_HISTORY: Map<u32, PriceRecord> = Map::new("price_history");
/// How many of these there are.
pub(crate) const PRICE_HISTORY_LEN: Item<u32> = Item::new("price_history_len");
/// The money; changed by [`crate::ledger`] only.
pub(crate) const LEDGER: Item<Ledger> = Item::new("ledger");

/// Gateways from their first admission on.
pub(crate) const GATEWAYS: Map<&Addr, Gateway> = Map::new("gateways");
/// Gateways before it.
pub(crate) const PENDING_GATEWAYS: Map<&Addr, Gateway> = Map::new("pending_gateways");
/// Every identity key ever used, and whose it is.
pub(crate) const GATEWAY_KEYS: Map<&[u8], Addr> = Map::new("gateway_keys");

/// Blacklisted keys; none yet.
pub(crate) const BLACKLIST: Map<&str, BlacklistInfo> = Map::new("blacklist");
/// Open proposals by member and slot; none yet.
pub(crate) const OPEN_PROPOSALS: Map<(&Addr, &str), ProposalRef> = Map::new("open_proposals");
/// The log of changes.
pub(crate) const CHANGES: Map<u64, ChangeRecord> = Map::new("changes");
/// How many entries it has.
pub(crate) const CHANGES_LEN: Item<u64> = Item::new("changes_len");

/// Addresses and the default price.
#[cw_serde]
pub(crate) struct Config {
    pub(crate) group_addr: Cw4Contract,
    pub(crate) holding_account: Addr,
    #[serde(alias = "default_deposit_amount")]
    pub(crate) deposit_amount: Coin,
}

/// The reference's totals.
#[cw_serde]
pub(crate) struct PoolCounters {
    pub(crate) total_deposited: Coin,
    pub(crate) total_redeemed: Coin,
    #[serde(default)]
    pub(crate) tickets_requested_and_not_redeemed: u64,
}

/// What later code must agree with.
#[cw_serde]
pub(crate) struct Invariants {
    pub(crate) ticket_book_size: u64,
}

/// Parameters of 6.6.1.
#[cw_serde]
pub(crate) struct MoneyParameters {
    pub(crate) appeal_period_secs: u64,
}

/// Deposits of one day.
#[cw_serde]
#[derive(Default)]
pub(crate) struct DayTotal {
    pub(crate) count: u32,
    pub(crate) amount: Uint128,
}

/// The lowest price from a moment on.
#[cw_serde]
pub(crate) struct PriceRecord {
    pub(crate) time: Timestamp,
    pub(crate) lowest: Uint128,
}

/// The money: deposited = balance + paid + refunded + swept, balance ≥ reserved + withheld.
#[cw_serde]
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) deposited: Uint128,
    pub(crate) balance: Uint128,
    pub(crate) paid: Uint128,
    pub(crate) refunded: Uint128,
    pub(crate) swept: Uint128,
    pub(crate) reserved: Uint128,
    pub(crate) withheld: Uint128,
    pub(crate) tickets_settled: u64,
}

/// A proposal at a multisig.
#[cw_serde]
pub(crate) struct ProposalRef {
    pub(crate) multisig: Addr,
    pub(crate) proposal_id: u64,
}

/// An entry of the log of changes.
#[cw_serde]
pub(crate) struct ChangeRecord {
    pub(crate) height: u64,
    pub(crate) time: Timestamp,
    pub(crate) kind: ChangeKind,
    pub(crate) key: String,
}

fn deposit_path(id: DepositId) -> Path<Vec<u8>> {
    Path::new(b"deposit", &[&id.to_be_bytes()])
}

/// The identity key of a deposit.
pub(crate) fn load_deposit_key(
    storage: &dyn Storage,
    id: DepositId,
) -> Option<[u8; IDENTITY_KEY_BYTES]> {
    storage.get(&deposit_path(id))?.try_into().ok()
}

/// How many deposits there are, which is the id of the next one.
pub(crate) fn deposit_count(storage: &dyn Storage) -> StdResult<u32> {
    Ok(NEXT_DEPOSIT_ID.may_load(storage)?.unwrap_or_default())
}

/// Stores the identity key of the next deposit.
///
/// # Errors
/// No id is left.
pub(crate) fn append_deposit_key(
    storage: &mut dyn Storage,
    key: &[u8; IDENTITY_KEY_BYTES],
) -> StdResult<DepositId> {
    let id = deposit_count(storage)?;
    let next = id
        .checked_add(1)
        .ok_or_else(|| cosmwasm_std::StdError::generic_err("no deposit id is left"))?;
    NEXT_DEPOSIT_ID.save(storage, &next)?;
    storage.set(&deposit_path(id), key);
    Ok(id)
}
