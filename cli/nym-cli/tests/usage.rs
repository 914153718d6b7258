//! The command line as the specification has it: what is refused as usage, what is understood, what helps.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nym-cli"))
        .args(args)
        .env_clear()
        .env("NYM_CLI_HOME", home.join("state"))
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// `nym-cli ecash <line>`, its words separated by spaces.
fn ecash(home: &Path, line: &str) -> Output {
    let args: Vec<&str> = std::iter::once("ecash")
        .chain(line.split_whitespace())
        .collect();
    run(home, &args)
}

/// Combinations that are no command: each once in table form and once as JSON.
const REFUSED: &[&str] = &[
    // Exactly one target.
    "issue-ticket-book",
    "issue-ticket-book --client-config a.toml --output-file b --bs58-encoded-client-secret s",
    // What needs a file.
    "issue-ticket-book --output-file b",
    "issue-ticket-book --client-config a.toml --bs58-output",
    "issue-ticket-book --client-config a.toml --include-expiration-date-signatures",
    "issue-ticket-book --client-config a.toml --include-coin-index-signatures",
    "issue-ticket-book --client-config a.toml --include-master-verification-key",
    "issue-ticket-book --client-config a.toml --bs58-encoded-client-secret s",
    // Values out of range.
    "issue-ticket-book --client-config a.toml --count 0",
    "issue-ticket-book --client-config a.toml --count 21",
    "issue-ticket-book --client-config a.toml --count two",
    "issue-ticket-book --client-config a.toml --ticketbook-type v2",
    "issue-ticket-book --client-config a.toml --ticketbook-type V1MixnetEntry",
    "issue-ticket-book --output-file b --bs58-encoded-client-secret s --new-deposit",
    "issue-ticket-book --output-file b --bs58-encoded-client-secret s --count 2",
    "recover-ticket-book",
    "recover-ticket-book --client-config a.toml --output-file b",
    // A store, exactly one source, exactly one kind.
    "import-ticket-book --credential-path b --full",
    "import-ticket-book --credentials-store c.db --full",
    "import-ticket-book --credentials-store c.db --credential-path b --credential-data d --full",
    "import-ticket-book --credentials-store c.db --credential-path b",
    "import-ticket-book --credentials-store c.db --credential-path b --full --standalone",
    // 0 ≤ start ≤ final ≤ 49.
    "import-ticket-book --credentials-store c.db --credential-path b --full --start 0 --final 50",
    "import-ticket-book --credentials-store c.db --credential-path b --full --start 50",
    "import-ticket-book --credentials-store c.db --credential-path b --full --start -1",
    "import-ticket-book --credentials-store c.db --credential-path b --full --start 10 --final 9",
    "import-ticket-book --credentials-store c.db --credential-path b --full --version 256",
    "generate-ticket --client-config a.toml",
    "generate-ticket --provider p",
    "generate-ticket --provider p --client-config a.toml --credential-storage c.db",
    "generate-ticket --provider p --client-config a.toml --ticket-index 3 --full",
    "generate-ticket --provider p --client-config a.toml --ticket-index 50",
    "generate-ticket --provider p --client-config a.toml --ticket-index -1",
    "generate-ticket --provider p --client-config a.toml --full --no-burn",
    "generate-ticket --provider p --client-config a.toml --full --ticket-file t",
    "import-coin-index-signatures --signatures-path s",
    "import-coin-index-signatures --client-config a.toml",
    "import-coin-index-signatures --client-config a.toml --signatures-path s --signatures-data d",
    "import-expiration-date-signatures --signatures-path s",
    "import-expiration-date-signatures --client-config a.toml",
    "import-expiration-date-signatures --client-config a.toml --signatures-path s --signatures-data d",
    "import-master-verification-key --key-path s",
    "import-master-verification-key --client-config a.toml",
    "import-master-verification-key --client-config a.toml --key-path s --key-data d",
    "import-master-verification-key --client-config a.toml --signatures-path s",
    "list",
    "list --client-config a.toml --credentials-store c.db",
    "status",
    "status --client-config a.toml --credentials-store c.db",
    "verify",
    "verify --ticketbook b --ticket t",
    "verify --ticket t --evidence e",
    "verify --ticketbook b --client-config a.toml --credentials-store c.db",
    "export-ticket-book --client-config a.toml --output-file o",
    "export-ticket-book --client-config a.toml --ticketbook 1",
    "export-ticket-book --ticketbook 1 --output-file o",
    "export-ticket-book --client-config a.toml --ticketbook one --output-file o",
    "export-ticket-book --client-config a.toml --ticketbook 1 --output-file o --start 50",
    "export-evidence --client-config a.toml",
    "export-evidence --output-file o",
    "gateway-account --client-config a.toml",
    "new-client",
    "list --client-config a.toml --wait 86401",
    "list --client-config a.toml --wait -1",
    "list --client-config a.toml --output xml",
    "frobnicate",
];

