//! The wallet's database (`client.md` 7.2): SQLite, full sync, deleted content overwritten, mode 0600. This module is its
//! only writer and the only place with SQL.
//!
//! **Architecture invariant:** a method that writes is one transaction ([`Write`]), durable when it returns. What is to
//! leave the device is stored by such a method before.

mod asking;
mod book;
mod deposit;
mod file_order;
mod global;
mod issuance;
mod lock;
mod row;
mod ticket;
mod transfer;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use ecash_service::sqlite::{self, Migration};
use ecash_ticketbook::EpochId;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::derive::FINGERPRINT_BYTES;
use crate::error::WalletError;
use crate::witness::Watch;
use lock::Lock;

pub(crate) use book::{BookOrigin, BookRow, Home, NewBook};
pub(crate) use deposit::{DepositTx, NewDeposit, NewDepositTx};
pub(crate) use file_order::FileRow;
pub(crate) use issuance::{EvidenceKind, IssuanceRow, MadeRequest, NewEvidence, Origin};
pub(crate) use ticket::{NewTicket, TicketRow};
pub(crate) use transfer::{HandOver, PublicRecords};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        description: "the wallet",
        sql: include_str!("schema.sql"),
    },
    Migration {
        version: 2,
        description: "what signers recorded, and refunds",
        sql: include_str!("schema-2.sql"),
    },
];

/// Deleted rows are overwritten: they held secrets. A statement waits 5 s for another program's lock (`client.md` 7.2).
const PRAGMAS: &[(&str, &str)] = &[("secure_delete", "ON"), ("busy_timeout", "5000")];

/// Connections of a reader that opens the wallet beside its owner.
const READER_CONNECTIONS: u32 = 1;

/// Keys of the table `meta`.
mod meta {
    pub(super) const CHAIN_ID: &str = "chain_id";
    pub(super) const ECASH_CONTRACT: &str = "ecash_contract";
    pub(super) const DKG_CONTRACT: &str = "dkg_contract";
    pub(super) const SEED_FINGERPRINT: &str = "seed_fingerprint";
    pub(super) const BIRTHDAY: &str = "birthday";
    pub(super) const NEXT_KEY: &str = "next_deposit_key";
    pub(super) const CLOCK_OFFSET: &str = "clock_offset";
    pub(super) const ISSUING_EPOCH: &str = "issuing_epoch";
    pub(super) const FILE_ROOT: &str = "file_root";
    pub(super) const FILE_USER: &str = "file_user";
    pub(super) const FILE_TYPE: &str = "file_type";
    pub(super) const FILE_FORM: &str = "file_form";
}

/// To what a database is bound for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) chain_id: String,
    pub(crate) ecash_contract: String,
    pub(crate) dkg_contract: String,
    pub(crate) seed_fingerprint: [u8; FINGERPRINT_BYTES],
}

/// The open database.
#[derive(Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
    path: PathBuf,
    watch: Watch,
    _lock: Option<Lock>,
}

/// One durable write: a transaction that holds the database's write lock from the start. Dropped, it never happened.
pub(crate) struct Write {
    db: Transaction<'static, Sqlite>,
    what: &'static str,
    watch: Watch,
}

impl Write {
    /// Makes it durable.
    async fn commit(self) -> Result<(), WalletError> {
        self.watch.before_write(self.what)?;
        self.db.commit().await?;
        self.watch.after_write(self.what);
        Ok(())
    }
}

impl Deref for Write {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.db
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.db
    }
}

impl Store {
    /// Takes the lock and opens or creates the database. To be bound before it is used.
    pub(crate) async fn open(path: &Path, watch: Watch) -> Result<Self, WalletError> {
        let lock = Lock::take(path)?;
        let pool = sqlite::open_with(path, MIGRATIONS, PRAGMAS).await?;
        Ok(Self {
            pool,
            path: path.to_path_buf(),
            watch,
            _lock: Some(lock),
        })
    }

