//! The deposit (`client.md` 3.3): journaled before it is broadcast, one transaction per set of deposit keys until its
//! fate is known.

use std::time::Duration;

use ecash_contract_messages::ecash::{DepositData, ExecuteMsg};
use ecash_ticketbook::{DepositId, TicketType, UnixTime};
use nyx_client::{Account, Address, ExecutedTx, Included, Msg, QueryClient, SenderConfig, TxHash};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::domain::fate::{self, Lookup, Sent, Step, View};
use crate::domain::issuance::Reason;
use crate::domain::keys;
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::{ABANDONED_LOOKUP_SECS, TIMEOUT_BLOCKS};
use crate::store::{DepositTx, IssuanceRow, NewDeposit, NewDepositTx};
use crate::wallet::Wallet;

/// Memo of deposit transactions, as published clients write it.
const MEMO: &str = "Ecash::Deposit";

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
    /// Pays for `count` books in one transaction and waits for its fate. The hash of the journaled transaction.
    ///
    /// An error before the transaction is journaled costs nothing; afterwards its fate decides.
    pub(crate) async fn pay(
        &self,
        account: &Account,
        ticket_type: TicketType,
        count: u32,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<[u8; 32], WalletError> {
        let inner = &self.inner;
        let price = self.price(account.address()).await?;
        let chosen = keys::choose(&inner.store.key_use().await?, count).ok_or_else(|| {
            WalletError::StillPending("too many deposit transactions are open".to_owned())
        })?;
        let mut deposits = Vec::with_capacity(chosen.len());
        let mut messages = Vec::with_capacity(chosen.len());
        for index in chosen {
            let key = inner.root.deposit_key(&inner.context, index);
            let public = key.verifying_key().to_bytes();
            let message = ExecuteMsg::DepositTicketBookFunds {
                identity_key: bs58::encode(public).into_string(),
            };
            messages.push(Msg::execute(
                inner.ecash.address(),
                &message,
                vec![price.clone()],
            )?);
            deposits.push(NewDeposit {
                key_index: index,
                secret: Zeroizing::new(key.to_bytes()),
                public,
                ticket_type,
            });
        }
        let last = inner.ecash.latest_deposit().await?;
        let sender = SenderConfig {
            timeout_blocks: TIMEOUT_BLOCKS,
            ..SenderConfig::new(&inner.config.network.denom)
        };
        let (tx, fee) = sender
            .sign(&inner.chain, account, &messages, MEMO)
            .await
            .map_err(refused)?;
        self.check_balance(
            account.address(),
            price
                .amount
                .u128()
                .saturating_mul(count.into())
                .saturating_add(fee.amount),
        )
        .await?;
        if tx.chain_id() != inner.context.chain_id {
            return Err(self.other_chain(tx.chain_id()));
        }
        let hash = *tx.hash().as_bytes();
        inner
            .store
            .record_deposit(
                &NewDepositTx {
                    hash,
                    raw: tx.raw(),
                    account: account.address().as_ref(),
                    sequence: tx.sequence(),
                    timeout_height: tx.timeout_height(),
                    last_deposit_id: last.map(|deposit| DepositId(deposit.id)),
                },
                &deposits,
                self.now(),
            )
            .await?;
        observer.on(&Event::Paying {
            tx_hash: tx.hash().to_string(),
            books: count,
            bytes: tx.raw().len(),
        });
        let journaled =
            inner
                .store
                .deposit_tx(&hash)
                .await?
                .ok_or_else(|| WalletError::Damaged {
                    what: "deposit_tx",
                    reason: "the transaction just written is not there".to_owned(),
                })?;
        match self.send_first(&journaled, observer).await? {
            Some(decided) => decided.into_result(&journaled)?,
            None => self
                .pursue(&journaled, observer, deadline)
                .await?
                .into_result(&journaled)?,
        }
        Ok(hash)
    }

    /// What one book costs this account.
    pub(crate) async fn price(&self, account: &Address) -> Result<cosmwasm_std::Coin, WalletError> {
        match self.inner.ecash.reduced_price(account).await? {
            Some(price) => Ok(price),
            None => Ok(self.inner.ecash.default_price().await?),
        }
    }

    /// Refuses where the account has less than `needed`.
    pub(crate) async fn check_balance(
        &self,
        account: &Address,
        needed: u128,
    ) -> Result<(), WalletError> {
        let denom = &self.inner.config.network.denom;
        let balance = self
            .inner
            .chain
            .balance(account, denom)
            .await?
            .amount
            .u128();
        if balance >= needed {
            return Ok(());
        }
        Err(WalletError::NotEnoughMoney {
            account: account.to_string(),
            balance,
            needed,
            denom: denom.clone(),
        })
    }

    /// The very first sending: nobody else has the bytes, so a refusal by the node, a second look and the deposit pages
    /// together say that nothing was paid. Anything else is left to [`Self::pursue`].
    async fn send_first(
        &self,
        tx: &DepositTx,
        observer: &dyn Observer,
    ) -> Result<Option<Decided>, WalletError> {
        let Ok(check) = self.inner.chain.broadcast(&tx.raw).await else {
            return Ok(None);
        };
        if check.code == 0 {
            return Ok(None);
        }
        let Ok(None) = self.inner.chain.transaction(TxHash::from(tx.hash)).await else {
            return Ok(None);
        };
        match self
            .adopt_from_pages(&self.inner.chain, tx, None, observer)
            .await
        {
            Ok(0) => {}
            Ok(_) => return Ok(Some(Decided::Included)),
            Err(_) => return Ok(None),
        }
        let log = format!("{} ({} {})", check.log, check.codespace, check.code);
        self.inner
            .store
            .settle_unpaid(
                &tx.hash,
                Reason::TransactionAbandoned,
                None,
                Some((check.code, &log)),
                self.now(),
            )
            .await?;
        Ok(Some(Decided::Refused(log)))
    }

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
                let check = node.broadcast(&tx.raw).await?;
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
    async fn adopt_from_pages(
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

    pub(crate) fn other_chain(&self, found: &str) -> WalletError {
        nyx_client::Error::WrongChain {
            expected: self.inner.context.chain_id.clone(),
            found: found.to_owned(),
        }
        .into()
    }
}

impl Decided {
    fn into_result(self, tx: &DepositTx) -> Result<(), WalletError> {
        let hash = hex::encode_upper(tx.hash);
        match self {
            Self::Included => Ok(()),
            Self::Failed { height, log } => Err(WalletError::DepositFailed { hash, height, log }),
            Self::Abandoned => Err(WalletError::DepositAbandoned { hash }),
            Self::Refused(log) => Err(WalletError::DepositRefused(log)),
        }
    }
}

fn lookup(executed: Option<&ExecutedTx>) -> Lookup {
    match executed {
        None => Lookup::NotFound,
        Some(executed) if executed.code == 0 => Lookup::Succeeded,
        Some(_) => Lookup::Failed,
    }
}

/// A simulation that fails is the contract's word.
fn refused(error: nyx_client::Error) -> WalletError {
    match error {
        nyx_client::Error::Simulation { log, .. } => WalletError::DepositRefused(log),
        other => other.into(),
    }
}
