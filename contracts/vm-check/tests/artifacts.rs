//! What the chain asks of a contract before it stores it, and a walk through the ecash contract inside the virtual
//! machine.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, path::PathBuf};

use cosmwasm_vm::{
    Instance, WasmLimits, call_execute_raw, call_instantiate_raw, call_query_raw,
    capabilities_from_csv,
    internals::{Logger, check_wasm, compile_module},
    testing::{MockApi, MockQuerier, MockStorage, mock_instance},
};

const CONTRACTS: [&str; 4] = ["ecash", "dkg", "group", "multisig"];
const MAX_BYTES: usize = 400_000;
/// What a chain of wasmd 0.61 and later offers.
const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4,cosmwasm_2_0,cosmwasm_2_1,cosmwasm_2_2";

fn artifact(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../artifacts/{name}.wasm"));
    fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; contracts/build.sh makes it", path.display()))
}

#[test]
fn each_contract_passes_the_checks_of_the_chain_and_compiles() {
    let capabilities = capabilities_from_csv(CAPABILITIES);
    for name in CONTRACTS {
        let wasm = artifact(name);
        assert!(
            wasm.len() < MAX_BYTES,
            "{name}: {} bytes, {MAX_BYTES} is the limit",
            wasm.len()
        );
        check_wasm(&wasm, &capabilities, &WasmLimits::default(), Logger::Off)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        compile_module(&wasm, None).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn no_contract_carries_a_path_of_the_machine_that_built_it() {
    for name in CONTRACTS {
        let wasm = artifact(name);
        let text = String::from_utf8_lossy(&wasm);
        let home = std::env::var("HOME").unwrap() + "/";
        for path in [home.as_str(), "/home/", "/tmp/", "/.cargo/"] {
            assert!(!text.contains(path), "{name} contains {path}");
        }
    }
}

type Contract = Instance<MockApi, MockStorage, MockQuerier>;

const ENV: &str = r#"{"block":{"height":100,"time":"1795478400000000000","chain_id":"test-chain"},
    "transaction":null,"contract":{"address":"n1ecash"}}"#;

fn info(sender: &str, funds: &str) -> String {
    format!(r#"{{"sender":"{sender}","funds":{funds}}}"#)
}

fn execute(contract: &mut Contract, info: &str, msg: &str) -> String {
    let outcome = call_execute_raw(contract, ENV.as_bytes(), info.as_bytes(), msg.as_bytes());
    String::from_utf8(outcome.unwrap()).unwrap()
}

fn query(contract: &mut Contract, msg: &str) -> String {
    let outcome = call_query_raw(contract, ENV.as_bytes(), msg.as_bytes());
    String::from_utf8(outcome.unwrap()).unwrap()
}

fn ecash() -> Contract {
    let mut contract = mock_instance(&artifact("ecash"), &[]);
    let address = |name| MockApi::default().addr_make(name);
    let msg = format!(
        r#"{{"holding_account":"{}","multisig_addr":"{}","group_addr":"{}",
            "deposit_amount":{{"denom":"unym","amount":"75000000"}}}}"#,
        address("holding"),
        address("multisig"),
        address("group"),
    );
    let sender = info(&address("admin"), "[]");
    let outcome = call_instantiate_raw(
        &mut contract,
        ENV.as_bytes(),
        sender.as_bytes(),
        msg.as_bytes(),
    );
    let answer = String::from_utf8(outcome.unwrap()).unwrap();
    assert!(answer.starts_with(r#"{"ok":"#), "{answer}");
    contract
}

const KEY: &str = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
const PROOF: &str =
    "trPG3G4Ugfng0tyUY81U0tqVp8bdqIKFu3F9PBoR/oufJods45DtHtJJkn8xNVkmT/QQsE9CqBBkUNigADUrBA==";

#[test]
fn a_deposit_is_taken_inside_the_virtual_machine() {
    let mut contract = ecash();
    let paid = info("payer", r#"[{"denom":"unym","amount":"75000000"}]"#);
    let msg = format!(r#"{{"deposit_ticket_book_funds":{{"identity_key":"{KEY}"}}}}"#);
    let before = contract.get_gas_left();
    let answer = execute(&mut contract, &paid, &msg);
    assert!(answer.contains(r#""data":"AAAAAA==""#), "{answer}");
    println!(
        "a deposit: {} gas of the virtual machine",
        before - contract.get_gas_left()
    );
    let latest = query(&mut contract, r#"{"get_ledger":{}}"#);
    assert!(latest.contains(r#""ok":"#), "{latest}");
}

#[test]
fn a_malformed_key_is_an_error_and_no_trap() {
    let mut contract = ecash();
    let paid = info("payer", r#"[{"denom":"unym","amount":"75000000"}]"#);
    for key in [
        "",
        "1",
        &"1".repeat(32),
        &"z".repeat(44),
        &"1".repeat(60_000),
    ] {
        let msg = format!(r#"{{"deposit_ticket_book_funds":{{"identity_key":"{key}"}}}}"#);
        let answer = execute(&mut contract, &paid, &msg);
        assert!(
            answer.contains("malformed ed25519 identity key"),
            "{answer}"
        );
    }
}

#[test]
fn the_chains_own_signature_check_accepts_the_known_proof_of_a_gateway_and_no_copy() {
    let mut contract = ecash();
    let msg = format!(
        r#"{{"register_gateway":{{"identity_key":"{KEY}","announce_address":"https://gateway.example",
            "roles":["v1-mixnet-entry"],"proof":"{PROOF}"}}}}"#
    );
    let answer = execute(&mut contract, &info("n1gw2", "[]"), &msg);
    assert!(answer.contains("not a signature"), "{answer}");
    let answer = execute(&mut contract, &info("n1gw1", "[]"), &msg);
    assert!(answer.contains("gateway-registered"), "{answer}");
}