    /// The chain that the database is bound to.
    pub(crate) async fn chain_id(&self) -> Result<Option<String>, WalletError> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(meta::CHAIN_ID)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Opens an existing database to read it, beside whoever writes to it.
    pub(crate) async fn open_to_read(path: &Path) -> Result<Self, WalletError> {
        if !path.exists() {
            return Err(WalletError::NoWallet {
                path: path.to_path_buf(),
            });
        }
        ecash_service::files::check_private_file(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(std::time::Duration::from_millis(sqlite::BUSY_TIMEOUT_MS));
        let pool = SqlitePoolOptions::new()
            .max_connections(READER_CONNECTIONS)
            .connect_with(options)
            .await?;
        Ok(Self {
            pool,
            path: path.to_path_buf(),
            watch: Watch::default(),
            _lock: None,
        })
    }

    /// Removes a closed database that has done its work, and what lies beside it; the database itself last.
    pub(crate) fn remove(path: &Path) -> Result<(), ecash_service::Error> {
        for suffix in ["-wal", "-shm", lock::SUFFIX, ""] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            match std::fs::remove_file(&file) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(ecash_service::Error::Io {
                        action: "remove",
                        path: file.into(),
                        source,
                    });
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn close(&self) {
        sqlite::close(&self.pool).await;
    }

    /// Begins a durable write; `what` names it for a witness.
    async fn write(&self, what: &'static str) -> Result<Write, WalletError> {
        Ok(Write {
            db: self.pool.begin_with("BEGIN IMMEDIATE").await?,
            what,
            watch: self.watch.clone(),
        })
    }

    /// Binds a new database, or checks what it is bound to.
    pub(crate) async fn bind(&self, binding: &Binding) -> Result<(), WalletError> {
        let fingerprint = hex::encode(binding.seed_fingerprint);
        let mut tx = self.write("binding").await?;
        for (key, what, given) in [
            (meta::CHAIN_ID, "chain", &binding.chain_id),
            (
                meta::ECASH_CONTRACT,
                "ecash contract",
                &binding.ecash_contract,
            ),
            (meta::DKG_CONTRACT, "dkg contract", &binding.dkg_contract),
            (meta::SEED_FINGERPRINT, "seed", &fingerprint),
        ] {
            let stored: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
                .bind(key)
                .fetch_optional(&mut *tx)
                .await?;
            match stored {
                Some(stored) if stored == *given => {}
                Some(stored) => {
                    return Err(WalletError::Foreign {
                        path: self.path.clone(),
                        what,
                        stored,
                        given: given.clone(),
                    });
                }
                None => {
                    sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?)")
                        .bind(key)
                        .bind(given)
                        .execute(&mut *tx)
                        .await?;
                }
            }
        }
        tx.commit().await
    }

    /// Fingerprint of the seed in hex.
    pub(crate) async fn seed_fingerprint(&self) -> Result<Option<String>, WalletError> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(meta::SEED_FINGERPRINT)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Latest deposit id when the wallet was made, once known: a restore scans from there.
    pub(crate) async fn birthday(&self) -> Result<Option<u64>, WalletError> {
        self.number(meta::BIRTHDAY)
            .await?
            .map(|value| u64::try_from(value).map_err(|error| row::damaged("meta.birthday", error)))
            .transpose()
    }

    /// Stores the birthday unless there is one.
    pub(crate) async fn set_birthday(&self, latest_deposit: u64) -> Result<(), WalletError> {
        let mut db = self.write("birthday").await?;
        sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING")
            .bind(meta::BIRTHDAY)
            .bind(row::to_i64("meta.birthday", latest_deposit)?)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// Network time − own time in seconds, as last measured.
    pub(crate) async fn clock_offset(&self) -> Result<i64, WalletError> {
        Ok(self.number(meta::CLOCK_OFFSET).await?.unwrap_or(0))
    }

    pub(crate) async fn set_clock_offset(&self, seconds: i64) -> Result<(), WalletError> {
        let mut db = self.write("clock offset").await?;
        put_number(&mut db, meta::CLOCK_OFFSET, seconds).await?;
        db.commit().await
    }

    /// The issuing epoch as last read from the chain.
    pub(crate) async fn issuing_epoch(&self) -> Result<Option<EpochId>, WalletError> {
        self.number(meta::ISSUING_EPOCH)
            .await?
            .map(|value| {
                u64::try_from(value)
                    .map(EpochId)
                    .map_err(|error| row::damaged("meta.issuing_epoch", error))
            })
            .transpose()
    }

    pub(crate) async fn set_issuing_epoch(&self, epoch: EpochId) -> Result<(), WalletError> {
        let mut db = self.write("issuing epoch").await?;
        put_number(
            &mut db,
            meta::ISSUING_EPOCH,
            row::to_i64("epoch", epoch.get())?,
        )
        .await?;
        db.commit().await
    }

    async fn number(&self, key: &'static str) -> Result<Option<i64>, WalletError> {
        let row = sqlx::query("SELECT value FROM meta WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get::<i64, _>(0)).transpose()?)
    }
}

async fn put_number(
    db: &mut SqliteConnection,
    key: &'static str,
    value: i64,
) -> Result<(), WalletError> {
    sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
