//! Transactions of this member's account, stored signed before they leave.

use ecash_service::clock::SharedClock;
use nyx_client::{Address, Fate, JournalError, OpenTx, SignedTx, TxJournal, parse_address};
use sqlx::Row as _;

use super::{Store, integer, number};
use crate::error::{Error, Result};

/// The outbox's record in this member's database.
#[derive(Clone, Debug)]
pub struct Journal {
    store: Store,
    clock: SharedClock,
}

impl Journal {
    /// A journal in `store`.
    #[must_use]
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    async fn put(&self, tx: &SignedTx, note: &[u8]) -> Result<()> {
        let mut write = self.store.write().await?;
        sqlx::query(
            "INSERT INTO outgoing_tx (hash, account, chain_id, sequence, timeout_height, raw, note, recorded_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(tx.hash().as_bytes().as_slice())
        .bind(tx.account().to_string())
        .bind(tx.chain_id())
        .bind(integer("sequence", tx.sequence())?)
        .bind(integer("timeout height", tx.timeout_height())?)
        .bind(tx.raw())
        .bind(note)
        .bind(self.clock.now().as_i64())
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await
    }

    async fn close(&self, tx: &SignedTx, fate: &Fate) -> Result<()> {
        let (fate, detail) = match fate {
            Fate::Included(included) => ("included", format!("height {}", included.height)),
            Fate::Failed {
                height,
                code,
                codespace,
                log,
            } => (
                "failed",
                format!("height {height}, {codespace} {code}: {log}"),
            ),
            Fate::Rejected {
                code,
                codespace,
                log,
            } => ("rejected", format!("{codespace} {code}: {log}")),
            Fate::Abandoned => ("abandoned", String::new()),
        };
        let mut write = self.store.write().await?;
        sqlx::query("UPDATE outgoing_tx SET fate = ?, detail = ?, settled_at = ? WHERE hash = ? AND fate IS NULL")
            .bind(fate)
            .bind(detail)
            .bind(self.clock.now().as_i64())
            .bind(tx.hash().as_bytes().as_slice())
            .execute(&mut *write.transaction)
            .await?;
        write.commit().await
    }

    async fn unsettled(&self, account: &Address) -> Result<Vec<OpenTx>> {
        sqlx::query(
            "SELECT account, chain_id, sequence, timeout_height, raw, note FROM outgoing_tx
             WHERE account = ? AND fate IS NULL ORDER BY sequence",
        )
        .bind(account.to_string())
        .fetch_all(&self.store.pool)
        .await?
        .iter()
        .map(|row| {
            let account = parse_address(row.try_get("account")?)
                .map_err(|e| Error::stored("outgoing_tx.account", e))?;
            Ok(OpenTx {
                tx: SignedTx::restore(
                    row.try_get("chain_id")?,
                    account,
                    number(row, "sequence")?,
                    number(row, "timeout_height")?,
                    row.try_get("raw")?,
                ),
                note: row.try_get("note")?,
            })
        })
        .collect()
    }
}

impl TxJournal for Journal {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> std::result::Result<(), JournalError> {
        Ok(self.put(tx, note).await?)
    }

    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> std::result::Result<(), JournalError> {
        Ok(self.close(tx, fate).await?)
    }

    async fn open(&self, account: &Address) -> std::result::Result<Vec<OpenTx>, JournalError> {
        Ok(self.unsettled(account).await?)
    }
}
