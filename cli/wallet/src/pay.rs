//! The deposit (`client.md` 3.3): journaled before it is broadcast, one transaction per set of deposit keys until its
//! fate is known.

use ecash_contract_messages::ecash::ExecuteMsg;
use ecash_ticketbook::{DepositId, TicketType};
use nyx_client::{Account, Address, Msg, SenderConfig, TxHash};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::domain::issuance::Reason;
use crate::domain::keys;
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::follow::Decided;
use crate::limits::TIMEOUT_BLOCKS;
use crate::store::{DepositTx, NewDeposit, NewDepositTx};
use crate::wallet::Wallet;

/// Memo of deposit transactions, as published clients write it.
const MEMO: &str = "Ecash::Deposit";

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
            None => match self.pursue(&journaled, observer, deadline).await {
                Ok(decided) => decided.into_result(&journaled)?,
                Err(error) => {
                    self.note_open(&hash, &error).await?;
                    return Err(error);
                }
            },
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
        let sending = self.inner.chain.broadcast(&tx.raw);
        let Ok(check) = self.inner.watch.send("deposit transaction", sending).await else {
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

/// A simulation that fails is the contract's word.
fn refused(error: nyx_client::Error) -> WalletError {
    match error {
        nyx_client::Error::Simulation { log, .. } => WalletError::DepositRefused(log),
        other => other.into(),
    }
}
