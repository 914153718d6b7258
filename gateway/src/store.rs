//! The gateway's database: one file, one writing task, every commit synced to disk. Each sibling module has the SQL of
//! one concept; all writes go through the writer, reads through a pool of their own.

mod accounts;
mod epochs;
mod instance;
mod journal;
mod outbox;
mod registry;
mod retention;
mod spends;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::watch;

use crate::accept::reservation::Reservations;
use crate::error::Error;
use crate::limits::{DEFAULT_DISK_QUOTA_BYTES, QUOTA_STOP_PERCENT, WRITER_LOCK_MS};
use crate::spend_store::CommitError;
use ecash_service::sqlite::{self, Migration};

pub use accounts::{AccountRow, BalanceDelta, Registered};
pub use epochs::StoredEpoch;
pub use instance::{DATABASE_FILE, INSTANCE_FILE, Instance, InstanceId, KeyOrigin};
pub use journal::Journal;
pub use outbox::{CursorRow, Delivery, RefusalRow};
use writer::Writer;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    description: "the gateway's tables",
    sql: include_str!("../migrations/0001_gateway.sql"),
}];

/// How much the database may grow.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// At 90 % of this no more tickets are accepted (R4.14).
    pub disk_bytes: u64,
    /// Hard end of the file in pages of 4096 bytes; beyond it SQLite refuses to write. `None`: the disk decides.
    pub max_pages: Option<u32>,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            disk_bytes: DEFAULT_DISK_QUOTA_BYTES,
            max_pages: None,
        }
    }
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    writer: Writer,
    reservations: Reservations,
    instance: Instance,
    quota: Quota,
    outbox_grew: Arc<watch::Sender<u64>>,
}

impl Store {
    /// Opens the database at `path`, whose instance is known, and starts its writer.
    async fn attach(pool: SqlitePool, path: &Path, quota: Quota) -> Result<Self, Error> {
        let instance = instance::read(&pool)
            .await
            .map_err(|error| Error::store("read the instance of the database", &error))?
            .ok_or(Error::NotInitialised)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(WRITER_LOCK_MS));
        let writer = Writer::start(options, quota.max_pages)
            .await
            .map_err(|error| Error::store("open the database for writing", &error))?;
        Ok(Self {
            pool,
            writer,
            reservations: Reservations::default(),
            instance,
            quota,
            outbox_grew: Arc::new(watch::Sender::new(0)),
        })
    }

    /// The instance that this database is.
    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Bytes in use and the bound at which no more tickets are accepted.
    #[must_use]
    pub fn usage(&self) -> (u64, u64) {
        let bound = self.quota.disk_bytes / 100 * QUOTA_STOP_PERCENT;
        (self.writer.used_bytes(), bound)
    }

    /// Changes whenever a granted ticket came into the outbox.
    #[must_use]
    pub fn outbox_growth(&self) -> watch::Receiver<u64> {
        self.outbox_grew.subscribe()
    }

    /// Waits for the writes under way, folds in the write-ahead log and closes. Later writes fail.
    pub async fn close(self) {
        let Self { pool, writer, .. } = self;
        let _ = writer.write(|_| Box::pin(async { Ok(()) })).await; // whatever queued before is through now
        drop(writer);
        sqlite::close(&pool).await;
    }
}

/// How a failed read is told to who asked.
fn unreadable(error: &sqlx::Error) -> CommitError {
    match error {
        sqlx::Error::PoolTimedOut => CommitError::Locked,
        other => CommitError::NotCommitted(other.to_string()),
    }
}

/// A length-checked blob column.
fn blob<const N: usize>(bytes: &[u8], column: &'static str) -> Result<[u8; N], sqlx::Error> {
    bytes.try_into().map_err(|_| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("{} bytes in place of {N}", bytes.len()).into(),
    })
}

/// A number column that is never negative.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
