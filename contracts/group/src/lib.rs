//! The group contract: the signers and their weights (`spec/contracts.md` section 3).
//!
//! Behaviour, messages and storage are those of `cw4-group` 2.0.0, to which everything is delegated; this crate adds
//! the entry point for migrations. DKG contract and multisig read the group's storage directly.

#![forbid(unsafe_code)]

pub mod contract;
mod error;

pub use error::ContractError;
