//! Ticketbooks and public data as files.

use anyhow::Result;
use ecash_ticketbook::{ImportableTicketBook, Record as _, VersionSerialised};

use crate::support::{BOOK, Ran, World, has_fields, mode_of};

const INCLUDES: [&str; 3] = [
    "--include-expiration-date-signatures",
    "--include-coin-index-signatures",
    "--include-master-verification-key",
];

/// A file with one book and everything it needs.
fn book_file(world: &World, output: &str, includes: &[&str]) {
    let secret = bs58::encode([8; 32]).into_string();
    let mut args = vec![
        "ecash",
        "issue-ticket-book",
        "--output-file",
        output,
        "--bs58-encoded-client-secret",
        &secret,
    ];
    args.extend_from_slice(includes);
    world.pay(&args).ends_with(0);
}

fn import(world: &World, store: &str, path: &str, more: &[&str]) -> Ran {
    let mut args = vec![
        "ecash",
        "import-ticket-book",
        "--credentials-store",
        store,
        "--credential-path",
        path,
        "--output",
        "json",
    ];
    args.extend_from_slice(more);
    world.run(&args)
}

fn ticket(world: &World, store: &str, provider: &str) -> Ran {
    world.offline(&[
        "ecash",
        "generate-ticket",
        "--credential-storage",
        store,
        "--provider",
        provider,
        "--output",
        "json",
    ])
}

#[track_caller]
fn message(ran: &Ran) -> String {
    let error = &ran.ends_with(1).json()["error"];
    assert_eq!(error["code"], "failed");
    error["message"].as_str().unwrap().to_owned()
}

pub(crate) async fn imported(world: &mut World) -> Result<()> {
    book_file(world, "gift.bin", &INCLUDES);
    let taken = import(world, "bob.db", "gift.bin", &["--full"])
        .ends_with(0)
        .json();
    has_fields(&taken, &["books", "key_compared_with"]);
    has_fields(&taken["books"][0], BOOK);
    assert_eq!(taken["key_compared_with"], "chain");
    assert!(!world.path("bob.db").exists(), "never made");
    assert_eq!(mode_of(&world.path("bob.db.wallet.sqlite")), 0o600);
    let again = message(&import(world, "bob.db", "gift.bin", &["--full"]));
    assert!(again.contains("0 to 49"), "{again}");

    let provider = world.provider(1)?;
    let made = ticket(world, "bob.db", &provider).ends_with(0).json();
    assert_eq!((&made["index"], &made["burned"]), (&0.into(), &true.into()));

    let part = import(
        world,
        "carol.db",
        "gift.bin",
        &["--full", "--start", "7", "--final", "8"],
    );
    let part = part.ends_with(0).json();
    assert_eq!(
        (
            &part["books"][0]["first_index"],
            &part["books"][0]["last_index"]
        ),
        (&7.into(), &8.into())
    );
    let listed = world.offline(&[
        "ecash",
        "list",
        "--credentials-store",
        "carol.db",
        "--output",
        "json",
    ]);
    assert_eq!(listed.ends_with(0).json()["books"][0]["tickets_left"], 2);
    Ok(())
}

pub(crate) async fn refused(world: &mut World) -> Result<()> {
    book_file(world, "whole.bin", &INCLUDES);
    let whole = std::fs::read(world.path("whole.bin"))?;
    let said = message(&import(world, "dave.db", "whole.bin", &["--standalone"]));
    assert!(said.contains("--full"), "{said}");
    std::fs::write(world.path("cut.bin"), &whole[..whole.len() - 1])?;
    message(&import(world, "dave.db", "cut.bin", &["--full"]));
    let said = message(&import(
        world,
        "dave.db",
        "whole.bin",
        &["--full", "--version", "9"],
    ));
    assert!(said.contains("revision 9"), "{said}");
    for range in [
        ["--start", "0", "--final", "50"],
        ["--start", "50", "--final", "49"],
        ["--start", "9", "--final", "3"],
    ] {
        let args = [&["--full"][..], &range[..]].concat();
        import(world, "dave.db", "whole.bin", &args).ends_with(2);
    }
    message(&import(world, "dave.db", "not-there.bin", &["--full"]));
    assert!(!world.path("dave.db.wallet.sqlite").exists());

    std::fs::write(world.path("text.db"), "this is no database")?;
    let said = message(&import(world, "text.db", "whole.bin", &["--full"]));
    assert!(
        said.contains("text.db is not a credential database"),
        "{said}"
    );
    assert_eq!(
        std::fs::read(world.path("text.db"))?,
        b"this is no database"
    );
    Ok(())
}

