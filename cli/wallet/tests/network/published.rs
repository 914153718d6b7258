//! A wallet beside a published client: new books go to that client's database, and tickets are taken from there.

use std::io;
use std::sync::Arc;

use ecash_requests::gateway::AccountToken;
use ecash_wallet::{
    Fate, Moment, PrintIndex, ReferenceError, Spending, Wallet, WalletError, Witness,
};
use rand::rngs::OsRng;
use sqlx::Connection as _;

use crate::schema::{Schema, connect, make_published, run};
use crate::support::{TYPE, World, holder, key_of, order, seed};

async fn open(world: &World) -> Result<Wallet, WalletError> {
    let mut config = world.config(&world.rpc);
    config.credentials = Some(world.home.path().join("credentials.db"));
    Wallet::open(config, &seed()).await
}

/// (books, their counters together, public data of all three kinds).
async fn held(world: &World) -> (i64, i64, i64) {
    let mut db = connect(&world.home.path().join("credentials.db")).await;
    let held = sqlx::query_as(
        "SELECT count(*), coalesce(sum(used_tickets), 0),
             (SELECT count(*) FROM master_verification_key) + (SELECT count(*) FROM coin_indices_signatures)
             + (SELECT count(*) FROM expiration_date_signatures) FROM ecash_ticketbook",
    )
    .fetch_one(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_book_goes_to_the_published_database_and_is_spent_from_there() {
    for schema in [Schema::May, Schema::Two] {
        let world = World::start().await;
        make_published(&world.home.path().join("credentials.db"), schema).await;
        let wallet = open(&world).await.unwrap();
        let report = wallet.obtain(&holder(), order(2), &()).await.unwrap();
        assert_eq!((report.books.len(), report.pending.len()), (2, 0));
        assert_eq!(held(&world).await, (2, 0, 3));
        let gateway = key_of(&world.gateway.identity);
        let token = AccountToken::generate(&mut OsRng);
        for index in 0..3 {
            let spent = wallet
                .spend_at(&gateway, &token, Spending::of(TYPE))
                .await
                .unwrap();
            assert_eq!((spent.fate, spent.ticket.index), (Fate::Accepted, index));
        }
        assert_eq!(held(&world).await, (2, 3, 3));
        let stock = wallet.stock().await.unwrap();
        assert_eq!(stock.books.len(), 2);
        assert_eq!(
            stock
                .books
                .iter()
                .map(|book| book.tickets_left)
                .sum::<u64>(),
            97
        );
        assert!(stock.books.iter().all(|book| book.home == "reference"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_stored_there_before_its_issuance_was_closed_is_found_again() {
    let world = World::start().await;
    let path = world.home.path().join("credentials.db");
    make_published(&path, Schema::Two).await;
    let wallet = open(&world).await.unwrap();
    wallet.obtain(&holder(), order(1), &()).await.unwrap();
    wallet.close().await;
    drop(wallet);
    // As a crash between the two databases would leave it: the book there, the issuance open here, its shares kept.
    let mut db = connect(&world.database()).await;
    let deposit: i64 = sqlx::query_scalar("SELECT deposit_id FROM issuance")
        .fetch_one(&mut db)
        .await
        .unwrap();
    sqlx::raw_sql("DELETE FROM book; UPDATE issuance SET state = 'requested';")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    let wallet = open(&world).await.unwrap();
    assert_eq!(wallet.stock().await.unwrap().books.len(), 1, "taken up");
    let report = wallet.recover(&()).await.unwrap();
    assert!(report.pending.is_empty(), "{report:?}");
    assert_eq!((world.deposits().await, held(&world).await.0), (1, 1));
    let stock = wallet.stock().await.unwrap();
    assert_eq!(
        (stock.books.len(), stock.pending.len()),
        (1, 0),
        "deposit {deposit}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_there_that_is_no_credential_database_is_refused_before_anything_is_paid() {
    let world = World::start().await;
    let path = world.home.path().join("credentials.db");
    run(&path, "CREATE TABLE other (id INTEGER)").await;
    let error = open(&world).await.err().unwrap();
    assert!(matches!(error, WalletError::Reference(_)), "{error}");
    assert_eq!(world.deposits().await, 0);
}

/// A disk that is full at one write.
#[derive(Debug)]
struct FullAt(&'static str);

impl Witness for FullAt {
    fn sees(&self, moment: Moment) -> io::Result<()> {
        if moment == Moment::BeforeWrite(self.0) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_broken_off_between_the_two_databases_costs_its_index_and_before_them_nothing() {
    let world = World::start().await;
    let path = world.home.path().join("credentials.db");
    make_published(&path, Schema::Two).await;
    let wallet = open(&world).await.unwrap();
    wallet.obtain(&holder(), order(1), &()).await.unwrap();
    wallet.close().await;
    drop(wallet);
    let provider = key_of(&world.gateway.identity);
    for (write, counter) in [("counter of the published database", 0), ("ticket", 1)] {
        let mut config = world.config(&world.rpc);
        config.credentials = Some(path.clone());
        config.witness = Some(Arc::new(FullAt(write)));
        let wallet = Wallet::open(config, &seed()).await.unwrap();
        let error = wallet
            .print_ticket(provider, TYPE, PrintIndex::LowestFree)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                WalletError::DiskFull(_) | WalletError::Reference(ReferenceError::DiskFull { .. })
            ),
            "{error}"
        );
        wallet.close().await;
        assert_eq!(held(&world).await.1, counter, "{write}");
    }
    let wallet = open(&world).await.unwrap();
    let ticket = wallet
        .print_ticket(provider, TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    assert_eq!(ticket.index, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_that_cannot_be_stored_there_stays_pending_and_is_finished_later() {
    let world = World::start().await;
    let path = world.home.path().join("credentials.db");
    make_published(&path, Schema::May).await;
    for write in ["book of the published database", "book"] {
        let mut config = world.config(&world.rpc);
        config.credentials = Some(path.clone());
        config.witness = Some(Arc::new(FullAt(write)));
        let wallet = Wallet::open(config, &seed()).await.unwrap();
        let outcome = wallet.obtain(&holder(), order(1), &()).await;
        assert!(
            outcome.is_err() || !outcome.unwrap().pending.is_empty(),
            "{write}"
        );
        wallet.close().await;
    }
    let wallet = open(&world).await.unwrap();
    let report = wallet.recover(&()).await.unwrap();
    assert!(report.pending.is_empty(), "{report:?}");
    assert_eq!((world.deposits().await, held(&world).await.0), (1, 1));
}
