//! The journal of tickets: a row is the claim on an index, and it is never taken back.

use ecash_requests::gateway::Verdict;
use ecash_ticketbook::{EcashDate, UnixTime};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Store;
use super::row::{Columns, damaged, to_i64};
use crate::domain::spending::{Past, TicketState};
use crate::error::WalletError;
use crate::limits::RESEND_SECS;

/// How many of a gateway's last tickets the rule of two strikes looks at. Waiting and printed ones are skipped, so more
/// than two are read.
const PAST_TICKETS: i64 = 32;

/// A made ticket about to be claimed.
pub(crate) struct NewTicket<'a> {
    pub(crate) book: i64,
    pub(crate) index: u64,
    pub(crate) state: TicketState,
    pub(crate) pay_info: [u8; 72],
    pub(crate) provider: [u8; 32],
    pub(crate) bytes: &'a [u8],
    pub(crate) spend_date: EcashDate,
}

/// A ticket of the journal.
#[derive(Clone, Debug)]
pub(crate) struct TicketRow {
    pub(crate) book: i64,
    pub(crate) index: u64,
    pub(crate) state: TicketState,
    pub(crate) provider: [u8; 32],
    pub(crate) bytes: Vec<u8>,
    pub(crate) spend_date: EcashDate,
    pub(crate) sent_at: UnixTime,
}

impl Store {
    /// Claims an index by storing its ticket, before any byte of it leaves. False where the index is taken already, or
    /// belongs to another device by now: then the unsent payment is to be thrown away.
    pub(crate) async fn claim_ticket(
        &self,
        ticket: &NewTicket<'_>,
        now: UnixTime,
    ) -> Result<bool, WalletError> {
        let mut db = self.write("ticket").await?;
        let claimed = sqlx::query(
            "INSERT INTO ticket (book_id, idx, state, pay_info, provider, bytes, spend_date, sent_at)
             SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM book
             WHERE id = ?1 AND state = 'ready' AND ?2 BETWEEN first_index AND last_index
             ON CONFLICT (book_id, idx) DO NOTHING",
        )
        .bind(ticket.book)
        .bind(to_i64("index", ticket.index)?)
        .bind(ticket.state.text())
        .bind(ticket.pay_info.as_slice())
        .bind(ticket.provider.as_slice())
        .bind(ticket.bytes)
        .bind(i64::from(ticket.spend_date.unix()))
        .bind(to_i64("time", now.get())?)
        .execute(&mut *db)
        .await?
        .rows_affected();
        db.commit().await?;
        Ok(claimed == 1)
    }

    /// The journal row of an index.
    pub(crate) async fn ticket(
        &self,
        book: i64,
        index: u64,
    ) -> Result<Option<TicketRow>, WalletError> {
        sqlx::query("SELECT * FROM ticket WHERE book_id = ? AND idx = ?")
            .bind(book)
            .bind(to_i64("index", index)?)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read(&row))
            .transpose()
    }

    /// Burned indices of a book, ascending.
    pub(crate) async fn burned(&self, book: i64) -> Result<Vec<u64>, WalletError> {
        sqlx::query("SELECT idx FROM ticket WHERE book_id = ? ORDER BY idx")
            .bind(book)
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| Columns(row).u64("idx"))
            .collect()
    }

    /// Stores what became of a ticket; a final state is never overwritten.
    pub(crate) async fn settle_ticket(
        &self,
        book: i64,
        index: u64,
        state: TicketState,
        verdict: Option<Verdict>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("verdict").await?;
        sqlx::query(
            "UPDATE ticket SET state = ?, verdict = coalesce(?, verdict), answered_at = ?
             WHERE book_id = ? AND idx = ? AND state IN ('sent', 'printed')",
        )
        .bind(state.text())
        .bind(verdict.map(Verdict::name))
        .bind(to_i64("time", now.get())?)
        .bind(book)
        .bind(to_i64("index", index)?)
        .execute(&mut *db)
        .await?;
        db.commit().await
    }

    /// Gives up tickets that wait for longer than ten minutes.
    pub(crate) async fn abandon_old_tickets(&self, now: UnixTime) -> Result<(), WalletError> {
        let mut db = self.write("abandoned tickets").await?;
        sqlx::query("UPDATE ticket SET state = ?, answered_at = ? WHERE state = ? AND sent_at < ?")
            .bind(TicketState::Abandoned.text())
            .bind(to_i64("time", now.get())?)
            .bind(TicketState::Sent.text())
            .bind(to_i64("time", now.saturating_sub(RESEND_SECS).get())?)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// The last tickets for a gateway, latest first.
    pub(crate) async fn past_tickets(&self, provider: &[u8; 32]) -> Result<Vec<Past>, WalletError> {
        sqlx::query(
            "SELECT * FROM ticket WHERE provider = ? ORDER BY sent_at DESC, rowid DESC LIMIT ?",
        )
        .bind(provider.as_slice())
        .bind(PAST_TICKETS)
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|row| {
            let ticket = read(row)?;
            Ok(Past {
                state: ticket.state,
                sent_at: ticket.sent_at,
            })
        })
        .collect()
    }

    /// Time of the latest journal entry.
    pub(crate) async fn last_entry(&self) -> Result<Option<UnixTime>, WalletError> {
        let row = sqlx::query("SELECT max(sent_at) AS last FROM ticket")
            .fetch_one(&self.pool)
            .await?;
        let last: Option<i64> = row.try_get("last")?;
        last.map(|at| {
            u64::try_from(at)
                .map(UnixTime)
                .map_err(|error| damaged("ticket.sent_at", error))
        })
        .transpose()
    }
}

fn read(row: &SqliteRow) -> Result<TicketRow, WalletError> {
    let columns = Columns(row);
    let state = columns.text("state")?;
    Ok(TicketRow {
        book: columns.id("book_id")?,
        index: columns.u64("idx")?,
        state: TicketState::from_text(&state).ok_or_else(|| damaged("ticket.state", &state))?,
        provider: columns.array("provider")?,
        bytes: columns.bytes("bytes")?,
        spend_date: Columns::needed("ticket.spend_date", columns.date("spend_date")?)?,
        sent_at: Columns::needed("ticket.sent_at", columns.time("sent_at")?)?,
    })
}
