//! A signed transaction pursued to its fate (`spec/client.md` 3.3).

use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use super::{Fate, Job, Task};
use crate::{
    error::Error,
    included::Included,
    journal::TxJournal,
    limits,
    query::QueryClient,
    transaction::{SignedTx, TxHash},
};

/// How the bytes were received so far, by the process that signed them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Never sent.
    Never,
    /// Sent at least once; some node may hold the bytes.
    Perhaps,
}

/// What is known about a transaction that is being pursued.
struct Pursuit<'a> {
    tx: &'a SignedTx,
    sent: Sent,
    last_sent: Option<Instant>,
    /// Answers in a row that say "in no block" since it can enter none.
    not_found: u32,
}

impl<J: TxJournal> Task<J> {
    /// Sends the bytes and asks, until the fate is known (`spec/client.md` 3.3). Never gives up while a handle is left:
    /// an unreachable chain decides nothing.
    pub(super) async fn fate(
        &self,
        tx: &SignedTx,
        sent: Sent,
        queue: &mpsc::Receiver<Job>,
    ) -> Option<Fate> {
        let mut pursuit = Pursuit {
            tx,
            sent,
            last_sent: None,
            not_found: 0,
        };
        let mut wait = limits::FIRST_POLL.min(self.config.poll_interval);
        loop {
            match self.step(&mut pursuit).await {
                Ok(Some(fate)) => return Some(fate),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, hash = %tx.hash(), "fate of a transaction still unknown");
                }
            }
            if queue.is_closed() {
                return None;
            }
            sleep(wait).await;
            wait = (wait * 2).min(self.config.poll_interval);
        }
    }

    /// One round of questions, all to one node that is not catching up. `None`: still open.
    ///
    /// Height and sequence are asked for *before* the transaction: if they say that it can enter no block any more, then
    /// the node's "not found" covers every block that it could have entered.
    async fn step(&self, pursuit: &mut Pursuit<'_>) -> Result<Option<Fate>, Error> {
        let tx = pursuit.tx;
        if pursuit.sent == Sent::Never {
            // Nothing to ask yet: nobody has the bytes.
            if let Some(rejected) = self.broadcast(pursuit).await? {
                return Ok(Some(rejected));
            }
        }
        let (node, height) = self.node_in_step(tx).await?;
        let sequence = node
            .account(tx.account())
            .await?
            .map_or(0, |state| state.sequence);
        if let Some(fate) = node.fate_in_block(tx.hash()).await? {
            return Ok(Some(fate));
        }
        if height <= tx.timeout_height() && sequence <= tx.sequence() {
            pursuit.not_found = 0;
            let due = pursuit
                .last_sent
                .is_none_or(|at| at.elapsed() >= self.config.poll_interval);
            if due {
                self.broadcast(pursuit).await?;
            }
            return Ok(None);
        }
        pursuit.not_found += 1;
        Ok((pursuit.not_found >= limits::NOT_FOUND_ANSWERS).then_some(Fate::Abandoned))
    }

    /// A single node of the transaction's chain that is not catching up, and its latest height.
    async fn node_in_step(&self, tx: &SignedTx) -> Result<(QueryClient, u64), Error> {
        let mut last = Error::NotFound {
            what: "a node that is not catching up".to_owned(),
        };
        for node in self.client.each() {
            match node.status().await {
                Ok(status) if status.chain_id != tx.chain_id() => {
                    last = Error::WrongChain {
                        expected: tx.chain_id().to_owned(),
                        found: status.chain_id,
                    };
                }
                Ok(status) if !status.catching_up => return Ok((node, status.latest_height)),
                Ok(_) => {}
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Sends the bytes. A refusal is a fate only where no node can hold them from an earlier sending.
    async fn broadcast(&self, pursuit: &mut Pursuit<'_>) -> Result<Option<Fate>, Error> {
        let first = pursuit.sent == Sent::Never;
        pursuit.sent = Sent::Perhaps;
        pursuit.last_sent = Some(Instant::now());
        let endpoints = self.client.each();
        // The first sending goes to one node, so that its refusal is the whole truth.
        let client = match (first, endpoints.first()) {
            (true, Some(one)) => one,
            _ => &self.client,
        };
        match client.broadcast(pursuit.tx.raw()).await {
            Ok(check) if check.code == 0 => Ok(None),
            Ok(check) if first => Ok(Some(Fate::Rejected {
                code: check.code,
                codespace: check.codespace,
                log: check.log,
            })),
            Ok(check) => {
                tracing::debug!(hash = %pursuit.tx.hash(), log = %check.log, "resent bytes were not taken");
                Ok(None)
            }
            // "Already in the pool" and the like: an answer about the bytes, not a fate.
            Err(Error::Rpc { message, .. }) => {
                tracing::debug!(hash = %pursuit.tx.hash(), %message, "sent bytes were not taken");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl QueryClient {
    /// The fate of a transaction that is in a block; `None` if it is in none. Also for one that was given up wrongly
    /// (`spec/client.md` 3.3).
    ///
    /// # Errors
    /// Those of every call.
    pub async fn fate_in_block(&self, hash: TxHash) -> Result<Option<Fate>, Error> {
        let Some(found) = self.transaction(hash).await? else {
            return Ok(None);
        };
        if found.code != 0 {
            return Ok(Some(Fate::Failed {
                height: found.height,
                code: found.code,
                codespace: found.codespace,
                log: found.log,
            }));
        }
        let time = self.block_time(found.height).await?;
        Ok(Some(Fate::Included(Included {
            hash: found.hash,
            height: found.height,
            time,
            gas_used: found.gas_used,
            responses: found.responses,
            events: found.events,
        })))
    }
}
