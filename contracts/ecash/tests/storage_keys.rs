//! Storage keys are read by others and outlive the code: those of a full scenario are checked in.
//! `UPDATE_STORAGE_KEYS=1 cargo test -p ecash-contract` writes them anew.

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
fn the_storage_keys_of_a_scenario_are_the_ones_checked_in() {
    let mut world = World::new();
    let alice = addr("alice");
    world.set_reduced(&alice, PRICE / 2).unwrap();
    world.deposit_amount(&alice, 1, PRICE / 2).unwrap();
    world.deposit(&addr("bob"), 2).unwrap();
    world.register(&addr("admitted gateway"), 3).unwrap();
    world.register(&addr("pending gateway"), 4).unwrap();
    world.rotate(&addr("pending gateway"), 5).unwrap();
    world.admit(&addr("admitted gateway")).unwrap();
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
