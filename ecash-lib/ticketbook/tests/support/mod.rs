//! The vector file of the scheme, and what tests of this crate take from it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    dead_code
)]

use ecash_ticketbook::SpendingData;
use serde_json::Value;
use std::path::PathBuf;

pub fn vectors() -> Value {
    let path = std::env::var_os("ECASH_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scheme/tests/vectors/ecash-v2.json"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The spending data of `credential_spending_data`, item 0: one ticket.
pub fn ticket(vectors: &Value) -> SpendingData {
    SpendingData::from_bytes(&bytes(
        &vectors["credential_spending_data"]["items"][0]["bytes"],
    ))
    .unwrap()
}

/// Every proper prefix of `bytes`, and `bytes` with one more.
pub fn misfits(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let longer = [bytes, &[0]].concat();
    (0..bytes.len())
        .map(|end| bytes[..end].to_vec())
        .chain([longer])
}
