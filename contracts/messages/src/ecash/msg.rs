//! What the ecash contract is told and asked.

use cosmwasm_schema::{QueryResponses, cw_serde};
use cosmwasm_std::{Binary, Coin};

// Answers are named by the schema only, which a contract does not carry.
#[cfg(not(target_arch = "wasm32"))]
use super::response::*;
use super::types::{Date, DepositId};

/// Makes an ecash contract; the sender becomes its admin.
#[cw_serde]
pub struct InstantiateMsg {
    /// Where swept money goes.
    pub holding_account: String,
    /// The multisig that moves money.
    pub multisig_addr: String,
    /// The group whose members may propose.
    pub group_addr: String,
    /// Default price of a book, at least 50 base units; its denom is the contract's for ever.
    pub deposit_amount: Coin,
    /// Appeal period of a withheld deposit in seconds; 30 days when absent.
    #[serde(default)]
    pub appeal_period_secs: Option<u64>,
}

/// A reduced price set by a migration.
#[cw_serde]
pub struct WhitelistedAccount {
    /// The account.
    pub address: String,
    /// Its price.
    pub deposit: Coin,
}

/// Takes the state over.
#[cw_serde]
pub struct MigrateMsg {
    /// Reduced prices to set, with the checks of `set_reduced_deposit_price`; may be empty.
    pub initial_whitelist: Vec<WhitelistedAccount>,
}

/// What changes the ecash contract. Only `deposit_ticket_book_funds` takes money; every other message refuses funds.
#[cw_serde]
pub enum ExecuteMsg {
    /// Buys the right to one book; anyone. The response's data is the deposit id, 4 bytes big-endian.
    DepositTicketBookFunds {
        /// Base58 of the ed25519 key that will sign the request.
        identity_key: String,
    },
    /// Refused: settlement pays.
    RequestRedemption {
        /// Base58 of 32 bytes.
        commitment_bs58: String,
        /// Tickets.
        number_of_tickets: u16,
    },
    /// Refused: settlement pays.
    RedeemTickets {
        /// Tickets.
        n: u16,
        /// Gateway.
        gw: String,
    },
    /// Hands the contract over; the admin.
    UpdateAdmin {
        /// The new admin.
        admin: String,
    },
    /// Sets the default price; the admin.
    UpdateDefaultDepositValue {
        /// The price.
        new_deposit: Coin,
    },
    /// Gives an account a reduced price, or another one; the admin.
    SetReducedDepositPrice {
        /// The account.
        address: String,
        /// Its price.
        deposit: Coin,
    },
    /// Takes it away; the admin.
    RemoveReducedDepositPrice {
        /// The account.
        address: String,
    },
    /// Fails until the blacklist works.
    ProposeToBlacklist {
        /// Base58 of the public key.
        public_key: String,
    },
    /// Fails until the blacklist works.
    AddToBlacklist {
        /// Base58 of the public key.
        public_key: String,
    },
    /// Registers the sender as a gateway, or replaces its announce address and roles.
    RegisterGateway {
        /// Base58 of its ed25519 key.
        identity_key: String,
        /// Where it answers, 1–256 bytes.
        announce_address: String,
        /// 1 … 4 distinct ticket types in their text forms.
        roles: Vec<String>,
        /// Signature by the key over [`super::gateway_proof_message`], 64 bytes.
        proof: Binary,
    },
    /// Replaces the sender's identity key.
    RotateGatewayIdentity {
        /// Base58 of the new key.
        identity_key: String,
        /// Signature by the new key over [`super::gateway_proof_message`], 64 bytes.
        proof: Binary,
    },
    /// Admits a pending or suspended gateway; the admin.
    AdmitGateway {
        /// Its account.
        address: String,
    },
    /// Suspends an admitted gateway; the admin.
    SuspendGateway {
        /// Its account.
        address: String,
    },
}

