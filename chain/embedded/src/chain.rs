//! The chain as a whole.

use std::future::Future;
use std::path::Path;

use tokio::net::TcpListener;

use crate::clock::BlockTime;
use crate::config::{ChainConfig, ChainId};
use crate::error::ChainError;
use crate::refusal::Refusal;

/// A chain in this process. Clones are handles to the same chain; the folder is free again when the last one is gone.
#[derive(Clone)]
pub struct EmbeddedChain {}

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
}

impl EmbeddedChain {
    /// Opens the chain in `dir`, or begins it from `config.genesis` when the folder is empty or absent (it is made with
    /// mode 0700). Replays the log, cuts off a record that a crash left unfinished, writes a snapshot.
    ///
    /// # Errors
    /// [`ChainError::Genesis`], [`ChainError::OtherGenesis`], [`ChainError::InUse`], [`ChainError::Damaged`],
    /// [`ChainError::Io`].
    pub fn open(dir: impl AsRef<Path>, config: ChainConfig) -> Result<Self, ChainError> {
        let _ = (dir, config);
        todo!()
    }

    /// Serves the RPC on `listener`, and makes blocks if production is automatic, until `shutdown` completes.
    ///
    /// # Errors
    /// [`ChainError::Listen`]; [`ChainError::Halted`] when a block could not be written.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ChainError> {
        let _ = (listener, shutdown);
        todo!()
    }

    /// Makes one block out of what waits, whatever the production is.
    ///
    /// # Errors
    /// [`ChainError::Halted`], [`ChainError::Io`] when it could not be written: nothing of it is visible then.
    pub fn produce_block(&self) -> Result<BlockSummary, ChainError> {
        todo!()
    }

    /// Checks a transaction and puts it into the mempool, as `broadcast_tx_sync` does.
    ///
    /// # Errors
    /// [`Refusal`] with the code that `broadcast_tx_sync` would answer.
    pub fn submit(&self, tx: Vec<u8>) -> Result<TxHash, Refusal> {
        let _ = tx;
        todo!()
    }

    /// The chain's name.
    pub fn chain_id(&self) -> ChainId {
        todo!()
    }

    /// Height of the last block; 0 before the first.
    pub fn height(&self) -> u64 {
        todo!()
    }

    /// Time of the last block.
    pub fn time(&self) -> BlockTime {
        todo!()
    }

    /// The application hash after the last block.
    pub fn app_hash(&self) -> [u8; 32] {
        todo!()
    }

    /// How many transactions wait.
    pub fn waiting(&self) -> usize {
        todo!()
    }

    /// What became of a transaction; `None` if no block has it.
    pub fn outcome(&self, hash: TxHash) -> Option<TxOutcome> {
        let _ = hash;
        todo!()
    }

    /// The balance of `address` in base units of `denom`; 0 for an account that does not exist.
    pub fn balance(&self, address: &str, denom: &str) -> u128 {
        let _ = (address, denom);
        todo!()
    }

    /// Asks a contract; the answer is its JSON.
    ///
    /// # Errors
    /// [`Refusal`] with what `abci_query` would answer.
    pub fn query_contract(&self, address: &str, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        let _ = (address, message);
        todo!()
    }
}
