use cosmwasm_std::StdError;
use thiserror::Error;

/// Why the group contract refused.
#[derive(Debug, Error, PartialEq)]
pub enum ContractError {
    /// What `cw4-group` says: not the admin, a member named twice, a hook known or unknown, an overflow of the weights.
    #[error(transparent)]
    Group(#[from] cw4_group::ContractError),

    /// The chain or its storage: an address that is none, or a migration from another contract or a newer version.
    #[error(transparent)]
    Std(#[from] StdError),
}
