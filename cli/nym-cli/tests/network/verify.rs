//! What was given by somebody else.

use anyhow::Result;
use serde_json::Value;

use crate::support::{Ran, World, has_fields};

#[track_caller]
fn checks(document: &Value) -> Vec<(String, bool)> {
    document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            has_fields(check, &["check", "ok", "detail"]);
            (
                check["check"].as_str().unwrap().to_owned(),
                check["ok"].as_bool().unwrap(),
            )
        })
        .collect()
}

/// Names of the failed checks of a run that ended with 6.
#[track_caller]
fn failed(ran: &Ran) -> Vec<String> {
    let error = &ran.ends_with(6).json()["error"];
    assert_eq!(error["code"], "check_failed");
    assert_eq!(error["details"]["ok"], false);
    checks(&error["details"])
        .into_iter()
        .filter(|(_, ok)| !ok)
        .map(|(name, _)| name)
        .collect()
}

pub(crate) async fn tickets(world: &mut World) -> Result<()> {
    let client = world.client_with_book("heidi");
    let provider = world.provider(1)?;
    let made = world.run(&[
        "ecash",
        "generate-ticket",
        "--client-config",
        &client,
        "--provider",
        &provider,
        "--ticket-file",
        "heidi.ticket",
        "--output",
        "json",
    ]);
    let made = made.ends_with(0).json();
    let verify = |ticket: &str, more: &[&str]| {
        let mut args = vec!["ecash", "verify", "--ticket", ticket, "--output", "json"];
        args.extend_from_slice(more);
        world.run(&args)
    };
    let as_text = made["spending_data"].as_str().unwrap();
    let in_file = verify("heidi.ticket", &[]).ends_with(0).json();
    has_fields(&in_file, &["ok", "checks"]);
    assert!(checks(&in_file).iter().all(|(_, ok)| *ok));
    assert_eq!(verify(as_text, &[]).ends_with(0).json(), in_file);
    let said = in_file.to_string();
    for part in [&made["serial"], &made["provider"], &made["spend_date"]] {
        assert!(said.contains(part.as_str().unwrap()), "{part}: {said}");
    }
    verify(as_text, &["--client-config", &client]).ends_with(0);
    let table = world.run(&["ecash", "verify", "--ticket", "heidi.ticket"]);
    assert!(
        table.ends_with(0).stdout.contains("payment"),
        "{}",
        table.stdout
    );

    // Without the chain: the store's key, or none.
    let offline = |more: &[&str]| {
        let mut args = vec![
            "ecash",
            "verify",
            "--ticket",
            "heidi.ticket",
            "--output",
            "json",
        ];
        args.extend_from_slice(more);
        world.offline(&args)
    };
    offline(&["--credentials-store", "heidi/credentials_database.db"]).ends_with(0);
    assert_eq!(failed(&offline(&[])), ["master verification key"]);

    let bytes = std::fs::read(world.path("heidi.ticket"))?;
    for length in [0, 1, 600, bytes.len() - 1] {
        std::fs::write(world.path("cut.ticket"), &bytes[..length])?;
        assert_eq!(failed(&verify("cut.ticket", &[])), ["form"], "{length}");
    }
    let mut changed = bytes.clone();
    changed[4 + 1190] ^= 1;
    std::fs::write(world.path("changed.ticket"), &changed)?;
    assert_eq!(failed(&verify("changed.ticket", &[])), ["payment"]);
    let table = world.run(&["ecash", "verify", "--ticket", "changed.ticket"]);
    assert!(
        table.ends_with(6).stdout.contains("FAILED"),
        "the report on stdout"
    );
    assert!(table.stderr.starts_with("Error: 1 of "), "{}", table.stderr);
    verify("neither-a-file-nor-base58-0OIl", &[]).ends_with(1);
    Ok(())
}

