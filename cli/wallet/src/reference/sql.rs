//! All SQL on the credential database of the published clients.
//!
//! **Architecture invariant:** no statement here creates, alters or drops anything, and none takes a used ticket back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::limits::LOCK_WAIT_MS;
use ecash_ticketbook::{EcashDate, EpochId, TICKETS_PER_BOOK};
use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use zeroize::Zeroizing;

use super::ReferenceError;
use crate::store::PublicRecords;
use crate::witness::Watch;

/// Connections to the file.
const MAX_CONNECTIONS: u32 = 2;

/// Most books that are read of one file.
const MAX_BOOKS: i64 = 1_000;

/// The steps of its schema that are known; the one before the last is the last of the May 2026 programs, the last that of
/// version 2.0.0. The two differ in the foreign keys of one table, which matters to nobody who stores public data first.
const MIGRATIONS: [i64; 12] = [
    20_220_408_120_000,
    20_221_208_120_000,
    20_230_117_120_000,
    20_240_206_120_000,
    20_240_311_120_000,
    20_240_311_120_001,
    20_241_104_120_000,
    20_241_104_120_001,
    20_241_104_120_002,
    20_250_805_120_000,
    20_251_030_120_000,
    20_251_104_120_000,
];

/// The oldest schema that is used: that of the May 2026 programs.
const OLDEST_USED: i64 = 20_251_030_120_000;

/// A stored blob with its revision.
pub(crate) struct Stored {
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) revision: u8,
}

/// A row of `ecash_ticketbook`.
pub(crate) struct BookRecord {
    pub(crate) id: i64,
    pub(crate) book: Stored,
    /// Tickets that this file hands out, from index 0 on.
    pub(crate) total: u64,
    /// How many of them are used; the next one has this index.
    pub(crate) used: u64,
}

/// A verified book about to be stored, with what it is spent with.
pub(crate) struct NewReferenceBook<'a> {
    /// Record and revision exactly as they came: published programs find a book that they have by these bytes.
    pub(crate) data: &'a [u8],
    pub(crate) revision: u8,
    pub(crate) ticket_type: &'static str,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    /// One more than the last index.
    pub(crate) total: u64,
    /// The first index.
    pub(crate) used: u64,
}

/// The revision of public data that is written.
const PUBLIC_REVISION: u8 = 2;

/// The open file.
#[derive(Debug)]
pub(crate) struct Reference {
    pool: SqlitePool,
    path: PathBuf,
    watch: Watch,
}

impl Reference {
    /// Opens the file if there is one and its schema is known. Every commit of ours is on disk when it returns.
    pub(crate) async fn open(path: &Path, watch: Watch) -> Result<Option<Self>, ReferenceError> {
        Self::connect(path, false, watch).await
    }

    /// Opens the file to read it, beside whoever writes to it.
    pub(crate) async fn open_to_read(path: &Path) -> Result<Option<Self>, ReferenceError> {
        Self::connect(path, true, Watch::default()).await
    }

