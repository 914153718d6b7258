//! The id of this database, made once.

use ecash_ticketbook::UnixTime;
use sqlx::Row as _;

use super::{Store, bytes, seconds};
use crate::error::Result;
use crate::keys::InstanceId;

/// What the table `instance` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The id.
    pub id: InstanceId,
    /// Whether a restore was announced and not merged yet: the member is behind then.
    pub restored: bool,
}

impl Store {
    /// The id of this database; made at `now` if there is none.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::Stored`].
    pub async fn instance(&self, now: UnixTime) -> Result<Instance> {
        let mut write = self.write().await?;
        sqlx::query("INSERT INTO instance (only_row, id, created_at) VALUES (1, ?, ?) ON CONFLICT DO NOTHING")
            .bind(InstanceId::generate().as_bytes().as_slice())
            .bind(seconds(now)?)
            .execute(&mut *write.transaction)
            .await?;
        let row = sqlx::query("SELECT id, restored_at FROM instance")
            .fetch_one(&mut *write.transaction)
            .await?;
        write.commit().await?;
        Ok(Instance {
            id: InstanceId::from_bytes(bytes(&row, "id")?),
            restored: row.try_get::<Option<i64>, _>("restored_at")?.is_some(),
        })
    }
}
