//! What the ecash contract stores and answers: deposits, money, gateways, changes.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Timestamp, Uint128};

use super::role::Role;

/// Number of a deposit: from 0, without gaps, never reused.
pub type DepositId = u32;
/// Days since 1970-01-01 UTC.
pub type Date = u32;

/// A deposit as the reference shows it.
#[cw_serde]
pub struct Deposit {
    /// Base58 of the 32-byte ed25519 key that may ask for a book.
    pub bs58_encoded_ed25519_pubkey: String,
}

/// A deposit with its number.
#[cw_serde]
pub struct DepositData {
    /// Number.
    pub id: DepositId,
    /// The deposit.
    pub deposit: Deposit,
}

/// What a deposit may be used for.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum DepositState {
    /// One book, if none was asked for yet.
    Open,
    /// Nothing until it is refunded.
    Withheld,
    /// Nothing: the money went back.
    Refunded,
}

/// What the contract knows of a deposit beside its key (`spec/contracts.md` 6.6.2).
#[cw_serde]
pub struct DepositInfo {
    /// Who paid.
    pub payer: Addr,
    /// How much, in the contract's denom.
    pub amount: Uint128,
    /// Height of the block.
    pub height: u64,
    /// Time of the block.
    pub time: Timestamp,
    /// State.
    pub state: DepositState,
    /// When the state changed last; null if it never did.
    pub changed_at: Option<Timestamp>,
}

/// A deposit with everything known of it.
#[cw_serde]
pub struct DepositRecord {
    /// Number.
    pub id: DepositId,
    /// The deposit.
    pub deposit: Deposit,
    /// The rest.
    pub info: DepositInfo,
}

/// Deposits of one UTC day.
#[cw_serde]
pub struct DayDeposits {
    /// The day.
    pub date: Date,
    /// How many.
    pub count: u32,
    /// How much.
    pub amount: Uint128,
}

/// The lowest price from a moment on.
#[cw_serde]
pub struct PriceEntry {
    /// Number in the history, from 0.
    pub index: u32,
    /// From when.
    pub time: Timestamp,
    /// Minimum of the default and all reduced prices.
    pub lowest: Uint128,
}

/// A gateway, before and after its admission.
#[cw_serde]
pub struct Gateway {
    /// Its account, which is paid.
    pub address: Addr,
    /// Base58 of its ed25519 key.
    pub identity_key: String,
    /// Where it answers.
    pub announce_address: String,
    /// The ticket types that it takes, as it named them.
    pub roles: Vec<Role>,
    /// State.
    pub state: GatewayState,
    /// Height at which it came into the state.
    pub state_height: u64,
    /// Time at which it came into the state.
    pub state_time: Timestamp,
    /// When it registered first.
    pub registered_at: Timestamp,
    /// The key before the last rotation.
    pub previous_identity: Option<PreviousIdentity>,
}

/// Whether a gateway takes part.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum GatewayState {
    /// Registered, never admitted.
    Pending,
    /// Takes part.
    Admitted,
    /// No longer.
    Suspended,
}

/// A gateway's key before its last rotation.
#[cw_serde]
pub struct PreviousIdentity {
    /// Base58 of the key.
    pub identity_key: String,
    /// Until when tickets made out to it are accepted.
    pub accepts_until: Timestamp,
    /// Until when batches signed with it are taken.
    pub batches_until: Timestamp,
}

/// What a log entry is about.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum ChangeKind {
    /// State of a deposit; the key is its number in decimal.
    Deposit,
    /// The blacklist; the key is the public key.
    Blacklist,
    /// A gateway from its first admission on; the key is its address.
    Gateway,
}

/// An entry of the append-only log of changes.
#[cw_serde]
pub struct Change {
    /// Number in the log, from 0.
    pub index: u64,
    /// Height of the block.
    pub height: u64,
    /// Time of the block.
    pub time: Timestamp,
    /// What changed.
    pub kind: ChangeKind,
    /// Which of them.
    pub key: String,
}

/// Blacklist entry.
#[cw_serde]
pub struct BlacklistInfo {
    /// The reference's field; always 0.
    pub proposal_id: u64,
    /// Height at which the key was listed.
    pub finalized_at_height: Option<u64>,
}

/// Blacklist entry with its key.
#[cw_serde]
pub struct BlacklistEntry {
    /// Base58 of the public key.
    pub public_key: String,
    /// The entry.
    pub info: BlacklistInfo,
}

/// An open proposal of a group member.
#[cw_serde]
pub struct OpenProposal {
    /// What it is about.
    pub slot: String,
    /// The multisig that votes on it.
    pub multisig: Addr,
    /// Its id there.
    pub proposal_id: u64,
}
