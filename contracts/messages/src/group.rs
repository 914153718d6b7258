//! Messages of the group contract: who the signers are, and their weights (`spec/contracts.md` section 3).

use cosmwasm_schema::{QueryResponses, cw_serde};
use cw4::Member;

/// Longest page of `list_members`.
pub const MAX_MEMBERS_PER_PAGE: u32 = 30;

/// Makes a group. Without an admin its members never change.
#[cw_serde]
pub struct InstantiateMsg {
    /// Who may change the members.
    pub admin: Option<String>,
    /// The first members; an address may occur once.
    pub members: Vec<Member>,
}

/// What changes a group. All of it is the admin's.
#[cw_serde]
pub enum ExecuteMsg {
    /// Hands the group over, or makes it immutable.
    UpdateAdmin {
        /// The new admin; null for none, for ever.
        admin: Option<String>,
    },
    /// Adds members (or overwrites their weight) first, removes afterwards.
    UpdateMembers {
        /// Addresses to remove; unknown ones are passed over.
        remove: Vec<String>,
        /// Members to add; an address may occur once.
        add: Vec<Member>,
    },
    /// Has a contract told of every change by `member_changed_hook`.
    AddHook {
        /// The contract.
        addr: String,
    },
    /// Ends that.
    RemoveHook {
        /// The contract.
        addr: String,
    },
}

/// What can be asked of a group.
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Who may change the members.
    #[returns(AdminResponse)]
    Admin {},
    /// The sum of all weights.
    #[returns(cw4::TotalWeightResponse)]
    TotalWeight {
        /// At the start of this block; now when absent.
        at_height: Option<u64>,
    },
    /// Members ascending by address, 10 to a page unless said otherwise, at most [`MAX_MEMBERS_PER_PAGE`].
    #[returns(cw4::MemberListResponse)]
    ListMembers {
        /// The last address of the page before.
        start_after: Option<String>,
        /// How many.
        limit: Option<u32>,
    },
    /// The weight of one address; null for a stranger.
    #[returns(cw4::MemberResponse)]
    Member {
        /// The address.
        addr: String,
        /// At the start of this block; now when absent.
        at_height: Option<u64>,
    },
    /// The contracts that are told of changes.
    #[returns(HooksResponse)]
    Hooks {},
}

/// Nothing to say: a migration takes the present state over.
#[cw_serde]
pub struct MigrateMsg {}

/// Answer to [`QueryMsg::Admin`].
#[cw_serde]
pub struct AdminResponse {
    /// The admin; null for an immutable group.
    pub admin: Option<String>,
}

/// Answer to [`QueryMsg::Hooks`].
#[cw_serde]
pub struct HooksResponse {
    /// Addresses of the contracts.
    pub hooks: Vec<String>,
}
