//! The handle to a chain: one writer at a time, many readers, and the task that makes blocks.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::accounts;
use crate::bank;
use crate::clock::BlockTime;
use crate::config::{BlockProduction, ChainConfig, ChainId};
use crate::error::ChainError;
use crate::ledger::Ledger;
use crate::refusal::Refusal;
use crate::rpc;
use crate::store::record::TxEvent;

/// A chain in this process. Clones are handles to the same chain; the folder is free again when the last one is gone.
#[derive(Clone)]
pub struct EmbeddedChain {
    shared: Arc<Shared>,
}

/// A handle that does not keep the chain open.
#[derive(Clone)]
pub(crate) struct WeakChain(Weak<Shared>);

impl WeakChain {
    /// The chain, if somebody still has it.
    pub(crate) fn upgrade(&self) -> Option<EmbeddedChain> {
        self.0.upgrade().map(|shared| EmbeddedChain { shared })
    }
}

struct Shared {
    ledger: RwLock<Ledger>,
    production: BlockProduction,
    /// A transaction has come in.
    wake: Notify,
    /// Height of the last block.
    height: watch::Sender<u64>,
}

/// A block that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSummary {
    /// Its height, from 1.
    pub height: u64,
    /// Its time.
    pub time: BlockTime,
    /// How many transactions are in it.
    pub transactions: usize,
    /// The application hash after it.
    pub app_hash: [u8; 32],
}

/// The SHA-256 of a transaction's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TxHash(pub [u8; 32]);

/// What a transaction in a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxOutcome {
    /// Height of its block.
    pub height: u64,
    /// 0, or why it failed.
    pub code: u32,
    /// Code space of `code`, empty if that is 0.
    pub codespace: String,
    /// The reason in words, empty if `code` is 0.
    pub log: String,
    /// Gas it used.
    pub gas_used: u64,
    /// Gas it was allowed to use.
    pub gas_wanted: u64,
    /// Protobuf `TxMsgData` with the messages' responses; empty if it failed.
    pub data: Vec<u8>,
    /// What it did, fee first.
    pub events: Vec<TxEvent>,
}