    async fn connect(
        path: &Path,
        read_only: bool,
        watch: Watch,
    ) -> Result<Option<Self>, ReferenceError> {
        if !path.exists() {
            return Ok(None);
        }
        if !path.is_file() {
            return Err(ReferenceError::Foreign {
                path: path.to_path_buf(),
                reason: "it is no regular file".to_owned(),
            });
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .read_only(read_only)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(LOCK_WAIT_MS));
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|error| failed(path, error))?;
        let reference = Self {
            pool,
            path: path.to_path_buf(),
            watch,
        };
        reference.check_schema().await?;
        Ok(Some(reference))
    }

    async fn check_schema(&self) -> Result<(), ReferenceError> {
        let foreign = |reason: &str| ReferenceError::Foreign {
            path: self.path.clone(),
            reason: reason.to_owned(),
        };
        let known: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations',
             'ecash_ticketbook', 'master_verification_key', 'coin_indices_signatures', 'expiration_date_signatures')",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        if known == 0 {
            return Err(foreign("it has none of the tables of one"));
        }
        let steps: Vec<(i64, bool)> =
            sqlx::query_as("SELECT version, success FROM _sqlx_migrations ORDER BY version")
                .fetch_all(&self.pool)
                .await
                .map_err(|error| self.failed(error))?;
        for (version, success) in &steps {
            if !MIGRATIONS.contains(version) {
                return Err(ReferenceError::Newer {
                    path: self.path.clone(),
                    version: *version,
                });
            }
            if !success {
                return Err(foreign("a migration of it was broken off"));
            }
        }
        let newest = steps.last().map_or(0, |(version, _)| *version);
        if newest < OLDEST_USED {
            return Err(ReferenceError::Older {
                path: self.path.clone(),
                newest,
            });
        }
        if known < 5 {
            return Err(foreign("tables of one are missing"));
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    async fn commit(
        &self,
        tx: Transaction<'static, Sqlite>,
        what: &'static str,
    ) -> Result<(), sqlx::Error> {
        self.watch.before_write(what)?;
        tx.commit().await?;
        self.watch.after_write(what);
        Ok(())
    }

    /// All books, earliest expiration first.
    pub(crate) async fn books(&self) -> Result<Vec<BookRecord>, ReferenceError> {
        sqlx::query(
            "SELECT id, serialization_revision, ticketbook_data, total_tickets, used_tickets
             FROM ecash_ticketbook ORDER BY expiration_date, id LIMIT ?",
        )
        .bind(MAX_BOOKS)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))?
        .iter()
        .map(|row| self.read_book(row).map_err(|error| self.failed(error)))
        .collect()
    }

    fn read_book(&self, row: &SqliteRow) -> Result<BookRecord, sqlx::Error> {
        let count = |column| -> Result<u64, sqlx::Error> {
            Ok(u64::try_from(row.try_get::<i64, _>(column)?)
                .unwrap_or(0)
                .min(TICKETS_PER_BOOK))
        };
        Ok(BookRecord {
            id: row.try_get("id")?,
            book: Stored {
                data: Zeroizing::new(row.try_get("ticketbook_data")?),
                revision: row.try_get("serialization_revision")?,
            },
            total: count("total_tickets")?,
            used: count("used_tickets")?,
        })
    }

    /// Moves the counter of a book from `index` to `index + 1`. False where it stands elsewhere by now, or the book ends
    /// before `index`: nothing was changed.
    pub(crate) async fn take(&self, id: i64, index: u64) -> Result<bool, ReferenceError> {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        let moving = async {
            let mut tx = self.write().await?;
            let moved = sqlx::query(
                "UPDATE ecash_ticketbook SET used_tickets = used_tickets + 1
             WHERE id = ? AND used_tickets = ? AND used_tickets < total_tickets",
            )
            .bind(id)
            .bind(index)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            self.commit(tx, "counter of the published database").await?;
            Ok(moved == 1)
        };
        moving.await.map_err(|error| self.failed(error))
    }

    /// Ends a book before `start`. False where tickets from `start` on are used, or it ends elsewhere: nothing was changed.
    pub(crate) async fn end_before(&self, id: i64, start: u64) -> Result<bool, ReferenceError> {
        let start = i64::try_from(start).unwrap_or(i64::MAX);
        let whole = i64::try_from(TICKETS_PER_BOOK).unwrap_or(i64::MAX);
        let ending = async {
            let mut tx = self.write().await?;
            let ended = sqlx::query(
                "UPDATE ecash_ticketbook SET total_tickets = ?1
             WHERE id = ?2 AND used_tickets <= ?1 AND total_tickets IN (?1, ?3)",
            )
            .bind(start)
            .bind(id)
            .bind(whole)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            self.commit(tx, "end of a book in the published database")
                .await?;
            Ok(ended == 1)
        };
        ending.await.map_err(|error| self.failed(error))
    }

    /// Stores public data and then the book, in one transaction; `None` where the file has these bytes already, and then
    /// nothing is stored.
    pub(crate) async fn insert(
        &self,
        public: PublicRecords<'_>,
        book: &NewReferenceBook<'_>,
    ) -> Result<Option<i64>, ReferenceError> {
        let inserted = async {
            let mut tx = self.write().await?;
            put_public(&mut tx, public).await?;
            let id = sqlx::query(
                "INSERT INTO ecash_ticketbook (serialization_revision, ticketbook_type, ticketbook_data,
                 expiration_date, epoch_id, total_tickets, used_tickets) VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (ticketbook_data) DO NOTHING",
            )
            .bind(book.revision)
            .bind(book.ticket_type)
            .bind(book.data)
            .bind(book.expiration.to_string())
            .bind(number(book.epoch))
            .bind(i64::try_from(book.total).unwrap_or(i64::MAX))
            .bind(i64::try_from(book.used).unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
            if id.rows_affected() == 0 {
                return Ok(None);
            }
            self.commit(tx, "book of the published database").await?;
            Ok(Some(id.last_insert_rowid()))
        };
        inserted.await.map_err(|error| self.failed(error))
    }

    /// Stores public data.
    pub(crate) async fn put(&self, public: PublicRecords<'_>) -> Result<(), ReferenceError> {
        let putting = async {
            let mut tx = self.write().await?;
            put_public(&mut tx, public).await?;
            self.commit(tx, "public data of the published database")
                .await
        };
        putting.await.map_err(|error| self.failed(error))
    }

    pub(crate) async fn master_key(
        &self,
        epoch: EpochId,
    ) -> Result<Option<Stored>, ReferenceError> {
        let query = sqlx::query(
            "SELECT serialised_key, serialization_revision FROM master_verification_key WHERE epoch_id = ?",
        );
        self.blob(query.bind(number(epoch))).await
    }

    pub(crate) async fn coin_signatures(
        &self,
        epoch: EpochId,
    ) -> Result<Option<Stored>, ReferenceError> {
        let query = sqlx::query(
            "SELECT serialised_signatures, serialization_revision FROM coin_indices_signatures WHERE epoch_id = ?",
        );
        self.blob(query.bind(number(epoch))).await
    }

    pub(crate) async fn date_signatures(
        &self,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> Result<Option<Stored>, ReferenceError> {
        let query = sqlx::query(
            "SELECT serialised_signatures, serialization_revision FROM expiration_date_signatures
             WHERE epoch_id = ? AND expiration_date = ?",
        );
        self.blob(query.bind(number(epoch)).bind(expiration.to_string()))
            .await
    }

    async fn blob(
        &self,
        query: sqlx::query::Query<'_, Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<Option<Stored>, ReferenceError> {
        let row = query
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.failed(error))?;
        row.map(|row| {
            Ok(Stored {
                data: Zeroizing::new(row.try_get(0)?),
                revision: row.try_get(1)?,
            })
        })
        .transpose()
        .map_err(|error| self.failed(error))
    }

    fn failed(&self, error: sqlx::Error) -> ReferenceError {
        failed(&self.path, error)
    }
}

