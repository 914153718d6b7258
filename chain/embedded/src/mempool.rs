//! Transactions that wait for the next block.

use std::collections::{BTreeSet, VecDeque};

use crate::ante;
use crate::chain::TxHash;
use crate::refusal::{Refusal, code};
use crate::state::{Kv, Overlay, WriteSet};
use crate::tx::Transaction;

/// Most transactions that wait.
pub const MAX_WAITING: usize = 2_000;
/// Most bytes that wait.
pub const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;
/// Most transactions in one block.
pub const MAX_BLOCK_TXS: usize = 200;
/// Most bytes of transactions in one block.
pub const MAX_BLOCK_BYTES: usize = 8 * 1024 * 1024;
/// Most gas that the transactions of one block may ask for together.
pub const MAX_BLOCK_GAS: u64 = 400_000_000;

/// The queue, and what the state would be if all of it had paid its fees: that is what the next one is checked against,
/// so that an account may have several transactions waiting.
#[derive(Default)]
pub(crate) struct Mempool {
    queue: VecDeque<Transaction>,
    hashes: BTreeSet<TxHash>,
    bytes: usize,
    checked: WriteSet,
}

impl Mempool {
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn contains(&self, hash: TxHash) -> bool {
        self.hashes.contains(&hash)
    }

    /// Checks `tx` for the block at `height` and queues it.
    ///
    /// # Errors
    /// `MEMPOOL_FULL`, and what [`ante::admit`] says.
    pub(crate) fn add(
        &mut self,
        state: &Kv,
        tx: Transaction,
        chain_id: &str,
        height: u64,
    ) -> Result<(), Refusal> {
        if self.queue.len() >= MAX_WAITING
            || self.bytes.saturating_add(tx.bytes.len()) > MAX_WAITING_BYTES
        {
            let log = format!(
                "mempool is full: {} transactions, {} bytes",
                self.queue.len(),
                self.bytes
            );
            return Err(Refusal::sdk(code::MEMPOOL_FULL, log));
        }
        let mut paid = Overlay::with(state, std::mem::take(&mut self.checked));
        let mut view = Overlay::new(&paid);
        let admitted = ante::admit(&mut view, &tx, chain_id, height);
        let writes = view.into_writes();
        if admitted.is_ok() {
            paid.apply(writes);
        }
        self.checked = paid.into_writes();
        admitted?;
        self.bytes = self.bytes.saturating_add(tx.bytes.len());
        self.hashes.insert(tx.hash);
        self.queue.push_back(tx);
        Ok(())
    }

    /// Takes what the next block has room for.
    pub(crate) fn take_block(&mut self) -> Vec<Transaction> {
        let (mut bytes, mut gas) = (0usize, 0u64);
        let mut taken = Vec::new();
        while let Some(tx) = self.queue.front() {
            bytes = bytes.saturating_add(tx.bytes.len());
            gas = gas.saturating_add(tx.gas_limit);
            if taken.len() >= MAX_BLOCK_TXS || bytes > MAX_BLOCK_BYTES || gas > MAX_BLOCK_GAS {
                break;
            }
            taken.extend(self.queue.pop_front());
        }
        taken
    }

    /// After a block: checks what still waits against the new state, and drops what no longer holds.
    pub(crate) fn recheck(
        &mut self,
        state: &Kv,
        chain_id: &str,
        height: u64,
    ) -> Vec<(TxHash, Refusal)> {
        let waiting = std::mem::take(self);
        let mut dropped = Vec::new();
        for tx in waiting.queue {
            let hash = tx.hash;
            if let Err(refusal) = self.add(state, tx, chain_id, height) {
                dropped.push((hash, refusal));
            }
        }
        dropped
    }
}
