//! What the tests against the published clients share.
//!
//! | module | concept |
//! |---|---|
//! | [`network`] | a local network as a process, which no feature of the published crates reaches |
//! | [`proxy`] | what stands between the published holder and the signers, and makes one of them fail |
//! | [`cases`] | named cases over one network, one after the other |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "this crate is tests"
)]

pub mod cases;
pub mod network;
pub mod proxy;