pub(crate) async fn books(world: &mut World) -> Result<()> {
    let secret = bs58::encode([4; 32]).into_string();
    let issue = |output: &str, more: &[&str]| {
        let mut args = vec![
            "ecash",
            "issue-ticket-book",
            "--output-file",
            output,
            "--bs58-encoded-client-secret",
            &secret,
        ];
        args.extend_from_slice(more);
        world.pay(&args).ends_with(0);
    };
    let all = [
        "--include-expiration-date-signatures",
        "--include-coin-index-signatures",
        "--include-master-verification-key",
    ];
    issue("whole.book", &all);
    issue("bare.book.txt", &["--bs58-output"]);
    fn args(file: &str) -> [&str; 6] {
        ["ecash", "verify", "--ticketbook", file, "--output", "json"]
    }
    let verify = |file: &str| world.run(&args(file));
    let offline = |file: &str| world.offline(&args(file));
    let whole = verify("whole.book").ends_with(0).json();
    has_fields(&whole, &["ok", "checks"]);
    let bare = verify("bare.book.txt").ends_with(0).json();
    assert_eq!(
        checks(&bare).len() + 2,
        checks(&whole).len(),
        "two sets less"
    );
    assert!(whole.to_string().contains("on chain"), "{whole}");
    offline("whole.book").ends_with(0);
    assert_eq!(
        failed(&offline("bare.book.txt")),
        ["master verification key"]
    );

    let bytes = std::fs::read(world.path("whole.book"))?;
    for length in [0, 1, 100, 5000, bytes.len() - 1] {
        let cut = bytes.get(..length).unwrap_or(&bytes[1..]);
        std::fs::write(world.path("cut.book"), cut)?;
        assert_eq!(failed(&verify("cut.book")), ["form"], "{length}");
    }
    // A byte of the wallet secret: behind the record's length, two points and the secret's length.
    let mut changed = bytes;
    changed[1 + 2 * 49 + 8] ^= 1;
    std::fs::write(world.path("changed.book"), &changed)?;
    let found = failed(&verify("changed.book"));
    assert!(
        found == ["ticketbook signature"] || found == ["form"],
        "{found:?}"
    );
    for other in ["net/localnet.env", "net/network.json"] {
        assert_eq!(failed(&verify(other)), ["form"], "{other}");
    }
    verify("not-there.book").ends_with(1);
    Ok(())
}

pub(crate) async fn evidence(world: &mut World) -> Result<()> {
    let client = world.client_with_book("ivan");
    let export = |output: &str| {
        world.run(&[
            "ecash",
            "export-evidence",
            "--client-config",
            &client,
            "--output-file",
            output,
            "--output",
            "json",
        ])
    };
    let exported = export("evidence.json").ends_with(0).json();
    has_fields(&exported, &["evidence", "output_file"]);
    assert_eq!(exported["evidence"], 0, "honest signers leave none");
    export("evidence.json").ends_with(1);
    let verify =
        |file: &str| world.run(&["ecash", "verify", "--evidence", file, "--output", "json"]);
    verify("evidence.json").ends_with(0);
    for content in ["", "[", "{}", "[{}]", "null", "[1]"] {
        std::fs::write(world.path("none.json"), content)?;
        assert_eq!(failed(&verify("none.json")), ["form"], "{content}");
    }
    verify("not-there.json").ends_with(1);
    // Somebody's claim about a signer that did nothing wrong: well-formed, and worth nothing.
    let key = ecash_requests::IdentitySecret::from_bytes(&[5; 32]);
    let claim = serde_json::json!([{
        "chain_id": world.network.description().chain_id,
        "ecash_contract": world.network.contracts()?.ecash,
        "dkg_contract": world.network.contracts()?.dkg,
        "epoch_id": 0, "node_index": 1, "deposit_id": 0,
        "request": "00", "ecash_public_key": "00", "expiration_date": "2026-01-01",
        "ticketbook_type": "v1-mixnet-entry", "blinded_signature": "00",
        "attestation": key.sign(b"nothing").to_string(),
    }]);
    std::fs::write(world.path("claim.json"), claim.to_string())?;
    assert_eq!(failed(&verify("claim.json")), ["evidence"]);
    let mut elsewhere = claim;
    elsewhere[0]["chain_id"] = "another".into();
    elsewhere[0]["node_index"] = 77.into();
    std::fs::write(world.path("claim.json"), elsewhere.to_string())?;
    assert_eq!(failed(&verify("claim.json")), ["network", "evidence"]);
    let offline = world.offline(&["ecash", "verify", "--evidence", "claim.json"]);
    assert!(offline.ends_with(1).stderr.contains("NYXD"));
    Ok(())
}
