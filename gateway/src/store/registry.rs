//! Table `registry`: the own entry as last read, so that a restart without the chain goes on for its 24 hours.

use sqlx::Row as _;

use super::{Store, unsigned};
use crate::registry::{Registry, RegistryEntry};
use crate::spend_store::CommitError;
use ecash_service::clock::UnixTime;

impl Store {
    /// The last reading.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn registry(&self) -> Result<Registry, sqlx::Error> {
        let row = sqlx::query("SELECT record, read_at FROM registry")
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else {
            return Ok(Registry::default());
        };
        let record: String = row.try_get("record")?;
        let entry: Option<RegistryEntry> =
            serde_json::from_str(&record).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let read_at = UnixTime::from_secs(unsigned(row.try_get("read_at")?));
        Ok(Registry::read(entry, read_at))
    }

    /// Stores a reading.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn save_registry(
        &self,
        entry: Option<RegistryEntry>,
        read_at: UnixTime,
    ) -> Result<(), CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let record = serde_json::to_string(&entry)
                        .map_err(|error| sqlx::Error::Encode(error.into()))?;
                    sqlx::query(
                        "INSERT INTO registry (only_row, record, read_at) VALUES (1, ?, ?)
                         ON CONFLICT (only_row) DO UPDATE SET record = excluded.record, read_at = excluded.read_at",
                    )
                    .bind(record)
                    .bind(read_at.as_i64())
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
    }
}
