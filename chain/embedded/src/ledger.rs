//! The chain's state and its only writer.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use cosmwasm_std::{BlockInfo, Timestamp};
use sha2::{Digest, Sha256};

use crate::bank;
use crate::blocks::{Block, Blocks, Proposer};
use crate::chain::{BlockSummary, TxHash};
use crate::clock::{BlockTime, Clock};
use crate::codes::Codes;
use crate::config::{ChainConfig, ChainId, Genesis};
use crate::deliver::{self, Simulated};
use crate::error::ChainError;
use crate::gas::{self, Meter, Metered};
use crate::machine::{Machine, reason};
use crate::mempool::Mempool;
use crate::panics::quietly;
use crate::refusal::{Refusal, code, wasm_code};
use crate::state::{Kv, Overlay};
use crate::store::folder::Folder;
use crate::store::log::Log;
use crate::store::record::{BlockRecord, IncludedTx};
use crate::store::snapshot::Snapshot;
use crate::tx::{Transaction, Trial};

/// Two blocks are at least this far apart in block time, whatever the clock shows.
const MIN_BLOCK_STEP_NANOS: u64 = 1_000_000;
/// Transactions of which it is remembered why a block left them out.
const REMEMBERED_DROPS: usize = 1_000;

/// State, past and mempool of one chain.
pub(crate) struct Ledger {
    folder: Folder,
    log: Log,
    chain_id: ChainId,
    admin: String,
    codes: Codes,
    clock: Arc<dyn Clock>,
    proposer: Proposer,
    kv: Kv,
    blocks: Blocks,
    app_hash: [u8; 32],
    mempool: Mempool,
    dropped: VecDeque<(TxHash, Refusal)>,
    halted: Option<String>,
}

fn genesis_bytes(genesis: &Genesis) -> Result<Vec<u8>, ChainError> {
    serde_json::to_vec(genesis).map_err(|e| ChainError::Genesis(e.to_string()))
}

fn begin(genesis: &Genesis, genesis_hash: [u8; 32]) -> Result<Snapshot, ChainError> {
    genesis.validate()?;
    let mut kv = Kv::default();
    for balance in &genesis.balances {
        for coin in &balance.coins {
            bank::mint(&mut kv, &balance.address, &coin.denom, coin.amount);
        }
    }
    Ok(Snapshot {
        genesis_hash,
        chain_id: genesis.chain_id.to_string(),
        app_hash: Sha256::new()
            .chain_update(b"nyx-embedded/genesis/1")
            .chain_update(genesis_hash)
            .finalize()
            .into(),
        kv,
        blocks: Blocks::default(),
    })
}

/// Adds one block to what is known; the reason if it is not the next one.
fn replay(
    snapshot: &mut Snapshot,
    record: BlockRecord,
    app_hash: [u8; 32],
    chain_id: &ChainId,
    proposer: &Proposer,
) -> Result<(), String> {
    let last = snapshot
        .blocks
        .last()
        .map(|block| (block.height, block.hash))
        .unwrap_or_default();
    if record.height <= last.0 {
        return Ok(());
    }
    if record.height != last.0 + 1 || record.previous_app_hash != snapshot.app_hash {
        return Err(format!(
            "block {} does not follow block {}",
            record.height, last.0
        ));
    }
    let block = Block {
        height: record.height,
        time: record.time,
        hash: [0; 32],
        previous_hash: last.1,
        previous_app_hash: record.previous_app_hash,
        app_hash,
        txs: record.txs,
    };
    snapshot.blocks.push(
        block
            .sealed(chain_id, proposer)
            .map_err(|e| e.to_string())?,
    );
    snapshot.kv.apply(record.writes);
    snapshot.app_hash = app_hash;
    Ok(())
}

