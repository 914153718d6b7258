//! The embedded chain from outside: transactions in, blocks and answers out, over restarts and crashes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub
)]

mod admission;
mod execution;
mod faults;
mod limits;
mod network;
mod persistence;
mod probe;
mod rpc;
mod world;
