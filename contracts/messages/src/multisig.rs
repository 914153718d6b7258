//! Messages of the multisig (`spec/contracts.md` section 4): the group votes on what the ecash and the DKG contract
//! propose.

use cosmwasm_schema::{QueryResponses, cw_serde};
use cosmwasm_std::{Addr, CosmosMsg, Empty};
use cw_utils::{Duration, Expiration, Threshold};
use cw3::{DepositInfo, UncheckedDepositInfo, Vote};
use cw4::{Cw4Contract, MemberChangedHookMsg};

/// How long a proposal can be voted on: the only `max_voting_period` accepted, in seconds (no. 20).
pub const MAX_VOTING_PERIOD_SECS: u64 = 86_400;
/// How long after its `expires` a passed proposal can still be executed, in seconds (no. 20).
pub const EXECUTION_WINDOW_SECS: u64 = 86_400;
/// Longest page of every list.
pub const MAX_ITEMS_PER_PAGE: u32 = 30;
/// Attribute of the `wasm` event that names a new proposal.
pub const PROPOSAL_ID_ATTRIBUTE: &str = "proposal_id";

/// Who may execute a passed proposal.
#[cw_serde]
pub enum Executor {
    /// Any member of the group, also of weight 0.
    Member,
    /// This address only.
    Only(Addr),
}

/// Makes a multisig over a group. The two proposers may be placeholders until [`MigrateMsg`] names them.
#[cw_serde]
pub struct InstantiateMsg {
    /// The group whose members vote.
    pub group_addr: String,
    /// The ecash contract, by its historical name.
    pub coconut_bandwidth_contract_address: String,
    /// The DKG contract.
    pub coconut_dkg_contract_address: String,
    /// What passes a proposal; `absolute_percentage` "0.67" in this system.
    pub threshold: Threshold,
    /// Longest life of a proposal; exactly [`MAX_VOTING_PERIOD_SECS`].
    pub max_voting_period: Duration,
    /// Who may execute; null for everyone.
    pub executor: Option<Executor>,
    /// Price of a proposal; null in this system, because no proposer attaches funds.
    pub proposal_deposit: Option<UncheckedDepositInfo>,
}

/// Names the two proposers anew (the field names differ from those of [`InstantiateMsg`]).
#[cw_serde]
pub struct MigrateMsg {
    /// The ecash contract.
    pub coconut_bandwidth_address: String,
    /// The DKG contract.
    pub coconut_dkg_address: String,
}

/// What changes the multisig.
#[cw_serde]
pub enum ExecuteMsg {
    /// Opens a proposal with no votes; only for the two contracts.
    Propose {
        /// Title.
        title: String,
        /// Description.
        description: String,
        /// What is done when it passes and is executed.
        msgs: Vec<CosmosMsg<Empty>>,
        /// End of voting; now + the voting period at the latest, and when absent.
        latest: Option<Expiration>,
    },
    /// Casts the sender's one vote.
    Vote {
        /// The proposal.
        proposal_id: u64,
        /// The vote.
        vote: Vote,
    },
    /// Does what a passed proposal says, until [`EXECUTION_WINDOW_SECS`] after it expired.
    Execute {
        /// The proposal.
        proposal_id: u64,
    },
    /// Marks an expired proposal that has not passed as rejected.
    Close {
        /// The proposal.
        proposal_id: u64,
    },
    /// What the group sends to its hooks; no effect.
    MemberChangedHook(MemberChangedHookMsg),
}

/// What can be asked of the multisig. Lists: 10 to a page unless said otherwise, at most [`MAX_ITEMS_PER_PAGE`].
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// The threshold with the present total weight.
    #[returns(cw_utils::ThresholdResponse)]
    Threshold {},
    /// One proposal, its status as of now; an unknown id is an error.
    #[returns(cw3::ProposalResponse)]
    Proposal {
        /// The proposal.
        proposal_id: u64,
    },
    /// Proposals, oldest first.
    #[returns(cw3::ProposalListResponse)]
    ListProposals {
        /// The last id of the page before.
        start_after: Option<u64>,
        /// How many.
        limit: Option<u32>,
    },
    /// Proposals, newest first.
    #[returns(cw3::ProposalListResponse)]
    ReverseProposals {
        /// The last id of the page before.
        start_before: Option<u64>,
        /// How many.
        limit: Option<u32>,
    },
    /// The vote of one voter; null if none was cast.
    #[returns(cw3::VoteResponse)]
    Vote {
        /// The proposal.
        proposal_id: u64,
        /// The voter.
        voter: String,
    },
    /// The votes of a proposal by voter, the proposer's ballot of weight 0 included.
    #[returns(cw3::VoteListResponse)]
    ListVotes {
        /// The proposal.
        proposal_id: u64,
        /// The last voter of the page before.
        start_after: Option<String>,
        /// How many.
        limit: Option<u32>,
    },
    /// The present weight of an address; null for a stranger.
    #[returns(cw3::VoterResponse)]
    Voter {
        /// The address.
        address: String,
    },
    /// The group's members.
    #[returns(cw3::VoterListResponse)]
    ListVoters {
        /// The last address of the page before.
        start_after: Option<String>,
        /// How many.
        limit: Option<u32>,
    },
    /// The configuration.
    #[returns(Config)]
    Config {},
}

/// The configuration, as stored under `config` and as answered.
#[cw_serde]
pub struct Config {
    /// What passes a proposal.
    pub threshold: Threshold,
    /// Longest life of a proposal.
    pub max_voting_period: Duration,
    /// The group whose members vote.
    pub group_addr: Cw4Contract,
    /// The ecash contract, by its historical name.
    pub coconut_bandwidth_addr: Addr,
    /// The DKG contract.
    pub coconut_dkg_addr: Addr,
    /// Who may execute; null for everyone.
    pub executor: Option<Executor>,
    /// Price of a proposal, if any.
    pub proposal_deposit: Option<DepositInfo>,
}
