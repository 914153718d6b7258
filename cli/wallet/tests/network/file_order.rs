//! A book whose home is a file: the state file before the deposit, the output file after the book, nothing in between lost.

use std::path::{Path, PathBuf};

use ecash_ticketbook::{
    ImportableTicketBook, Imported, Record as _, TicketType, VersionSerialised,
};
use ecash_wallet::{FileForm, FileWallet, WalletConfig, WalletError, database_beside};

use nyx_client::Account;

use crate::support::signer::Mode;
use crate::support::{TYPE, World, holder, order, seed};

const POOR: &str =
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";

fn output(world: &World) -> PathBuf {
    world.home.path().join("book.bin")
}

async fn start(world: &World, output: &Path, form: FileForm) -> Result<FileWallet, WalletError> {
    FileWallet::start(config(world), output, &seed(), TYPE, form).await
}

fn config(world: &World) -> WalletConfig {
    world.config(&world.rpc)
}

fn all() -> FileForm {
    FileForm {
        base58: false,
        dates: true,
        coins: true,
        key: true,
    }
}

fn read(bytes: Vec<u8>) -> Imported {
    let record = VersionSerialised::<ImportableTicketBook>::from_parts(
        bytes,
        ImportableTicketBook::REVISION,
    );
    record.unpack().unwrap().unpack().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_for_a_file_is_written_with_what_was_asked_for_and_its_state_file_goes() {
    let world = World::start().await;
    let output = output(&world);
    let order = start(&world, &output, all()).await.unwrap();
    assert!(database_beside(&output).exists());
    let report = order.obtain(&holder(), &()).await.unwrap();
    assert_eq!((report.books.len(), report.pending.len()), (1, 0));
    order.finish().await.unwrap();

    let parts = read(std::fs::read(&output).unwrap());
    assert_eq!(parts.book.ticket_type(), TYPE);
    assert_eq!(parts.book.spent_tickets(), 0);
    assert!(parts.key.is_some() && parts.coins.is_some() && parts.dates.is_some());
    let left: Vec<_> = std::fs::read_dir(world.home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("book.bin"))
        .collect();
    assert_eq!(left, ["book.bin"], "nothing stays beside the file");
    let again = start(&world, &output, all()).await;
    assert!(matches!(again, Err(WalletError::OutputExists { .. })));
    assert_eq!(world.deposits().await, 1, "refused before a deposit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn base58_is_the_same_bytes_as_text_and_parts_not_asked_for_stay_out() {
    let world = World::start().await;
    let output = output(&world);
    let form = FileForm {
        base58: true,
        key: true,
        ..FileForm::default()
    };
    let order = start(&world, &output, form).await.unwrap();
    order.obtain(&holder(), &()).await.unwrap();
    order.finish().await.unwrap();
    let text = std::fs::read_to_string(&output).unwrap();
    let parts = read(bs58::decode(text).into_vec().unwrap());
    assert!(parts.key.is_some() && parts.coins.is_none() && parts.dates.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paid_for_is_resumed_without_the_secret_and_without_a_second_deposit() {
    let world = World::start().await;
    for signer in &world.signers[..2] {
        signer.set(Mode::Refuses);
    }
    let output = output(&world);
    let order = start(&world, &output, all()).await.unwrap();
    let report = order.obtain(&holder(), &()).await.unwrap();
    assert_eq!(report.pending.len(), 1);
    order.leave().await.unwrap();
    assert!(!output.exists() && database_beside(&output).exists());

    for signer in &world.signers {
        signer.set(Mode::Honest);
    }
    let order = FileWallet::resume(config(&world), &output).await.unwrap();
    let report = order.recover(&()).await.unwrap();
    assert_eq!((report.books.len(), report.pending.len()), (1, 0));
    drop(order);
    // Ended between the book and the file.
    let order = start(&world, &output, FileForm::default()).await.unwrap();
    assert_eq!(order.obtain(&holder(), &()).await.unwrap().books.len(), 1);
    order.finish().await.unwrap();
    assert_eq!(world.deposits().await, 1);
    assert!(
        read(std::fs::read(&output).unwrap()).key.is_none(),
        "the last form counts"
    );
    let over = FileWallet::resume(config(&world), &output).await;
    assert!(matches!(over, Err(WalletError::NoWallet { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_written_before_the_state_file_went_is_recognised() {
    let world = World::start().await;
    let output = output(&world);
    let order = start(&world, &output, all()).await.unwrap();
    order.obtain(&holder(), &()).await.unwrap();
    let aside = world.home.path().join("state");
    order.leave().await.unwrap();
    let state = database_beside(&output);
    std::fs::copy(&state, &aside).unwrap();
    let order = FileWallet::resume(config(&world), &output).await.unwrap();
    order.finish().await.unwrap();
    let bytes = std::fs::read(&output).unwrap();

    std::fs::rename(&aside, &state).unwrap();
    let order = FileWallet::resume(config(&world), &output).await.unwrap();
    order.finish().await.unwrap();
    assert_eq!(std::fs::read(&output).unwrap(), bytes);
    assert!(!state.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_secret_another_type_and_a_clients_wallet_are_refused() {
    let world = World::start().await;
    let output = output(&world);
    drop(start(&world, &output, all()).await.unwrap());
    let other = ecash_wallet::Seed::new(vec![7; 16].into()).unwrap();
    let refused = FileWallet::start(config(&world), &output, &other, TYPE, all()).await;
    assert!(matches!(
        refused,
        Err(WalletError::Foreign {
            what: "ecash key",
            ..
        })
    ));
    let kind = TicketType::MixnetExit;
    let refused = FileWallet::start(config(&world), &output, &seed(), kind, all()).await;
    assert!(matches!(
        refused,
        Err(WalletError::Foreign {
            what: "ticket type",
            ..
        })
    ));

    let wallet = world.open().await.unwrap();
    wallet.obtain(&holder(), order(1), &()).await.unwrap();
    drop(wallet);
    let clients = world.credentials();
    assert_eq!(database_beside(&clients), world.database());
    let refused = start(&world, &clients, all()).await;
    assert!(matches!(refused, Err(WalletError::Foreign { .. })));
    let refused = FileWallet::resume(config(&world), &clients).await;
    assert!(matches!(refused, Err(WalletError::Foreign { .. })));
    assert!(world.open().await.is_ok(), "and it is untouched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_was_begun_nothing_stays() {
    let world = World::start().await;
    let poor = Account::from_mnemonic(POOR, "n").unwrap();
    let output = output(&world);
    let order = start(&world, &output, all()).await.unwrap();
    let failed = order.obtain(&poor, &()).await;
    assert!(
        matches!(failed, Err(WalletError::NotEnoughMoney { .. })),
        "{failed:?}"
    );
    order.leave().await.unwrap();
    assert!(!database_beside(&output).exists());
    assert_eq!(world.deposits().await, 0);
}
