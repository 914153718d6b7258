use std::ops::RangeInclusive;

use cosmwasm_std::{Addr, StdError};
use cw_controllers::AdminError;
use cw_utils::PaymentError;
use ecash_contract_messages::dkg::{EpochId, EpochState, KEY_SHARE_BYTES, KEY_SIZE, MAX_DEALERS};
use thiserror::Error;

/// Why the DKG contract refused.
#[derive(Debug, Error, PartialEq)]
pub enum ContractError {
    /// The chain or its storage: an address that is none, or a migration from another contract or a newer version.
    #[error(transparent)]
    Std(#[from] StdError),

    /// The sender is not who the message is for.
    #[error(transparent)]
    Admin(#[from] AdminError),

    /// Funds were attached.
    #[error(transparent)]
    Payment(#[from] PaymentError),

    /// The group's address is none, or nothing there answers like a group.
    #[error("'{addr}' is not a group contract: {reason}")]
    InvalidGroup {
        /// The address.
        addr: String,
        /// What the chain says.
        reason: String,
    },

    /// Another number of key elements.
    #[error("key_size must be {KEY_SIZE}, not {given}")]
    KeySizeFixed {
        /// What was given.
        given: u32,
    },

    /// A duration out of its range.
    #[error("{what} must be {min} … {max} s, not {given}")]
    TimeConfigurationOutOfRange {
        /// Which duration.
        what: &'static str,
        /// What was given.
        given: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },

    /// `min_dealers` out of its range.
    #[error("min_dealers must be 1 … {MAX_DEALERS}, not {given}")]
    MinDealersOutOfRange {
        /// What was given.
        given: u32,
    },

    /// A text or byte string of another length than allowed.
    #[error("{field} must be {} … {} bytes long, not {length}", allowed.start(), allowed.end())]
    FieldTooLong {
        /// Which field.
        field: &'static str,
        /// Its length.
        length: usize,
        /// What is allowed.
        allowed: RangeInclusive<usize>,
    },

    /// The ceremony was started before.
    #[error("a ceremony has been started already (epoch {epoch_id})")]
    AlreadyInitialised {
        /// The current epoch.
        epoch_id: EpochId,
    },

    /// No ceremony was started yet, or it was aborted with nothing to go back to.
    #[error("no ceremony is running; the admin starts one with initiate_dkg")]
    WaitingInitialisation,

    /// The keys are in service; nothing follows by itself.
    #[error("epoch {epoch_id} is in progress and has no end")]
    EpochAlreadyInProgress {
        /// The current epoch.
        epoch_id: EpochId,
    },

    /// The message belongs to another phase, or to a ceremony of the other kind.
    #[error("the epoch is in {current:?}; {message} is for {expected}")]
    IncorrectEpochState {
        /// Present phase.
        current: EpochState,
        /// The message.
        message: &'static str,
        /// Where it is accepted.
        expected: String,
    },

    /// The phase is neither complete nor over.
    #[error("the phase is not complete and ends in {0} s")]
    EarlyEpochStateAdvancement(u64),

    /// Not a group member of weight ≥ 1.
    #[error("{sender} is no group member with a vote")]
    Unauthorized {
        /// Who tried.
        sender: Addr,
    },

    /// Registered for this epoch before.
    #[error("{dealer} is registered for epoch {epoch_id} already")]
    AlreadyADealer {
        /// The dealer.
        dealer: Addr,
        /// The epoch.
        epoch_id: EpochId,
    },

    /// One dealer more than an epoch can have.
    #[error("epoch {epoch_id} has {MAX_DEALERS} dealers, the most there can be")]
    TooManyDealers {
        /// The epoch.
        epoch_id: EpochId,
    },

    /// Not registered for this epoch.
    #[error("{dealer} is not registered for epoch {epoch_id}")]
    NotADealer {
        /// Who tried.
        dealer: Addr,
        /// The epoch.
        epoch_id: EpochId,
    },

    /// A key share that is not base58 of its one length.
    #[error("a key share is base58 of exactly {KEY_SHARE_BYTES} bytes: {reason}")]
    BadShareLength {
        /// What is wrong.
        reason: String,
    },

    /// A second share of one owner in one epoch.
    #[error("{owner} has published a key share for epoch {epoch_id} already")]
    AlreadyCommitted {
        /// The owner.
        owner: Addr,
        /// The epoch.
        epoch_id: EpochId,
    },

    /// No share to verify, or to change.
    #[error("{owner} has no key share in epoch {epoch_id}")]
    NoCommitForOwner {
        /// The owner.
        owner: Addr,
        /// The epoch.
        epoch_id: EpochId,
    },

    /// A verification that was voted on for something else.
    #[error("the vote was about {voted}, the contract has {present}: nothing is verified")]
    StaleVerification {
        /// What was voted on.
        voted: String,
        /// What there is.
        present: String,
    },

    /// The share counts already.
    #[error("the key share of {owner} in epoch {epoch_id} is verified already")]
    AlreadyVerified {
        /// The owner.
        owner: Addr,
        /// The epoch.
        epoch_id: EpochId,
    },

    /// No such ceremony.
    #[error("there is no ceremony {epoch_id}")]
    NoCeremony {
        /// The epoch.
        epoch_id: EpochId,
    },

    /// The multisig's answer to a proposal names no id.
    #[error("the multisig accepted the proposal but named no proposal id")]
    NoProposalId,

    /// An answer to a submessage that this contract never sent.
    #[error("reply {id} belongs to no message of this contract")]
    UnknownReply {
        /// Its id.
        id: u64,
    },
}
