//! The journal of `account send`: one private file per chain account, so that a transaction whose answer was lost is
//! followed up at the next call and never paid twice.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ecash_service::files;
use nyx_client::{Address, Fate, JournalError, OpenTx, SignedTx, TxJournal};
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};

/// Largest journal, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Transactions kept; more than one is open only after crashes in a row.
const MAX_OPEN: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    chain_id: String,
    account: String,
    sequence: u64,
    timeout_height: u64,
    raw: String,
    note: String,
}

/// The file of one account.
#[derive(Debug)]
pub(crate) struct Outbox {
    path: PathBuf,
    // One writer at a time within the process; the file is replaced atomically.
    writing: Mutex<()>,
}

impl Outbox {
    /// The journal of `account` in `folder`.
    pub(crate) fn open(folder: &Path, account: &Address) -> Result<Self, Failure> {
        files::create_private_dir(folder)?;
        Ok(Self {
            path: folder.join(format!("outbox-{account}.json")),
            writing: Mutex::new(()),
        })
    }

    /// Where journals are kept: `NYM_CLI_HOME`, else the user's state folder.
    pub(crate) fn folder() -> Result<PathBuf, Failure> {
        let from = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        from("NYM_CLI_HOME")
            .or_else(|| from("XDG_STATE_HOME").map(|folder| folder.join("nym-cli")))
            .or_else(|| {
                from("HOME").map(|folder| folder.join(".local").join("state").join("nym-cli"))
            })
            .ok_or_else(|| {
                Failure::new(
                    Exit::Failed,
                    "no folder for the journal of transactions: set NYM_CLI_HOME",
                )
            })
    }

    fn rows(&self) -> Result<Vec<Row>, JournalError> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let bytes = files::read_private(&self.path, MAX_BYTES)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Vec<Row>) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let _one = self
            .writing
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut rows = self.rows()?;
        change(&mut rows)?;
        files::write_private(&self.path, &serde_json::to_vec(&rows)?)?;
        Ok(())
    }
}

impl TxJournal for Outbox {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> Result<(), JournalError> {
        self.change(|rows| {
            if rows.len() >= MAX_OPEN {
                return Err(format!("{MAX_OPEN} transactions are open already").into());
            }
            rows.push(Row {
                chain_id: tx.chain_id().to_owned(),
                account: tx.account().to_string(),
                sequence: tx.sequence(),
                timeout_height: tx.timeout_height(),
                raw: hex::encode(tx.raw()),
                note: hex::encode(note),
            });
            Ok(())
        })
    }

    async fn settle(&self, tx: &SignedTx, _: &Fate) -> Result<(), JournalError> {
        let raw = hex::encode(tx.raw());
        self.change(|rows| {
            rows.retain(|row| row.raw != raw);
            Ok(())
        })
    }

    async fn open(&self, account: &Address) -> Result<Vec<OpenTx>, JournalError> {
        let mut open = Vec::new();
        for row in self.rows()? {
            if row.account == account.as_ref() {
                open.push(OpenTx {
                    tx: SignedTx::restore(
                        row.chain_id,
                        account.clone(),
                        row.sequence,
                        row.timeout_height,
                        hex::decode(row.raw)?,
                    ),
                    note: hex::decode(row.note)?,
                });
            }
        }
        open.sort_by_key(|open| open.tx.sequence());
        Ok(open)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_recorded_transaction_is_open_after_a_restart_until_it_is_settled() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("state");
        let account = Address::new("n", &[7; 20]).unwrap();
        let tx = SignedTx::restore("chain-1".to_owned(), account.clone(), 3, 40, vec![1, 2, 3]);
        Outbox::open(&folder, &account)
            .unwrap()
            .record(&tx, b"note")
            .await
            .unwrap();
        let outbox = Outbox::open(&folder, &account).unwrap();
        let open = TxJournal::open(&outbox, &account).await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open.first().unwrap().tx, tx);
        outbox.settle(&tx, &Fate::Abandoned).await.unwrap();
        assert!(TxJournal::open(&outbox, &account).await.unwrap().is_empty());
    }
}