/// What can be asked of the ecash contract. Lists ascend by their key; `start_next_after` is null on the last page.
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// The default price.
    #[returns(Coin)]
    GetDefaultDepositAmount {},
    /// The default price, by its old name.
    #[returns(Coin)]
    GetRequiredDepositAmount {},
    /// An account's reduced price; null if it has none.
    #[returns(Option<Coin>)]
    GetReducedDepositAmount {
        /// The account.
        address: String,
    },
    /// Every reduced price, at most 100.
    #[returns(WhitelistedAccountsResponse)]
    GetAllWhitelistedAccounts {},
    /// A deposit's key.
    #[returns(DepositResponse)]
    GetDeposit {
        /// Number.
        deposit_id: DepositId,
    },
    /// The latest deposit's key.
    #[returns(LatestDepositResponse)]
    GetLatestDeposit {},
    /// Keys of deposits.
    #[returns(PagedDepositsResponse)]
    GetDepositsPaged {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last number of the page before.
        start_after: Option<DepositId>,
    },
    /// Counts and sums; names every account that ever paid a reduced price.
    #[returns(DepositsStatistics)]
    GetDepositsStatistics {},
    /// A key's blacklist entry; null if it is not listed.
    #[returns(BlacklistedAccountResponse)]
    GetBlacklistedAccount {
        /// Base58 of the key.
        public_key: String,
    },
    /// The blacklist.
    #[returns(PagedBlacklistedAccountResponse)]
    GetBlacklistPaged {
        /// How many; 50 when absent, at most 75.
        limit: Option<u32>,
        /// The last key of the page before.
        start_after: Option<String>,
    },
    /// Payer, amount, time and state of a deposit.
    #[returns(DepositInfoResponse)]
    GetDepositInfo {
        /// Number.
        deposit_id: DepositId,
    },
    /// Deposits with everything known of them.
    #[returns(PagedDepositInfosResponse)]
    GetDepositInfosPaged {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last number of the page before.
        start_after: Option<DepositId>,
    },
    /// Deposits by day.
    #[returns(PagedDayDepositsResponse)]
    GetDayDepositsPaged {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last day of the page before.
        start_after: Option<Date>,
    },
    /// Lowest prices, oldest first.
    #[returns(PriceHistoryResponse)]
    GetPriceHistory {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last index of the page before.
        start_after: Option<u32>,
    },
    /// Value of a ticket spent on a day.
    #[returns(TicketValueResponse)]
    GetTicketValue {
        /// The day, not after today.
        date: Date,
    },
    /// The ledger.
    #[returns(LedgerResponse)]
    GetLedger {},
    /// Accounts that ever paid a reduced price.
    #[returns(PagedCustomDepositsResponse)]
    GetCustomDepositsPaged {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last account of the page before.
        start_after: Option<String>,
    },
    /// A gateway by its account.
    #[returns(GatewayResponse)]
    GetGateway {
        /// The account.
        address: String,
    },
    /// A gateway by its present or a former key.
    #[returns(GatewayResponse)]
    GetGatewayByIdentity {
        /// Base58 of the key.
        identity_key: String,
    },
    /// Gateways that are or were admitted.
    #[returns(PagedGatewaysResponse)]
    GetGatewaysPaged {
        /// How many; 50 when absent, at most 100.
        limit: Option<u32>,
        /// The last account of the page before.
        start_after: Option<String>,
    },
    /// A member's open proposals, at most 64.
    #[returns(OpenProposalsResponse)]
    GetOpenProposals {
        /// The member.
        proposer: String,
    },
    /// Who may do what.
    #[returns(MoneyConfigResponse)]
    GetMoneyConfig {},
    /// The log of changes.
    #[returns(PagedChangesResponse)]
    GetChangesPaged {
        /// How many; 100 when absent, at most 500.
        limit: Option<u32>,
        /// The last index of the page before.
        start_after: Option<u64>,
    },
}
