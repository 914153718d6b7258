//! Ticketbooks as files and in the published clients' database, without a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs
)]

mod exporting;
mod importing;
mod public_data;
mod published;
mod schema;
mod support;
mod verifying;
