//! The bytes of every wire form, frozen: one seeded run gives what is checked in, under every backend and on every
//! machine. A change that shows here is a change of the protocol.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use std::collections::BTreeMap;

use common::objects::objects;
use sha2::{Digest, Sha256};

/// Up to this length the bytes themselves are kept, beyond it their number and SHA-256.
const LONGEST_IN_FULL: usize = 1200;

fn snapshot(bytes: &[u8]) -> String {
    if bytes.len() > LONGEST_IN_FULL {
        return format!(
            "{} bytes, SHA-256 {}",
            bytes.len(),
            hex::encode(Sha256::digest(bytes))
        );
    }
    match core::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() && text.chars().all(|char| !char.is_control()) => text.into(),
        _ => hex::encode(bytes),
    }
}

/// After a deliberate change: `UPDATE_SNAPSHOTS=1 cargo test -p ecash-scheme --test snapshots`.
#[test]
fn every_wire_form_has_its_frozen_bytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/wire.json");
    let objects = objects();
    let now: BTreeMap<&str, String> = objects
        .iter()
        .map(|object| (object.name, snapshot(&object.bytes)))
        .collect();
    assert_eq!(now.len(), objects.len(), "names differ");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let text = serde_json::to_string_pretty(&now).unwrap() + "\n";
        std::fs::write(path, text).unwrap();
    }
    let frozen = std::fs::read_to_string(path).unwrap();
    let frozen: BTreeMap<&str, String> = serde_json::from_str(&frozen).unwrap();
    for (name, snapshot) in &now {
        assert_eq!(frozen.get(name), Some(snapshot), "{name}");
    }
    assert_eq!(frozen.len(), now.len(), "a form has disappeared");
}
