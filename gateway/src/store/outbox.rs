//! Tables `outbox`, `cursor` and `refusal`: what the Quorum is to get, how far each member has answered, and what it
//! refused.

use sqlx::Row as _;

use super::spends::KIND_PAYMENT;
use super::{Store, unsigned};
use crate::spend_store::CommitError;
use ecash_service::clock::UnixTime;
use ecash_ticketbook::EcashDate;

/// One granted ticket on its way to one member.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its place in the outbox.
    pub position: i64,
    /// The ticket as received.
    pub bytes: Vec<u8>,
    /// Its spend date.
    pub spend_date: EcashDate,
}

/// How far one member has answered.
#[derive(Clone, Debug)]
pub struct CursorRow {
    /// The member.
    pub member: String,
    /// Everything up to here has its answer.
    pub position: i64,
    /// When the cursor last moved.
    pub updated_at: UnixTime,
}

/// An answer other than `Ok`.
#[derive(Clone, Debug)]
pub struct RefusalRow {
    /// The member that refused.
    pub member: String,
    /// The ticket's place in the outbox.
    pub position: i64,
    /// What it said, as one word.
    pub status: String,
    /// What it said in full.
    pub detail: String,
    /// When.
    pub received_at: UnixTime,
}

impl Store {
    /// Position of the last granted ticket, 0 without any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outbox_head(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT COALESCE(MAX(position), 0) FROM outbox WHERE kind = ?")
            .bind(KIND_PAYMENT)
            .fetch_one(&self.pool)
            .await
    }

    /// Entries of the outbox: granted tickets, and payments kept as evidence only.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outbox_counts(&self) -> Result<(u64, u64), sqlx::Error> {
        let row = sqlx::query(
            "SELECT COALESCE(SUM(kind = 0), 0) AS payments, COALESCE(SUM(kind = 1), 0) AS evidence FROM outbox",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((
            unsigned(row.try_get("payments")?),
            unsigned(row.try_get("evidence")?),
        ))
    }

    /// The next granted tickets after `position`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deliveries_after(
        &self,
        position: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT o.position AS position, o.spend_date AS spend_date, b.bytes AS bytes
             FROM outbox o JOIN ticket_blob b ON b.serial = o.serial
             WHERE o.kind = ? AND o.position > ? ORDER BY o.position LIMIT ?",
        )
        .bind(KIND_PAYMENT)
        .bind(position)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let day: i64 = row.try_get("spend_date")?;
                Ok(Delivery {
                    position: row.try_get("position")?,
                    bytes: row.try_get("bytes")?,
                    spend_date: EcashDate::from_unix_day(unsigned(day))
                        .map_err(|error| sqlx::Error::Decode(error.into()))?,
                })
            })
            .collect()
    }

    /// All cursors.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cursors(&self) -> Result<Vec<CursorRow>, sqlx::Error> {
        let rows = sqlx::query("SELECT member, position, updated_at FROM cursor ORDER BY member")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(CursorRow {
                    member: row.try_get("member")?,
                    position: row.try_get("position")?,
                    updated_at: UnixTime::from_secs(unsigned(row.try_get("updated_at")?)),
                })
            })
            .collect()
    }

    /// How far `member` has answered, 0 at first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cursor(&self, member: &str) -> Result<i64, sqlx::Error> {
        let position: Option<i64> =
            sqlx::query_scalar("SELECT position FROM cursor WHERE member = ?")
                .bind(member)
                .fetch_optional(&self.pool)
                .await?;
        Ok(position.unwrap_or(0))
    }

    /// Moves the cursor of `member` forward to `position` and records what it refused on the way, in one transaction.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown.
    pub async fn advance_cursor(
        &self,
        member: String,
        position: i64,
        refusals: Vec<RefusalRow>,
        now: UnixTime,
    ) -> Result<(), CommitError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    for refusal in refusals {
                        sqlx::query(
                            "INSERT INTO refusal (member, position, status, detail, received_at) VALUES (?, ?, ?, ?, ?)
                             ON CONFLICT (member, position) DO UPDATE
                                SET status = excluded.status, detail = excluded.detail, received_at = excluded.received_at",
                        )
                        .bind(refusal.member)
                        .bind(refusal.position)
                        .bind(refusal.status)
                        .bind(refusal.detail)
                        .bind(refusal.received_at.as_i64())
                        .execute(&mut *connection)
                        .await?;
                    }
                    sqlx::query(
                        "INSERT INTO cursor (member, position, updated_at) VALUES (?1, ?2, ?3)
                         ON CONFLICT (member) DO UPDATE
                            SET position = MAX(position, excluded.position), updated_at = excluded.updated_at",
                    )
                    .bind(member)
                    .bind(position)
                    .bind(now.as_i64())
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// How many tickets `member` refused.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refusal_count(&self, member: &str) -> Result<u64, sqlx::Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM refusal WHERE member = ?")
            .bind(member)
            .fetch_one(&self.pool)
            .await?;
        Ok(unsigned(count))
    }

    /// The latest refusals of all members, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refusals(&self, limit: usize) -> Result<Vec<RefusalRow>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT member, position, status, detail, received_at FROM refusal
             ORDER BY received_at DESC, position DESC LIMIT ?",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RefusalRow {
                    member: row.try_get("member")?,
                    position: row.try_get("position")?,
                    status: row.try_get("status")?,
                    detail: row.try_get("detail")?,
                    received_at: UnixTime::from_secs(unsigned(row.try_get("received_at")?)),
                })
            })
            .collect()
    }
}
