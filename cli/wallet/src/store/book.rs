//! Ticketbooks.

use ecash_ticketbook::{DepositId, EcashDate, EpochId, TICKETS_PER_BOOK, TicketType};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use super::Store;
use super::row::{Columns, to_i64};
use crate::error::WalletError;

/// A verified book about to be stored.
pub(crate) struct NewBook<'a> {
    /// SHA-256 of `data`.
    pub(crate) digest: [u8; 32],
    pub(crate) deposit_id: DepositId,
    pub(crate) ticket_type: TicketType,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    /// The issued-book record with no ticket spent.
    pub(crate) data: &'a [u8],
}

/// A stored book and how much of it is used.
pub(crate) struct BookRow {
    pub(crate) id: i64,
    pub(crate) home: String,
    pub(crate) ticket_type: TicketType,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    pub(crate) first_index: u64,
    pub(crate) last_index: u64,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) data: Option<Zeroizing<Vec<u8>>>,
    /// Journal rows.
    pub(crate) burned: u64,
}

impl BookRow {
    /// Indices that belong to this device.
    pub(crate) fn total(&self) -> u64 {
        (self.last_index + 1).saturating_sub(self.first_index)
    }

    /// Indices without a journal row.
    pub(crate) fn left(&self) -> u64 {
        self.total().saturating_sub(self.burned)
    }

    /// Whether tickets may leave it.
    pub(crate) fn is_ready(&self) -> bool {
        self.state == "ready"
    }
}

const SELECT: &str =
    "SELECT book.*, (SELECT count(*) FROM ticket WHERE book_id = book.id) AS burned FROM book
    ORDER BY expiration, id";

pub(crate) async fn insert_book(
    db: &mut SqliteConnection,
    book: &NewBook<'_>,
) -> Result<i64, WalletError> {
    let id = sqlx::query(
        "INSERT INTO book (home, origin, digest, deposit_id, type, expiration, epoch_id, first_index, last_index, data, state)
         VALUES ('own', 'issued', ?, ?, ?, ?, ?, 0, ?, ?, 'ready')",
    )
    .bind(book.digest.as_slice())
    .bind(i64::from(book.deposit_id.get()))
    .bind(i64::from(book.ticket_type.code()))
    .bind(i64::from(book.expiration.unix()))
    .bind(to_i64("epoch", book.epoch.get())?)
    .bind(to_i64("index", TICKETS_PER_BOOK - 1)?)
    .bind(book.data)
    .execute(db)
    .await?
    .last_insert_rowid();
    Ok(id)
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
    Ok(BookRow {
        id: columns.id("id")?,
        home: columns.text("home")?,
        ticket_type: columns.ticket_type("type")?,
        expiration: Columns::needed("book.expiration", columns.date("expiration")?)?,
        epoch: Columns::needed("book.epoch_id", columns.epoch("epoch_id")?)?,
        first_index: columns.u64("first_index")?,
        last_index: columns.u64("last_index")?,
        state: columns.text("state")?,
        reason: columns.text_or_none("reason")?,
        data: columns.bytes_or_none("data")?.map(Zeroizing::new),
        burned: columns.u64("burned")?,
    })
}
