//! Table `epoch`: what the chain told of each epoch, and the key aggregated here.

use sqlx::Row as _;

use super::Store;
use crate::epochs::EpochRecord;
use crate::spend_store::CommitError;
use ecash_service::clock::UnixTime;

/// An epoch as stored.
#[derive(Clone, Debug)]
pub struct StoredEpoch {
    /// What the chain told of it.
    pub record: EpochRecord,
    /// The aggregated key, in the layout of `ecash-scheme.md` 2.4.
    pub key: Vec<u8>,
}

impl Store {
    /// All stored epochs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn epochs(&self) -> Result<Vec<StoredEpoch>, sqlx::Error> {
        let rows = sqlx::query("SELECT record, key FROM epoch ORDER BY epoch")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let record: String = row.try_get("record")?;
                Ok(StoredEpoch {
                    record: serde_json::from_str(&record)
                        .map_err(|error| sqlx::Error::Decode(error.into()))?,
                    key: row.try_get("key")?,
                })
            })
            .collect()
    }

    /// Stores these epochs in place of all stored ones.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn replace_epochs(
        &self,
        epochs: Vec<StoredEpoch>,
        now: UnixTime,
    ) -> Result<(), CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM epoch").execute(&mut *connection).await?;
                    for epoch in epochs {
                        let record = serde_json::to_string(&epoch.record)
                            .map_err(|error| sqlx::Error::Encode(error.into()))?;
                        sqlx::query("INSERT INTO epoch (epoch, record, key, updated_at) VALUES (?, ?, ?, ?)")
                            .bind(epoch.record.epoch.get().to_be_bytes().to_vec())
                            .bind(record)
                            .bind(epoch.key)
                            .bind(now.as_i64())
                            .execute(&mut *connection)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
