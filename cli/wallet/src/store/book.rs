//! Ticketbooks.

use ecash_ticketbook::{DepositId, EcashDate, EpochId, TICKETS_PER_BOOK, TicketType};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use super::Store;
use super::row::{Columns, damaged, to_i64};
use crate::error::WalletError;
use crate::files::FileError;

/// State of a book that tickets may leave.
const READY: &str = "ready";

/// Where the bytes of a new book are.
#[derive(Clone, Copy)]
pub(crate) enum Home<'a> {
    /// Here: the issued-book record with no ticket spent.
    Own(&'a [u8]),
    /// In this row of the published clients' database.
    Reference(i64),
}

impl Home<'_> {
    const fn text(self) -> &'static str {
        match self {
            Self::Own(_) => "own",
            Self::Reference(_) => "reference",
        }
    }
}

/// How a new book came.
#[derive(Clone, Copy)]
pub(crate) enum BookOrigin {
    /// For this deposit.
    Issued(DepositId),
    /// From a file, or by another program.
    Imported,
}

/// A verified book about to be stored.
pub(crate) struct NewBook<'a> {
    pub(crate) origin: BookOrigin,
    pub(crate) home: Home<'a>,
    /// SHA-256 of the issued-book record with no ticket spent.
    pub(crate) digest: [u8; 32],
    pub(crate) ticket_type: TicketType,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    /// First index that belongs to this device.
    pub(crate) first_index: u64,
    /// One more than the last.
    pub(crate) end_index: u64,
}

/// A stored book and how much of it is used.
#[derive(Clone)]
pub(crate) struct BookRow {
    pub(crate) id: i64,
    pub(crate) home: String,
    /// Its row in the published clients' database, once that was read.
    pub(crate) reference_id: Option<i64>,
    pub(crate) digest: [u8; 32],
    pub(crate) ticket_type: TicketType,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    pub(crate) first_index: u64,
    pub(crate) end_index: u64,
    /// First index that was handed over to another device.
    pub(crate) exported_from: Option<u64>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) data: Option<Zeroizing<Vec<u8>>>,
    /// Used tickets among the indices of this device.
    pub(crate) burned: u64,
    /// One more than the highest index with a journal row; 0 without any.
    pub(crate) journal_end: u64,
    /// The next index, for a book of the published clients' database.
    pub(crate) counter: Option<u64>,
}

impl BookRow {
    /// The row that `book` becomes, before it has a number.
    pub(crate) fn new(book: &NewBook<'_>) -> Self {
        Self {
            id: 0,
            home: book.home.text().to_owned(),
            reference_id: None,
            digest: book.digest,
            ticket_type: book.ticket_type,
            expiration: book.expiration,
            epoch: book.epoch,
            first_index: book.first_index,
            end_index: book.end_index,
            exported_from: None,
            state: READY.to_owned(),
            reason: None,
            data: None,
            burned: 0,
            journal_end: 0,
            counter: None,
        }
    }

    /// With what the published clients' database says: bytes, end, counter. Everything before the counter is used.
    pub(crate) fn with_counter(
        mut self,
        reference_id: i64,
        data: Zeroizing<Vec<u8>>,
        total: u64,
        used: u64,
    ) -> Self {
        self.reference_id = Some(reference_id);
        self.data = Some(data);
        self.end_index = self.end_index.min(total).max(self.first_index);
        self.burned = used.min(self.end_index).saturating_sub(self.first_index);
        self.counter = Some(used);
        self
    }

    /// In state `discarded`.
    pub(crate) fn discarded(mut self, reason: &str) -> Self {
        self.state = "discarded".to_owned();
        self.reason = Some(reason.to_owned());
        self
    }

    /// Last index that belongs to this device; one less than the first where there is none.
    pub(crate) fn last_index(&self) -> i64 {
        i64::try_from(self.end_index).unwrap_or(i64::MAX) - 1
    }

    /// The answer to who brings it once more.
    pub(crate) fn already_here(&self) -> FileError {
        FileError::AlreadyHere {
            book: self.id,
            first_index: i64::try_from(self.first_index).unwrap_or(i64::MAX),
            last_index: self.last_index(),
        }
    }

    /// Indices that belong to this device.
    pub(crate) fn total(&self) -> u64 {
        self.end_index.saturating_sub(self.first_index)
    }

    /// Indices that are not used.
    pub(crate) fn left(&self) -> u64 {
        self.total().saturating_sub(self.burned)
    }

    /// Whether tickets may leave it.
    pub(crate) fn is_ready(&self) -> bool {
        self.state == READY
    }

    /// Whether its bytes are in the published clients' database.
    pub(crate) fn is_in_reference(&self) -> bool {
        self.home == "reference"
    }

    /// Whether the published clients' database knows less than the journal.
    pub(crate) fn is_stale(&self) -> bool {
        self.counter
            .is_some_and(|counter| counter < self.journal_end)
    }

