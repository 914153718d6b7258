//! What must be on disk before a transaction leaves.

use std::future::Future;

use cosmrs::AccountId;

use crate::{sender::Fate, transaction::SignedTx};

/// A journal's own error.
pub type JournalError = Box<dyn std::error::Error + Send + Sync>;

/// A journaled transaction whose fate is not known.
#[derive(Clone, Debug)]
pub struct OpenTx {
    /// The signed transaction, as recorded.
    pub tx: SignedTx,
    /// What it was recorded with.
    pub note: Vec<u8>,
}

/// The durable record of an account's transactions. The [`Sender`](crate::Sender) keeps this contract with it:
///
/// 1. [`record`](Self::record) returns before the first byte of the transaction leaves the process. It must be durable
///    when it returns. If it fails, the transaction is never sent.
/// 2. [`settle`](Self::settle) is called when the fate is known. It must be idempotent: after a crash between the two
///    the same fate is found again and settled again.
/// 3. At start [`open`](Self::open) gives every transaction that was recorded and not settled, oldest sequence first;
///    they are settled before anything new is signed.
///
/// `note` is the caller's own: whatever has to be stored in the same database transaction (deposit keys, say). It is
/// never sent.
pub trait TxJournal: Send + Sync + 'static {
    /// Stores a signed transaction and its note, durably.
    fn record(
        &self,
        tx: &SignedTx,
        note: &[u8],
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Stores the fate of a recorded transaction, durably.
    fn settle(
        &self,
        tx: &SignedTx,
        fate: &Fate,
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// All transactions of `account` without a fate, ascending by sequence.
    fn open(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Vec<OpenTx>, JournalError>> + Send;
}

/// A journal in memory. For tests: it forgets everything with the process.
#[cfg(any(test, feature = "testing"))]
#[derive(Clone, Default)]
pub struct MemoryJournal(std::sync::Arc<std::sync::Mutex<Rows>>);

#[cfg(any(test, feature = "testing"))]
type Rows = Vec<(OpenTx, Option<Fate>)>;

#[cfg(any(test, feature = "testing"))]
impl MemoryJournal {
    fn rows(&self) -> std::sync::MutexGuard<'_, Rows> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Everything recorded so far, with its fate.
    #[must_use]
    pub fn all(&self) -> Vec<(OpenTx, Option<Fate>)> {
        self.rows().clone()
    }
}

#[cfg(any(test, feature = "testing"))]
impl TxJournal for MemoryJournal {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> Result<(), JournalError> {
        self.rows().push((
            OpenTx {
                tx: tx.clone(),
                note: note.to_vec(),
            },
            None,
        ));
        Ok(())
    }

    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> Result<(), JournalError> {
        for (open, settled) in self.rows().iter_mut() {
            if open.tx.hash() == tx.hash() {
                *settled = Some(fate.clone());
            }
        }
        Ok(())
    }

    async fn open(&self, account: &AccountId) -> Result<Vec<OpenTx>, JournalError> {
        let mut open: Vec<OpenTx> = self
            .rows()
            .iter()
            .filter(|(open, fate)| fate.is_none() && open.tx.account() == account)
            .map(|(open, _)| open.clone())
            .collect();
        open.sort_by_key(|open| open.tx.sequence());
        Ok(open)
    }
}
