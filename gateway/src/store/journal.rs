//! Table `transaction_journal`: transactions of the gateway's account, on disk before they are sent.

use nyx_client::{Address, Fate, JournalError, OpenTx, SignedTx, TxJournal};
use sqlx::Row as _;

use super::{Store, unsigned};
use ecash_service::clock::SharedClock;

/// The journal of the gateway's account in its database.
#[derive(Clone)]
pub struct Journal {
    store: Store,
    clock: SharedClock,
}

impl Store {
    /// The journal in this database; `clock` dates its entries.
    #[must_use]
    pub fn journal(&self, clock: SharedClock) -> Journal {
        Journal {
            store: self.clone(),
            clock,
        }
    }
}

impl TxJournal for Journal {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> Result<(), JournalError> {
        let (tx, note, now) = (tx.clone(), note.to_vec(), self.clock.now());
        self.store
            .writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query(
                        "INSERT INTO transaction_journal
                            (hash, chain_id, account, sequence, timeout_height, raw, note, stored_at)
                         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    )
                    .bind(tx.hash().to_string())
                    .bind(tx.chain_id().to_owned())
                    .bind(tx.account().to_string())
                    .bind(i64::try_from(tx.sequence()).unwrap_or(i64::MAX))
                    .bind(i64::try_from(tx.timeout_height()).unwrap_or(i64::MAX))
                    .bind(tx.raw().to_vec())
                    .bind(note)
                    .bind(now.as_i64())
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
            .map_err(Into::into)
    }

    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> Result<(), JournalError> {
        let (hash, fate) = (tx.hash().to_string(), fate_text(fate));
        self.store
            .writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("UPDATE transaction_journal SET fate = ? WHERE hash = ?")
                        .bind(fate)
                        .bind(hash)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
            .map_err(Into::into)
    }

    async fn open(&self, account: &Address) -> Result<Vec<OpenTx>, JournalError> {
        let rows = sqlx::query(
            "SELECT chain_id, sequence, timeout_height, raw, note FROM transaction_journal
             WHERE account = ? AND fate IS NULL ORDER BY sequence",
        )
        .bind(account.to_string())
        .fetch_all(&self.store.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let sequence: i64 = row.try_get("sequence")?;
                let timeout_height: i64 = row.try_get("timeout_height")?;
                Ok(OpenTx {
                    tx: SignedTx::restore(
                        row.try_get("chain_id")?,
                        account.clone(),
                        unsigned(sequence),
                        unsigned(timeout_height),
                        row.try_get("raw")?,
                    ),
                    note: row.try_get("note")?,
                })
            })
            .collect()
    }
}

fn fate_text(fate: &Fate) -> String {
    match fate {
        Fate::Included(included) => format!("included at height {}", included.height),
        Fate::Failed {
            height,
            code,
            codespace,
            log,
        } => {
            format!("failed at height {height}: {codespace} {code}: {log}")
        }
        Fate::Rejected {
            code,
            codespace,
            log,
        } => format!("rejected: {codespace} {code}: {log}"),
        Fate::Abandoned => "abandoned".to_owned(),
    }
}
