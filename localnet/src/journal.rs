//! The admin's transactions on disk: what was sent, and which steps of the setup are done.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use ecash_service::files;
use nyx_client::{Address, Fate, Included, JournalError, OpenTx, SignedTx, TxJournal};
use serde::{Deserialize, Serialize};

/// Most bytes of one record: a transaction in hex and a few words.
const MAX_RECORD_BYTES: u64 = 2 * 1024 * 1024;

/// A signed transaction without a fate.
#[derive(Serialize, Deserialize)]
struct OpenRecord {
    chain_id: String,
    account: Address,
    sequence: u64,
    timeout_height: u64,
    raw: String,
    step: String,
}

/// What a done step left.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) height: u64,
    /// The contract that it instantiated.
    pub(crate) contract: Option<Address>,
}

/// One file per open transaction and per done step, in a private directory. A transaction's note is its step's name.
#[derive(Clone)]
pub(crate) struct FileJournal {
    dir: PathBuf,
}

impl FileJournal {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        files::create_private_dir(dir)?;
        Ok(Self {
            dir: dir.to_path_buf(),
        })
    }

    /// What a step left, if it is done.
    pub(crate) fn done(&self, step: &str) -> Result<Option<Done>> {
        let path = self.done_path(step);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = files::read_private(&path, MAX_RECORD_BYTES)?;
        Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
            format!("{} is damaged", path.display())
        })?))
    }

    fn done_path(&self, step: &str) -> PathBuf {
        self.dir.join(format!("done-{step}.json"))
    }

    fn open_path(&self, tx: &SignedTx) -> PathBuf {
        self.dir.join(format!("open-{}.json", tx.hash()))
    }

    fn read_open(&self, path: &Path) -> Result<(OpenRecord, OpenTx), JournalError> {
        let bytes = files::read_private(path, MAX_RECORD_BYTES)?;
        let record: OpenRecord = serde_json::from_slice(&bytes)?;
        let tx = SignedTx::restore(
            record.chain_id.clone(),
            record.account.clone(),
            record.sequence,
            record.timeout_height,
            hex::decode(&record.raw)?,
        );
        let open = OpenTx {
            tx,
            note: record.step.clone().into_bytes(),
        };
        Ok((record, open))
    }
}

impl TxJournal for FileJournal {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> Result<(), JournalError> {
        let record = OpenRecord {
            chain_id: tx.chain_id().to_owned(),
            account: tx.account().clone(),
            sequence: tx.sequence(),
            timeout_height: tx.timeout_height(),
            raw: hex::encode(tx.raw()),
            step: String::from_utf8(note.to_vec())?,
        };
        files::write_private(&self.open_path(tx), &serde_json::to_vec(&record)?)?;
        Ok(())
    }

    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> Result<(), JournalError> {
        let path = self.open_path(tx);
        if !path.exists() {
            return Ok(());
        }
        let (record, _) = self.read_open(&path)?;
        if let Fate::Included(included) = fate
            && !record.step.is_empty()
        {
            let done = Done {
                height: included.height,
                contract: instantiated(included),
            };
            files::write_private(&self.done_path(&record.step), &serde_json::to_vec(&done)?)?;
        }
        std::fs::remove_file(&path)?;
        Ok(())
    }

    async fn open(&self, account: &Address) -> Result<Vec<OpenTx>, JournalError> {
        let mut open = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("open-") {
                let (_, tx) = self.read_open(&entry.path())?;
                if tx.tx.account() == account {
                    open.push(tx);
                }
            }
        }
        open.sort_by_key(|open| open.tx.sequence());
        Ok(open)
    }
}

fn instantiated(included: &Included) -> Option<Address> {
    included.instantiated(0).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use cosmwasm_std::Timestamp;

    fn account() -> Address {
        Address::new("n", &[1; 20]).unwrap()
    }

    fn tx(sequence: u64) -> SignedTx {
        SignedTx::restore("chain".into(), account(), sequence, 9, vec![1, 2, 3])
    }

    fn included(tx: &SignedTx) -> Fate {
        Fate::Included(Included {
            hash: tx.hash(),
            height: 4,
            time: Timestamp::from_seconds(1),
            gas_used: 0,
            responses: vec![],
            events: vec![],
        })
    }

    #[tokio::test]
    async fn a_recorded_transaction_is_open_until_it_is_settled_and_then_its_step_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("journal");
        let journal = FileJournal::open(&dir).unwrap();
        journal.record(&tx(3), b"group").await.unwrap();
        assert!(journal.done("group").unwrap().is_none());

        let reopened = FileJournal::open(&dir).unwrap();
        let open = TxJournal::open(&reopened, &account()).await.unwrap();
        assert_eq!(
            (open[0].tx.clone(), open[0].note.clone()),
            (tx(3), b"group".to_vec())
        );

        for _ in 0..2 {
            reopened.settle(&tx(3), &included(&tx(3))).await.unwrap();
        }
        assert_eq!(reopened.done("group").unwrap().unwrap().height, 4);
        assert!(
            TxJournal::open(&reopened, &account())
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn a_failed_transaction_leaves_its_step_undone() {
        let dir = tempfile::tempdir().unwrap();
        let journal = FileJournal::open(&dir.path().join("journal")).unwrap();
        journal.record(&tx(3), b"group").await.unwrap();
        journal.settle(&tx(3), &Fate::Abandoned).await.unwrap();
        assert!(journal.done("group").unwrap().is_none());
        assert!(
            TxJournal::open(&journal, &account())
                .await
                .unwrap()
                .is_empty()
        );
    }
}