    /// Whether an index is used, given the indices with journal rows.
    pub(crate) fn is_used(&self, index: u64, burned: &[u64]) -> bool {
        burned.contains(&index) || self.counter.is_some_and(|counter| index < counter)
    }

    /// The next index to make a ticket with, given the indices with journal rows.
    pub(crate) fn lowest_free(&self, burned: &[u64]) -> Option<u64> {
        (self.first_index..self.end_index).find(|index| !self.is_used(*index, burned))
    }
}

const SELECT: &str = "SELECT book.*,
    (SELECT count(*) FROM ticket WHERE book_id = book.id AND idx BETWEEN first_index AND last_index) AS burned,
    (SELECT coalesce(max(idx) + 1, 0) FROM ticket WHERE book_id = book.id) AS journal_end
    FROM book ORDER BY expiration, id";

/// Stores a book. One of the published clients' database that was taken up before keeps its row and journal.
pub(crate) async fn insert_book(
    db: &mut SqliteConnection,
    book: &NewBook<'_>,
) -> Result<i64, WalletError> {
    let (data, reference_id) = match book.home {
        Home::Own(data) => (Some(data), None),
        Home::Reference(id) => (None, Some(id)),
    };
    let (origin, deposit_id) = match book.origin {
        BookOrigin::Issued(deposit) => ("issued", Some(i64::from(deposit.get()))),
        BookOrigin::Imported => ("imported", None),
    };
    let id: Option<i64> = sqlx::query_scalar(
        "INSERT INTO book (home, reference_id, origin, digest, deposit_id, type, expiration, epoch_id, first_index,
             last_index, data, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (digest) DO UPDATE SET reference_id = excluded.reference_id, origin = excluded.origin,
             deposit_id = excluded.deposit_id WHERE home = 'reference' AND excluded.home = 'reference'
         RETURNING id",
    )
    .bind(book.home.text())
    .bind(reference_id)
    .bind(origin)
    .bind(book.digest.as_slice())
    .bind(deposit_id)
    .bind(i64::from(book.ticket_type.code()))
    .bind(i64::from(book.expiration.unix()))
    .bind(to_i64("epoch", book.epoch.get())?)
    .bind(to_i64("index", book.first_index)?)
    .bind(to_i64("index", book.end_index)? - 1)
    .bind(data)
    .bind(READY)
    .fetch_optional(&mut *db)
    .await?;
    if let Some(id) = id {
        return Ok(id);
    }
    let (book, first, last): (i64, i64, i64) =
        sqlx::query_as("SELECT id, first_index, last_index FROM book WHERE digest = ?")
            .bind(book.digest.as_slice())
            .fetch_one(db)
            .await?;
    Err(FileError::AlreadyHere {
        book,
        first_index: first,
        last_index: last,
    }
    .into())
}

impl Store {
    /// All books, earliest expiration first.
    pub(crate) async fn books(&self) -> Result<Vec<BookRow>, WalletError> {
        sqlx::query(SELECT)
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Gives a book up: no ticket leaves it any more.
    pub(crate) async fn discard(&self, book: i64, reason: &str) -> Result<(), WalletError> {
        let mut db = self.write("discarded book").await?;
        sqlx::query("UPDATE book SET state = 'discarded', reason = ? WHERE id = ?")
            .bind(reason)
            .bind(book)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// Deletes the journals of books that expired before `date`.
    pub(crate) async fn prune_journals(&self, date: EcashDate) -> Result<(), WalletError> {
        let mut db = self.write("pruned journals").await?;
        sqlx::query(
            "DELETE FROM ticket WHERE book_id IN (SELECT id FROM book WHERE expiration < ?)",
        )
        .bind(i64::from(date.unix()))
        .execute(&mut *db)
        .await?;
        db.commit().await
    }
}

fn read(row: &SqliteRow) -> Result<BookRow, WalletError> {
    let columns = Columns(row);
    // −1 where everything from index 0 on was handed over.
    let last = Columns::needed("book.last_index", columns.int("last_index")?)?;
    Ok(BookRow {
        id: columns.id("id")?,
        home: columns.text("home")?,
        reference_id: columns.int("reference_id")?,
        digest: columns.array("digest")?,
        ticket_type: columns.ticket_type("type")?,
        expiration: Columns::needed("book.expiration", columns.date("expiration")?)?,
        epoch: Columns::needed("book.epoch_id", columns.epoch("epoch_id")?)?,
        first_index: columns.u64("first_index")?,
        end_index: u64::try_from(last.saturating_add(1))
            .ok()
            .filter(|end| *end <= TICKETS_PER_BOOK)
            .ok_or_else(|| damaged("book.last_index", format!("{last} is out of range")))?,
        exported_from: columns.unsigned("exported_from")?,
        state: columns.text("state")?,
        reason: columns.text_or_none("reason")?,
        data: columns.bytes_or_none("data")?.map(Zeroizing::new),
        burned: columns.u64("burned")?,
        journal_end: columns.u64("journal_end")?,
        counter: None,
    })
}
