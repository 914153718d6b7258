//! Taking ticketbooks in: all of a file, verified, or nothing.

use ecash_ticketbook::{
    EcashDate, ImportableTicketBook, IssuedTicketBook, Record as _, TicketbookError,
};
use ecash_wallet::{
    BookFile, Bookshelf, FileError, FileKind, ImportedBook, IndexRange, KeyTrust, PrintIndex,
    WalletError, from_base58,
};

use crate::support::{
    Device, TYPE, assert_verifies, book, cuts, expiration, full, import, mint, other_mint, packed,
    print, provider, standalone,
};

async fn refused(shelf: &Bookshelf, bytes: &[u8]) -> FileError {
    match import(shelf, bytes).await.unwrap_err() {
        WalletError::BookFile(error) => error,
        other => panic!("{other}"),
    }
}

async fn import_range(
    shelf: &Bookshelf,
    book: &IssuedTicketBook,
    start: Option<u64>,
    last: u64,
) -> Result<ImportedBook, WalletError> {
    let file = BookFile::full(&full(book), None).unwrap();
    shelf
        .import(&file, IndexRange::new(start, last)?, None)
        .await
}

#[tokio::test]
async fn a_full_book_is_spent_from_after_it_was_taken_in() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let taken = import(&shelf, &full(&book())).await.unwrap();
    assert_eq!((taken.first_index, taken.last_index), (0, 49));
    assert_eq!(taken.key, KeyTrust::FileOnly);
    assert!(!taken.in_reference);
    let ticket = print(&shelf).await.unwrap();
    assert_eq!((ticket.book, ticket.index), (taken.id, 0));
    assert_verifies(&ticket);
    assert!(
        !device.credentials().exists(),
        "a published database is never made"
    );
}

#[tokio::test]
async fn a_bare_book_is_taken_in_once_its_public_data_is_here() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let file = BookFile::standalone(&standalone(&book()), None).unwrap();
    let refused = |error: WalletError| match error {
        WalletError::BookFile(FileError::Missing { what, .. }) => what,
        other => panic!("{other}"),
    };
    let take = || shelf.import(&file, IndexRange::WHOLE, None);
    assert!(refused(take().await.unwrap_err()).contains("key"));
    shelf.import_master_key(&mint().key(), None).await.unwrap();
    assert!(refused(take().await.unwrap_err()).contains("coin-index"));
    shelf
        .import_coin_signatures(&mint().coins, None)
        .await
        .unwrap();
    assert!(refused(take().await.unwrap_err()).contains("expiration-date"));
    shelf
        .import_date_signatures(&mint().dates, None)
        .await
        .unwrap();
    assert_eq!(take().await.unwrap().key, KeyTrust::Stored);
    assert_verifies(&print(&shelf).await.unwrap());
}

