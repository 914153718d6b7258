//! The program as an operator meets it: `init`, `config check`, `run`, SIGTERM.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MNEMONIC: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nym-gateway"));
    for variable in [
        "NYXD",
        "ECASH_CONTRACT_ADDRESS",
        "COCONUT_DKG_CONTRACT_ADDRESS",
        "BECH32_PREFIX",
        "MIX_DENOM",
        "RUST_LOG",
    ] {
        command.env_remove(variable);
    }
    command
}

fn init(home: &Path, changes: &[(&str, &str)]) -> Output {
    let contract = nyx_client::Account::from_mnemonic(MNEMONIC, "n")
        .unwrap()
        .address()
        .to_string();
    let mut arguments = vec![
        ("--home", home.to_str().unwrap()),
        ("--role", "v1-wireguard-entry"),
        ("--announce-address", "bound"),
        ("--mnemonic", "env:GATEWAY_TEST_MNEMONIC"),
        ("--nyxd", "http://127.0.0.1:9"),
        ("--chain-id", "zknym-local-0badcafe"),
        ("--ecash-contract", &contract),
        ("--dkg-contract", &contract),
    ];
    for (name, value) in changes {
        arguments.retain(|(present, _)| present != name);
        arguments.push((name, value));
    }
    let mut command = program();
    command.arg("init");
    for (name, value) in arguments {
        command.args([name, value]);
    }
    command.output().unwrap()
}

fn error_of(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        text.starts_with("Error: ") || text.starts_with("error: "),
        "{text}"
    );
    text
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path)
        .unwrap()
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn init_makes_a_private_home_once_and_check_finds_its_configuration_sound() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("gateway");
    let made = init(&home, &[]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert!(String::from_utf8_lossy(&made.stdout).contains("identity key: "));
    assert_eq!(mode(&home), 0o700);
    for file in [
        "identity_key.pem",
        "instance_id",
        "gateway.sqlite",
        "config.toml",
    ] {
        assert_eq!(mode(&home.join(file)), 0o600, "{file}");
    }
    let key = std::fs::read(home.join("identity_key.pem")).unwrap();
    assert!(error_of(&init(&home, &[])).contains("initialised already"));
    assert_eq!(std::fs::read(home.join("identity_key.pem")).unwrap(), key);
    let check = program()
        .args(["config", "check", "--home"])
        .arg(&home)
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

#[test]
fn impossible_arguments_and_configurations_are_named_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("gateway");
    for (name, value, named) in [
        ("--role", "v2-teleport", "v2-teleport"),
        ("--announce-address", "ftp://x", "ftp://x"),
        ("--mnemonic", MNEMONIC, "env:NAME"),
        ("--nyxd", "not a url", "not a url"),
        ("--ecash-contract", "n1nothing", "n1nothing"),
        ("--chain-id", "", "ASCII"),
    ] {
        let error = error_of(&init(&home, &[(name, value)]));
        assert!(error.contains(named), "{name}: {error}");
        assert!(!home.exists(), "{name}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(error_of(&init(&file.join("home"), &[])).contains("file"));

    assert!(init(&home, &[]).status.success());
    let config = home.join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    for (from, to, named) in [
        ("127.0.0.1:8081", "0.0.0.0:8081", "loopback.bind"),
        ("max_accounts", "max_acounts", "max_acounts"),
        ("[gateway]", "[gateway", "config.toml"),
        ("v1-wireguard-entry", "v1-wireguard", "v1-wireguard"),
    ] {
        std::fs::write(&config, text.replace(from, to)).unwrap();
        let check = program()
            .args(["config", "check", "--home"])
            .arg(&home)
            .output()
            .unwrap();
        let error = error_of(&check);
        assert!(error.contains(named), "{named}: {error}");
    }
}

#[test]
fn run_says_what_is_missing_and_ends_cleanly_when_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("gateway");
    assert!(init(&home, &[]).status.success());
    let run = || {
        let mut command = program();
        command
            .args([
                "run",
                "--bind",
                "127.0.0.1:0",
                "--loopback-bind",
                "127.0.0.1:0",
                "--home",
            ])
            .arg(&home);
        command
    };
    let error = error_of(&run().env_remove("GATEWAY_TEST_MNEMONIC").output().unwrap());
    assert!(error.contains("GATEWAY_TEST_MNEMONIC"), "{error}");
    std::fs::set_permissions(
        home.join("identity_key.pem"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let error = error_of(
        &run()
            .env("GATEWAY_TEST_MNEMONIC", MNEMONIC)
            .output()
            .unwrap(),
    );
    assert!(error.contains("chmod 600"), "{error}");
    std::fs::set_permissions(
        home.join("identity_key.pem"),
        std::fs::Permissions::from_mode(0o600),
    )
    .unwrap();

    let mut child = run()
        .env("GATEWAY_TEST_MNEMONIC", MNEMONIC)
        .env("NYMGATEWAY__LOG__FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines
        .find(|line| line.as_ref().unwrap().contains("\"ready\""))
        .unwrap()
        .unwrap();
    assert!(!ready.contains("abandon"));
    let terminated = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(terminated.success());
    for line in lines {
        assert!(!line.unwrap().contains("panicked"));
    }
    assert!(child.wait().unwrap().success());
}
