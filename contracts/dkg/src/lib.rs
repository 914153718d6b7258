//! The DKG contract: bulletin board and clock of the key ceremonies (`spec/contracts.md` section 5, `spec/dkg.md` 12).
//!
//! It knows no mathematics: keys and shares are bounded text, their validity is what the group votes. It keeps
//! - who registered for which epoch, under a node index that an address keeps for ever (`state`);
//! - the phase, and what each phase needs before the next one begins; a ceremony that cannot reach its threshold is
//!   aborted and the epoch in service comes back (`clock`);
//! - key shares, and for each the one proposal that may mark it as verified, bound to epoch and text (`shares`).
//!
//! This version has no dealings: the exchange ends by its deadline, and shares are accepted from submission on.

#![forbid(unsafe_code)]

mod advance;
mod clock;
pub mod contract;
mod dealers;
mod error;
mod group;
mod query;
mod shares;
mod state;
mod timing;

pub use error::ContractError;
