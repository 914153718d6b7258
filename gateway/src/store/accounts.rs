//! Table `account`: clients, the hash of their token, their balance.

use futures::future::BoxFuture;
use sqlx::{Row as _, SqliteConnection};

use super::{Store, blob, unsigned};
use crate::spend_store::{AccountId, CommitError};
use ecash_service::clock::UnixTime;

/// One account as stored.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its number.
    pub id: AccountId,
    /// The client's public key.
    pub client_key: [u8; 32],
    /// H(token).
    pub token_hash: [u8; 32],
    /// Time inside the last registration.
    pub registered_time: UnixTime,
    /// When it was first registered.
    pub created_at: UnixTime,
    /// When it was last used, to within an hour.
    pub last_seen: UnixTime,
    /// When its first ticket was accepted.
    pub first_accept_at: Option<UnixTime>,
    /// Its balance in bytes.
    pub available: i64,
    /// When the balance ends.
    pub expires_at: Option<UnixTime>,
}

/// Consumption and expiry of one account that go to disk in a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceDelta {
    /// Which account.
    pub account: AccountId,
    /// What to subtract from the stored balance.
    pub spent: i64,
    /// The expiry that has passed and whose balance is now nothing; a later expiry stays.
    pub expired: Option<UnixTime>,
    /// When the account was last used.
    pub last_seen: UnixTime,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account has this number now.
    Account(AccountId),
    /// A registration with this time or a later one was accepted before.
    NotLater,
}

impl Store {
    /// All accounts.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT id, client_key, token_hash, registered_time, created_at, last_seen, first_accept_at, available, expires_at
             FROM account",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let key: Vec<u8> = row.try_get("client_key")?;
                let token: Vec<u8> = row.try_get("token_hash")?;
                let time = |column: &str| -> Result<UnixTime, sqlx::Error> {
                    Ok(UnixTime::from_secs(unsigned(row.try_get(column)?)))
                };
                let maybe = |column: &str| -> Result<Option<UnixTime>, sqlx::Error> {
                    let value: Option<i64> = row.try_get(column)?;
                    Ok(value.map(|secs| UnixTime::from_secs(unsigned(secs))))
                };
                Ok(AccountRow {
                    id: AccountId(row.try_get("id")?),
                    client_key: blob(&key, "account.client_key")?,
                    token_hash: blob(&token, "account.token_hash")?,
                    registered_time: time("registered_time")?,
                    created_at: time("created_at")?,
                    last_seen: time("last_seen")?,
                    first_accept_at: maybe("first_accept_at")?,
                    available: row.try_get("available")?,
                    expires_at: maybe("expires_at")?,
                })
            })
            .collect()
    }

    /// Makes an account, or gives an existing one a new token if `time` is later than that of its last registration.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn register_account(
        &self,
        client_key: [u8; 32],
        token_hash: [u8; 32],
        time: UnixTime,
        now: UnixTime,
    ) -> Result<Registered, CommitError> {
        self.writer
            .write(move |connection| upsert(connection, client_key, token_hash, time, now))
            .await
    }

    /// Deletes an account. Its spends stay, without it.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn delete_account(&self, account: AccountId) -> Result<(), CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM account WHERE id = ?")
                        .bind(account.0)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Applies consumption and expiry to the stored balances, all in one transaction.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn flush_balances(&self, deltas: Vec<BalanceDelta>) -> Result<(), CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    for delta in deltas {
                        sqlx::query(
                            "UPDATE account SET available = available - ?1, last_seen = MAX(last_seen, ?2),
                                    expires_at = CASE WHEN expires_at = ?3 THEN NULL ELSE expires_at END
                             WHERE id = ?4",
                        )
                        .bind(delta.spent)
                        .bind(delta.last_seen.as_i64())
                        .bind(delta.expired.map(UnixTime::as_i64))
                        .bind(delta.account.0)
                        .execute(&mut *connection)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

fn upsert(
    connection: &mut SqliteConnection,
    client_key: [u8; 32],
    token_hash: [u8; 32],
    time: UnixTime,
    now: UnixTime,
) -> BoxFuture<'_, Result<Registered, sqlx::Error>> {
    Box::pin(async move {
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO account (client_key, token_hash, registered_time, created_at, last_seen)
             VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (client_key) DO UPDATE
                SET token_hash = excluded.token_hash, registered_time = excluded.registered_time,
                    last_seen = MAX(last_seen, excluded.last_seen)
                WHERE registered_time < excluded.registered_time
             RETURNING id",
        )
        .bind(client_key.to_vec())
        .bind(token_hash.to_vec())
        .bind(time.as_i64())
        .bind(now.as_i64())
        .fetch_optional(connection)
        .await?;
        Ok(id.map_or(Registered::NotLater, |id| {
            Registered::Account(AccountId(id))
        }))
    })
}