#[test]
fn every_refused_combination_is_a_usage_error_and_one_document() {
    let home = tempfile::tempdir().unwrap();
    for line in REFUSED {
        let output = ecash(home.path(), line);
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{line}"
        );
        let output = ecash(home.path(), &format!("{line} --output=json"));
        if line.ends_with("xml") {
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}: {output:?}"));
        assert_eq!(document["error"]["code"], "usage", "{line}");
        assert_eq!(document["error"]["exit"], 2, "{line}");
    }
    assert_eq!(
        std::fs::read_dir(home.path()).unwrap().count(),
        0,
        "a usage error writes nothing"
    );
}

/// Lines of the specification: with files that are not there they fail, but not for their usage.
const UNDERSTOOD: &[&str] = &[
    "issue-ticket-book --client-config a.toml",
    "issue-ticket-book --ticketbook-type v1-mixnet-exit --client-config a.toml --count 20 --new-deposit",
    "issue-ticket-book --output-file b --bs58-encoded-client-secret s --bs58-output --include-expiration-date-signatures --include-coin-index-signatures --include-master-verification-key",
    "issue-ticket-book --output-file b --bs58-encoded-client-secret s --count 1",
    "recover-ticket-book --client-config a.toml",
    "recover-ticket-book --output-file b",
    "import-ticket-book --credentials-store c.db --credential-data d --standalone",
    "import-ticket-book --credentials-store c.db --credential-path b --full --version 1 --start 0 --final 49",
    "generate-ticket --ticketbook-type v1-wireguard-entry --ticket-index 49 --provider p --client-config a.toml",
    "generate-ticket --full --provider p --credential-storage c.db",
    "generate-ticket --no-burn --provider p --client-config a.toml --ticket-file t --check-provider",
    "import-coin-index-signatures --client-config a.toml --signatures-data d --version 2",
    "import-expiration-date-signatures --client-config a.toml --signatures-path s",
    "import-master-verification-key --client-config a.toml --key-data d",
    "list --client-config a.toml --all",
    "list --credentials-store c.db",
    "status --client-config a.toml --offline",
    "status --credentials-store c.db --offline",
    "verify --ticketbook b --client-config a.toml",
    "verify --ticket 0OIl --credentials-store c.db",
    "verify --evidence e",
    "export-ticket-book --client-config a.toml --ticketbook 1 --start 25 --output-file o --bs58-output --include-expiration-date-signatures --include-coin-index-signatures --include-master-verification-key --again",
    "export-evidence --credentials-store c.db --output-file o",
];

#[test]
fn every_line_of_the_specification_is_understood_and_a_missing_file_is_named() {
    let home = tempfile::tempdir().unwrap();
    for line in UNDERSTOOD {
        for form in ["table", "json"] {
            let output = ecash(home.path(), &format!("{line} --output {form}"));
            assert_eq!(output.status.code(), Some(1), "{line}: {output:?}");
        }
    }
}

#[test]
fn withdrawal_requests_and_key_pairs_are_made_offline() {
    let home = tempfile::tempdir().unwrap();
    let made = |line: &str| -> Value {
        let args: Vec<&str> = line.split_whitespace().collect();
        let output = run(home.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let pair =
        made("internal ecash generate-keypair --bs58-encoded-client-secret 1111111111111111");
    let again =
        made("internal ecash generate-keypair --bs58-encoded-client-secret 1111111111111111");
    assert_eq!(pair, again);
    let secret = pair["secret_key"].as_str().unwrap();
    let request = made(&format!(
        "internal ecash generate-withdrawal-request --ticketbook-type v1-mixnet-exit --expiration-date 2100-01-01 --ecash-secret-key-bs58 {secret}"
    ));
    assert_eq!(request["ecash_secret"], pair["secret_key"]);
    let body = &request["ecash_proxy_request"];
    assert_eq!(body["ecashPubkey"], pair["public_key"]);
    assert_eq!(body["expirationDate"], "2100-01-01");
    assert_eq!(body["ticketbookType"], "v1-mixnet-exit");
    for wrong in [
        "internal ecash generate-withdrawal-request --expiration-date 2026-13-01",
        "internal ecash generate-withdrawal-request --expiration-date 2020-01-01",
        "internal ecash generate-withdrawal-request --ticketbook-type v3",
    ] {
        let args: Vec<&str> = wrong.split_whitespace().collect();
        assert_eq!(run(home.path(), &args).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(home.path(), &["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            script.contains("import-expiration-date-signatures"),
            "{shell}"
        );
    }
    assert_eq!(
        run(home.path(), &["completions", "dos"]).status.code(),
        Some(2)
    );
    assert_eq!(run(home.path(), &["man", "pages"]).status.code(), Some(0));
    for page in [
        "nym-cli.1",
        "nym-cli-ecash.1",
        "nym-cli-ecash-issue-ticket-book.1",
        "nym-cli-ecash-generate-ticket.1",
        "nym-cli-account-send.1",
    ] {
        let text = std::fs::read_to_string(home.path().join("pages").join(page)).unwrap();
        assert!(text.contains("Example"), "{page}");
    }
    std::fs::write(home.path().join("file"), b"").unwrap();
    let output = run(home.path(), &["man", "file", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("\"failed\"")
    );
}
