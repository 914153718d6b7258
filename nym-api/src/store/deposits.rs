//! The mirror of deposits and of the chain's blacklist, and how far it has read.

use ecash_scheme::UserPublicKey;
use ecash_ticketbook::{DepositId, UnixTime};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, Write, bytes, integer, seconds, time};
use crate::error::{Error, Result};

/// State of a deposit on chain; only an open one is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositState {
    /// Paid and neither withheld nor refunded.
    Open,
    /// Kept back by the multisig.
    Withheld,
    /// Paid back.
    Refunded,
}

impl DepositState {
    /// The word for it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Withheld => "withheld",
            Self::Refunded => "refunded",
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        match text {
            "open" => Ok(Self::Open),
            "withheld" => Ok(Self::Withheld),
            "refunded" => Ok(Self::Refunded),
            other => Err(Error::stored("deposit.state", other)),
        }
    }
}

/// A deposit as the chain shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRow {
    /// Its id.
    pub id: DepositId,
    /// Public key of its owner, as the contract stored it; whether it is a key shows when a signature is checked.
    pub pubkey: [u8; 32],
    /// Who paid.
    pub payer: String,
    /// Time of its block.
    pub block_time: UnixTime,
    /// Its state.
    pub state: DepositState,
}

/// A list of the ecash contract that is read from where it was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Deposits by id.
    Deposits,
    /// The log of changes by index.
    Changes,
}

impl Cursor {
    const fn text(self) -> &'static str {
        match self {
            Self::Deposits => "deposits",
            Self::Changes => "changes",
        }
    }
}

impl Store {
    /// A deposit, if the mirror has it.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn deposit(&self, id: DepositId) -> Result<Option<DepositRow>> {
        sqlx::query(
            "SELECT deposit_id, pubkey, payer, block_time, state FROM deposit WHERE deposit_id = ?",
        )
        .bind(id.get())
        .fetch_optional(&self.pool)
        .await?
        .map(|row| decode(&row))
        .transpose()
    }

    /// Takes over a page of deposits, and with it how far the list is read.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn mirror_deposits(
        &self,
        page: &[DepositRow],
        read_up_to: Option<DepositId>,
    ) -> Result<()> {
        let mut write = self.write().await?;
        for deposit in page {
            put(&mut write, deposit).await?;
        }
        if let Some(id) = read_up_to {
            set_cursor(&mut write, Cursor::Deposits, u64::from(id.get())).await?;
        }
        write.commit().await
    }

    /// The last entry of a list that was read.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn cursor(&self, list: Cursor) -> Result<Option<u64>> {
        let after: Option<i64> =
            sqlx::query_scalar("SELECT after FROM mirror_cursor WHERE list = ?")
                .bind(list.text())
                .fetch_optional(&self.pool)
                .await?;
        Ok(after.and_then(|value| u64::try_from(value).ok()))
    }

    /// Notes how far a list is read.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn set_cursor(&self, list: Cursor, after: u64) -> Result<()> {
        let mut write = self.write().await?;
        set_cursor(&mut write, list, after).await?;
        write.commit().await
    }

    /// Whether a key is refused: it is on the chain's list, or on this member's own.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn is_blacklisted(&self, key: &UserPublicKey) -> Result<bool> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM blacklist WHERE user_key = ?)")
                .bind(key.to_bytes().as_slice())
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Takes over one entry of the chain's blacklist: listed since `since`, or not listed any more.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn mirror_blacklist(&self, key: &[u8; 48], since: Option<UnixTime>) -> Result<()> {
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM blacklist WHERE user_key = ? AND source = 'chain'")
            .bind(key.as_slice())
            .execute(&mut *write.transaction)
            .await?;
        if let Some(since) = since {
            sqlx::query("INSERT INTO blacklist (user_key, source, since) VALUES (?, 'chain', ?)")
                .bind(key.as_slice())
                .bind(seconds(since)?)
                .execute(&mut *write.transaction)
                .await?;
        }
        write.commit().await
    }
}

async fn put(write: &mut Write<'_>, deposit: &DepositRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO deposit (deposit_id, pubkey, payer, block_time, state) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (deposit_id) DO UPDATE SET state = excluded.state",
    )
    .bind(deposit.id.get())
    .bind(deposit.pubkey.as_slice())
    .bind(&deposit.payer)
    .bind(seconds(deposit.block_time)?)
    .bind(deposit.state.text())
    .execute(&mut *write.transaction)
    .await?;
    Ok(())
}

async fn set_cursor(write: &mut Write<'_>, list: Cursor, after: u64) -> Result<()> {
    sqlx::query(
        "INSERT INTO mirror_cursor (list, after) VALUES (?, ?)
         ON CONFLICT (list) DO UPDATE SET after = max(after, excluded.after)",
    )
    .bind(list.text())
    .bind(integer("position in a list", after)?)
    .execute(&mut *write.transaction)
    .await?;
    Ok(())
}

fn decode(row: &SqliteRow) -> Result<DepositRow> {
    Ok(DepositRow {
        id: DepositId(row.try_get("deposit_id")?),
        pubkey: bytes(row, "pubkey")?,
        payer: row.try_get("payer")?,
        block_time: time(row, "block_time")?,
        state: DepositState::from_text(row.try_get("state")?)?,
    })
}
