//! The JSON schemas of all messages and responses are checked in: a change of the wire shows in review.
//! `UPDATE_SCHEMAS=1 cargo test -p ecash-contract-messages` writes them anew.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{env, fs, path::PathBuf};

use cosmwasm_schema::{Api, generate_api};
use ecash_contract_messages::{dkg, ecash, group, multisig};

fn compare(name: &str, api: Api) {
    let text = api.render().to_string().unwrap() + "\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../schema")
        .join(format!("{name}.json"));
    if env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let checked_in = fs::read_to_string(&path).unwrap();
    assert!(
        checked_in == text,
        "{} is not what the types say; if the change is meant, run with UPDATE_SCHEMAS=1",
        path.display()
    );
}

#[test]
fn the_ecash_schema_is_the_one_checked_in() {
    compare(
        "ecash",
        generate_api! {
            name: "ecash",
            version: "0.1.0",
            instantiate: ecash::InstantiateMsg,
            execute: ecash::ExecuteMsg,
            query: ecash::QueryMsg,
            migrate: ecash::MigrateMsg,
        },
    );
}

#[test]
fn the_dkg_schema_is_the_one_checked_in() {
    compare(
        "dkg",
        generate_api! {
            name: "dkg",
            version: "0.1.0",
            instantiate: dkg::InstantiateMsg,
            execute: dkg::ExecuteMsg,
            query: dkg::QueryMsg,
            migrate: dkg::MigrateMsg,
        },
    );
}

#[test]
fn the_group_schema_is_the_one_checked_in() {
    compare(
        "group",
        generate_api! {
            name: "group",
            version: "2.0.0",
            instantiate: group::InstantiateMsg,
            execute: group::ExecuteMsg,
            query: group::QueryMsg,
            migrate: group::MigrateMsg,
        },
    );
}

#[test]
fn the_multisig_schema_is_the_one_checked_in() {
    compare(
        "multisig",
        generate_api! {
            name: "multisig",
            version: "2.0.0",
            instantiate: multisig::InstantiateMsg,
            execute: multisig::ExecuteMsg,
            query: multisig::QueryMsg,
            migrate: multisig::MigrateMsg,
        },
    );
}