#[tokio::test]
async fn a_book_is_taken_in_once() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let book = book();
    let first = import(&shelf, &full(&book)).await.unwrap();
    for again in [book.clone(), book.with_spent_tickets(20).unwrap()] {
        match refused(&shelf, &full(&again)).await {
            FileError::AlreadyHere {
                book, last_index, ..
            } => {
                assert_eq!((book, last_index), (first.id, 49));
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(shelf.books().await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_two_imports_of_one_book_at_once_one_is_refused() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let bytes = full(&book());
    let (one, two) = tokio::join!(import(&shelf, &bytes), import(&shelf, &bytes));
    assert!(one.is_ok() != two.is_ok());
    assert_eq!(shelf.books().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_range_gives_exactly_its_indices() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let taken = import_range(&shelf, &book(), Some(48), 48).await.unwrap();
    assert_eq!((taken.first_index, taken.last_index), (48, 48));
    assert_eq!(print(&shelf).await.unwrap().index, 48);
    assert!(matches!(
        print(&shelf).await.unwrap_err(),
        WalletError::NoBook(TYPE)
    ));
    for outside in [47, 49] {
        let error = shelf
            .print_ticket(provider(), TYPE, PrintIndex::Exactly(outside))
            .await
            .unwrap_err();
        assert!(
            matches!(error, WalletError::TicketNotFree { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn ranges_that_no_book_has_are_refused() {
    for (start, last) in [(Some(0), 50), (None, 50), (Some(10), 9), (Some(50), 50)] {
        let refused = IndexRange::new(start, last).unwrap_err();
        assert!(matches!(refused, FileError::Range { .. }), "{refused}");
    }
}

#[tokio::test]
async fn indices_below_the_counter_belong_to_somebody_else() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let used = book().with_spent_tickets(20).unwrap();
    let error = import_range(&shelf, &used, Some(19), 49).await.unwrap_err();
    assert!(
        matches!(
            error,
            WalletError::BookFile(FileError::BelowCounter {
                start: 19,
                counter: 20
            })
        ),
        "{error}"
    );
    let error = import_range(&shelf, &used, None, 19).await.unwrap_err();
    assert!(matches!(
        error,
        WalletError::BookFile(FileError::Range { .. })
    ));
    let taken = import_range(&shelf, &used, None, 30).await.unwrap();
    assert_eq!((taken.first_index, taken.last_index), (20, 30));
    assert_eq!(print(&shelf).await.unwrap().index, 20);
}

#[tokio::test]
async fn a_used_up_book_is_refused() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let used = book().with_spent_tickets(50).unwrap();
    assert!(matches!(
        refused(&shelf, &full(&used)).await,
        FileError::UsedUp
    ));
}

#[tokio::test]
async fn a_book_is_taken_in_on_its_last_day_and_not_after_it() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let first_second_after = u64::from(expiration().unix()) + 86_400;
    let at = |secs| {
        device
            .clock
            .set(ecash_service::clock::UnixTime::from_secs(secs))
    };
    at(first_second_after);
    assert!(matches!(
        refused(&shelf, &full(&book())).await,
        FileError::Expired { .. }
    ));
    at(first_second_after - 1);
    import(&shelf, &full(&book())).await.unwrap();
}

#[tokio::test]
async fn a_file_cut_anywhere_or_with_a_byte_more_is_refused_and_nothing_is_stored() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let book = book();
    for whole in [full(&book), standalone(&book)] {
        let longer = [whole.as_slice(), &[0]].concat();
        for end in 0..whole.len() {
            assert!(BookFile::any(&whole[..end]).is_err(), "{end} bytes");
        }
        for bytes in cuts(whole.len())
            .map(|end| &whole[..end])
            .chain([longer.as_slice()])
        {
            assert!(BookFile::full(bytes, None).is_err());
            assert!(BookFile::standalone(bytes, None).is_err());
        }
        assert!(BookFile::any(&longer).is_err());
    }
    assert!(shelf.books().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_of_another_kind_is_named_with_the_command_that_takes_it() {
    let book = book();
    let mistakes: [(Result<BookFile, FileError>, FileKind, &str); 4] = [
        (
            BookFile::full(&standalone(&book), None),
            FileKind::Standalone,
            "--standalone",
        ),
        (
            BookFile::standalone(&full(&book), None),
            FileKind::Full,
            "--full",
        ),
        (
            BookFile::full(mint().key().to_record().data(), None),
            FileKind::MasterKey,
            "import-master-verification-key",
        ),
        (
            BookFile::standalone(mint().dates.to_record().data(), None),
            FileKind::DateSignatures,
            "import-expiration-date-signatures",
        ),
    ];
    for (refused, kind, command) in mistakes {
        let error = refused.err().unwrap();
        assert!(error.to_string().contains(command), "{error}");
        assert!(
            matches!(error, FileError::WrongKind { found, .. } if found == kind),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_unknown_revision_is_refused_by_its_number() {
    for revision in [0, 2, 255] {
        for refused in [
            BookFile::full(&full(&book()), Some(revision)),
            BookFile::standalone(&standalone(&book()), Some(revision)),
        ] {
            let error = refused.err().unwrap();
            assert!(
                matches!(
                    error,
                    FileError::Malformed {
                        source: TicketbookError::Revision { actual, .. },
                        ..
                    } if actual == revision
                ),
                "{error}"
            );
        }
    }
    assert!(BookFile::full(&full(&book()), Some(1)).is_ok());
}

#[tokio::test]
async fn text_that_is_not_base58_or_too_long_is_refused() {
    let bytes = full(&book());
    let text = bs58::encode(&bytes).into_string();
    assert_eq!(*from_base58(&format!("  {text}\n")).unwrap(), bytes);
    assert!(matches!(
        from_base58("0OIl").unwrap_err(),
        FileError::NotBase58(_)
    ));
    assert!(matches!(
        from_base58(&"1".repeat(100_000)).unwrap_err(),
        FileError::TooLong { .. }
    ));
    assert!(matches!(
        BookFile::any(&vec![0; 100_000]).err().unwrap(),
        FileError::TooLong { .. }
    ));
}

#[tokio::test]
async fn a_book_of_another_key_is_refused_whatever_key_the_file_brings() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let foreign = other_mint().book(expiration());
    assert!(matches!(
        refused(&shelf, &packed(&foreign, mint())).await,
        FileError::BadBook { .. }
    ));
    shelf.import_master_key(&mint().key(), None).await.unwrap();
    assert!(matches!(
        refused(&shelf, &packed(&foreign, other_mint())).await,
        FileError::KeyDiffers {
            place: "stored here",
            ..
        }
    ));
    let file = BookFile::full(&packed(&foreign, other_mint()), None).unwrap();
    let other = Device::new();
    let fresh = other.shelf().await;
    let error = fresh
        .import(&file, IndexRange::WHOLE, Some(mint().master.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            WalletError::BookFile(FileError::KeyDiffers {
                place: "on chain",
                ..
            })
        ),
        "{error}"
    );
    assert!(fresh.books().await.unwrap().is_empty());
}

#[tokio::test]
async fn signatures_of_another_key_in_a_file_are_refused_and_nothing_of_it_is_stored() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let book = book();
    let key = mint().key();
    let bad_coins = ImportableTicketBook::pack(
        &book,
        Some(&mint().dates),
        Some(&other_mint().coins),
        Some(&key),
    );
    let bad_dates = ImportableTicketBook::pack(
        &book,
        Some(&other_mint().dates),
        Some(&mint().coins),
        Some(&key),
    );
    for packed in [bad_coins, bad_dates] {
        let error = refused(&shelf, packed.to_record().data()).await;
        assert!(matches!(error, FileError::BadPublicData { .. }), "{error}");
    }
    let error = shelf
        .import_date_signatures(&mint().dates, None)
        .await
        .unwrap_err();
    assert!(
        matches!(error, WalletError::BookFile(FileError::Missing { .. })),
        "the key of the refused file was not kept: {error}"
    );
}

#[tokio::test]
async fn a_key_that_is_the_chains_is_trusted_as_such() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let file = BookFile::full(&full(&book()), None).unwrap();
    let taken = shelf
        .import(&file, IndexRange::WHOLE, Some(mint().master.clone()))
        .await
        .unwrap();
    assert_eq!(taken.key, KeyTrust::Chain);
}

#[tokio::test]
async fn tickets_of_two_books_are_taken_from_the_one_that_expires_first() {
    let device = Device::new();
    let shelf = device.shelf().await;
    import(&shelf, &full(&book())).await.unwrap();
    let sooner: EcashDate = expiration().minus_days(3).unwrap();
    let file = ImportableTicketBook::pack(
        &mint().book(sooner),
        Some(&mint().dates(sooner)),
        None,
        None,
    );
    let sooner = import(&shelf, file.to_record().data()).await.unwrap();
    assert_eq!(print(&shelf).await.unwrap().book, sooner.id);
}
