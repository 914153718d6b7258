//! What this member found about others' key shares.

use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};
use sqlx::Row as _;

use super::{Store, epoch, integer, seconds};
use crate::error::Result;

/// A verdict on one share text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// Epoch of the share.
    pub epoch: EpochId,
    /// Its owner's node index.
    pub index: NodeIndex,
    /// SHA-256 of its base58 text, hex.
    pub share_hash: String,
    /// Its owner.
    pub owner: String,
    /// The proposal voted on.
    pub proposal_id: u64,
    /// Why it is refused; `None` = yes.
    pub refused: Option<String>,
}

impl Store {
    /// Stores a verdict, before the vote leaves. A verdict that is there already stays.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::TooLarge`].
    pub async fn put_verdict(&self, verdict: &VerdictRow, now: UnixTime) -> Result<()> {
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO share_verdict
             (epoch_id, node_index, share_hash, owner, proposal_id, verdict, reason, judged_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(epoch(verdict.epoch)?)
        .bind(integer("node index", verdict.index.get())?)
        .bind(&verdict.share_hash)
        .bind(&verdict.owner)
        .bind(integer("proposal", verdict.proposal_id)?)
        .bind(if verdict.refused.is_none() {
            "yes"
        } else {
            "no"
        })
        .bind(&verdict.refused)
        .bind(seconds(now)?)
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await
    }

    /// The stored verdict on a share text: `Ok(Some(None))` is a yes.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn verdict(
        &self,
        id: EpochId,
        index: NodeIndex,
        share_hash: &str,
    ) -> Result<Option<Option<String>>> {
        sqlx::query("SELECT reason FROM share_verdict WHERE epoch_id = ? AND node_index = ? AND share_hash = ?")
            .bind(epoch(id)?)
            .bind(integer("node index", index.get())?)
            .bind(share_hash)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| Ok(row.try_get("reason")?))
            .transpose()
    }
}