impl Ledger {
    /// Opens the folder; see [`EmbeddedChain::open`](crate::EmbeddedChain::open).
    pub(crate) fn open(dir: &Path, config: ChainConfig) -> Result<Self, ChainError> {
        let folder = Folder::open(dir)?;
        let genesis_hash: [u8; 32] = Sha256::digest(genesis_bytes(&config.genesis)?).into();
        let found = Snapshot::load(&folder)?;
        let is_new = found.is_none();
        let mut snapshot = match found {
            Some(snapshot) => snapshot,
            None => begin(&config.genesis, genesis_hash)?,
        };
        if snapshot.genesis_hash != genesis_hash {
            return Err(ChainError::OtherGenesis {
                path: folder.path().to_owned(),
                found: snapshot.chain_id,
            });
        }
        let Genesis {
            chain_id, admin, ..
        } = config.genesis;
        let proposer = Proposer::of(&chain_id)?;
        let mut replayed = 0u64;
        let mut log = Log::open(&folder, |record, app_hash| {
            replayed += 1;
            replay(&mut snapshot, record, app_hash, &chain_id, &proposer)
        })?;
        if is_new || replayed > 0 {
            snapshot.save(&folder)?;
            log.clear()?;
            folder.sync()?;
        }
        let Snapshot {
            app_hash,
            kv,
            blocks,
            ..
        } = snapshot;
        let mut ledger = Self {
            folder,
            log,
            chain_id,
            admin,
            codes: config.codes,
            clock: config.clock,
            proposer,
            kv,
            blocks,
            app_hash,
            mempool: Mempool::default(),
            dropped: VecDeque::new(),
            halted: None,
        };
        tracing::info!(chain_id = %ledger.chain_id, height = ledger.height(), path = %ledger.folder.path().display(), "chain opened");
        if ledger.height() == 0 {
            ledger.produce()?;
        }
        Ok(ledger)
    }

    pub(crate) fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    pub(crate) fn proposer(&self) -> &Proposer {
        &self.proposer
    }

    pub(crate) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    pub(crate) fn state(&self) -> &Kv {
        &self.kv
    }

    pub(crate) fn app_hash(&self) -> [u8; 32] {
        self.app_hash
    }

    pub(crate) fn waiting(&self) -> usize {
        self.mempool.len()
    }

    pub(crate) fn height(&self) -> u64 {
        self.blocks.last().map_or(0, |block| block.height)
    }

    pub(crate) fn time(&self) -> BlockTime {
        self.blocks
            .last()
            .map_or(BlockTime::from_nanos(0), |block| block.time)
    }

    /// Why a block left the transaction out, if that was lately.
    pub(crate) fn dropped(&self, hash: TxHash) -> Option<&Refusal> {
        self.dropped
            .iter()
            .rev()
            .find(|(dropped, _)| *dropped == hash)
            .map(|(_, refusal)| refusal)
    }

    /// No further blocks: the reason is told to everybody who asks.
    pub(crate) fn halt(&mut self, reason: &str) {
        self.halted.get_or_insert_with(|| reason.to_owned());
    }

    /// # Errors
    /// [`ChainError::Halted`].
    pub(crate) fn running(&self) -> Result<(), ChainError> {
        match &self.halted {
            Some(reason) => Err(ChainError::Halted {
                height: self.height(),
                reason: reason.clone(),
            }),
            None => Ok(()),
        }
    }

    fn machine(&self) -> Machine {
        Machine::new(&self.codes, &self.admin)
    }

    fn block_info(&self, height: u64, time: BlockTime) -> BlockInfo {
        BlockInfo {
            height,
            time: Timestamp::from_nanos(time.nanos()),
            chain_id: self.chain_id.to_string(),
        }
    }

    /// The block that would be made now.
    fn next_block(&self) -> BlockInfo {
        let earliest = self.time().plus_nanos(MIN_BLOCK_STEP_NANOS);
        self.block_info(
            self.height().saturating_add(1),
            self.clock.now().max(earliest),
        )
    }

    /// Checks a transaction and lets it wait for the next block.
    ///
    /// # Errors
    /// The refusal with the code that `broadcast_tx_sync` answers.
    pub(crate) fn submit(&mut self, bytes: Vec<u8>) -> Result<TxHash, Refusal> {
        if let Err(halted) = self.running() {
            return Err(Refusal::sdk(code::MEMPOOL_FULL, halted.to_string()));
        }
        let tx = Transaction::decode(bytes)?;
        let hash = tx.hash;
        let served = self
            .blocks
            .tx(hash)
            .is_some_and(|(_, _, tx)| tx.result.code == 0);
        if served || self.mempool.contains(hash) {
            return Err(Refusal::sdk(
                code::TX_IN_MEMPOOL,
                "tx already exists in cache",
            ));
        }
        let height = self.height().saturating_add(1);
        self.mempool
            .add(&self.kv, tx, self.chain_id.as_str(), height)?;
        Ok(hash)
    }

    /// Tries a transaction on the present state.
    ///
    /// # Errors
    /// Why it would fail.
    pub(crate) fn simulate(&self, bytes: &[u8]) -> Result<Simulated, Refusal> {
        let trial = Trial::decode(bytes)?;
        deliver::simulate(&self.machine(), &self.kv, &self.next_block(), &trial)
    }

