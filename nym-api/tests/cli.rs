//! The program as an operator and a script see it.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;
use std::process::{Command, Output};

use ecash_service::files;
use nyx_client::{Account, Address};

fn nym_api(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nym-api"))
        .arg("--config")
        .arg(home.join("nym-api.toml"))
        .args(arguments)
        .env_clear()
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn init(home: &Path, more: &[&str]) -> Output {
    let contract = Address::new("n", &[1; 32]).unwrap().to_string();
    let endpoint = "http://127.0.0.1:1";
    let mut arguments = vec![
        "init",
        "--chain-id",
        "test-1",
        "--endpoint",
        endpoint,
        "--own-node",
    ];
    for flag in [
        "--ecash-contract",
        "--dkg-contract",
        "--group-contract",
        "--multisig-contract",
    ] {
        arguments.extend([flag, contract.as_str()]);
    }
    arguments.extend(more);
    nym_api(home, &arguments)
}

#[test]
fn init_writes_what_config_check_finds_in_order_and_a_second_init_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mnemonic = home.path().join("mnemonic");
    files::write_private(&mnemonic, Account::generate_mnemonic().unwrap().as_bytes()).unwrap();
    let reference = format!("file:{}", mnemonic.display());
    let first = init(home.path(), &["--mnemonic", &reference]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains("account       n1"),
        "{}",
        text(&first.stdout)
    );
    let checked = nym_api(home.path(), &["config", "check"]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let written = std::fs::read(home.path().join("nym-api.toml")).unwrap();
    let again = nym_api(home.path(), &["init", "--existing"]);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(
        std::fs::read(home.path().join("nym-api.toml")).unwrap(),
        written
    );
}

#[test]
fn a_mistake_ends_with_an_error_code_and_a_message_that_names_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let missing = nym_api(home.path(), &["config", "check"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing.stderr).contains("nym-api.toml"),
        "{}",
        text(&missing.stderr)
    );

    let words = "abandon abandon about";
    let in_place = init(home.path(), &["--mnemonic", words]);
    assert!(!in_place.status.success());
    assert!(
        !text(&in_place.stderr).contains("abandon"),
        "what may be a secret is not repeated"
    );
    assert!(
        text(&in_place.stderr).contains("env:NAME"),
        "{}",
        text(&in_place.stderr)
    );

    let made = init(home.path(), &[]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let refused = nym_api(
        home.path(),
        &["config", "check", "--nyxd-validator", "http://127.0.0.1:1"],
    );
    assert!(refused.status.success(), "{}", text(&refused.stderr));
    let refused = nym_api(home.path(), &["run", "--mnemonic", words]);
    assert!(
        !text(&refused.stderr).contains("abandon"),
        "{}",
        text(&refused.stderr)
    );
    for (arguments, about) in [
        (
            ["run", "--enable-zk-nym", "true"].as_slice(),
            "chain.mnemonic",
        ),
        (
            &["config", "check", "--nyxd-validator", "not a url"],
            "chain.endpoints",
        ),
        (
            &["config", "check", "--announce-address", "ftp://x"],
            "announce",
        ),
    ] {
        let refused = nym_api(home.path(), arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        let message = text(&refused.stderr);
        assert!(
            message.starts_with("Error: ") && message.contains(about),
            "{message}"
        );
    }
    assert_eq!(
        nym_api(home.path(), &["no-such-command"]).status.code(),
        Some(2)
    );
}
