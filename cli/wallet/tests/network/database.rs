//! The database: one process, one seed, one network; damage is found and left as it is.

use std::os::unix::fs::PermissionsExt as _;

use ecash_wallet::{Seed, Wallet, WalletError};
use zeroize::Zeroizing;

use crate::support::{World, seed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_opening_is_refused_with_the_holders_process_id_and_may_still_list() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let error = world.open().await.err().unwrap();
    assert!(
        matches!(&error, WalletError::InUse { pid, .. } if *pid == std::process::id().to_string()),
        "{error}"
    );
    let stock = Wallet::peek(&world.database(), wallet.now()).await.unwrap();
    assert_eq!(stock.books.len(), 1);
    wallet.close().await;
    drop(wallet);
    world.open().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_seed_or_contract_is_refused_naming_both() {
    let world = World::start().await;
    drop(world.open().await.unwrap());
    let other = Seed::new(Zeroizing::new(vec![1; 32])).unwrap();
    let error = Wallet::open(world.config(&world.rpc), &other)
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, WalletError::Foreign { what: "seed", .. }),
        "{error}"
    );
    let mut config = world.config(&world.rpc);
    config.network.chain_id = Some("other-chain".to_owned());
    let error = Wallet::open(config, &seed()).await.err().unwrap();
    assert!(
        error.to_string().contains("other-chain") && error.to_string().contains("zknym-local"),
        "{error}"
    );
    world.open().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_of_a_wallet_are_private() {
    let world = World::start().await;
    let _wallet = world.wallet_with_book().await;
    let mut found = 0;
    for entry in std::fs::read_dir(world.home.path()).unwrap() {
        let entry = entry.unwrap();
        if entry
            .file_name()
            .to_string_lossy()
            .contains("wallet.sqlite")
        {
            found += 1;
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{:?}: {mode:o}", entry.path());
        }
    }
    assert!(found >= 2, "database and lock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_database_is_refused_and_left_as_it_is() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    wallet.close().await;
    drop(wallet);
    let whole = std::fs::read(world.database()).unwrap();
    let cut = &whole[..whole.len() / 2];
    std::fs::write(world.database(), cut).unwrap();
    let error = world.open().await.err().unwrap();
    assert!(
        matches!(error, WalletError::File(_) | WalletError::Database(_)),
        "{error}"
    );
    assert_eq!(std::fs::read(world.database()).unwrap(), cut);
    std::fs::write(world.database(), &whole).unwrap();
    assert_eq!(
        world
            .open()
            .await
            .unwrap()
            .stock()
            .await
            .unwrap()
            .books
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_below_a_regular_file_is_a_typed_error() {
    let world = World::start().await;
    let file = world.home.path().join("file");
    std::fs::write(&file, b"x").unwrap();
    let mut config = world.config(&world.rpc);
    config.database = file.join("wallet.sqlite");
    let error = Wallet::open(config, &seed()).await.err().unwrap();
    assert!(
        matches!(error, WalletError::Lock { .. } | WalletError::File(_)),
        "{error}"
    );
    assert!(error.to_string().contains("file"), "{error}");
    let error = Wallet::peek(
        &world.home.path().join("none.sqlite"),
        ecash_ticketbook::UnixTime(0),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, WalletError::NoWallet { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_existing_wallet_opens_and_lists_while_chain_and_signers_are_unreachable() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    wallet.close().await;
    drop(wallet);
    let wallet = world.open_via("http://127.0.0.1:9").await;
    assert_eq!(wallet.stock().await.unwrap().books.len(), 1);
    let report = wallet.recover(&()).await.unwrap();
    assert!(report.pending.is_empty());
    let provider = crate::support::key_of(&world.gateway.identity);
    wallet
        .print_ticket(
            provider,
            crate::support::TYPE,
            ecash_wallet::PrintIndex::LowestFree,
        )
        .await
        .unwrap();
}

const LOCKED: &str = "WALLET_TEST_LOCKED";

/// Not a test of its own: the second process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_opens_what_another_process_has() {
    let Ok(place) = std::env::var(LOCKED) else {
        return;
    };
    let place: serde_json::Value = serde_json::from_str(&place).unwrap();
    let text = |name: &str| place[name].as_str().unwrap().to_owned();
    let network = ecash_wallet::NetworkConfig {
        chain_id: None,
        rpc: vec![text("rpc").parse().unwrap()],
        ecash_contract: text("ecash"),
        dkg_contract: text("dkg"),
        denom: "unym".to_owned(),
    };
    let config = ecash_wallet::WalletConfig::new(text("database").into(), network);
    let error = Wallet::open(config, &seed()).await.err().unwrap();
    println!("\n{} {error}", error.code());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_refused_and_told_who_has_the_wallet_until_that_one_ends() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let place = serde_json::json!({
        "rpc": world.rpc, "ecash": world.ecash.to_string(), "dkg": world.dkg.to_string(), "database": world.database(),
    });
    let output = tokio::task::block_in_place(|| {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "database::child_opens_what_another_process_has",
                "--nocapture",
            ])
            .env(LOCKED, place.to_string())
            .output()
            .unwrap()
    });
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said
        .lines()
        .find(|line| line.starts_with("wallet-in-use"))
        .expect(&said);
    assert!(
        line.contains(&format!("process {}", std::process::id())),
        "{line}"
    );
    assert_eq!(
        wallet.stock().await.unwrap().books.len(),
        1,
        "the first one goes on"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_another_program_locks_is_a_typed_error_and_works_again_afterwards() {
    use sqlx::Connection as _;
    let world = World::start().await;
    let wallet = world.open().await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(world.database());
    let mut other = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let error = wallet
        .obtain(&crate::support::holder(), crate::support::order(1), &())
        .await
        .unwrap_err();
    assert!(matches!(error, WalletError::DatabaseLocked(_)), "{error}");
    assert_eq!(error.advice(), ecash_wallet::Advice::CloseOtherProgram);
    assert_eq!(world.deposits().await, 0, "nothing was paid");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    let report = wallet
        .obtain(&crate::support::holder(), crate::support::order(1), &())
        .await
        .unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
}
