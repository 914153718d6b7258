//! The verifier: takes tickets, grants bandwidth, hands what it took to the Quorum.
//!
//! | part | module |
//! |---|---|
//! | acceptance of tickets, without HTTP | [`accept`], [`spend_store`] |
//! | clients and their bandwidth, without HTTP | [`accounts`], [`meter`] |
//! | what the chain says: epochs and keys, registry | [`epochs`], [`registry`] |
//! | how far the own clock is off | [`skew`] |
//! | deliveries to the Quorum | [`outbox`] |
//! | the database: all SQL | [`store`] |
//! | following the chain | [`chain`] |
//! | HTTP: two listeners | [`http`] |
//! | all of it, running | [`run()`] |
//!
//! **Architecture invariant:** accepting a ticket does no network call. Nothing is written before a proof has verified;
//! nothing is granted before it is durable.

#![forbid(unsafe_code)]

pub mod accept;
pub mod accounts;
pub mod chain;
pub mod config;
pub mod epochs;
mod error;
pub mod gateway;
mod home;
pub mod http;
pub mod limits;
pub mod meter;
pub mod outbox;
pub mod registry;
mod run;
pub mod shared;
pub mod skew;
pub mod spend_store;
pub mod store;
pub mod time;

pub use config::Config;
pub use error::Error;
pub use home::{IDENTITY_FILE, init};
pub use run::{Ready, Runtime, run};
