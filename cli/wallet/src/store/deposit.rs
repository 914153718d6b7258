//! Deposit transactions and the issuances they pay for.

use std::collections::BTreeSet;

use ecash_ticketbook::{DepositId, TicketType, UnixTime};
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use super::row::{Columns, damaged, to_i64};
use super::{Store, meta, put_number};
use crate::domain::issuance::{Reason, State};
use crate::domain::keys::KeyUse;
use crate::error::WalletError;
use crate::limits::clip;

/// A signed transaction about to be journaled.
pub(crate) struct NewDepositTx<'a> {
    pub(crate) hash: [u8; 32],
    pub(crate) raw: &'a [u8],
    pub(crate) account: &'a str,
    pub(crate) sequence: u64,
    pub(crate) timeout_height: u64,
    /// Latest deposit id at that moment; `None` before the first.
    pub(crate) last_deposit_id: Option<DepositId>,
}

/// One of its messages.
pub(crate) struct NewDeposit {
    pub(crate) key_index: u32,
    pub(crate) secret: Zeroizing<[u8; 32]>,
    pub(crate) public: [u8; 32],
    pub(crate) ticket_type: TicketType,
}

/// A journaled transaction.
#[derive(Clone, Debug)]
pub(crate) struct DepositTx {
    pub(crate) hash: [u8; 32],
    pub(crate) raw: Vec<u8>,
    pub(crate) account: String,
    pub(crate) sequence: u64,
    pub(crate) timeout_height: u64,
    pub(crate) last_deposit_id: Option<DepositId>,
}

