//! Tickets by hand.

use anyhow::Result;
use ecash_requests::gateway::{AccountToken, Verdict};
use serde_json::Value;

use crate::support::{BOOK, World, has_fields, mode_of};

/// Fields of a ticket (`cli.md` 2.4).
const TICKET: &[&str] = &[
    "ticketbook",
    "index",
    "payment",
    "spending_data",
    "serial",
    "provider",
    "spend_date",
    "epoch_id",
    "burned",
];

pub(crate) async fn by_hand(world: &mut World) -> Result<()> {
    let client = world.client("alice");
    let issued = world.pay(&["ecash", "issue-ticket-book", "--client-config", &client]);
    issued.ends_with(0);
    assert!(
        issued.stdout.starts_with(
            "loaded config file for client 'alice'\nalice/credentials_database.db.wallet.sqlite\n"
        ),
        "{}",
        issued.stdout
    );
    assert!(
        issued.stderr.contains("share 4 of 4"),
        "one log line per step: {}",
        issued.stderr
    );
    let listed = world.run(&[
        "ecash",
        "list",
        "--client-config",
        &client,
        "--output",
        "json",
    ]);
    let listed = listed.ends_with(0).json();
    has_fields(&listed["books"][0], BOOK);
    assert_eq!(listed["books"][0]["bytes_left"], 50 * 200_000_000_u64);
    let by_store = world.run(&[
        "ecash",
        "list",
        "--credentials-store",
        "alice/credentials_database.db",
        "--output",
        "json",
    ]);
    assert_eq!(by_store.ends_with(0).json(), listed);

    let provider = world.provider(1)?;
    let token = world.run(&[
        "ecash",
        "gateway-account",
        "--client-config",
        &client,
        "--provider",
        &provider,
    ]);
    let made = world.run(&[
        "ecash",
        "generate-ticket",
        "--client-config",
        &client,
        "--provider",
        &provider,
        "--ticket-file",
        "alice.ticket",
        "--check-provider",
        "--output",
        "json",
    ]);
    let made = made.ends_with(0).json();
    has_fields(&made, TICKET);
    assert_eq!((&made["index"], &made["burned"]), (&0.into(), &true.into()));
    let bytes = std::fs::read(world.path("alice.ticket"))?;
    assert_eq!(bytes.len(), 1278);
    assert_eq!(mode_of(&world.path("alice.ticket")), 0o600);
    assert_eq!(made["spending_data"], bs58::encode(&bytes).into_string());
    let token = AccountToken::from_base58(token.ends_with(0).stdout.trim())?;
    let answer = world
        .network
        .gateway_client(1)?
        .send_ticket_bytes(&token, bytes)
        .await?;
    assert_eq!(answer.value.answer.verdict, Verdict::Accepted);

    let status = world.run(&[
        "ecash",
        "status",
        "--client-config",
        &client,
        "--output",
        "json",
    ]);
    let status = status.ends_with(0).json();
    has_fields(
        &status,
        &[
            "pending", "closed", "books", "network", "account", "wallet", "evidence",
        ],
    );
    has_fields(&status["network"], &["epoch_id", "threshold", "signers_up"]);
    has_fields(
        &status["wallet"],
        &["birthday", "seed_fingerprint", "other_device"],
    );
    assert_eq!(status["network"]["signers_up"], 5);
    assert_eq!(status["books"][0]["tickets_left"], 49);
    assert_eq!(status["account"], Value::Null, "no mnemonic was given");
    let status = world.pay(&[
        "ecash",
        "status",
        "--client-config",
        &client,
        "--output",
        "json",
    ]);
    has_fields(&status.json()["account"], &["address", "balance"]);
    Ok(())
}

