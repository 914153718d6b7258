//! Everything that is written down. All SQL of this crate is in this module, one file per concept; each table has one
//! writer.
//!
//! | module | tables |
//! |---|---|
//! | [`instance`] | `instance` |
//! | [`deposits`] | `deposit`, `mirror_cursor`, `blacklist` (chain) |
//! | [`gateways`] | `gateway` |
//! | [`issuance`] | `deposit_request`, `request_conflict`, `issued_share`, `dead_mark`, `issued_ticketbook`, `issued_ticketbooks_count` |
//! | [`refunds`] | `refund_request` |
//! | [`globals`] | `master_verification_key`, `global_…` and `partial_…_signatures`, `epoch_key` |
//! | [`tickets`] | `spent`, `payment`, `evidence`, `conflict`, `batch` (read) |
//! | [`outgoing`] | `outgoing_tx` |
//! | [`verdicts`] | `share_verdict` |
//! | [`cleaner`] | deletes what its time is over |

pub mod cleaner;
pub mod deposits;
pub mod gateways;
pub mod globals;
pub mod instance;
pub mod issuance;
pub mod outgoing;
pub mod refunds;
pub mod tickets;
pub mod verdicts;

use std::path::Path;
use std::sync::Arc;

use ecash_service::sqlite::{self, Migration};
use ecash_ticketbook::{EcashDate, EpochId, UnixTime};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::{Error, Result};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        description: "deposits and issuance",
        sql: include_str!("../../migrations/0001_deposits_and_issuance.sql"),
    },
    Migration {
        version: 2,
        description: "tickets",
        sql: include_str!("../../migrations/0002_tickets.sql"),
    },
    Migration {
        version: 3,
        description: "chain",
        sql: include_str!("../../migrations/0003_chain.sql"),
    },
];

/// The database of one member. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    /// Writers of this process queue here instead of in SQLite's busy loop.
    writer: Arc<Mutex<()>>,
}

/// One transaction that writes: committed as a whole, on disk when the commit returns.
struct Write<'a> {
    transaction: Transaction<'static, Sqlite>,
    _turn: MutexGuard<'a, ()>,
}

impl Write<'_> {
    async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}

impl Store {
    /// Opens or creates the database at `path` and brings it to the present schema.
    ///
    /// # Errors
    /// [`Error::Service`], see [`sqlite::open`].
    pub async fn open(path: &Path) -> Result<Self> {
        let pool = sqlite::open(path, MIGRATIONS).await?;
        Ok(Self {
            pool,
            writer: Arc::default(),
        })
    }

    /// Folds the log in and closes every connection.
    pub async fn close(&self) {
        sqlite::close(&self.pool).await;
    }

    async fn write(&self) -> Result<Write<'_>> {
        let turn = self.writer.lock().await;
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Write {
            transaction,
            _turn: turn,
        })
    }
}

/// `value` as SQLite stores it.
fn integer(what: &'static str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::TooLarge { what, value })
}

/// A column that holds a number of at least 0.
fn number(row: &SqliteRow, column: &'static str) -> Result<u64> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|_| Error::stored(column, format!("{value} is negative")))
}

/// A column that holds a time.
fn time(row: &SqliteRow, column: &'static str) -> Result<UnixTime> {
    Ok(UnixTime(number(row, column)?))
}

/// A column that holds `N` bytes.
fn bytes<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N]> {
    let value: Vec<u8> = row.try_get(column)?;
    let length = value.len();
    value
        .try_into()
        .map_err(|_| Error::stored(column, format!("{length} bytes, expected {N}")))
}

/// An epoch as SQLite stores it.
fn epoch(id: EpochId) -> Result<i64> {
    integer("epoch", id.get())
}

/// A time as SQLite stores it.
fn seconds(at: UnixTime) -> Result<i64> {
    integer("time", at.get())
}

/// A date in the tables of audits and signatures: `YYYY-MM-DD`.
fn date_text(date: EcashDate) -> String {
    date.to_string()
}
