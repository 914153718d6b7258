//! A one-node chain in the process, running the contracts behind a CometBFT RPC.
//!
//! [`EmbeddedChain`] takes the same signed transactions as a chain of the Cosmos SDK and answers the same JSON-RPC, so
//! that a client cannot tell it from a remote node: `localnet` and the tests stand on it. It runs the contracts as
//! native code; what it adds is what a chain adds: accounts, fees, gas, blocks, and a state that survives `kill -9`.
//!
//! # A transaction's way
//! `broadcast_tx_sync` decodes and checks it (`tx`, `ante`) and puts it into the `mempool`; the producer wakes, executes
//! everything that waits in one block (`deliver`, `messages`, `machine`), appends the block's record to the log with an
//! `fsync` (`store`) and only then makes the new state visible (`ledger`).
//!
//! # What it is not
//! There is no consensus, no peer and no proof: one process decides. The validator that `status` shows exists because
//! clients expect one. Contracts are metered for storage, not for computation.
//!
//! **Invariant:** what a query shows is on disk; a transaction in a block has paid its fee; the sum of all balances is
//! that of genesis.

mod accounts;
mod ante;
mod api;
mod bank;
mod blocks;
mod chain;
mod clock;
mod codes;
mod coins;
mod config;
mod deliver;
mod error;
pub mod gas;
mod guard;
mod ledger;
mod machine;
mod mempool;
mod messages;
mod panics;
pub mod refusal;
mod rpc;
mod run;
mod state;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;

pub use api::{AddressError, format_address, parse_address};
pub use blocks::RETAINED_EMPTY_BLOCKS;
pub use chain::{BlockSummary, EmbeddedChain, TxHash, TxOutcome};
pub use clock::{BlockTime, Clock, SystemClock};
pub use codes::{Codes, DKG_CODE_ID, ECASH_CODE_ID, GROUP_CODE_ID, MULTISIG_CODE_ID, MakeContract};
pub use config::{
    ADDRESS_PREFIX, BlockProduction, ChainConfig, ChainId, DEFAULT_EMPTY_INTERVAL, FEE_DENOM,
    Genesis, GenesisBalance, GenesisCoin, MAX_CHAIN_ID_BYTES, MAX_GENESIS_ACCOUNTS, RunConfig,
    STAKE_DENOM,
};
pub use error::ChainError;
pub use machine::MAX_CALL_DEPTH;
pub use mempool::{MAX_BLOCK_BYTES, MAX_BLOCK_GAS, MAX_BLOCK_TXS, MAX_WAITING, MAX_WAITING_BYTES};
pub use refusal::Refusal;
pub use rpc::{MAX_BATCH, MAX_BODY_BYTES, MAX_CONCURRENT};
pub use run::run;
pub use store::record::TxEvent;
pub use tx::{MAX_MEMO_BYTES, MAX_MESSAGES, MAX_TX_BYTES};
