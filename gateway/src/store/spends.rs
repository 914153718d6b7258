//! Tables `spend`, `ticket_blob`, `evidence` and the entries they put into `outbox`.

use futures::future::BoxFuture;
use sqlx::{Row as _, SqliteConnection};

use super::{Store, blob, unreadable};
use crate::accept::reservation::Reservation;
use crate::limits::MAX_EVIDENCE_PER_SERIAL;
use crate::spend_store::{
    Acceptance, AccountId, CommitError, Committed, Evidence, Known, Reserve, SpendStore,
};
use ecash_scheme::SerialNumber;
use ecash_service::clock::UnixTime;
use ecash_ticketbook::{PayInfo, Ticket};

/// `outbox.kind` of a granted spend.
pub(super) const KIND_PAYMENT: i64 = 0;
/// `outbox.kind` of a payment that only proves a double spend.
pub(super) const KIND_EVIDENCE: i64 = 1;

impl Store {
    async fn find(&self, serial: &SerialNumber) -> Result<Known, sqlx::Error> {
        let row = sqlx::query(
            "SELECT s.pay_info AS pay_info, s.account AS account,
                    (SELECT count(*) FROM evidence e WHERE e.serial = ?1) AS evidence
             FROM (SELECT 1) LEFT JOIN spend s ON s.serial = ?1",
        )
        .bind(serial.as_bytes().as_slice())
        .fetch_one(&self.pool)
        .await?;
        let pay_info: Option<Vec<u8>> = row.try_get("pay_info")?;
        let account: Option<i64> = row.try_get("account")?;
        let evidence: i64 = row.try_get("evidence")?;
        let evidence = usize::try_from(evidence).unwrap_or(usize::MAX);
        match pay_info {
            Some(bytes) => Ok(Known::Spent {
                pay_info: PayInfo::from_array(&blob(&bytes, "spend.pay_info")?),
                account: account.map(AccountId),
                evidence,
            }),
            None if evidence > 0 => Ok(Known::EvidenceOnly),
            None => Ok(Known::Absent),
        }
    }
}

impl SpendStore for Store {
    async fn lookup(&self, serial: &SerialNumber) -> Result<Known, CommitError> {
        self.find(serial).await.map_err(|error| unreadable(&error))
    }

    async fn reserve(&self, serial: SerialNumber) -> Result<Reserve, CommitError> {
        let reservation = match self.reservations.take(serial) {
            Ok(reservation) => reservation,
            Err(waiter) => return Ok(Reserve::InFlight(waiter)),
        };
        match self.lookup(&serial).await? {
            Known::Absent => Ok(Reserve::Reserved(reservation)),
            known => Ok(Reserve::Known(known)),
        }
    }

    async fn commit(
        &self,
        reservation: &Reservation,
        acceptance: Acceptance,
    ) -> Result<Committed, CommitError> {
        let serial = acceptance.ticket.ticket().serial();
        if reservation.serial() != serial {
            return Err(CommitError::NotCommitted(format!(
                "serial {serial} is not the reserved one ({})",
                reservation.serial()
            )));
        }
        let committed = self
            .writer
            .write(move |connection| insert_acceptance(connection, acceptance))
            .await?;
        self.outbox_grew
            .send_modify(|count| *count = count.wrapping_add(1));
        Ok(committed)
    }

    async fn evidence(&self, evidence: Evidence) -> Result<bool, CommitError> {
        self.writer
            .write(move |connection| insert_evidence(connection, evidence))
            .await
    }

    fn has_room(&self) -> bool {
        let (used, bound) = self.usage();
        used < bound
    }
}

fn insert_acceptance(
    connection: &mut SqliteConnection,
    acceptance: Acceptance,
) -> BoxFuture<'_, Result<Committed, sqlx::Error>> {
    Box::pin(async move {
        let ticket = acceptance.ticket.ticket();
        let inserted = sqlx::query(
            "INSERT INTO spend (serial, pay_info, account, ticket_type, epoch, spend_date, received_at)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (serial) DO NOTHING",
        )
        .bind(ticket.serial().as_bytes().as_slice())
        .bind(ticket.pay_info().to_bytes().to_vec())
        .bind(acceptance.account.0)
        .bind(i64::from(ticket.ticket_type().code()))
        .bind(ticket.epoch_id().get().to_be_bytes().to_vec())
        .bind(i64::from(ticket.spend_date().unix_day()))
        .bind(acceptance.received_at.as_i64())
        .execute(&mut *connection)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(Committed::AlreadySpent);
        }
        sqlx::query("INSERT INTO ticket_blob (serial, spend_date, bytes) VALUES (?, ?, ?)")
            .bind(ticket.serial().as_bytes().as_slice())
            .bind(i64::from(ticket.spend_date().unix_day()))
            .bind(ticket.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
        insert_outbox(connection, KIND_PAYMENT, ticket, acceptance.received_at).await?;
        let granted = sqlx::query(
            "UPDATE account SET available = available + ?1,
                    expires_at = MAX(COALESCE(expires_at, 0), ?2),
                    first_accept_at = COALESCE(first_accept_at, ?3),
                    last_seen = MAX(last_seen, ?3)
             WHERE id = ?4",
        )
        .bind(acceptance.grant_bytes)
        .bind(acceptance.expires_at.as_i64())
        .bind(acceptance.received_at.as_i64())
        .bind(acceptance.account.0)
        .execute(&mut *connection)
        .await?;
        if granted.rows_affected() == 0 {
            return Err(sqlx::Error::RowNotFound);
        }
        Ok(Committed::Granted)
    })
}

fn insert_evidence(
    connection: &mut SqliteConnection,
    evidence: Evidence,
) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    Box::pin(async move {
        let ticket = evidence.ticket.ticket();
        let bound = i64::try_from(MAX_EVIDENCE_PER_SERIAL).unwrap_or(0);
        let inserted = sqlx::query(
            "INSERT INTO evidence (serial, pay_info, spend_date, bytes, received_at)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM evidence WHERE serial = ?1) < ?6
             ON CONFLICT (serial, pay_info) DO NOTHING",
        )
        .bind(ticket.serial().as_bytes().as_slice())
        .bind(ticket.pay_info().to_bytes().to_vec())
        .bind(i64::from(ticket.spend_date().unix_day()))
        .bind(ticket.as_bytes().as_slice())
        .bind(evidence.received_at.as_i64())
        .bind(bound)
        .execute(&mut *connection)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(false);
        }
        insert_outbox(connection, KIND_EVIDENCE, ticket, evidence.received_at).await?;
        Ok(true)
    })
}

async fn insert_outbox(
    connection: &mut SqliteConnection,
    kind: i64,
    ticket: &Ticket,
    received_at: UnixTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox (kind, serial, pay_info, gateway_key, spend_date, received_at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(kind)
    .bind(ticket.serial().as_bytes().as_slice())
    .bind(ticket.pay_info().to_bytes().to_vec())
    .bind(ticket.pay_info().provider().as_slice())
    .bind(i64::from(ticket.spend_date().unix_day()))
    .bind(received_at.as_i64())
    .execute(connection)
    .await?;
    Ok(())
}
