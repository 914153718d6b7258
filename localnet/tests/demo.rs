//! The demo as a person runs it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::process::Command;

use serde_json::Value;

const STEPS: [&str; 23] = [
    "register_gateways",
    "fund",
    "deposit",
    "obtain",
    "spend",
    "spend",
    "spend",
    "spend",
    "spend",
    "use_bandwidth",
    "resend_same_bytes",
    "replay_from_other_account",
    "same_index_new_pay_info",
    "other_gateways_ticket",
    "altered_proof",
    "truncated",
    "spend_date_changed",
    "wrong_role",
    "unknown_epoch",
    "second_request_for_one_deposit",
    "kill_signer",
    "obtain_with_one_signer_down",
    "signer_caught_up",
];

#[test]
fn every_step_of_the_demo_comes_out_as_expected() {
    let output = Command::new(env!("CARGO_BIN_EXE_localnet"))
        .args(["demo", "--json"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no document:\n{errors}"));
    let steps = document["steps"].as_array().unwrap();
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(names, STEPS);
    for step in steps {
        assert_eq!(step["ok"], true, "{step:#}");
        assert_eq!(step["outcome"], step["expected"]);
        assert!(step["ms"].is_u64() && step["bytes"].is_u64() && step["who"].is_string());
        match step["step"].as_str().unwrap() {
            "spend" => assert_eq!(step["bytes"], 1278),
            "fund" | "deposit" | "obtain" | "obtain_with_one_signer_down" => {
                assert!(step["bytes"].as_u64().unwrap() > 0, "{step:#}");
            }
            _ => {}
        }
    }
    assert_eq!(document["ok"], true);
    let network = &document["network"];
    assert!(
        network["chain_id"]
            .as_str()
            .unwrap()
            .starts_with("zknym-local-")
    );
    assert_eq!(
        (
            &network["signers"],
            &network["threshold"],
            &network["gateways"]
        ),
        (&5.into(), &4.into(), &2.into())
    );
    assert!(output.status.success(), "{errors}");
}
