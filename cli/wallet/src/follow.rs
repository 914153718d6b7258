//! What became of a deposit transaction (`client.md` 3.3): the same bytes again until a node's word, in the order of
//! `domain::fate`, decides it; then the deposit ids are adopted.

use std::time::Duration;

use ecash_contract_messages::ecash::DepositData;
use ecash_ticketbook::{DepositId, UnixTime};
use nyx_client::{Address, ExecutedTx, Included, QueryClient, TxHash};
use tokio::time::{Instant, sleep};

use crate::domain::fate::{self, Lookup, Sent, Step, View};
use crate::domain::issuance::Reason;
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::ABANDONED_LOOKUP_SECS;
use crate::store::{DepositTx, IssuanceRow};
use crate::wallet::Wallet;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// Its deposits are stored.
    Included,
    /// It failed in its block.
    Failed { height: u64, log: String },
    /// It is in no block.
    Abandoned,
    /// The node refused it at the first sending.
    Refused(String),
}

impl Wallet {
    /// Finds out what became of a journaled transaction, sending the same bytes meanwhile. Until the deadline an
    /// unreachable chain decides nothing.
    pub(crate) async fn pursue(
        &self,
        tx: &DepositTx,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<Decided, WalletError> {
        let poll = self.inner.config.tx_poll;
        let mut wait = poll.min(Duration::from_millis(100));
        let mut last_error = "the chain has not decided yet".to_owned();
        loop {
            match self.round(tx, observer).await {
                Ok(Some(decided)) => return Ok(decided),
                Ok(None) => {}
                Err(WalletError::Chain(error)) => last_error = error.to_string(),
                Err(error) => return Err(error),
            }
            if Instant::now() + wait > deadline {
                return Err(WalletError::StillPending(format!(
                    "the fate of deposit transaction {} is open ({last_error})",
                    hex::encode_upper(tx.hash)
                )));
            }
            sleep(wait).await;
            wait = (wait * 2).min(poll);
        }
    }

    /// Looks once more at transactions given up not long ago, and corrects the fate of one that is in a block after all.
    pub(crate) async fn reconsider(&self, observer: &dyn Observer) -> Result<(), WalletError> {
        let since = self.now().saturating_sub(ABANDONED_LOOKUP_SECS);
        for tx in self.inner.store.abandoned_since(since).await? {
            if let Some(executed) = self.inner.chain.transaction(TxHash::from(tx.hash)).await?
                && executed.code == 0
            {
                self.adopt(&self.inner.chain, &tx, executed, observer)
                    .await?;
            }
        }
        Ok(())
    }

    /// One round of questions to one node that is not catching up.
    async fn round(
        &self,
        tx: &DepositTx,
        observer: &dyn Observer,
    ) -> Result<Option<Decided>, WalletError> {
        let hash = TxHash::from(tx.hash);
        let node = self.node_in_step().await?;
        let executed = node.transaction(hash).await?;
        let status = node.status().await?;
        let account: Address = tx.account.parse().map_err(|_| WalletError::Damaged {
            what: "deposit_tx.account",
            reason: tx.account.clone(),
        })?;
        let sequence = node
            .account(&account)
            .await?
            .map_or(0, |state| state.sequence);
        let view = View {
            lookup: lookup(executed.as_ref()),
            catching_up: status.catching_up,
            height: status.latest_height,
            sequence,
        };
        let sent = Sent {
            timeout_height: tx.timeout_height,
            sequence: tx.sequence,
        };
        match fate::decide(&sent, &view) {
            Step::SendAgain => {
                let sending = node.broadcast(&tx.raw);
                let check = self
                    .inner
                    .watch
                    .send("deposit transaction", sending)
                    .await?;
                tracing::debug!(%hash, code = check.code, log = %check.log, "deposit transaction sent again");
                Ok(None)
            }
            Step::Included | Step::Failed => self.settle(&node, tx, executed, observer).await,
            Step::LookAgain => {
                let again = node.transaction(hash).await?;
                match fate::after_second_look(lookup(again.as_ref())) {
                    Step::Included | Step::Failed => self.settle(&node, tx, again, observer).await,
                    _ => self.give_up_or_adopt(&node, tx, observer).await.map(Some),
                }
            }
            Step::Wait | Step::ReadPages | Step::Abandoned => Ok(None),
        }
    }

    async fn settle(
        &self,
        node: &QueryClient,
        tx: &DepositTx,
        executed: Option<ExecutedTx>,
        observer: &dyn Observer,
    ) -> Result<Option<Decided>, WalletError> {
        let Some(executed) = executed else {
            return Ok(None);
        };
        if executed.code == 0 {
            self.adopt(node, tx, executed, observer).await?;
            return Ok(Some(Decided::Included));
        }
        self.inner
            .store
            .settle_unpaid(
                &tx.hash,
                Reason::TransactionFailed,
                Some(executed.height),
                Some((executed.code, &executed.log)),
                self.now(),
            )
            .await?;
        Ok(Some(Decided::Failed {
            height: executed.height,
            log: executed.log,
        }))
    }

    async fn give_up_or_adopt(
        &self,
        node: &QueryClient,
        tx: &DepositTx,
        observer: &dyn Observer,
    ) -> Result<Decided, WalletError> {
        let found = self.adopt_from_pages(node, tx, None, observer).await?;
        match fate::after_pages(found) {
            Step::Included => Ok(Decided::Included),
            _ => {
                self.inner
                    .store
                    .settle_unpaid(
                        &tx.hash,
                        Reason::TransactionAbandoned,
                        None,
                        None,
                        self.now(),
                    )
                    .await?;
                Ok(Decided::Abandoned)
            }
        }
    }

    /// Takes the deposit ids over from the data of an included transaction; from the deposit pages where the data does
    /// not fit what was sent.
    async fn adopt(
        &self,
        node: &QueryClient,
        tx: &DepositTx,
        executed: ExecutedTx,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        let rows = self.inner.store.issuances_of_tx(&tx.hash).await?;
        let height = executed.height;
        let time = node.block_time(height).await?;
        let included = Included {
            hash: executed.hash,
            height,
            time,
            gas_used: executed.gas_used,
            responses: executed.responses,
            events: executed.events,
        };
        let ids = included.deposit_ids().unwrap_or_default();
        let mut adopted = Vec::new();
        if ids.len() == rows.len() {
            for (row, id) in rows.iter().zip(ids) {
                if self.is_own(node, row, DepositId(id)).await? {
                    adopted.push((row.id, DepositId(id)));
                }
            }
        }
        if adopted.len() != rows.len() {
            self.adopt_from_pages(node, tx, Some(height), observer)
                .await?;
            return Ok(());
        }
        self.store_deposits(
            tx,
            Some(height),
            &adopted,
            UnixTime(time.seconds()),
            observer,
        )
        .await
    }

    /// Finds deposits under the transaction's own keys in the pages from the noted id on. How many there are.
    pub(crate) async fn adopt_from_pages(
        &self,
        node: &QueryClient,
        tx: &DepositTx,
        height: Option<u64>,
        observer: &dyn Observer,
    ) -> Result<usize, WalletError> {
        let rows = self.inner.store.issuances_of_tx(&tx.hash).await?;
        let ecash = node.ecash(self.inner.ecash.address());
        let after = tx.last_deposit_id.map(|id| id.get());
        let pages: Vec<DepositData> = ecash.deposits_after(after).await?;
        let mut adopted: Vec<(i64, DepositId)> = Vec::new();
        for row in &rows {
            let key = bs58::encode(row.deposit_public).into_string();
            for deposit in pages
                .iter()
                .filter(|deposit| deposit.deposit.bs58_encoded_ed25519_pubkey == key)
            {
                let id = DepositId(deposit.id);
                let taken = adopted.iter().any(|(_, other)| *other == id)
                    || self.inner.store.knows_deposit(id).await?;
                if !taken {
                    adopted.push((row.id, id));
                    break;
                }
            }
        }
        let Some((_, first)) = adopted.first() else {
            return Ok(0);
        };
        let info = ecash.deposit_info(first.get()).await?;
        let (height, time) = match (height, info) {
            (_, Some(info)) => (info.height, info.time),
            (Some(height), None) => (height, node.block_time(height).await?),
            (None, None) => {
                return Err(nyx_client::Error::NotFound {
                    what: format!("block of deposit {first}"),
                }
                .into());
            }
        };
        self.store_deposits(
            tx,
            Some(height),
            &adopted,
            UnixTime(time.seconds()),
            observer,
        )
        .await?;
        Ok(adopted.len())
    }

    async fn store_deposits(
        &self,
        tx: &DepositTx,
        height: Option<u64>,
        adopted: &[(i64, DepositId)],
        time: UnixTime,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        self.inner
            .store
            .settle_included(&tx.hash, height, adopted, time, self.now())
            .await?;
        for (_, deposit_id) in adopted {
            observer.on(&Event::Deposited {
                deposit_id: *deposit_id,
            });
        }
        Ok(())
    }

    /// Whether the chain has the row's own key under this id.
    async fn is_own(
        &self,
        node: &QueryClient,
        row: &IssuanceRow,
        id: DepositId,
    ) -> Result<bool, WalletError> {
        let stored = node
            .ecash(self.inner.ecash.address())
            .deposit(id.get())
            .await?;
        let own = bs58::encode(row.deposit_public).into_string();
        Ok(stored.is_some_and(|deposit| deposit.bs58_encoded_ed25519_pubkey == own))
    }

    /// One endpoint that answers, is not catching up and serves the wallet's chain.
    async fn node_in_step(&self) -> Result<QueryClient, WalletError> {
        let mut last: Option<nyx_client::Error> = None;
        for node in self.inner.chain.each() {
            match node.status().await {
                Ok(status) if status.chain_id != self.inner.context.chain_id => {
                    last = Some(nyx_client::Error::WrongChain {
                        expected: self.inner.context.chain_id.clone(),
                        found: status.chain_id,
                    });
                }
                Ok(status) if status.catching_up => {}
                Ok(_) => return Ok(node),
                Err(error) => last = Some(error),
            }
        }
        Err(last
            .unwrap_or_else(|| nyx_client::Error::NotFound {
                what: "a node that is not catching up".to_owned(),
            })
            .into())
    }
}

fn lookup(executed: Option<&ExecutedTx>) -> Lookup {
    match executed {
        None => Lookup::NotFound,
        Some(executed) if executed.code == 0 => Lookup::Succeeded,
        Some(_) => Lookup::Failed,
    }
}
