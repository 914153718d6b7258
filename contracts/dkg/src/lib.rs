//! The dkg contract.

#![forbid(unsafe_code)]

pub mod contract;
mod error;

pub use error::ContractError;
