//! The multisig: the group votes on what the ecash and the DKG contract propose (`spec/contracts.md` sections 4, 8).
//!
//! Votes, execution, closing and all queries but one are those of `cw3-flex-multisig` 2.0.0 over the same storage. Of
//! its own it has:
//! - only the two contracts propose, and a new proposal has no votes ([`contract::execute`]);
//! - the total weight of a proposal comes from the snapshot that the voters' weights come from, so that a change of
//!   the group in the block of the proposal counts for both or for neither (no. 22);
//! - a threshold out of reach is refused when something is proposed, so that no count ever underflows (no. 21);
//! - a passed proposal can be executed for a day after its voting ended, not for ever (no. 20).

#![forbid(unsafe_code)]

pub mod contract;
mod error;
mod propose;
mod state;

pub use error::ContractError;
