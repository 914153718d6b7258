use cosmwasm_std::{Addr, OverflowError, StdError, Timestamp, Uint128};
use cw_controllers::AdminError;
use cw_utils::PaymentError;
use ecash_contract_messages::ecash::{
    APPEAL_PERIOD_SECS, Date, GATEWAY_PROOF_BYTES, GatewayState, MAX_NAMED_ACCOUNTS,
    MAX_PRICE_CHANGES_PER_DAY, MAX_REDUCED_PRICES, TICKETS_PER_BOOK,
};
use thiserror::Error;

/// Why the ecash contract refused.
#[derive(Debug, Error, PartialEq)]
pub enum ContractError {
    /// The chain or its storage: an address that is none, or a migration from another contract or a newer version.
    #[error(transparent)]
    Std(#[from] StdError),

    /// The sender is not the admin.
    #[error(transparent)]
    Admin(#[from] AdminError),

    /// A counter is full.
    #[error(transparent)]
    Overflow(#[from] OverflowError),

    /// A deposit that is not exactly one coin of the right denom.
    #[error("a deposit is exactly one coin of {denom}: {source}")]
    InvalidDeposit {
        /// The contract's denom.
        denom: String,
        /// What is wrong.
        source: PaymentError,
    },

    /// A deposit of another amount than the sender's price.
    #[error("received {received}, the price is {amount}")]
    WrongAmount {
        /// What was sent.
        received: Uint128,
        /// The sender's price: the reduced one, if it has one.
        amount: Uint128,
    },

    /// Funds attached to a message that takes none.
    #[error("this message takes no funds: {0}")]
    NoFundsExpected(PaymentError),

    /// Not base58 of a canonically encoded ed25519 point of large order.
    #[error("malformed ed25519 identity key: {reason}")]
    MalformedEd25519Identity {
        /// What is wrong.
        reason: &'static str,
    },

    /// Redemption in the reference's form.
    #[error("redemption by proposal is not served; gateways are paid by settlement")]
    UseSettlement,

    /// The blacklist is not served.
    #[error("blacklisting is not implemented")]
    UnimplementedBlacklisting,

    /// The state was made for books of another size.
    #[error(
        "the contract was made for books of {stored} tickets, this code for {TICKETS_PER_BOOK}"
    )]
    TicketBookSizeChanged {
        /// The stored size.
        stored: u64,
    },

    /// A price below one base unit per ticket.
    #[error("a price is at least {TICKETS_PER_BOOK} base units, not {amount}")]
    DepositBelowTicketBookSize {
        /// The price.
        amount: Uint128,
    },

    /// A default price in another denom.
    #[error("the contract's denom is {expected} for ever, not {given}")]
    InvalidDepositDenom {
        /// The contract's denom.
        expected: String,
        /// What was given.
        given: String,
    },

    /// A reduced price in another denom.
    #[error("a reduced price is in {expected}, not {given}")]
    InvalidReducedDepositDenom {
        /// The contract's denom.
        expected: String,
        /// What was given.
        given: String,
    },

    /// A reduced price that is none.
    #[error("a reduced price must be below the default of {default}, not {amount}")]
    ReducedDepositNotReduced {
        /// The price.
        amount: Uint128,
        /// The default.
        default: Uint128,
    },

    /// A reduced price below half of the default.
    #[error("a reduced price must be at least half of the default of {default}, not {amount}")]
    ReducedDepositTooLow {
        /// The price.
        amount: Uint128,
        /// The default.
        default: Uint128,
    },

    /// A default price that reduced prices do not fit.
    #[error(
        "the default {amount} does not fit the reduced prices of {accounts:?} (at most {MAX_NAMED_ACCOUNTS} are named): \
         change or remove those first, in the same transaction if need be"
    )]
    ReducedPricesViolated {
        /// The wanted default.
        amount: Uint128,
        /// Accounts whose reduced price would be below half of it, or not below it.
        accounts: Vec<Addr>,
    },

    /// A default price below half of the present one.
    #[error(
        "one change lowers the default to half of the present {present} at most, not to {amount}"
    )]
    PriceCutTooDeep {
        /// The wanted default.
        amount: Uint128,
        /// The present one.
        present: Uint128,
    },

    /// One account with a reduced price more than there can be.
    #[error("{MAX_REDUCED_PRICES} accounts have a reduced price, the most there can be")]
    TooManyReducedPrices,

    /// One change of the lowest price more than a day can have.
    #[error(
        "the lowest price has changed {MAX_PRICE_CHANGES_PER_DAY} times today; change it tomorrow (UTC)"
    )]
    TooManyPriceChanges,

    /// The account has no reduced price.
    #[error("{address} has no reduced price")]
    NoReducedDepositPrice {
        /// The account.
        address: Addr,
    },

    /// A day without a ticket value.
    #[error("there is no ticket value for day {date}: it is after today or before the first price")]
    NoTicketValue {
        /// The day, in days since 1970-01-01.
        date: Date,
    },

    /// The proof does not show that the sender holds the key.
    #[error(
        "the proof is not a signature of {GATEWAY_PROOF_BYTES} bytes by the identity key over this chain, contract and \
         sender"
    )]
    BadGatewayProof,

    /// The key is, or was, another gateway's, or was this one's before.
    #[error("the identity key belongs to the gateway {owner} for ever; use a fresh one")]
    IdentityTaken {
        /// Whose it is.
        owner: Addr,
    },

    /// Registered with another key.
    #[error("{address} is registered with another key; rotate_gateway_identity changes it")]
    GatewayExists {
        /// The account.
        address: Addr,
    },

    /// Not a gateway.
    #[error("{address} is no gateway; register_gateway makes it one")]
    NoGateway {
        /// The account.
        address: Addr,
    },

    /// A suspended gateway.
    #[error("the gateway {address} is suspended; the admin may admit it again")]
    NotAdmitted {
        /// The account.
        address: Addr,
    },

    /// A second rotation too soon.
    #[error("the previous identity of {address} is in use until {until}; rotate again then")]
    RotationTooSoon {
        /// The account.
        address: Addr,
        /// Until when signers take batches of the previous identity.
        until: Timestamp,
    },

    /// The gateway cannot go from its state to the wanted one.
    #[error("the gateway {address} is {state:?}: nothing to change")]
    NoChange {
        /// The account.
        address: Addr,
        /// Its state.
        state: GatewayState,
    },

    /// Not one to four distinct ticket types.
    #[error("roles must be one to four distinct ticket types: {reason}")]
    BadRoles {
        /// What is wrong.
        reason: String,
    },

    /// A text of another length than allowed.
    #[error("{field} must be 1 … {max} bytes long, not {length}")]
    FieldTooLong {
        /// Which field.
        field: &'static str,
        /// Its length.
        length: usize,
        /// The most.
        max: usize,
    },

    /// A parameter out of its range.
    #[error(
        "appeal_period_secs must be {} … {}, not {given}",
        APPEAL_PERIOD_SECS.start(),
        APPEAL_PERIOD_SECS.end()
    )]
    ParameterOutOfRange {
        /// What was given.
        given: u64,
    },

    /// A migration from state that this contract never wrote.
    #[error(
        "the state has no ledger: it is another contract's, and this one is instantiated fresh"
    )]
    ForeignState,
}
