//! The verifier: takes tickets, grants bandwidth, hands what it took to the Quorum.
//!
//! | part | module |
//! |---|---|
//! | acceptance of tickets, without HTTP | [`accept`], [`spend_store`] |
//! | clients and their bandwidth, without HTTP | [`accounts`], [`meter`] |
//! | what the chain says: epochs and keys, registry | [`epochs`], [`registry`] |
//! | how far the own clock is off | [`skew`] |
//! | the database: all SQL | [`store`] |
//!
//! **Architecture invariant:** accepting a ticket does no network call. Nothing is written before a proof has verified;
//! nothing is granted before it is durable.

#![forbid(unsafe_code)]

pub mod accept;
pub mod accounts;
pub mod epochs;
mod error;
pub mod limits;
pub mod meter;
pub mod registry;
pub mod shared;
pub mod skew;
pub mod spend_store;
pub mod store;
pub mod time;

pub use error::Error;
