//! Issuances whose end the signers or the chain decide: asking, refunding, withheld, used, refunded.

use ecash_ticketbook::UnixTime;

use super::Store;
use super::row::to_i64;
use crate::domain::issuance::{Reason, State};
use crate::error::WalletError;

impl Store {
    /// Enters another state. Entering `asking` drops the shares of an earlier request, entering `refunding` stores when.
    pub(crate) async fn enter(
        &self,
        id: i64,
        from: State,
        to: State,
        reason: Option<Reason>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let now = to_i64("time", now.get())?;
        let mut db = self.write(to.text()).await?;
        let changed = sqlx::query(
            "UPDATE issuance SET state = ?, reason = ?, next_try_at = NULL, updated_at = ?,
                 refunding_since = CASE ? WHEN 'refunding' THEN coalesce(refunding_since, ?) ELSE refunding_since END
             WHERE id = ? AND state = ?",
        )
        .bind(to.text())
        .bind(reason.map(Reason::text))
        .bind(now)
        .bind(to.text())
        .bind(now)
        .bind(id)
        .bind(from.text())
        .execute(&mut *db)
        .await?
        .rows_affected();
        if changed != 1 {
            return Err(WalletError::NotAllowed {
                issuance: id,
                state: from.text(),
                input: to.text(),
            });
        }
        if to == State::Asking {
            sqlx::query(
                "DELETE FROM share WHERE deposit_id = (SELECT deposit_id FROM issuance WHERE id = ?)",
            )
            .bind(id)
            .execute(&mut *db)
            .await?;
        }
        db.commit().await
    }

    /// Stores the records that leave too few signers free, and ends the issuance with them.
    pub(crate) async fn enter_used(
        &self,
        id: i64,
        records: &[u8],
        reason: &str,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write(State::Used.text()).await?;
        sqlx::query(
            "UPDATE issuance SET state = ?, reason = ?, records = ?, next_try_at = NULL, updated_at = ?
             WHERE id = ? AND state IN ('asking', 'requested', 'refunding')",
        )
        .bind(State::Used.text())
        .bind(crate::limits::clip(reason))
        .bind(records)
        .bind(to_i64("time", now.get())?)
        .bind(id)
        .execute(&mut *db)
        .await?;
        db.commit().await
    }

    /// Notes that the signers are about to be asked for the deposit's status.
    pub(crate) async fn note_status_asked(
        &self,
        id: i64,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("status asked").await?;
        sqlx::query("UPDATE issuance SET status_asked_at = ? WHERE id = ?")
            .bind(to_i64("time", now.get())?)
            .bind(id)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// Notes that the refund is about to be demanded.
    pub(crate) async fn note_refund_asked(
        &self,
        id: i64,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("refund asked").await?;
        sqlx::query("UPDATE issuance SET refund_asked_at = ? WHERE id = ? AND state = 'refunding'")
            .bind(to_i64("time", now.get())?)
            .bind(id)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }
}
