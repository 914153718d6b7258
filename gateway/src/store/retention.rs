//! Drops what its day has ended (R3.2), a chunk at a time so that accepting never waits for it.

use super::Store;
use crate::limits::{BLOB_KEEP_DAYS, RETENTION_CHUNK, SERIAL_KEEP_DAYS};
use crate::spend_store::CommitError;
use ecash_ticketbook::EcashDate;

impl Store {
    /// Drops serials of spend date D from D + 8 on, and bytes, evidence, outbox entries and refusals from D + 11 on,
    /// `today` being the UTC date. Returns how many rows went.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown; chunks before the failing one are gone.
    pub async fn drop_old_days(&self, today: EcashDate) -> Result<u64, CommitError> {
        let mut dropped = 0_u64;
        for (statement, keep_days) in [
            (
                "DELETE FROM spend WHERE serial IN (SELECT serial FROM spend WHERE spend_date <= ? LIMIT ?)",
                SERIAL_KEEP_DAYS,
            ),
            (
                "DELETE FROM ticket_blob WHERE serial IN (SELECT serial FROM ticket_blob WHERE spend_date <= ? LIMIT ?)",
                BLOB_KEEP_DAYS,
            ),
            (
                "DELETE FROM evidence WHERE (serial, pay_info) IN
                    (SELECT serial, pay_info FROM evidence WHERE spend_date <= ? LIMIT ?)",
                BLOB_KEEP_DAYS,
            ),
            (
                "DELETE FROM refusal WHERE position IN (SELECT position FROM outbox WHERE spend_date <= ? LIMIT ?)",
                BLOB_KEEP_DAYS,
            ),
            (
                "DELETE FROM outbox WHERE position IN (SELECT position FROM outbox WHERE spend_date <= ? LIMIT ?)",
                BLOB_KEEP_DAYS,
            ),
        ] {
            let Ok(last) = today.minus_days(keep_days) else {
                continue;
            };
            loop {
                let gone = self.delete_chunk(statement, last).await?;
                dropped = dropped.saturating_add(gone);
                if gone == 0 {
                    break;
                }
            }
        }
        Ok(dropped)
    }

    async fn delete_chunk(
        &self,
        statement: &'static str,
        last: EcashDate,
    ) -> Result<u64, CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let outcome = sqlx::query(statement)
                        .bind(i64::from(last.unix_day()))
                        .bind(RETENTION_CHUNK)
                        .execute(connection)
                        .await?;
                    Ok(outcome.rows_affected())
                })
            })
            .await
    }
}
