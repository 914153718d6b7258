//! The program as scripts see it: exit codes, one JSON document, messages that say what to do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A port where nothing listens: bound, then closed again.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

const CONTRACT: &str = "n1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0spwla79";
const WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

fn nym_cli(home: &Path, args: &[&str]) -> Output {
    command(home, args).output().unwrap()
}

fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nym-cli"));
    command
        .args(args)
        .env_clear()
        .env("NYM_CLI_HOME", home.join("state"))
        .stdin(Stdio::null());
    command
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn client(home: &Path) -> String {
    let folder = home.join("alice");
    let output = nym_cli(home, &["ecash", "new-client", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    folder.join("config.toml").to_str().unwrap().to_owned()
}

fn env_file(home: &Path, rpc: &str) -> String {
    let path = home.join("net.env");
    let text = format!(
        "CONFIGURED=true\nNYXD={rpc}\nBECH32_PREFIX=n\nMIX_DENOM=unym\nECASH_CONTRACT_ADDRESS={CONTRACT}\nCOCONUT_DKG_CONTRACT_ADDRESS={CONTRACT}\n"
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn help_is_an_answer_and_wrong_arguments_are_a_usage_error() {
    let home = tempfile::tempdir().unwrap();
    for help in [
        &["--help"][..],
        &["ecash", "generate-ticket", "--help"],
        &["account", "--help"],
        &["--version"],
    ] {
        let output = nym_cli(home.path(), help);
        assert_eq!(output.status.code(), Some(0), "{help:?}");
    }
    assert!(
        text(&nym_cli(home.path(), &["ecash", "generate-ticket", "--help"]).stdout)
            .contains("Example:")
    );
    let output = nym_cli(home.path(), &["ecash", "frobnicate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let output = nym_cli(home.path(), &["--output", "json", "ecash", "frobnicate"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["error"]["code"], "usage");
}

#[test]
fn a_new_account_has_the_asked_number_of_words_and_an_address() {
    let home = tempfile::tempdir().unwrap();
    let output = nym_cli(
        home.path(),
        &[
            "account",
            "create",
            "--word-count",
            "12",
            "--output",
            "json",
        ],
    );
    let answer = json(&output);
    assert_eq!(answer["mnemonic"].as_str().unwrap().split(' ').count(), 12);
    assert!(answer["address"].as_str().unwrap().starts_with("n1"));
}

#[test]
fn without_a_network_the_missing_variable_is_named() {
    let home = tempfile::tempdir().unwrap();
    let client = client(home.path());
    let output = nym_cli(
        home.path(),
        &["ecash", "recover-ticket-book", "--client-config", &client],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("NYXD is not set"),
        "{output:?}"
    );
}

#[test]
fn an_unreachable_chain_is_unavailable_and_nothing_was_begun() {
    let home = tempfile::tempdir().unwrap();
    let (client, env) = (client(home.path()), env_file(home.path(), &closed_port()));
    let args = [
        "-c",
        &env,
        "--output",
        "json",
        "--mnemonic",
        WORDS,
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
    ];
    let output = nym_cli(home.path(), &args);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let failure = json(&output);
    assert_eq!(failure["error"]["code"], "unavailable");
    assert!(
        !text(&output.stdout).contains("abandon"),
        "secrets appear in no message"
    );
    let balance = ["-c", &env, "account", "balance", "--mnemonic", WORDS];
    assert_eq!(nym_cli(home.path(), &balance).status.code(), Some(5));
}

#[test]
fn wrong_input_is_named_with_its_value() {
    let home = tempfile::tempdir().unwrap();
    let (client, env) = (client(home.path()), env_file(home.path(), &closed_port()));
    let cases: [(&[&str], &str); 5] = [
        (
            &["-c", "/nowhere/net.env", "account", "balance", "n1x"],
            "/nowhere/net.env",
        ),
        (&["-c", &env, "account", "balance", "n1x"], "n1x"),
        (&["-c", &env, "account", "send", CONTRACT, "5"], "MNEMONIC"),
        (
            &[
                "-c",
                &env,
                "ecash",
                "generate-ticket",
                "--client-config",
                &client,
                "--provider",
                "11111111111111111111111111111111",
            ],
            "--provider",
        ),
        (
            &[
                "-c",
                &env,
                "ecash",
                "list",
                "--client-config",
                "/nowhere/config.toml",
            ],
            "/nowhere/config.toml",
        ),
    ];
    for (args, named) in cases {
        let output = nym_cli(home.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        assert!(text(&output.stderr).contains(named), "{args:?}: {output:?}");
        assert!(output.stdout.is_empty(), "results only on stdout");
    }
}

#[test]
fn a_wallet_that_was_never_made_is_not_made_by_listing_it() {
    let home = tempfile::tempdir().unwrap();
    let client = client(home.path());
    let output = nym_cli(home.path(), &["ecash", "list", "--client-config", &client]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("there is no wallet"),
        "{output:?}"
    );
    assert!(
        !home
            .path()
            .join("alice/credentials_database.db.wallet.sqlite")
            .exists()
    );
}

#[test]
fn an_environment_that_is_configured_wins_over_the_file_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let env = env_file(home.path(), "http://127.0.0.1:1");
    let output = command(home.path(), &["-c", &env, "account", "balance", CONTRACT])
        .env("CONFIGURED", "true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("is ignored") && said.contains("NYXD is not set"),
        "{said}"
    );
}

#[test]
fn a_pipe_closed_by_the_reader_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command(home.path(), &["account", "create"])
        .stdout(writer)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let (client, env) = (client(home.path()), env_file(home.path(), &closed_port()));
    let key = home.path().join("alice/private_identity.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = nym_cli(
        home.path(),
        &[
            "-c",
            &env,
            "ecash",
            "recover-ticket-book",
            "--client-config",
            &client,
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("chmod"), "{output:?}");
}

#[test]
fn the_configuration_of_a_signer_names_a_store_and_obtains_nothing() {
    let home = tempfile::tempdir().unwrap();
    let env = env_file(home.path(), &closed_port());
    let config = home.path().join("nym-api.toml");
    std::fs::write(
        &config,
        "[base]\nid = 'api'\n[network_monitor.storage_paths]\ncredentials_database_path = 'c.db'\n",
    )
    .unwrap();
    let config = config.to_str().unwrap();
    for command in ["issue-ticket-book", "recover-ticket-book"] {
        let args = [
            "-c",
            &env,
            "--mnemonic",
            WORDS,
            "ecash",
            command,
            "--client-config",
            config,
        ];
        let output = nym_cli(home.path(), &args);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            text(&output.stderr).contains("configuration of a signer"),
            "{output:?}"
        );
    }
    let output = nym_cli(home.path(), &["ecash", "list", "--client-config", config]);
    assert!(
        text(&output.stderr).contains("c.db.wallet.sqlite"),
        "its store is understood: {output:?}"
    );
}

#[test]
fn a_closed_stderr_is_nobodys_failure() {
    let home = tempfile::tempdir().unwrap();
    let (client, env) = (client(home.path()), env_file(home.path(), &closed_port()));
    let cases: [(&[&str], i32); 3] = [
        (&["ecash", "list", "--client-config", &client], 1),
        (&["ecash", "frobnicate"], 2),
        (
            &[
                "-c",
                &env,
                "ecash",
                "recover-ticket-book",
                "--client-config",
                &client,
            ],
            5,
        ),
    ];
    for (args, code) in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = command(home.path(), args)
            .env("RUST_LOG", "trace")
            .stdout(Stdio::null())
            .stderr(writer)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let home = tempfile::tempdir().unwrap();
    for args in [
        &["--help"][..],
        &["ecash", "frobnicate"],
        &["ecash", "list", "--client-config", "nowhere.toml"],
    ] {
        let output = nym_cli(home.path(), args);
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.contains(&0x1b), "{args:?}");
    }
}

#[test]
fn an_interruption_with_nothing_pending_ends_with_130_and_one_document() {
    for signal in ["-INT", "-TERM"] {
        interrupt(signal);
    }
}

fn interrupt(signal: &str) {
    let home = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let rpc = format!("http://{}", silent.local_addr().unwrap());
    let (client, env) = (client(home.path()), env_file(home.path(), &rpc));
    let args = [
        "-c",
        &env,
        "--output",
        "json",
        "--mnemonic",
        WORDS,
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
    ];
    let child = command(home.path(), &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It asks the node, which never answers.
    let _asked = silent.accept().unwrap();
    Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(json(&output)["error"]["code"], "interrupted");
}
