//! Spent tickets, their payments, and what convicts. A serial number has one spend, for ever (`gateway.md` R4.5).

use ecash_scheme::{G1, SerialNumber, UserPublicKey};
use ecash_ticketbook::{EcashDate, PayInfo, SpendingData, TicketType, UnixTime};
use sqlx::Row as _;

use super::{Store, Write, bytes, number, seconds};
use crate::error::{Error, Result};

/// Payments kept as evidence per serial number.
pub const MAX_EVIDENCE_PER_SERIAL: i64 = 3;

/// The one spend of a serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpentRow {
    /// What the payment is bound to.
    pub pay_info: PayInfo,
    /// Its date.
    pub spend_date: EcashDate,
    /// Its type.
    pub ticket_type: TicketType,
    /// Payout account of the gateway that delivered it.
    pub gateway_account: String,
    /// Two spends of this serial number came from different signers of an epoch; every payment of it is a double spend.
    pub split: bool,
}

/// A verified payment to be recorded as the spend of its serial number.
#[derive(Clone, Copy, Debug)]
pub struct NewSpend<'a> {
    /// Its serial number.
    pub serial: SerialNumber,
    /// Its identification tag.
    pub tag: G1,
    /// The payment with its context.
    pub data: &'a SpendingData,
    /// Its type.
    pub ticket_type: TicketType,
    /// Payout account of the gateway.
    pub gateway_account: &'a str,
    /// Time of the member's clock.
    pub now: UnixTime,
}

/// What identification gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A key to which this member issued.
    Identified(UserPublicKey),
    /// Two verified payments that name nobody this member knows.
    UnknownSpender,
}