pub(crate) async fn handed_over(world: &mut World) -> Result<()> {
    let client = world.client_with_book("trent");
    let provider = world.provider(1)?;
    ticket(world, "trent/credentials_database.db", &provider).ends_with(0);
    let export = |output: &str, more: &[&str]| {
        let mut args = vec![
            "ecash",
            "export-ticket-book",
            "--client-config",
            &client,
            "--ticketbook",
            "1",
            "--output-file",
            output,
            "--output",
            "json",
        ];
        args.extend_from_slice(&INCLUDES);
        args.extend_from_slice(more);
        world.offline(&args)
    };
    let said = message(&export("tail.bin", &["--start", "0"]));
    assert!(said.contains("up to index 0 were made here"), "{said}");
    let handed = export("tail.bin", &["--start", "10"]).ends_with(0).json();
    assert_eq!(
        (&handed["start"], &handed["final"]),
        (&10.into(), &49.into())
    );
    assert_eq!(handed["kept"]["last_index"], 9);
    assert_eq!(mode_of(&world.path("tail.bin")), 0o600);
    let said = message(&export("tail.bin", &["--again"]));
    assert!(said.contains("not overwritten"), "{said}");
    let said = message(&export("other.bin", &["--start", "5"]));
    assert!(said.contains("--again"), "{said}");
    export("again.txt", &["--again", "--bs58-output"]).ends_with(0);
    let again = bs58::decode(std::fs::read_to_string(world.path("again.txt"))?).into_vec()?;
    assert_eq!(again, std::fs::read(world.path("tail.bin"))?);

    import(world, "grace.db", "again.txt", &["--full"]).ends_with(0);
    let made = ticket(world, "grace.db", &provider).ends_with(0).json();
    assert_eq!(made["index"], 10);
    let index = |index: &str| {
        world.offline(&[
            "ecash",
            "generate-ticket",
            "--client-config",
            &client,
            "--provider",
            &provider,
            "--ticket-index",
            index,
            "--output",
            "json",
        ])
    };
    index("9").ends_with(0);
    assert!(message(&index("10")).contains("indices 0 to 9"));
    Ok(())
}

pub(crate) async fn public_data(world: &mut World) -> Result<()> {
    book_file(world, "bare.bin", &[]);
    book_file(world, "source.bin", &INCLUDES);
    let source = std::fs::read(world.path("source.bin"))?;
    let source = VersionSerialised::<ImportableTicketBook>::from_parts(source, 1)
        .unpack()?
        .unpack()?;
    let (key, coins, dates) = (
        source.key.unwrap().to_record(),
        source.coins.unwrap().to_record(),
        source.dates.unwrap().to_record(),
    );
    std::fs::write(world.path("key.bin"), key.data())?;
    std::fs::write(world.path("coins.bin"), coins.data())?;
    std::fs::write(world.path("dates.bin"), dates.data())?;
    let client = world.client("ursula");
    let import_part = |command: &str, option: &str, path: &str| {
        world.offline(&[
            "ecash",
            command,
            "--client-config",
            &client,
            option,
            path,
            "--output",
            "json",
        ])
    };
    let signatures = "--signatures-path";
    let coins = "import-coin-index-signatures";
    let said = message(&import_part(coins, signatures, "coins.bin"));
    assert!(said.contains("import-master-verification-key"), "{said}");
    import_part("import-master-verification-key", "--key-path", "key.bin").ends_with(0);
    let said = message(&import_part(coins, signatures, "dates.bin"));
    assert!(said.contains("import-expiration-date-signatures"), "{said}");
    import_part(coins, signatures, "coins.bin").ends_with(0);
    let store = "ursula/credentials_database.db";
    let take = |world: &World| {
        world.offline(&[
            "ecash",
            "import-ticket-book",
            "--credentials-store",
            store,
            "--credential-path",
            "bare.bin",
            "--full",
            "--output",
            "json",
        ])
    };
    assert!(message(&take(world)).contains("expiration-date signatures"));
    import_part("import-expiration-date-signatures", signatures, "dates.bin").ends_with(0);
    let taken = take(world).ends_with(0).json();
    assert_eq!(taken["key_compared_with"], "stored");
    ticket(world, store, &world.provider(1)?).ends_with(0);
    Ok(())
}
