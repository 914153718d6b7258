//! The wallet against a real embedded chain with the real ecash contract, and signers and gateways of the test's making.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod cheating;
mod crashes;
mod database;
mod deposits;
mod file_order;
mod handover;
mod hostile;
mod inspecting;
mod issuing;
mod published;
mod records;
mod restock;
#[path = "../files/schema.rs"]
mod schema;
mod spending;
mod support;
mod waiting;