impl Store {
    /// Journals a signed transaction and the issuances it pays for, before it is broadcast: one transaction.
    pub(crate) async fn record_deposit(
        &self,
        tx: &NewDepositTx<'_>,
        deposits: &[NewDeposit],
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let now = to_i64("time", now.get())?;
        let mut db = self.write("deposit transaction").await?;
        sqlx::query(
            "INSERT INTO deposit_tx (tx_hash, raw, account, sequence, timeout_height, last_deposit_id, fate, signed_at)
             VALUES (?, ?, ?, ?, ?, ?, 'open', ?)",
        )
        .bind(tx.hash.as_slice())
        .bind(tx.raw)
        .bind(tx.account)
        .bind(to_i64("sequence", tx.sequence)?)
        .bind(to_i64("timeout height", tx.timeout_height)?)
        .bind(tx.last_deposit_id.map(|id| i64::from(id.get())))
        .bind(now)
        .execute(&mut *db)
        .await?;
        let mut next = sqlx::query_scalar::<_, i64>("SELECT value FROM meta WHERE key = ?")
            .bind(meta::NEXT_KEY)
            .fetch_optional(&mut *db)
            .await?
            .unwrap_or(0);
        for (deposit, msg_index) in deposits.iter().zip(0_i64..) {
            sqlx::query(
                "INSERT INTO issuance (origin, key_index, deposit_sk, deposit_pk, type, tx_hash, msg_index, state, updated_at)
                 VALUES ('own', ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(i64::from(deposit.key_index))
            .bind(deposit.secret.as_slice())
            .bind(deposit.public.as_slice())
            .bind(i64::from(deposit.ticket_type.code()))
            .bind(tx.hash.as_slice())
            .bind(msg_index)
            .bind(State::Paying.text())
            .bind(now)
            .execute(&mut *db)
            .await?;
            next = next.max(i64::from(deposit.key_index) + 1);
        }
        put_number(&mut db, meta::NEXT_KEY, next).await?;
        db.commit().await
    }

    /// Which keys are used, confirmed, and free again.
    pub(crate) async fn key_use(&self) -> Result<KeyUse, WalletError> {
        let small =
            |value: i64| u32::try_from(value).map_err(|error| damaged("issuance.key_index", error));
        let next = small(self.number(meta::NEXT_KEY).await?.unwrap_or(0))?;
        let highest_confirmed = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT max(key_index) FROM issuance WHERE deposit_id IS NOT NULL",
        )
        .fetch_one(&self.pool)
        .await?
        .map(small)
        .transpose()?;
        let free_again = sqlx::query_scalar::<_, i64>(
            "SELECT key_index FROM issuance WHERE key_index IS NOT NULL AND key_index > ?
             GROUP BY key_index HAVING sum(state <> 'unpaid') = 0",
        )
        .bind(highest_confirmed.map_or(-1, i64::from))
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(small)
        .collect::<Result<BTreeSet<u32>, _>>()?;
        Ok(KeyUse {
            next,
            highest_confirmed,
            free_again,
        })
    }

    /// A journaled transaction.
    pub(crate) async fn deposit_tx(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<DepositTx>, WalletError> {
        sqlx::query("SELECT * FROM deposit_tx WHERE tx_hash = ?")
            .bind(hash.as_slice())
            .fetch_optional(&self.pool)
            .await?
            .map(|row| read_tx(&row))
            .transpose()
    }

    /// Transactions without a fate, oldest first.
    pub(crate) async fn open_deposits(&self) -> Result<Vec<DepositTx>, WalletError> {
        sqlx::query("SELECT * FROM deposit_tx WHERE fate = 'open' ORDER BY signed_at, sequence")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(read_tx)
            .collect()
    }

    /// Transactions given up since `since`: their fate is corrected where one is in a block after all.
    pub(crate) async fn abandoned_since(
        &self,
        since: UnixTime,
    ) -> Result<Vec<DepositTx>, WalletError> {
        sqlx::query("SELECT * FROM deposit_tx WHERE fate = 'abandoned' AND signed_at >= ? ORDER BY signed_at")
            .bind(to_i64("time", since.get())?)
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(read_tx)
            .collect()
    }

    /// The transaction is in a block: its issuances (by row) have these deposit ids. Those that got none stay unpaid.
    pub(crate) async fn settle_included(
        &self,
        hash: &[u8; 32],
        height: Option<u64>,
        deposits: &[(i64, DepositId)],
        deposit_time: UnixTime,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let now = to_i64("time", now.get())?;
        let mut db = self.write("included deposits").await?;
        sqlx::query(
            "UPDATE deposit_tx SET fate = 'included', height = ?, code = 0 WHERE tx_hash = ?",
        )
        .bind(height.map(|height| to_i64("height", height)).transpose()?)
        .bind(hash.as_slice())
        .execute(&mut *db)
        .await?;
        for (issuance, deposit) in deposits {
            sqlx::query(
                "UPDATE issuance SET state = ?, reason = NULL, deposit_id = ?, deposit_time = ?, updated_at = ?
                 WHERE id = ? AND state IN ('paying', 'unpaid')",
            )
            .bind(State::Deposited.text())
            .bind(i64::from(deposit.get()))
            .bind(to_i64("deposit time", deposit_time.get())?)
            .bind(now)
            .bind(issuance)
            .execute(&mut *db)
            .await?;
        }
        sqlx::query("UPDATE issuance SET state = ?, reason = ?, updated_at = ? WHERE tx_hash = ? AND state = 'paying'")
            .bind(State::Unpaid.text())
            .bind(Reason::TransactionFailed.text())
            .bind(now)
            .bind(hash.as_slice())
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// The transaction failed in its block, or was given up.
    pub(crate) async fn settle_unpaid(
        &self,
        hash: &[u8; 32],
        reason: Reason,
        height: Option<u64>,
        code_and_log: Option<(u32, &str)>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let fate = match reason {
            Reason::TransactionFailed => "failed",
            _ => "abandoned",
        };
        let mut db = self.write("unpaid deposits").await?;
        sqlx::query(
            "UPDATE deposit_tx SET fate = ?, height = ?, code = ?, log = ? WHERE tx_hash = ?",
        )
        .bind(fate)
        .bind(height.map(|height| to_i64("height", height)).transpose()?)
        .bind(code_and_log.map(|(code, _)| i64::from(code)))
        .bind(code_and_log.map(|(_, log)| clip(log)))
        .bind(hash.as_slice())
        .execute(&mut *db)
        .await?;
        sqlx::query("UPDATE issuance SET state = ?, reason = ?, updated_at = ? WHERE tx_hash = ? AND state = 'paying'")
            .bind(State::Unpaid.text())
            .bind(reason.text())
            .bind(to_i64("time", now.get())?)
            .bind(hash.as_slice())
            .execute(&mut *db)
            .await?;
        db.commit().await
    }
}

fn read_tx(row: &SqliteRow) -> Result<DepositTx, WalletError> {
    let columns = Columns(row);
    Ok(DepositTx {
        hash: columns.array("tx_hash")?,
        raw: columns.bytes("raw")?,
        account: columns.text("account")?,
        sequence: columns.u64("sequence")?,
        timeout_height: columns.u64("timeout_height")?,
        last_deposit_id: columns.deposit("last_deposit_id")?,
    })
}
