//! The Quorum member: checks deposits, issues ticketbooks, verifies tickets (`quorum-api.md`).
//!
//! | module | concept |
//! |---|---|
//! | [`config`] | TOML, environment, flags |
//! | [`keys`] | signing keys at rest and at work |
//! | [`store`] | all SQL |
//! | [`epochs`] | what is known of the epochs of distributed keys |
//! | [`mirror`] | deposits, gateways and blacklist of the ecash contract |
//! | [`dkg`] | registering, key shares, votes, phases |
//! | [`issuance`] | blind-sign |
//! | [`deposits`] | what a deposit's owner can ask: status, refund |
//! | [`globals`] | master key, date and coin-index signatures |
//! | [`tickets`] | verify-ecash-ticket |
//! | [`status`] | what a member says of itself and of the chain |
//! | [`signers`] | what it finds when it probes the signers |
//! | [`output`] | answers as JSON, YAML or bincode |
//! | [`http`] | what the routes share, the router |
//! | [`member`] | a member put together |
//!
//! Concepts are laid out as handler (`http.rs`) → domain (pure: what is known, a request, a time → what to do) → store.
//! [`run()`] is the whole program; [`http::router`] over [`member::Member`] is its HTTP side alone.

#![forbid(unsafe_code)]

pub mod cli;
pub mod config;
pub mod deposits;
pub mod dkg;
pub mod epochs;
mod error;
pub mod globals;
pub mod http;
pub mod issuance;
pub mod keys;
pub mod member;
pub mod mirror;
mod openapi;
pub mod output;
pub mod refusal;
pub mod run;
pub mod signers;
pub mod status;
pub mod store;
pub mod tickets;
mod today;
pub mod workers;

pub use config::Config;
pub use error::{Error, Result};
pub use run::{Initialised, Runtime, init, run};
