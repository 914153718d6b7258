//! The ecash contract: deposits, prices, the registry of gateways (`spec/contracts.md` section 6).
//!
//! One deposit buys the right to one book of fifty tickets. The contract knows of each who paid how much and when; who
//! holds the book it cannot know. Money is counted by `ledger` alone, prices are remembered by `prices`, and what a
//! mirror must re-read is written to the log of `changes`.
//!
//! This version takes money in; nothing takes any out yet. Redemption in the reference's form is refused for ever.

#![forbid(unsafe_code)]

mod changes;
pub mod contract;
mod deposits;
mod error;
mod gateways;
mod identity;
mod ledger;
mod migration;
mod prices;
mod query;
mod state;
mod value;

pub use error::ContractError;
