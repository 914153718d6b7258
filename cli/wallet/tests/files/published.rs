//! The published clients' database: used in its own schema beside those clients, and never made.

use ecash_scheme::codec::Encode as _;
use ecash_wallet::{
    BookFile, Bookshelf, FileError, IndexRange, PrintIndex, ReferenceError, Ticket, WalletError,
};
use sqlx::Connection as _;

use crate::support::{
    Device, Schema, TYPE, assert_verifies, book, connect, count, counter, expiration, full, import,
    mint, other_mint, print, provider, published_stores, run,
};

async fn exactly(shelf: &Bookshelf, index: u64) -> Result<Ticket, WalletError> {
    shelf
        .print_ticket(provider(), TYPE, PrintIndex::Exactly(index))
        .await
}

#[tokio::test]
async fn a_ticket_moves_the_counter_and_a_published_client_that_took_one_is_seen() {
    for schema in [Schema::May, Schema::Two] {
        let device = Device::with_published(schema).await;
        published_stores(&device.credentials(), &book()).await;
        let shelf = device.shelf().await;
        let ticket = print(&shelf).await.unwrap();
        assert_eq!(ticket.index, 0);
        assert_verifies(&ticket);
        assert_eq!(counter(&device.credentials()).await, (1, 50));
        run(
            &device.credentials(),
            "UPDATE ecash_ticketbook SET used_tickets = used_tickets + 3",
        )
        .await;
        assert_eq!(print(&shelf).await.unwrap().index, 4);
        let books = shelf.books().await.unwrap();
        assert_eq!(
            (
                books[0].home.as_str(),
                books[0].tickets_left,
                books[0].tickets_total
            ),
            ("reference", 45, 50)
        );
    }
}

#[tokio::test]
async fn only_the_counters_index_can_be_taken_and_a_printed_ticket_is_printed_again() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    let refused = exactly(&shelf, 5).await.unwrap_err();
    assert!(refused.to_string().contains("which is 0"), "{refused}");
    let ticket = exactly(&shelf, 0).await.unwrap();
    assert_eq!(exactly(&shelf, 0).await.unwrap().bytes, ticket.bytes);
    assert_eq!(counter(&device.credentials()).await, (1, 50));
}

#[tokio::test]
async fn a_preview_burns_nothing_there() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    let (ticket, burned) = shelf
        .preview_ticket(provider(), TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    assert_eq!((ticket.index, burned), (0, false));
    assert_eq!(counter(&device.credentials()).await, (0, 50));
}

#[tokio::test]
async fn two_tasks_and_another_program_share_one_counter_and_no_index_is_had_twice() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    let take_ten = |shelf: Bookshelf| async move {
        let mut taken = Vec::new();
        for _ in 0..10 {
            taken.push(print(&shelf).await.unwrap().index);
        }
        taken
    };
    let other_program = async {
        let mut taken = Vec::new();
        for _ in 0..10 {
            let mut db = connect(&device.credentials()).await;
            let mut tx = db.begin_with("BEGIN IMMEDIATE").await.unwrap();
            let next: i64 = sqlx::query_scalar("SELECT used_tickets FROM ecash_ticketbook")
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            sqlx::query("UPDATE ecash_ticketbook SET used_tickets = used_tickets + 1")
                .execute(&mut *tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            taken.push(next as u64);
            tokio::task::yield_now().await;
        }
        taken
    };
    let (one, two, other) = tokio::join!(
        tokio::spawn(take_ten(shelf.clone())),
        tokio::spawn(take_ten(shelf.clone())),
        other_program
    );
    let mut all = [one.unwrap(), two.unwrap(), other].concat();
    all.sort_unstable();
    assert_eq!(all, (0..30).collect::<Vec<u64>>());
    assert_eq!(counter(&device.credentials()).await, (30, 50));
}

#[tokio::test]
async fn an_imported_book_goes_there_with_its_public_data_first() {
    for schema in [Schema::May, Schema::Two] {
        let device = Device::with_published(schema).await;
        let shelf = device.shelf().await;
        let file = BookFile::full(&full(&book()), None).unwrap();
        let range = IndexRange::new(Some(5), 9).unwrap();
        let taken = shelf.import(&file, range, None).await.unwrap();
        assert!(taken.in_reference);
        assert_eq!(counter(&device.credentials()).await, (5, 10));
        assert_eq!(
            count(
                &device.credentials(),
                "SELECT count(*) FROM ecash_ticketbook b
                 JOIN coin_indices_signatures USING (epoch_id) JOIN master_verification_key USING (epoch_id)
                 JOIN expiration_date_signatures e ON e.epoch_id = b.epoch_id AND e.expiration_date = b.expiration_date"
            )
            .await,
            1
        );
        let books = shelf.books().await.unwrap();
        assert_eq!(
            (
                books[0].first_index,
                books[0].last_index,
                books[0].tickets_left
            ),
            (5, 9, 5)
        );
        assert_eq!(print(&shelf).await.unwrap().index, 5);
        let again = import(&shelf, &full(&book())).await;
        assert!(again.is_ok(), "another book");
        let again = shelf.import(&file, range, None).await.unwrap_err();
        assert!(
            matches!(again, WalletError::BookFile(FileError::AlreadyHere { .. })),
            "{again}"
        );
    }
}

