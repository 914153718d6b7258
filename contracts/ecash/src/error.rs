use cosmwasm_std::StdError;
use thiserror::Error;

/// Why the contract refused.
#[derive(Debug, Error, PartialEq)]
pub enum ContractError {
    /// The chain or its storage.
    #[error(transparent)]
    Std(#[from] StdError),
}
