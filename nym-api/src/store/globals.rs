//! Keys and signatures of concluded epochs, computed or fetched once.

use ecash_scheme::codec::{Decode, Encode};
use ecash_scheme::{CoinIndexSignatures, DateSignatures, VerificationKey};
use ecash_ticketbook::{EcashDate, EpochId, UnixTime};
use sqlx::Row as _;

use super::{Store, date_text, epoch, integer, seconds};
use crate::error::{Error, Result};

/// Whose signatures: this member's own share, or aggregated ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Under this member's share of the key.
    Partial,
    /// Under the master key.
    Aggregated,
}

/// What an epoch's tickets are verified with, kept beyond its service.
#[derive(Clone, Debug)]
pub struct EpochKeyRow<'a> {
    /// The epoch.
    pub epoch: EpochId,
    /// Its master key.
    pub master: &'a VerificationKey,
    /// Dealers registered for it.
    pub dealers: u64,
    /// Shares that make its key.
    pub threshold: u64,
    /// Identity keys of its signers by node index: `1=<base58>,2=<base58>`.
    pub identity_keys: String,
    /// When it came into progress.
    pub concluded_at: UnixTime,
}

impl Store {
    /// The stored master key of an epoch.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn master_key(&self, id: EpochId) -> Result<Option<VerificationKey>> {
        sqlx::query("SELECT serialised_key FROM master_verification_key WHERE epoch_id = ?")
            .bind(epoch(id)?)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| {
                VerificationKey::from_bytes(row.try_get("serialised_key")?)
                    .map_err(|e| Error::stored("master_verification_key.serialised_key", e))
            })
            .transpose()
    }

    /// Stores the master key of a concluded epoch with what belongs to it.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn put_master_key(&self, row: &EpochKeyRow<'_>) -> Result<()> {
        let key = row.master.to_bytes();
        let mut write = self.write().await?;
        sqlx::query("INSERT INTO master_verification_key (epoch_id, serialised_key) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(epoch(row.epoch)?)
            .bind(key.as_slice())
            .execute(&mut *write.transaction)
            .await?;
        sqlx::query(
            "INSERT INTO epoch_key (epoch_id, master_key, dealers, threshold, identity_keys, concluded_at)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(epoch(row.epoch)?)
        .bind(key.as_slice())
        .bind(integer("number of dealers", row.dealers)?)
        .bind(integer("threshold", row.threshold)?)
        .bind(&row.identity_keys)
        .bind(seconds(row.concluded_at)?)
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await
    }

    /// Stored coin-index signatures of an epoch.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn coin_signatures(
        &self,
        scope: Scope,
        id: EpochId,
    ) -> Result<Option<CoinIndexSignatures>> {
        let query = match scope {
            Scope::Partial => {
                "SELECT serialised_signatures FROM partial_coin_index_signatures WHERE epoch_id = ?"
            }
            Scope::Aggregated => {
                "SELECT serialised_signatures FROM global_coin_index_signatures WHERE epoch_id = ?"
            }
        };
        sqlx::query(query)
            .bind(epoch(id)?)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| decode(row.try_get("serialised_signatures")?))
            .transpose()
    }

    /// Stores coin-index signatures of an epoch.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn put_coin_signatures(
        &self,
        scope: Scope,
        id: EpochId,
        signatures: &CoinIndexSignatures,
    ) -> Result<()> {
        let query = match scope {
            Scope::Partial => {
                "INSERT INTO partial_coin_index_signatures (epoch_id, serialised_signatures) VALUES (?, ?) ON CONFLICT DO NOTHING"
            }
            Scope::Aggregated => {
                "INSERT INTO global_coin_index_signatures (epoch_id, serialised_signatures) VALUES (?, ?) ON CONFLICT DO NOTHING"
            }
        };
        let mut write = self.write().await?;
        sqlx::query(query)
            .bind(epoch(id)?)
            .bind(signatures.to_bin())
            .execute(&mut *write.transaction)
            .await?;
        write.commit().await
    }

    /// Stored date signatures of an epoch and expiration date.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn date_signatures(
        &self,
        scope: Scope,
        id: EpochId,
        date: EcashDate,
    ) -> Result<Option<DateSignatures>> {
        let query = match scope {
            Scope::Partial => {
                "SELECT serialised_signatures FROM partial_expiration_date_signatures WHERE epoch_id = ? AND expiration_date = ?"
            }
            Scope::Aggregated => {
                "SELECT serialised_signatures FROM global_expiration_date_signatures WHERE epoch_id = ? AND expiration_date = ?"
            }
        };
        sqlx::query(query)
            .bind(epoch(id)?)
            .bind(date_text(date))
            .fetch_optional(&self.pool)
            .await?
            .map(|row| decode(row.try_get("serialised_signatures")?))
            .transpose()
    }

    /// Stores date signatures of an epoch and expiration date.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn put_date_signatures(
        &self,
        scope: Scope,
        id: EpochId,
        date: EcashDate,
        signatures: &DateSignatures,
    ) -> Result<()> {
        let query = match scope {
            Scope::Partial => {
                "INSERT INTO partial_expiration_date_signatures (epoch_id, expiration_date, serialised_signatures) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            }
            Scope::Aggregated => {
                "INSERT INTO global_expiration_date_signatures (epoch_id, expiration_date, serialised_signatures) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            }
        };
        let mut write = self.write().await?;
        sqlx::query(query)
            .bind(epoch(id)?)
            .bind(date_text(date))
            .bind(signatures.to_bin())
            .execute(&mut *write.transaction)
            .await?;
        write.commit().await
    }
}

fn decode<T: Decode>(bytes: &[u8]) -> Result<T> {
    T::from_bin(bytes).map_err(|e| Error::stored("serialised_signatures", e))
}
