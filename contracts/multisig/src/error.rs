use cosmwasm_std::{Addr, StdError, Timestamp};
use cw_utils::{Duration, PaymentError, ThresholdError};
use ecash_contract_messages::multisig::{EXECUTION_WINDOW_SECS, MAX_VOTING_PERIOD_SECS};
use thiserror::Error;

/// Why the multisig refused.
#[derive(Debug, Error, PartialEq)]
pub enum ContractError {
    /// What `cw3-flex-multisig` says of votes, execution and closing.
    #[error(transparent)]
    Multisig(#[from] cw3_flex_multisig::ContractError),

    /// The chain or its storage: an address that is none, or a migration from another contract or a newer version.
    #[error(transparent)]
    Std(#[from] StdError),

    /// The threshold is malformed, or no number of votes of this group reaches it.
    #[error("the threshold cannot be used with a total weight of {total_weight}: {source}")]
    Threshold {
        /// Total weight of the group.
        total_weight: u64,
        /// What is wrong.
        source: ThresholdError,
    },

    /// The group's address is none, or nothing there answers like a group.
    #[error("'{addr}' is not a group contract: {reason}")]
    InvalidGroup {
        /// The address.
        addr: String,
        /// What the chain says.
        reason: String,
    },

    /// Only the ecash and the DKG contract propose.
    #[error("{sender} may not propose; only the ecash and the DKG contract may")]
    Unauthorized {
        /// Who tried.
        sender: Addr,
    },

    /// The end of voting is a height, where a time is needed.
    #[error("the end of voting must be a time, not a block height")]
    WrongExpiration,

    /// The voting period is not the one of this system.
    #[error("max_voting_period must be {MAX_VOTING_PERIOD_SECS} s, not {given}")]
    VotingPeriodFixed {
        /// What was given.
        given: Duration,
    },

    /// A deposit would make every proposal fail, because no proposer attaches funds.
    #[error("proposal_deposit must be null: the proposing contracts attach no funds")]
    ProposalDepositRefused,

    /// A passed proposal was not executed in time.
    #[error(
        "proposal {proposal_id} could be executed until {deadline} ({EXECUTION_WINDOW_SECS} s after its voting \
         ended); have it proposed again"
    )]
    Expired {
        /// The proposal.
        proposal_id: u64,
        /// When its execution window ended.
        deadline: Timestamp,
    },

    /// Funds were attached.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}