pub(crate) async fn indices(world: &mut World) -> Result<()> {
    let client = world.client_with_book("bob");
    let (here, there) = (world.provider(1)?, world.provider(2)?);
    let ticket = |provider: &str, more: &[&str]| {
        let mut args = vec![
            "ecash",
            "generate-ticket",
            "--client-config",
            &client,
            "--provider",
            provider,
        ];
        args.extend_from_slice(more);
        world.run(&args)
    };
    let first = ticket(&here, &["--ticket-index", "7"]);
    let lines: Vec<&str> = first.ends_with(0).stdout.lines().collect();
    assert_eq!(lines[0], "TICKETBOOK DATA:");
    assert_eq!(lines[3], "PAYMENT FOR TICKET 7:");
    let again = ticket(&here, &["--ticket-index", "7"]);
    assert_eq!(again.ends_with(0).stdout, first.stdout, "the stored bytes");
    let elsewhere = ticket(&there, &["--ticket-index", "7"]);
    assert!(
        elsewhere.ends_with(1).stderr.contains("another provider"),
        "{}",
        elsewhere.stderr
    );

    let preview = ticket(
        &there,
        &["--ticket-index", "7", "--no-burn", "--output", "json"],
    );
    assert_eq!(preview.ends_with(0).json()["burned"], true, "already");
    assert!(
        preview.stderr.contains("double spend") && preview.stderr.contains("burned already"),
        "{}",
        preview.stderr
    );
    let preview = ticket(&here, &["--no-burn", "--output", "json"]);
    assert_eq!(preview.ends_with(0).json()["burned"], false);
    let lowest = ticket(&here, &["--output", "json"]).ends_with(0).json();
    assert_eq!(lowest["index"], 0, "the preview burned nothing");

    let all = ticket(&here, &["--full", "--output", "json"])
        .ends_with(0)
        .json();
    let spent: Vec<u64> = all["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|ticket| ticket["spent"] == true)
        .map(|ticket| ticket["index"].as_u64().unwrap())
        .collect();
    assert_eq!(
        (all["tickets"].as_array().unwrap().len(), spent),
        (50, vec![0, 7])
    );
    let table = ticket(&here, &["--full"]);
    assert_eq!(table.ends_with(0).stdout.matches("NOT SPENT").count(), 48);
    assert_eq!(ticket(&here, &["--output", "json"]).json()["index"], 1);

    let other_type = ticket(&here, &["--ticketbook-type", "v1-wireguard-exit"]);
    assert!(other_type.ends_with(1).stderr.contains("v1-wireguard-exit"));
    Ok(())
}

pub(crate) async fn providers(world: &mut World) -> Result<()> {
    let client = world.client_with_book("carol");
    let stranger = ecash_requests::IdentitySecret::from_bytes(&[3; 32])
        .public()
        .to_string();
    let ticket = |provider: &str, more: &[&str]| {
        let mut args = vec![
            "ecash",
            "generate-ticket",
            "--client-config",
            &client,
            "--provider",
            provider,
        ];
        args.extend_from_slice(more);
        world.run(&args)
    };
    for wrong in [
        bs58::encode([1; 31]).into_string(),
        bs58::encode([1; 33]).into_string(),
        "0OIl".to_owned(),
        bs58::encode([0; 32]).into_string(),
        String::new(),
    ] {
        let refused = ticket(&wrong, &[]);
        assert!(
            refused.ends_with(1).stderr.contains("--provider"),
            "{wrong}: {}",
            refused.stderr
        );
    }
    let unknown = ticket(&stranger, &["--check-provider", "--output", "json"]);
    assert_eq!(unknown.ends_with(4).json()["error"]["code"], "refused");
    let kept = world.run(&[
        "ecash",
        "list",
        "--client-config",
        &client,
        "--output",
        "json",
    ]);
    assert_eq!(
        kept.json()["books"][0]["tickets_left"],
        50,
        "nothing was burned"
    );
    ticket(&stranger, &[]).ends_with(0);
    let exit = ["--check-provider", "--ticketbook-type", "v1-wireguard-exit"];
    let roles = &world.network.gateway(1)?.roles;
    if !roles.iter().any(|role| role.to_string() == exit[2]) {
        let provider = world.provider(1)?;
        ticket(&provider, &exit).ends_with(4);
    }
    Ok(())
}
