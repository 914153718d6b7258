//! Refund demands of deposits' owners.

use ecash_requests::quorum::DepositOwnerRequest;
use ecash_ticketbook::{DepositId, UnixTime};

use super::{Store, seconds};
use crate::error::Result;

/// A demand to be written down.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// The deposit.
    pub deposit: DepositId,
    /// What its owner signed.
    pub request: &'a DepositOwnerRequest,
    /// Time of the member's clock.
    pub now: UnixTime,
}

/// What came of writing it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demanded {
    /// It is on record, this one or an earlier one.
    Recorded,
    /// A request for the deposit came in between; nothing was written.
    Bound,
}

impl Store {
    /// Writes a demand down, unless the deposit is bound to a request. The first one of a deposit stays.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::TooLarge`].
    pub async fn record_refund(&self, demand: &Demand<'_>) -> Result<Demanded> {
        let mut write = self.write().await?;
        let bound: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM deposit_request WHERE deposit_id = ?1)
                 OR EXISTS (SELECT 1 FROM request_conflict WHERE deposit_id = ?1)",
        )
        .bind(demand.deposit.get())
        .fetch_one(&mut *write.transaction)
        .await?;
        if bound {
            return Ok(Demanded::Bound);
        }
        sqlx::query(
            "INSERT INTO refund_request (deposit_id, time, signature, received_at) VALUES (?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(demand.deposit.get())
        .bind(seconds(demand.request.time)?)
        .bind(demand.request.signature.as_bytes().as_slice())
        .bind(seconds(demand.now)?)
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await?;
        Ok(Demanded::Recorded)
    }

    /// When the refund of a deposit was first demanded here.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::Stored`].
    pub async fn refund_demanded_at(&self, deposit: DepositId) -> Result<Option<UnixTime>> {
        sqlx::query("SELECT received_at FROM refund_request WHERE deposit_id = ?")
            .bind(deposit.get())
            .fetch_optional(&self.pool)
            .await?
            .map(|row| super::time(&row, "received_at"))
            .transpose()
    }
}
