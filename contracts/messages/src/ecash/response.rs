//! Answers of the ecash contract.

use std::collections::BTreeMap;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Coin, Uint128};

use super::types::{
    BlacklistEntry, BlacklistInfo, Change, Date, DayDeposits, Deposit, DepositData, DepositId,
    DepositInfo, DepositRecord, Gateway, OpenProposal, PriceEntry,
};

/// An account and its reduced price.
#[cw_serde]
pub struct ReducedPrice {
    /// The account.
    pub address: Addr,
    /// Its price.
    pub deposit: Coin,
}

/// Answer to `get_all_whitelisted_accounts`.
#[cw_serde]
pub struct WhitelistedAccountsResponse {
    /// Ascending by address.
    pub whitelisted_accounts: Vec<ReducedPrice>,
}

/// Answer to `get_deposit`.
#[cw_serde]
pub struct DepositResponse {
    /// The number asked for.
    pub id: DepositId,
    /// The deposit; null if there is none.
    pub deposit: Option<Deposit>,
}

/// Answer to `get_latest_deposit`.
#[cw_serde]
pub struct LatestDepositResponse {
    /// The deposit; null before the first.
    pub deposit: Option<DepositData>,
}

/// Answer to `get_deposits_paged`.
#[cw_serde]
pub struct PagedDepositsResponse {
    /// Deposits.
    pub deposits: Vec<DepositData>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<DepositId>,
}

/// Answer to `get_deposits_statistics`.
#[cw_serde]
pub struct DepositsStatistics {
    /// All deposits.
    pub total_deposits_made: u32,
    /// All money.
    pub total_deposited: Coin,
    /// Deposits at the default price.
    pub total_deposits_made_with_default_price: u32,
    /// Money of these.
    pub total_deposited_with_default_price: Coin,
    /// Deposits at reduced prices.
    pub total_deposits_made_with_custom_price: u32,
    /// Money of these.
    pub total_deposited_with_custom_price: Coin,
    /// Deposits at reduced prices by account.
    pub deposits_made_with_custom_price: BTreeMap<String, u32>,
    /// Money of these by account.
    pub deposited_with_custom_price: BTreeMap<String, Coin>,
}

/// Answer to `get_blacklisted_account`.
#[cw_serde]
pub struct BlacklistedAccountResponse {
    /// The entry; null if the key is not listed.
    pub account: Option<BlacklistInfo>,
}

/// Answer to `get_blacklist_paged`.
#[cw_serde]
pub struct PagedBlacklistedAccountResponse {
    /// Entries.
    pub accounts: Vec<BlacklistEntry>,
    /// Page size that was applied.
    pub per_page: u32,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<String>,
}

/// Answer to `get_deposit_info`.
#[cw_serde]
pub struct DepositInfoResponse {
    /// The number asked for.
    pub deposit_id: DepositId,
    /// The record; null if there is none.
    pub info: Option<DepositInfo>,
}

/// Answer to `get_deposit_infos_paged`.
#[cw_serde]
pub struct PagedDepositInfosResponse {
    /// Deposits.
    pub deposits: Vec<DepositRecord>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<DepositId>,
}

/// Answer to `get_day_deposits_paged`.
#[cw_serde]
pub struct PagedDayDepositsResponse {
    /// Days with deposits.
    pub days: Vec<DayDeposits>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<Date>,
}

/// Answer to `get_price_history`.
#[cw_serde]
pub struct PriceHistoryResponse {
    /// Entries, oldest first.
    pub entries: Vec<PriceEntry>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<u32>,
}

/// Answer to `get_ticket_value`.
#[cw_serde]
pub struct TicketValueResponse {
    /// The day asked for.
    pub date: Date,
    /// v(date), in base units.
    pub value: Uint128,
    /// Whether the day is over.
    #[serde(rename = "final")]
    pub is_final: bool,
}

/// Answer to `get_ledger`: deposited = balance + paid + refunded + swept.
#[cw_serde]
pub struct LedgerResponse {
    /// Denom of all amounts.
    pub denom: String,
    /// Money that ever came in.
    pub deposited: Uint128,
    /// Money that is here.
    pub balance: Uint128,
    /// Money paid to gateways.
    pub paid: Uint128,
    /// Money given back to payers.
    pub refunded: Uint128,
    /// Money moved to the holding account.
    pub swept: Uint128,
    /// Of the balance: settled, not claimed yet.
    pub reserved: Uint128,
    /// Of the balance: of withheld deposits.
    pub withheld: Uint128,
    /// Tickets ever settled.
    pub tickets_settled: u64,
    /// Deposits ever made.
    pub deposits: u32,
}

/// What an account paid at reduced prices.
#[cw_serde]
pub struct CustomDeposits {
    /// The account.
    pub address: Addr,
    /// Deposits.
    pub count: u32,
    /// Money.
    pub amount: Coin,
}

/// Answer to `get_custom_deposits_paged`.
#[cw_serde]
pub struct PagedCustomDepositsResponse {
    /// Accounts.
    pub accounts: Vec<CustomDeposits>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<String>,
}

/// Answer to `get_gateway` and `get_gateway_by_identity`.
#[cw_serde]
pub struct GatewayResponse {
    /// The gateway; null if there is none.
    pub gateway: Option<Gateway>,
}

/// Answer to `get_gateways_paged`.
#[cw_serde]
pub struct PagedGatewaysResponse {
    /// Admitted and suspended gateways.
    pub gateways: Vec<Gateway>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<String>,
}

/// Answer to `get_open_proposals`.
#[cw_serde]
pub struct OpenProposalsResponse {
    /// Ascending by slot.
    pub proposals: Vec<OpenProposal>,
}

/// Answer to `get_money_config`.
#[cw_serde]
pub struct MoneyConfigResponse {
    /// Sets prices and admits gateways.
    pub admin: Addr,
    /// Moves money.
    pub multisig_addr: Addr,
    /// Its members propose.
    pub group_addr: Addr,
    /// Where swept money goes.
    pub holding_account: Addr,
    /// Appeal period of a withheld deposit, in seconds.
    pub appeal_period_secs: u64,
}

/// Answer to `get_changes_paged`.
#[cw_serde]
pub struct PagedChangesResponse {
    /// Entries, oldest first.
    pub changes: Vec<Change>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<u64>,
}
