//! Storage keys are read by others and outlive the code: those of a full ceremony are checked in.
//! `UPDATE_STORAGE_KEYS=1 cargo test -p dkg-contract` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod common;

use std::{env, fs, path::PathBuf};

use common::*;

fn shown(key: &[u8]) -> String {
    key.iter()
        .map(|byte| match byte {
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect()
}

#[test]
fn the_storage_keys_of_a_ceremony_are_the_ones_checked_in() {
    let world = World::in_progress(2, 2);
    let keys: String = world
        .storage()
        .iter()
        .map(|(key, _)| shown(key) + "\n")
        .collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/storage_keys.txt");
    if env::var_os("UPDATE_STORAGE_KEYS").is_some() {
        fs::write(&path, &keys).unwrap();
    }
    assert_eq!(keys, fs::read_to_string(&path).unwrap());
}