/// Insert or replace, by the full primary key each: what is given was verified.
async fn put_public(
    tx: &mut Transaction<'static, Sqlite>,
    public: PublicRecords<'_>,
) -> Result<(), sqlx::Error> {
    if let Some((epoch, data)) = public.key {
        sqlx::query(
            "INSERT INTO master_verification_key (epoch_id, serialised_key, serialization_revision) VALUES (?, ?, ?)
             ON CONFLICT (epoch_id) DO UPDATE SET serialised_key = excluded.serialised_key,
             serialization_revision = excluded.serialization_revision",
        )
        .bind(number(epoch))
        .bind(data)
        .bind(PUBLIC_REVISION)
        .execute(&mut **tx)
        .await?;
    }
    if let Some((epoch, data)) = public.coins {
        sqlx::query(
            "INSERT INTO coin_indices_signatures (epoch_id, serialised_signatures, serialization_revision) VALUES (?, ?, ?)
             ON CONFLICT (epoch_id) DO UPDATE SET serialised_signatures = excluded.serialised_signatures,
             serialization_revision = excluded.serialization_revision",
        )
        .bind(number(epoch))
        .bind(data)
        .bind(PUBLIC_REVISION)
        .execute(&mut **tx)
        .await?;
    }
    if let Some((epoch, expiration, data)) = public.dates {
        sqlx::query(
            "INSERT INTO expiration_date_signatures (epoch_id, expiration_date, serialised_signatures,
             serialization_revision) VALUES (?, ?, ?, ?)
             ON CONFLICT (epoch_id, expiration_date) DO UPDATE SET serialised_signatures = excluded.serialised_signatures,
             serialization_revision = excluded.serialization_revision",
        )
        .bind(number(epoch))
        .bind(expiration.to_string())
        .bind(data)
        .bind(PUBLIC_REVISION)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Published programs read the epoch as 32 bits; a larger one is found by nobody.
fn number(epoch: EpochId) -> i64 {
    i64::try_from(epoch.get()).unwrap_or(i64::MAX)
}

fn failed(path: &Path, source: sqlx::Error) -> ReferenceError {
    let code = source
        .as_database_error()
        .and_then(DatabaseError::code)
        .and_then(|code| code.parse::<i32>().ok());
    let path = path.to_path_buf();
    if let sqlx::Error::Io(cause) = &source
        && cause.kind() == std::io::ErrorKind::StorageFull
    {
        return ReferenceError::DiskFull { path };
    }
    // Primary result codes: the lower byte of an extended one.
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => ReferenceError::Locked { path },
        Some(13) => ReferenceError::DiskFull { path },
        Some(8 | 14) => ReferenceError::NotWritable {
            path,
            reason: source.to_string(),
        },
        Some(26 | 11) => ReferenceError::Foreign {
            path,
            reason: source.to_string(),
        },
        _ => ReferenceError::Sqlite { path, source },
    }
}
