//! Books: several, into files, without money.

use anyhow::Result;

use crate::support::{BOOK, World, has_fields, mode_of};

pub(crate) async fn several(world: &mut World) -> Result<()> {
    let client = world.client("dora");
    let before = world.deposits().await?;
    let issued = world.pay(&[
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
        "--ticketbook-type",
        "v1-wireguard-exit",
        "--count",
        "3",
        "--output",
        "json",
        "--quiet",
    ]);
    assert_eq!(issued.stderr, "", "quiet");
    let issued = issued.ends_with(0).json();
    has_fields(&issued, &["books", "pending", "signers", "tx_hash"]);
    assert_eq!(issued["books"].as_array().unwrap().len(), 3);
    for book in issued["books"].as_array().unwrap() {
        has_fields(book, BOOK);
        assert_eq!(book["type"], "v1-wireguard-exit");
    }
    for signer in issued["signers"].as_array().unwrap() {
        has_fields(signer, &["node_index", "url", "outcome", "detail"]);
    }
    assert_eq!(issued["tx_hash"].as_str().unwrap().len(), 64);
    assert_eq!(world.deposits().await?, before + 3);
    let recovered = world.run(&["ecash", "recover-ticket-book", "--client-config", &client]);
    assert_eq!(
        recovered.ends_with(0).stdout,
        "dora/credentials_database.db.wallet.sqlite\nrecovered 0 ticketbooks\n"
    );
    Ok(())
}

pub(crate) async fn to_file(world: &mut World) -> Result<()> {
    let secret = bs58::encode([8; 32]).into_string();
    let before = world.deposits().await?;
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
        world.pay(&args)
    };
    let all = [
        "--include-expiration-date-signatures",
        "--include-coin-index-signatures",
        "--include-master-verification-key",
        "--output",
        "json",
    ];
    let issued = issue("book.bin", &all).ends_with(0).json();
    has_fields(
        &issued,
        &["books", "pending", "signers", "tx_hash", "output_file"],
    );
    assert_eq!(issued["output_file"], "book.bin");
    assert_eq!(mode_of(&world.path("book.bin")), 0o600);
    assert!(!world.path("book.bin.wallet.sqlite").exists());
    issue("bare.txt", &["--bs58-output"]).ends_with(0);
    let text = std::fs::read_to_string(world.path("bare.txt"))?;
    assert!(bs58::decode(text).into_vec()?.len() < std::fs::read(world.path("book.bin"))?.len());
    assert_eq!(world.deposits().await?, before + 2);

    let exists = issue("book.bin", &all);
    assert_eq!(exists.ends_with(1).json()["error"]["code"], "failed");
    assert!(!world.path("book.bin.wallet.sqlite").exists());
    let short = world.pay(&[
        "ecash",
        "issue-ticket-book",
        "--output-file",
        "short.bin",
        "--bs58-encoded-client-secret",
        "5Q",
    ]);
    assert!(
        short
            .ends_with(1)
            .stderr
            .contains("--bs58-encoded-client-secret")
    );
    issue("two.bin", &["--count", "2"]).ends_with(2);
    issue("folder/that/is/not/there.bin", &[]).ends_with(1);
    let over = world.run(&["ecash", "recover-ticket-book", "--output-file", "book.bin"]);
    assert!(over.ends_with(1).stderr.contains("nothing is unfinished"));
    assert_eq!(
        world.deposits().await?,
        before + 2,
        "refused before a deposit"
    );
    Ok(())
}

pub(crate) async fn no_money(world: &mut World) -> Result<()> {
    let client = world.client("eve");
    let made = world.run(&["account", "create", "--output", "json"]).json();
    let words = made["mnemonic"].as_str().unwrap();
    let before = world.deposits().await?;
    let refused = world.run(&[
        "--mnemonic",
        words,
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
        "--output",
        "json",
    ]);
    let error = &refused.ends_with(4).json()["error"];
    assert_eq!(
        (&error["exit"], &error["code"]),
        (&4.into(), &"refused".into())
    );
    has_fields(error, &["exit", "code", "message", "next", "details"]);
    let secret = bs58::encode([9; 32]).into_string();
    world
        .run(&[
            "--mnemonic",
            words,
            "ecash",
            "issue-ticket-book",
            "--output-file",
            "poor.bin",
            "--bs58-encoded-client-secret",
            &secret,
        ])
        .ends_with(4);
    assert!(
        !world.path("poor.bin.wallet.sqlite").exists(),
        "nothing was begun"
    );
    assert_eq!(world.deposits().await?, before);
    Ok(())
}
