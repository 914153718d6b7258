//! Opens a server's SQLite database: WAL, full sync, foreign keys, a busy timeout, mode 0600, migrated.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::{MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Executor as _, SqlSafeStr as _};

use crate::{Error, files};

/// How long a statement waits for another connection's lock, in milliseconds.
pub const BUSY_TIMEOUT_MS: u64 = 10_000;
/// Connections to one database.
pub const MAX_CONNECTIONS: u32 = 8;
/// How long a caller waits for a free connection, in seconds.
pub const ACQUIRE_TIMEOUT_SECS: u64 = 15;

/// One step of a schema. A step that has landed is never edited: its checksum is stored in every database.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Position, from 1.
    pub version: i64,
    /// What it does, in a few words.
    pub description: &'static str,
    /// The statements, usually by `include_str!`.
    pub sql: &'static str,
}

/// Opens the database at `path`, creates it with mode 0600 if there is none, and applies the missing `migrations`.
///
/// Every transaction is on disk when its commit returns (`synchronous = FULL`): use it where money or tickets are
/// recorded.
///
/// # Errors
/// The errors of [`files::check_private_file`]; [`Error::Io`] when the file cannot be created;
/// [`Error::Database`] when the file is no database, is damaged, or was made by a newer or different version.
pub async fn open(path: &Path, migrations: &[Migration]) -> Result<SqlitePool, Error> {
    open_with(path, migrations, &[]).await
}

/// [`open`] with further pragmas (name, value) that every connection sets.
///
/// # Errors
/// Those of [`open`].
pub async fn open_with(
    path: &Path,
    migrations: &[Migration],
    pragmas: &[(&'static str, &'static str)],
) -> Result<SqlitePool, Error> {
    create_if_missing(path)?;
    files::check_private_file(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS));
    let options = pragmas.iter().fold(options, |options, (name, value)| {
        options.pragma(*name, *value)
    });
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(ACQUIRE_TIMEOUT_SECS))
        .connect_with(options)
        .await
        .map_err(|source| database_error(path, &source.to_string()))?;
    check_integrity(path, &pool).await?;
    migrator(migrations)
        .run(&pool)
        .await
        .map_err(|source| database_error(path, &source.to_string()))?;
    Ok(pool)
}

fn create_if_missing(path: &Path) -> Result<(), Error> {
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(files::PRIVATE_FILE_MODE)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(Error::io("create database", path)(source)),
    }
}

/// Finds a truncated or overwritten file at start-up, before anything is decided from its content.
async fn check_integrity(path: &Path, pool: &SqlitePool) -> Result<(), Error> {
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|source| database_error(path, &source.to_string()))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(database_error(path, &verdict))
}

fn migrator(migrations: &[Migration]) -> Migrator {
    Migrator::with_migrations(
        migrations
            .iter()
            .map(|step| {
                sqlx::migrate::Migration::new(
                    step.version,
                    step.description.into(),
                    MigrationType::Simple,
                    step.sql.into_sql_str(),
                    false,
                )
            })
            .collect(),
    )
}

fn database_error(path: &Path, reason: &str) -> Error {
    Error::Database {
        path: path.to_path_buf(),
        reason: format!(
            "{reason}; the file was left as it is: stop everything that uses it, restore a copy made with this or an older version, and start again"
        ),
    }
}

/// Folds the write-ahead log into the database and closes every connection.
pub async fn close(pool: &SqlitePool) {
    if let Err(source) = pool.execute("PRAGMA wal_checkpoint(TRUNCATE)").await {
        tracing::warn!(%source, "the write-ahead log was not folded in; the next start reads it");
    }
    pool.close().await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const STEPS: &[Migration] = &[Migration {
        version: 1,
        description: "a table",
        sql: "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
              CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent(id)) STRICT;",
    }];

    async fn pragma(pool: &SqlitePool, name: &'static str) -> String {
        match name {
            "journal_mode" => sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(pool)
                .await
                .unwrap(),
            _ => sqlx::query_scalar::<_, i64>("PRAGMA synchronous")
                .fetch_one(pool)
                .await
                .unwrap()
                .to_string(),
        }
    }

    #[tokio::test]
    async fn a_new_database_is_private_durable_and_checks_foreign_keys() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db.sqlite");
        let pool = open(&path, STEPS).await.unwrap();
        assert_eq!(pragma(&pool, "journal_mode").await, "wal");
        assert_eq!(pragma(&pool, "synchronous").await, "2");
        assert!(
            pool.execute("INSERT INTO child VALUES (1, 1)")
                .await
                .is_err()
        );
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o077,
                0,
                "{:?}",
                entry.path()
            );
        }
        close(&pool).await;
    }

    #[tokio::test]
    async fn what_was_committed_is_there_after_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db.sqlite");
        let pool = open(&path, STEPS).await.unwrap();
        pool.execute("INSERT INTO parent VALUES (7)").await.unwrap();
        close(&pool).await;
        let pool = open(&path, STEPS).await.unwrap();
        let id: i64 = sqlx::query_scalar("SELECT id FROM parent")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(id, 7);
    }

    #[tokio::test]
    async fn a_truncated_or_foreign_file_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db.sqlite");
        let pool = open(&path, STEPS).await.unwrap();
        for id in 0..2000 {
            sqlx::query("INSERT INTO parent VALUES (?)")
                .bind(id)
                .execute(&pool)
                .await
                .unwrap();
        }
        close(&pool).await;
        let whole = std::fs::read(&path).unwrap();
        for content in [
            whole.get(..whole.len() / 2).unwrap(),
            whole.get(..100).unwrap(),
            b"not a database at all, but text",
        ] {
            std::fs::write(&path, content).unwrap();
            let error = open(&path, STEPS).await.unwrap_err();
            assert!(matches!(error, Error::Database { .. }), "{error}");
            assert!(error.to_string().contains("db.sqlite"));
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db.sqlite");
        let newer = [
            STEPS,
            &[Migration {
                version: 2,
                description: "later",
                sql: "CREATE TABLE later (id INTEGER) STRICT;",
            }],
        ]
        .concat();
        close(&open(&path, &newer).await.unwrap()).await;
        assert!(matches!(
            open(&path, STEPS).await,
            Err(Error::Database { .. })
        ));
    }

    #[tokio::test]
    async fn a_database_below_a_regular_file_or_open_to_others_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"").unwrap();
        assert!(matches!(
            open(&file.join("db.sqlite"), STEPS).await,
            Err(Error::Io { .. })
        ));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            open(&file, STEPS).await,
            Err(Error::TooWide { .. })
        ));
    }
}