    /// Asks a contract.
    ///
    /// # Errors
    /// `NO_SUCH_CONTRACT`, `QUERY`, `OUT_OF_GAS`.
    pub(crate) fn query_contract(&self, address: &str, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        let meter = Meter::new(gas::MAX_QUERY);
        let machine = self.machine();
        let block = self.block_info(self.height(), self.time());
        let mut view = Overlay::new(&self.kv);
        let answer = quietly(|| {
            let metered = Metered::new(&mut view, &meter);
            machine.query_contract(&metered, &block, address, message.to_vec())
        });
        match answer {
            Ok(Ok(answer)) => Ok(answer.into()),
            Ok(Err(error)) => Err(match error.downcast_ref::<Refusal>() {
                Some(refusal) => refusal.clone(),
                None => Refusal::wasm(
                    wasm_code::QUERY,
                    format!("{}: query wasm contract failed", reason(&error)),
                ),
            }),
            Err(caught) => Err(deliver::refusal(caught, &meter)),
        }
    }

    /// What is known about a contract.
    ///
    /// # Errors
    /// `NO_SUCH_CONTRACT`.
    pub(crate) fn contract(&self, address: &str) -> Result<cw_multi_test::ContractData, Refusal> {
        self.machine().contract(&self.kv, address)
    }

    /// One value of a contract's storage; empty if there is none.
    ///
    /// # Errors
    /// `NO_SUCH_CONTRACT`.
    pub(crate) fn contract_raw(&self, address: &str, key: &[u8]) -> Result<Vec<u8>, Refusal> {
        let machine = self.machine();
        machine.contract(&self.kv, address)?;
        Ok(machine.raw(&self.kv, address, key))
    }

    /// Makes a block out of what waits: runs it, writes it down, and only then shows it. A transaction that no longer
    /// may run (its account's sequence has passed it, its fee is gone, it timed out) is left out and forgotten, so that
    /// every transaction in a block has paid its fee.
    ///
    /// # Errors
    /// [`ChainError::Halted`], [`ChainError::Io`]; nothing of the block is visible then.
    pub(crate) fn produce(&mut self) -> Result<BlockSummary, ChainError> {
        self.running()?;
        let info = self.next_block();
        let time = BlockTime::from_nanos(info.time.nanos());
        let waiting = self.mempool.take_block();
        let (mut txs, mut dropped) = (Vec::new(), Vec::new());
        let mut view = Overlay::new(&self.kv);
        if !waiting.is_empty() {
            let machine = self.machine();
            for tx in waiting {
                match deliver::deliver(&machine, &view, &info, &tx) {
                    Ok((writes, result)) => {
                        view.apply(writes);
                        txs.push(Arc::new(IncludedTx {
                            bytes: tx.bytes,
                            result,
                        }));
                    }
                    Err(refusal) => dropped.push((tx.hash, refusal)),
                }
            }
        }
        let record = BlockRecord {
            height: info.height,
            time,
            previous_app_hash: self.app_hash,
            txs,
            writes: view.into_writes(),
        };
        let bytes = record.to_bytes();
        let app_hash = BlockRecord::app_hash(&bytes);
        let block = Block {
            height: record.height,
            time,
            hash: [0; 32],
            previous_hash: self.blocks.last().map_or([0; 32], |block| block.hash),
            previous_app_hash: self.app_hash,
            app_hash,
            txs: record.txs,
        };
        let block = block.sealed(&self.chain_id, &self.proposer)?;
        if let Err(error) = self.log.append(&bytes, &app_hash) {
            self.halt(&format!(
                "block {} could not be written: {error}",
                info.height
            ));
            return Err(error);
        }
        let summary = BlockSummary {
            height: block.height,
            time,
            transactions: block.txs.len(),
            app_hash,
        };
        self.kv.apply(record.writes);
        self.app_hash = app_hash;
        self.blocks.push(block);
        let next = info.height.saturating_add(1);
        dropped.extend(self.mempool.recheck(&self.kv, self.chain_id.as_str(), next));
        self.remember(dropped);
        Ok(summary)
    }

    fn remember(&mut self, dropped: Vec<(TxHash, Refusal)>) {
        for (hash, refusal) in dropped {
            tracing::debug!(?hash, %refusal, "transaction left out");
            self.dropped.push_back((hash, refusal));
        }
        let excess = self.dropped.len().saturating_sub(REMEMBERED_DROPS);
        self.dropped.drain(..excess);
    }
}
