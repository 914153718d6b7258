//! Deletes what its time is over, and nothing else. That a deposit was used is never forgotten: `deposit_request`,
//! `request_conflict`, `dead_mark`, `deposit` and the counters are not touched here.

use ecash_ticketbook::{EcashDate, UnixTime};

use super::{Store, date_text, seconds};
use crate::error::Result;

/// Days after its expiration date for which issuance data are kept.
pub const ISSUANCE_KEEP_DAYS: u32 = 2;
/// Days after its spend date for which a spend is kept (settlement needs it that long).
pub const SPENT_KEEP_DAYS: u32 = 37;
/// Days after its spend date for which the bytes of a payment are kept.
pub const PAYMENT_KEEP_DAYS: u32 = 11;
/// Seconds for which evidence is kept.
pub const EVIDENCE_KEEP_SECS: u64 = 365 * 86_400;
/// Seconds for which settled transactions are kept.
pub const OUTGOING_KEEP_SECS: u64 = 30 * 86_400;

impl Store {
    /// Deletes what has outlived its period at `now`. Returns the number of rows.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::Ticketbook`] for a clock beyond the range of dates.
    pub async fn clean(&self, now: UnixTime) -> Result<u64> {
        let today = EcashDate::of(now)?;
        let before = |days: u32| today.minus_days(days).unwrap_or(EcashDate::FIRST);
        let mut write = self.write().await?;
        let mut deleted = 0;
        deleted += sqlx::query(
            "DELETE FROM issued_share WHERE deposit_id IN
             (SELECT deposit_id FROM deposit_request WHERE expiration_date < ?)",
        )
        .bind(before(ISSUANCE_KEEP_DAYS).unix())
        .execute(&mut *write.transaction)
        .await?
        .rows_affected();
        deleted += sqlx::query("DELETE FROM issued_ticketbook WHERE expiration_date < ?")
            .bind(date_text(before(ISSUANCE_KEEP_DAYS)))
            .execute(&mut *write.transaction)
            .await?
            .rows_affected();
        for query in [
            "DELETE FROM global_expiration_date_signatures WHERE expiration_date < ?",
            "DELETE FROM partial_expiration_date_signatures WHERE expiration_date < ?",
        ] {
            deleted += sqlx::query(query)
                .bind(date_text(today))
                .execute(&mut *write.transaction)
                .await?
                .rows_affected();
        }
        for (query, day) in [
            (
                "DELETE FROM payment WHERE spend_date < ?",
                before(PAYMENT_KEEP_DAYS).unix_day(),
            ),
            (
                "DELETE FROM spent WHERE spend_date < ?",
                before(SPENT_KEEP_DAYS).unix_day(),
            ),
        ] {
            deleted += sqlx::query(query)
                .bind(day)
                .execute(&mut *write.transaction)
                .await?
                .rows_affected();
        }
        for (query, oldest) in [
            (
                "DELETE FROM evidence WHERE received_at < ?",
                now.saturating_sub(EVIDENCE_KEEP_SECS),
            ),
            (
                "DELETE FROM outgoing_tx WHERE settled_at < ?",
                now.saturating_sub(OUTGOING_KEEP_SECS),
            ),
        ] {
            deleted += sqlx::query(query)
                .bind(seconds(oldest)?)
                .execute(&mut *write.transaction)
                .await?
                .rows_affected();
        }
        write.commit().await?;
        Ok(deleted)
    }
}