impl Store {
    /// The spend of a serial number, if there is one.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn spent(&self, serial: &SerialNumber) -> Result<Option<SpentRow>> {
        let Some(row) = sqlx::query(
            "SELECT pay_info, spend_date, type, gateway_account, state FROM spent WHERE serial = ?",
        )
        .bind(serial.as_bytes().as_slice())
        .fetch_optional(&self.pool)
        .await?
        else {
            return Ok(None);
        };
        Ok(Some(SpentRow {
            pay_info: PayInfo::from_array(&bytes(&row, "pay_info")?),
            spend_date: EcashDate::from_unix_day(number(&row, "spend_date")?)?,
            ticket_type: TicketType::from_code(row.try_get("type")?)?,
            gateway_account: row.try_get("gateway_account")?,
            split: row.try_get::<&str, _>("state")? == "split",
        }))
    }

    /// Records a verified payment as the spend of its serial number, with incarnation, batch and position 0
    /// (`gateway.md` R4.17). False if the serial number has a spend already; nothing is written then.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn record_spend(&self, new: &NewSpend<'_>) -> Result<bool> {
        let mut write = self.write().await?;
        let inserted = sqlx::query(
            "INSERT INTO spent
             (serial, pay_info, spend_date, type, gateway_account, incarnation, batch, position, tag, accepted_at, state)
             VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, ?, 'held') ON CONFLICT DO NOTHING",
        )
        .bind(new.serial.as_bytes().as_slice())
        .bind(new.data.pay_info.to_bytes().as_slice())
        .bind(new.data.spend_date.unix_day())
        .bind(new.ticket_type.code())
        .bind(new.gateway_account)
        .bind(new.tag.to_bytes().as_slice())
        .bind(seconds(new.now)?)
        .execute(&mut *write.transaction)
        .await?
        .rows_affected();
        if inserted == 0 {
            return Ok(false);
        }
        sqlx::query("INSERT INTO payment (serial, spend_date, bytes) VALUES (?, ?, ?)")
            .bind(new.serial.as_bytes().as_slice())
            .bind(new.data.spend_date.unix_day())
            .bind(new.data.to_bytes())
            .execute(&mut *write.transaction)
            .await?;
        write.commit().await?;
        Ok(true)
    }

    /// The verified payments held for a serial number: that of its spend first, then those kept as evidence.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn payments(&self, serial: &SerialNumber) -> Result<Vec<SpendingData>> {
        sqlx::query(
            "SELECT bytes, 0 AS rank FROM payment WHERE serial = ?1
             UNION ALL
             SELECT e.bytes, 1 FROM evidence e WHERE e.serial = ?1
                AND NOT EXISTS (SELECT 1 FROM spent s WHERE s.serial = ?1 AND s.pay_info = e.pay_info)
             ORDER BY rank",
        )
        .bind(serial.as_bytes().as_slice())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|row| SpendingData::from_bytes(row.try_get("bytes")?).map_err(|e| Error::stored("payment.bytes", e)))
        .collect()
    }

    /// Keeps a verified payment of a serial number that is spent with another pay info, together with the payment of
    /// the spend, as a conflict. At most three payments are kept per serial number: the first two, and one more if it is
    /// the first to name a key (`gateway.md` R5.1).
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn record_conflict(&self, new: &NewSpend<'_>, finding: Finding) -> Result<()> {
        let mut write = self.write().await?;
        let serial = new.serial.as_bytes().as_slice();
        sqlx::query(
            "INSERT INTO evidence (serial, pay_info, bytes, gateway_account, kind, received_at)
             SELECT s.serial, s.pay_info, p.bytes, s.gateway_account, 'payment', s.accepted_at
             FROM spent s JOIN payment p ON p.serial = s.serial WHERE s.serial = ? ON CONFLICT DO NOTHING",
        )
        .bind(serial)
        .execute(&mut *write.transaction)
        .await?;
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM evidence WHERE serial = ?")
            .bind(serial)
            .fetch_one(&mut *write.transaction)
            .await?;
        let names_first =
            matches!(finding, Finding::Identified(_)) && !is_identified(&mut write, serial).await?;
        if kept < 2 || (names_first && kept < MAX_EVIDENCE_PER_SERIAL) {
            sqlx::query(
                "INSERT INTO evidence (serial, pay_info, bytes, gateway_account, kind, received_at)
                 VALUES (?, ?, ?, ?, 'payment', ?) ON CONFLICT DO NOTHING",
            )
            .bind(serial)
            .bind(new.data.pay_info.to_bytes().as_slice())
            .bind(new.data.to_bytes())
            .bind(new.gateway_account)
            .bind(seconds(new.now)?)
            .execute(&mut *write.transaction)
            .await?;
        }
        let (key, state) = match finding {
            Finding::Identified(key) => (Some(key.to_bytes().to_vec()), "identified"),
            Finding::UnknownSpender => (None, "unknown_spender"),
        };
        sqlx::query(
            "INSERT INTO conflict (serial, user_key, detected_at, state) VALUES (?, ?, ?, ?)
             ON CONFLICT (serial) DO UPDATE SET user_key = excluded.user_key, state = excluded.state
             WHERE conflict.state = 'unknown_spender' AND excluded.state = 'identified'",
        )
        .bind(serial)
        .bind(key)
        .bind(seconds(new.now)?)
        .bind(state)
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await
    }

    /// Whether a batch of this gateway key is held; such gateways deliver by batches only.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn delivers_batches(&self, gateway_key: &[u8; 32]) -> Result<bool> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM batch WHERE gateway_key = ?)")
                .bind(gateway_key.as_slice())
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Rows in `spent`, `evidence` and `conflict`. For tests and metrics.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn ticket_counts(&self) -> Result<(u64, u64, u64)> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM spent) AS spent, (SELECT count(*) FROM evidence) AS evidence,
                    (SELECT count(*) FROM conflict) AS conflict",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((
            number(&row, "spent")?,
            number(&row, "evidence")?,
            number(&row, "conflict")?,
        ))
    }
}

async fn is_identified(write: &mut Write<'_>, serial: &[u8]) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM conflict WHERE serial = ? AND user_key IS NOT NULL)",
    )
    .bind(serial)
    .fetch_one(&mut *write.transaction)
    .await?)
}