impl EmbeddedChain {
    /// Opens the chain in `dir`, or begins it from `config.genesis` when the folder is empty or absent (it is made with
    /// mode 0700). Replays the log, cuts off a record that a crash left unfinished, writes a snapshot. A new chain gets
    /// its first block here.
    ///
    /// # Errors
    /// [`ChainError::Genesis`], [`ChainError::OtherGenesis`], [`ChainError::InUse`], [`ChainError::Damaged`],
    /// [`ChainError::Io`].
    pub fn open(dir: impl AsRef<Path>, config: ChainConfig) -> Result<Self, ChainError> {
        let production = config.production;
        let ledger = Ledger::open(dir.as_ref(), config)?;
        let (height, _) = watch::channel(ledger.height());
        let shared = Shared {
            ledger: RwLock::new(ledger),
            production,
            wake: Notify::new(),
            height,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Serves the RPC on `listener`, and makes blocks if production is automatic, until `shutdown` completes.
    ///
    /// # Errors
    /// [`ChainError::Listen`]; [`ChainError::Halted`] or [`ChainError::Io`] when a block could not be written.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ChainError> {
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(rpc::serve(self.clone(), listener, stopped.clone()));
        let producer = tokio::spawn(produce_until(self.clone(), stopped));
        let (mut server, mut producer) = (Abort(server), Abort(producer));
        let first = tokio::select! {
            () = shutdown => Ok(()),
            ended = &mut server.0 => joined(ended),
            ended = &mut producer.0 => joined(ended),
        };
        stop.send_replace(true);
        let rest = async {
            if !server.0.is_finished() {
                joined((&mut server.0).await)?;
            }
            if !producer.0.is_finished() {
                joined((&mut producer.0).await)?;
            }
            Ok(())
        };
        first.and(rest.await)
    }

    /// Makes one block out of what waits, whatever the production is.
    ///
    /// # Errors
    /// [`ChainError::Halted`], [`ChainError::Io`] when it could not be written: nothing of it is visible then.
    pub fn produce_block(&self) -> Result<BlockSummary, ChainError> {
        let summary = self.write().produce()?;
        self.shared.height.send_replace(summary.height);
        Ok(summary)
    }

    /// Checks a transaction and puts it into the mempool, as `broadcast_tx_sync` does.
    ///
    /// # Errors
    /// [`Refusal`] with the code that `broadcast_tx_sync` would answer.
    pub fn submit(&self, tx: Vec<u8>) -> Result<TxHash, Refusal> {
        let hash = self.write().submit(tx)?;
        self.shared.wake.notify_one();
        Ok(hash)
    }

    /// The chain's name.
    pub fn chain_id(&self) -> ChainId {
        self.read().chain_id().clone()
    }

    /// Height of the last block, at least 1.
    pub fn height(&self) -> u64 {
        self.read().height()
    }

    /// Time of the last block.
    pub fn time(&self) -> BlockTime {
        self.read().time()
    }

    /// The application hash after the last block.
    pub fn app_hash(&self) -> [u8; 32] {
        self.read().app_hash()
    }

    /// How many transactions wait.
    pub fn waiting(&self) -> usize {
        self.read().waiting()
    }

    /// What became of a transaction; `None` if no block has it.
    pub fn outcome(&self, hash: TxHash) -> Option<TxOutcome> {
        let ledger = self.read();
        let (height, _, tx) = ledger.blocks().tx(hash)?;
        let result = &tx.result;
        Some(TxOutcome {
            height,
            code: result.code,
            codespace: result.codespace.clone(),
            log: result.log.clone(),
            gas_used: result.gas_used,
            gas_wanted: result.gas_wanted,
            data: result.data.clone(),
            events: result.events.clone(),
        })
    }

    /// The balance of `address` in base units of `denom`; 0 for an account that does not exist.
    pub fn balance(&self, address: &str, denom: &str) -> u128 {
        bank::balance(self.read().state(), address, denom)
    }

    /// Number and sequence of the account at `address`; `None` if it never received anything.
    pub fn account(&self, address: &str) -> Option<(u64, u64)> {
        let account = accounts::load(self.read().state(), address)?;
        Some((account.account_number, account.sequence))
    }

    /// Asks a contract; the answer is its JSON.
    ///
    /// # Errors
    /// [`Refusal`] with what `abci_query` would answer.
    pub fn query_contract(&self, address: &str, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.read().query_contract(address, message)
    }

    /// Waits until a block above `height` exists.
    pub(crate) async fn block_after(&self, height: u64) {
        let mut heights = self.shared.height.subscribe();
        // total: an error means that the sender is gone, which this handle keeps alive
        let _ = heights.wait_for(|latest| *latest > height).await;
    }

    /// For connections, which may outlive the server they came to.
    pub(crate) fn downgrade(&self) -> WeakChain {
        WeakChain(Arc::downgrade(&self.shared))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Ledger> {
        self.shared
            .ledger
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger to change. A panic of an earlier writer may have left a block half applied: no further block then.
    fn write(&self) -> RwLockWriteGuard<'_, Ledger> {
        self.shared.ledger.write().unwrap_or_else(|poisoned| {
            let mut ledger = poisoned.into_inner();
            ledger.halt("making a block panicked");
            ledger
        })
    }
}

/// A task that ends with its owner.
struct Abort(tokio::task::JoinHandle<Result<(), ChainError>>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn joined(ended: Result<Result<(), ChainError>, tokio::task::JoinError>) -> Result<(), ChainError> {
    ended.unwrap_or_else(|error| Err(ChainError::Internal(error.to_string())))
}

/// Makes a block when a transaction has come in, or when `empty_interval` has passed without one.
async fn produce_until(
    chain: EmbeddedChain,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), ChainError> {
    let BlockProduction::Automatic { empty_interval } = chain.shared.production else {
        // total: an error means that nobody can tell any more, which is the same as being told
        let _ = stopped.wait_for(|stopped| *stopped).await;
        return Ok(());
    };
    loop {
        let woken = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
            () = chain.shared.wake.notified() => true,
            () = tokio::time::sleep(empty_interval) => false,
        };
        if woken && chain.waiting() == 0 {
            continue;
        }
        let producing = chain.clone();
        let made = tokio::task::spawn_blocking(move || producing.produce_block()).await;
        made.map_err(|error| ChainError::Internal(error.to_string()))??;
        if chain.waiting() > 0 {
            chain.shared.wake.notify_one();
        }
    }
}