#[tokio::test]
async fn a_book_that_a_published_client_holds_is_not_taken_in_again() {
    let device = Device::with_published(Schema::Two).await;
    let book = book();
    published_stores(&device.credentials(), &book).await;
    let shelf = device.shelf().await;
    let refused = import(&shelf, &full(&book)).await.unwrap_err();
    assert!(
        matches!(
            refused,
            WalletError::BookFile(FileError::AlreadyHere { .. })
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_refused_book_leaves_nothing_there() {
    let device = Device::with_published(Schema::May).await;
    let shelf = device.shelf().await;
    let foreign = other_mint().book(expiration());
    import(&shelf, &full(&foreign)).await.unwrap_err();
    assert_eq!(
        count(
            &device.credentials(),
            "SELECT (SELECT count(*) FROM ecash_ticketbook) + (SELECT count(*) FROM master_verification_key)
                  + (SELECT count(*) FROM coin_indices_signatures)"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn a_database_copied_back_is_recognised_and_its_book_never_spent_again() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    print(&shelf).await.unwrap();
    print(&shelf).await.unwrap();
    run(
        &device.credentials(),
        "UPDATE ecash_ticketbook SET used_tickets = 1",
    )
    .await;
    assert!(matches!(
        print(&shelf).await.unwrap_err(),
        WalletError::NoBook(TYPE)
    ));
    let books = shelf.books().await.unwrap();
    assert_eq!(books[0].state, "discarded");
    assert!(books[0].reason.as_ref().unwrap().contains("old copy"));
    run(
        &device.credentials(),
        "UPDATE ecash_ticketbook SET used_tickets = 20",
    )
    .await;
    assert!(
        matches!(print(&shelf).await.unwrap_err(), WalletError::NoBook(TYPE)),
        "it stays discarded"
    );
}

#[tokio::test]
async fn a_book_is_known_by_its_bytes_whatever_number_the_file_gives_it() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    print(&shelf).await.unwrap();
    run(
        &device.credentials(),
        "DELETE FROM ecash_ticketbook; DELETE FROM sqlite_sequence;",
    )
    .await;
    published_stores(&device.credentials(), &book()).await;
    let books = shelf.books().await.unwrap();
    let states: Vec<&str> = books.iter().map(|book| book.state.as_str()).collect();
    assert_eq!(
        states,
        ["discarded", "ready"],
        "the first is gone from the file"
    );
    assert_eq!(print(&shelf).await.unwrap().book, books[1].id);
}

#[tokio::test]
async fn public_data_of_revision_1_is_read_there_and_data_that_does_not_verify_is_not_used() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let mut db = connect(&device.credentials()).await;
    for (sql, bytes) in [
        (
            "UPDATE master_verification_key SET serialization_revision = 1, serialised_key = ?",
            mint().master.to_bytes().to_vec(),
        ),
        (
            "UPDATE coin_indices_signatures SET serialization_revision = 1, serialised_signatures = ?",
            mint().coins.signatures.to_bin(),
        ),
        (
            "UPDATE expiration_date_signatures SET serialization_revision = 1, serialised_signatures = ?",
            mint().dates.signatures().to_bin(),
        ),
    ] {
        sqlx::query(sql).bind(bytes).execute(&mut db).await.unwrap();
    }
    let shelf = device.shelf().await;
    sqlx::query("UPDATE coin_indices_signatures SET serialised_signatures = ?")
        .bind(other_mint().coins.signatures.to_bin())
        .execute(&mut db)
        .await
        .unwrap();
    let refused = print(&shelf).await.unwrap_err();
    assert!(
        matches!(refused, WalletError::BookFile(FileError::Missing { .. })),
        "{refused}"
    );
    assert_eq!(counter(&device.credentials()).await, (0, 50));
    sqlx::query("UPDATE coin_indices_signatures SET serialised_signatures = ?")
        .bind(mint().coins.signatures.to_bin())
        .execute(&mut db)
        .await
        .unwrap();
    assert_verifies(&print(&shelf).await.unwrap());
}

#[tokio::test]
async fn a_file_that_is_none_or_has_an_unknown_schema_is_refused_and_left_as_it_is() {
    let device = Device::new();
    let refused = |error: WalletError| match error {
        WalletError::Reference(error) => error,
        other => panic!("{other}"),
    };
    for content in [
        &b"text, not a database at all"[..],
        &[0; 4096],
        b"SQLite format 3\0",
    ] {
        std::fs::write(device.credentials(), content).unwrap();
        let error = refused(device.try_shelf().await.err().unwrap());
        assert!(matches!(error, ReferenceError::Foreign { .. }), "{error}");
        assert_eq!(std::fs::read(device.credentials()).unwrap(), content);
    }
    std::fs::remove_file(device.credentials()).unwrap();
    run(
        &device.credentials(),
        "CREATE TABLE something_else (id INTEGER)",
    )
    .await;
    let error = refused(device.try_shelf().await.err().unwrap());
    assert!(matches!(error, ReferenceError::Foreign { .. }), "{error}");

    let device = Device::with_published(Schema::Two).await;
    run(
        &device.credentials(),
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (20990101000000, '', TRUE, x'', 0)",
    )
    .await;
    let error = refused(device.try_shelf().await.err().unwrap());
    assert!(
        matches!(
            error,
            ReferenceError::Newer {
                version: 20_990_101_000_000,
                ..
            }
        ),
        "{error}"
    );
    run(
        &device.credentials(),
        "DELETE FROM _sqlx_migrations WHERE version > 20250805120000",
    )
    .await;
    let error = refused(device.try_shelf().await.err().unwrap());
    assert!(matches!(error, ReferenceError::Older { .. }), "{error}");
}

#[tokio::test]
async fn a_locked_file_is_a_clear_error_and_nothing_is_burned() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    let mut other = connect(&device.credentials()).await;
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = print(&shelf).await.unwrap_err();
    assert!(
        matches!(error, WalletError::Reference(ReferenceError::Locked { .. })),
        "{error}"
    );
    held.rollback().await.unwrap();
    assert_eq!(print(&shelf).await.unwrap().index, 0);
}

#[tokio::test]
async fn our_own_database_stays_beside_it_and_its_schema_is_untouched() {
    let device = Device::with_published(Schema::May).await;
    let schema = "SELECT count(*) FROM sqlite_master";
    let before = count(&device.credentials(), schema).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    import(&shelf, &full(&book())).await.unwrap();
    print(&shelf).await.unwrap();
    shelf.close().await;
    assert_eq!(count(&device.credentials(), schema).await, before);
    assert!(
        device
            .files()
            .contains(&"credentials_database.db.wallet.sqlite".to_owned())
    );
}

#[tokio::test]
async fn the_books_of_both_are_listed_also_while_another_process_has_them_open() {
    let device = Device::with_published(Schema::Two).await;
    let shelf = device.shelf().await;
    import(&shelf, &full(&book())).await.unwrap();
    published_stores(&device.credentials(), &book()).await;
    let listed = Bookshelf::list(&device.credentials(), device.clock.shared())
        .await
        .unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed.iter().filter(|book| book.id == 0).count(), 1);
    shelf.close().await;
    drop(shelf);
    let listed = Bookshelf::list(&device.credentials(), device.clock.shared())
        .await
        .unwrap();
    assert!(listed.iter().all(|book| book.id > 0));
}

#[tokio::test]
async fn an_empty_place_has_nothing_to_list_and_nothing_is_made_of_it() {
    let device = Device::new();
    let error = Bookshelf::list(&device.credentials(), device.clock.shared())
        .await
        .unwrap_err();
    assert!(matches!(error, WalletError::NoWallet { .. }), "{error}");
    assert!(device.files().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_never_takes_a_ticket_being_made_for_a_counter_gone_backwards() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    // Many more, which take the reader time to look at: time in which tickets are made.
    for _ in 0..20 {
        let later = mint().book(expiration().plus_days(1).unwrap());
        published_stores(&device.credentials(), &later).await;
    }
    let shelf = device.shelf().await;
    let reader = tokio::spawn({
        let shelf = shelf.clone();
        async move {
            loop {
                let books = shelf.books().await.unwrap();
                if books[0].tickets_left == 0 {
                    return books[0].state.clone();
                }
                assert_eq!(books[0].state, "ready", "{:?}", books[0].reason);
            }
        }
    });
    for index in 0..50 {
        assert_eq!(print(&shelf).await.unwrap().index, index);
    }
    assert_eq!(reader.await.unwrap(), "spent");
}
