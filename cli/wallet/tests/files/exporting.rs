//! Handing the tail of a book over: an index belongs to one device, before the file exists.

use ecash_wallet::{
    BookFile, Export, Exported, FileError, IndexRange, Parts, PrintIndex, WalletError,
};

use crate::support::{
    Device, Schema, TYPE, assert_verifies, book, counter, expiration, full, import, print,
    provider, published_stores, run,
};

fn tail(book: i64, start: u64) -> Export {
    Export {
        book,
        start: Some(start),
        again: false,
        parts: Parts::ALL,
    }
}

fn file_error(outcome: Result<Exported, WalletError>) -> FileError {
    match outcome.err().unwrap() {
        WalletError::BookFile(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_tail_is_spent_where_it_was_taken_in_and_the_rest_where_it_was() {
    let (here, there) = (Device::new(), Device::new());
    let (shelf, id) = here.shelf_with_book().await;
    assert_eq!(print(&shelf).await.unwrap().index, 0);
    let exported = shelf.export(&tail(id, 2)).await.unwrap();
    assert_eq!((exported.start, exported.kept), (2, Some((0, 1))));
    let other = there.shelf().await;
    let taken = import(&other, &exported.bytes).await.unwrap();
    assert_eq!((taken.first_index, taken.last_index), (2, 49));
    let ticket = print(&other).await.unwrap();
    assert_eq!(ticket.index, 2);
    assert_verifies(&ticket);
    assert_eq!(print(&shelf).await.unwrap().index, 1);
    assert!(matches!(
        print(&shelf).await.unwrap_err(),
        WalletError::NoBook(TYPE)
    ));
    for index in [2, 49] {
        let refused = shelf
            .print_ticket(provider(), TYPE, PrintIndex::Exactly(index))
            .await;
        assert!(matches!(
            refused.unwrap_err(),
            WalletError::NoBook(_) | WalletError::TicketNotFree { .. }
        ));
    }
}

#[tokio::test]
async fn what_was_handed_over_is_gone_before_the_file_is_written_and_after_a_restart() {
    let device = Device::new();
    let (shelf, id) = device.shelf_with_book().await;
    let lost = shelf.export(&tail(id, 20)).await.unwrap().bytes;
    shelf.close().await;
    drop(shelf);
    let shelf = device.shelf().await;
    let books = shelf.books().await.unwrap();
    assert_eq!(
        (
            books[0].last_index,
            books[0].exported_from,
            books[0].tickets_left
        ),
        (19, Some(20), 20)
    );
    let again = Export {
        again: true,
        ..tail(id, 20)
    };
    assert_eq!(*shelf.export(&again).await.unwrap().bytes, *lost);
    let unnamed = Export {
        start: None,
        ..again
    };
    assert_eq!(*shelf.export(&unnamed).await.unwrap().bytes, *lost);
}

#[tokio::test]
async fn handing_over_twice_or_again_without_a_first_time_is_refused() {
    let device = Device::new();
    let (shelf, id) = device.shelf_with_book().await;
    let again = |start| Export {
        again: true,
        start,
        ..tail(id, 0)
    };
    assert!(matches!(
        file_error(shelf.export(&again(None)).await),
        FileError::NeverExported { .. }
    ));
    shelf.export(&tail(id, 30)).await.unwrap();
    assert!(matches!(
        file_error(shelf.export(&tail(id, 10)).await),
        FileError::AlreadyExported { start: 30, .. }
    ));
    assert!(matches!(
        file_error(shelf.export(&again(Some(31))).await),
        FileError::NeverExported {
            start: Some(31),
            ..
        }
    ));
}

#[tokio::test]
async fn a_tail_with_a_used_ticket_is_not_handed_over() {
    let device = Device::new();
    let (shelf, id) = device.shelf_with_book().await;
    shelf
        .print_ticket(provider(), TYPE, PrintIndex::Exactly(10))
        .await
        .unwrap();
    assert!(matches!(
        file_error(shelf.export(&tail(id, 10)).await),
        FileError::NotExportable { start: 10, .. }
    ));
    let unnamed = Export {
        start: None,
        ..tail(id, 0)
    };
    assert_eq!(shelf.export(&unnamed).await.unwrap().start, 11);
    assert_eq!(print(&shelf).await.unwrap().index, 0, "the gap stays here");
}

#[tokio::test]
async fn of_a_ticket_and_a_hand_over_at_once_one_has_the_index() {
    for _ in 0..8 {
        let device = Device::new();
        let (shelf, id) = device.shelf_with_book().await;
        let (ticket, exported) = tokio::join!(print(&shelf), async {
            tokio::task::yield_now().await;
            shelf.export(&tail(id, 0)).await
        });
        assert!(ticket.is_ok() != exported.is_ok());
    }
}

#[tokio::test]
async fn a_whole_book_can_be_handed_over_and_leaves_nothing_here() {
    let device = Device::new();
    let (shelf, id) = device.shelf_with_book().await;
    let exported = shelf.export(&tail(id, 0)).await.unwrap();
    assert_eq!(exported.kept, None);
    let books = shelf.books().await.unwrap();
    assert_eq!((books[0].tickets_total, books[0].last_index), (0, -1));
    assert!(matches!(
        print(&shelf).await.unwrap_err(),
        WalletError::NoBook(_)
    ));
}

#[tokio::test]
async fn a_book_that_ends_early_an_expired_or_unknown_one_is_not_handed_over() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let file = BookFile::full(&full(&book()), None).unwrap();
    let part = shelf
        .import(&file, IndexRange::new(None, 48).unwrap(), None)
        .await
        .unwrap();
    assert!(matches!(
        file_error(shelf.export(&tail(part.id, 5)).await),
        FileError::NotExportable { .. }
    ));
    assert!(matches!(
        file_error(shelf.export(&tail(99, 5)).await),
        FileError::NoSuchBook(99)
    ));
    let whole = import(&shelf, &full(&book())).await.unwrap();
    for start in [50, 51, u64::MAX] {
        assert!(matches!(
            file_error(shelf.export(&tail(whole.id, start)).await),
            FileError::NotExportable { .. }
        ));
    }
    device.clock.advance_secs(8 * 86_400);
    assert!(matches!(
        file_error(shelf.export(&tail(whole.id, 5)).await),
        FileError::Expired { expiration: day, .. } if day == expiration()
    ));
}

#[tokio::test]
async fn only_the_parts_asked_for_are_in_the_file() {
    let device = Device::new();
    let (shelf, id) = device.shelf_with_book().await;
    let bare = Export {
        parts: Parts::default(),
        ..tail(id, 7)
    };
    let bytes = shelf.export(&bare).await.unwrap().bytes;
    let other = Device::new();
    let refused = import(&other.shelf().await, &bytes).await.unwrap_err();
    assert!(
        matches!(refused, WalletError::BookFile(FileError::Missing { .. })),
        "{refused}"
    );
    let full = Export {
        parts: Parts::ALL,
        again: true,
        ..bare
    };
    assert!(shelf.export(&full).await.unwrap().bytes.len() > bytes.len());
}

#[tokio::test]
async fn a_book_of_the_published_database_ends_there_too() {
    for schema in [Schema::May, Schema::Two] {
        let device = Device::with_published(schema).await;
        published_stores(&device.credentials(), &book()).await;
        let shelf = device.shelf().await;
        let id = shelf.books().await.unwrap()[0].id;
        print(&shelf).await.unwrap();
        assert!(matches!(
            file_error(shelf.export(&tail(id, 0)).await),
            FileError::NotExportable { .. }
        ));
        let exported = shelf.export(&tail(id, 3)).await.unwrap();
        assert_eq!(exported.kept, Some((0, 2)));
        assert_eq!(counter(&device.credentials()).await, (1, 3));
        let again = Export {
            again: true,
            ..tail(id, 3)
        };
        assert_eq!(*shelf.export(&again).await.unwrap().bytes, *exported.bytes);
    }
}

#[tokio::test]
async fn a_hand_over_broken_off_before_the_published_database_is_finished_by_again() {
    let device = Device::with_published(Schema::Two).await;
    published_stores(&device.credentials(), &book()).await;
    let shelf = device.shelf().await;
    let id = shelf.books().await.unwrap()[0].id;
    shelf.export(&tail(id, 3)).await.unwrap();
    run(
        &device.credentials(),
        "UPDATE ecash_ticketbook SET total_tickets = 50",
    )
    .await;
    let again = Export {
        again: true,
        ..tail(id, 3)
    };
    shelf.export(&again).await.unwrap();
    assert_eq!(counter(&device.credentials()).await, (0, 3));
    run(
        &device.credentials(),
        "UPDATE ecash_ticketbook SET total_tickets = 50, used_tickets = 4",
    )
    .await;
    assert!(
        matches!(
            file_error(shelf.export(&again).await),
            FileError::NotExportable { .. }
        ),
        "another program used a ticket of the tail"
    );
}
