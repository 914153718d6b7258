//! Credential databases as the published clients make them.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

/// Which published programs made a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    May,
    Two,
}

pub(crate) async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .connect()
        .await
        .unwrap()
}

pub(crate) async fn run(path: &Path, sql: &'static str) {
    let mut db = connect(path).await;
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// The tables that matter, as the two generations of published programs have them.
pub(crate) async fn make_published(path: &Path, schema: Schema) {
    run(
        path,
        "PRAGMA journal_mode = WAL;
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
             checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
             (20220408120000, '', TRUE, x'', 0), (20221208120000, '', TRUE, x'', 0), (20230117120000, '', TRUE, x'', 0),
             (20240206120000, '', TRUE, x'', 0), (20240311120000, '', TRUE, x'', 0), (20240311120001, '', TRUE, x'', 0),
             (20241104120000, '', TRUE, x'', 0), (20241104120001, '', TRUE, x'', 0), (20241104120002, '', TRUE, x'', 0),
             (20250805120000, '', TRUE, x'', 0), (20251030120000, '', TRUE, x'', 0);
         CREATE TABLE master_verification_key (epoch_id INTEGER PRIMARY KEY NOT NULL, serialised_key BLOB NOT NULL,
             serialization_revision INTEGER NOT NULL DEFAULT 1);
         CREATE TABLE coin_indices_signatures (epoch_id INTEGER PRIMARY KEY NOT NULL,
             serialised_signatures BLOB NOT NULL, serialization_revision INTEGER NOT NULL DEFAULT 1);
         CREATE TABLE expiration_date_signatures (expiration_date DATE NOT NULL, epoch_id INTEGER NOT NULL,
             serialization_revision INTEGER NOT NULL, serialised_signatures BLOB NOT NULL,
             PRIMARY KEY (epoch_id, expiration_date));",
    )
    .await;
    match schema {
        Schema::May => run(
            path,
            "CREATE TABLE ecash_ticketbook (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                 serialization_revision INTEGER NOT NULL, ticketbook_type TEXT NOT NULL,
                 ticketbook_data BLOB NOT NULL UNIQUE, expiration_date DATE NOT NULL, epoch_id INTEGER NOT NULL,
                 total_tickets INTEGER NOT NULL, used_tickets INTEGER NOT NULL,
                 FOREIGN KEY (epoch_id) REFERENCES coin_indices_signatures (epoch_id),
                 FOREIGN KEY (expiration_date, epoch_id)
                     REFERENCES expiration_date_signatures (expiration_date, epoch_id));",
        )
        .await,
        Schema::Two => run(
            path,
            "CREATE TABLE ecash_ticketbook (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                 serialization_revision INTEGER NOT NULL, ticketbook_type TEXT NOT NULL,
                 ticketbook_data BLOB NOT NULL UNIQUE, expiration_date DATE NOT NULL, epoch_id INTEGER NOT NULL,
                 total_tickets INTEGER NOT NULL, used_tickets INTEGER NOT NULL);
             INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES
                 (20251104120000, '', TRUE, x'', 0);",
        )
        .await,
    }
}
