//! Books that come from files or from the published clients' database, and books that are handed over.

use ecash_ticketbook::{EcashDate, EpochId, TICKETS_PER_BOOK};
use sqlx::SqliteConnection;

use super::Store;
use super::book::{NewBook, insert_book};
use super::row::to_i64;
use crate::error::WalletError;

/// Verified public data about to be stored, as revision-2 records.
#[derive(Clone, Copy, Default)]
pub(crate) struct PublicRecords<'a> {
    pub(crate) key: Option<(EpochId, &'a [u8])>,
    pub(crate) coins: Option<(EpochId, &'a [u8])>,
    pub(crate) dates: Option<(EpochId, EcashDate, &'a [u8])>,
}

/// How handing over the tail of a book ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandOver {
    /// It is durable: the indices from the start on belong to another device.
    Done,
    /// It was handed over before, from this index on.
    Before(u64),
    /// A ticket of the tail was made.
    Used(u64),
    /// The book is not whole up to its last index, or no ticket may leave it.
    NotWhole,
}

impl Store {
    /// Stores public data; what is there already stays.
    pub(crate) async fn put_public(&self, public: PublicRecords<'_>) -> Result<(), WalletError> {
        let mut db = self.write("public data").await?;
        put_public(&mut db, public).await?;
        db.commit().await
    }

    /// Stores a book with what it is spent with: one transaction.
    pub(crate) async fn take_in(
        &self,
        public: PublicRecords<'_>,
        book: &NewBook<'_>,
    ) -> Result<i64, WalletError> {
        let mut db = self.write("imported book").await?;
        put_public(&mut db, public).await?;
        let id = insert_book(&mut db, book).await?;
        db.commit().await?;
        Ok(id)
    }

    /// Stores rows for books that another program brought.
    pub(crate) async fn take_up(&self, books: &[NewBook<'_>]) -> Result<(), WalletError> {
        let mut db = self.write("books of the published database").await?;
        for book in books {
            insert_book(&mut db, book).await?;
        }
        db.commit().await
    }

    /// Ends a book before `start`: from then on those indices belong to another device. Decided and stored in one
    /// transaction, against which no ticket can be made of the tail.
    pub(crate) async fn hand_over(&self, book: i64, start: u64) -> Result<HandOver, WalletError> {
        let start = to_i64("index", start)?;
        let mut db = self.write("handed over").await?;
        let before: Option<i64> = sqlx::query_scalar("SELECT exported_from FROM book WHERE id = ?")
            .bind(book)
            .fetch_one(&mut *db)
            .await?;
        if let Some(before) = before.and_then(|before| u64::try_from(before).ok()) {
            return Ok(HandOver::Before(before));
        }
        let used: Option<i64> =
            sqlx::query_scalar("SELECT max(idx) FROM ticket WHERE book_id = ? AND idx >= ?")
                .bind(book)
                .bind(start)
                .fetch_one(&mut *db)
                .await?;
        if let Some(used) = used.and_then(|used| u64::try_from(used).ok()) {
            return Ok(HandOver::Used(used));
        }
        let changed = sqlx::query(
            "UPDATE book SET last_index = ?1 - 1, exported_from = ?1
             WHERE id = ?2 AND state = 'ready' AND first_index <= ?1 AND last_index = ?3",
        )
        .bind(start)
        .bind(book)
        .bind(to_i64("index", TICKETS_PER_BOOK - 1)?)
        .execute(&mut *db)
        .await?
        .rows_affected();
        if changed == 0 {
            return Ok(HandOver::NotWhole);
        }
        db.commit().await?;
        Ok(HandOver::Done)
    }
}

async fn put_public(
    db: &mut SqliteConnection,
    public: PublicRecords<'_>,
) -> Result<(), WalletError> {
    if let Some((epoch, data)) = public.key {
        sqlx::query("INSERT INTO master_key (epoch_id, data) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(to_i64("epoch", epoch.get())?)
            .bind(data)
            .execute(&mut *db)
            .await?;
    }
    if let Some((epoch, data)) = public.coins {
        sqlx::query(
            "INSERT INTO coin_signatures (epoch_id, data) VALUES (?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(to_i64("epoch", epoch.get())?)
        .bind(data)
        .execute(&mut *db)
        .await?;
    }
    if let Some((epoch, expiration, data)) = public.dates {
        sqlx::query(
            "INSERT INTO date_signatures (epoch_id, expiration, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(to_i64("epoch", epoch.get())?)
        .bind(i64::from(expiration.unix()))
        .bind(data)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
