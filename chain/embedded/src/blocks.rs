//! The chain's past: blocks by height, transactions by hash.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cosmrs::tendermint::block::header::{Header, Version};
use cosmrs::tendermint::block::parts::Header as PartSet;
use cosmrs::tendermint::block::{Height, Id};
use cosmrs::tendermint::crypto::default::Sha256 as Hasher;
use cosmrs::tendermint::merkle::simple_hash_from_byte_vectors;
use cosmrs::tendermint::{AppHash, Hash, Time, account};
use sha2::{Digest, Sha256};

use crate::chain::TxHash;
use crate::clock::BlockTime;
use crate::config::ChainId;
use crate::error::ChainError;
use crate::store::codec::{Reader, Writer};
use crate::store::record::IncludedTx;

/// Empty blocks that stay available by height; blocks with transactions stay for ever.
pub const RETAINED_EMPTY_BLOCKS: usize = 100_000;
/// Version of the block protocol that CometBFT 0.37 speaks.
pub(crate) const BLOCK_PROTOCOL: u64 = 11;

/// One block as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) height: u64,
    pub(crate) time: BlockTime,
    /// Hash of the header.
    pub(crate) hash: [u8; 32],
    /// Hash of the header before; zeros for the first.
    pub(crate) previous_hash: [u8; 32],
    /// Application hash before this block, which its header carries.
    pub(crate) previous_app_hash: [u8; 32],
    /// Application hash after this block.
    pub(crate) app_hash: [u8; 32],
    pub(crate) txs: Vec<Arc<IncludedTx>>,
}

impl Block {
    /// The id other blocks name this one by. A block here has one part, the record in the log, so the hash of its parts
    /// is the hash of that record.
    pub(crate) fn id(hash: [u8; 32], app_hash: [u8; 32]) -> Id {
        let part_set = PartSet::new(1, Hash::Sha256(app_hash)).unwrap_or_default();
        Id {
            hash: Hash::Sha256(hash),
            part_set_header: part_set,
        }
    }

    /// The header; its hash is the block's.
    ///
    /// # Errors
    /// [`ChainError::Internal`] for a height or time beyond what CometBFT can express.
    pub(crate) fn header(
        &self,
        chain_id: &ChainId,
        proposer: &Proposer,
    ) -> Result<Header, ChainError> {
        let internal =
            |what: &str, e: &dyn std::fmt::Display| ChainError::Internal(format!("{what}: {e}"));
        let seconds = i64::try_from(self.time.seconds()).unwrap_or(i64::MAX);
        let data: Vec<Vec<u8>> = self
            .txs
            .iter()
            .map(|tx| Sha256::digest(&tx.bytes).to_vec())
            .collect();
        let first = self.height <= 1;
        Ok(Header {
            version: Version {
                block: BLOCK_PROTOCOL,
                app: 0,
            },
            chain_id: chain_id
                .as_str()
                .try_into()
                .map_err(|e| internal("chain id", &e))?,
            height: Height::try_from(self.height).map_err(|e| internal("height", &e))?,
            time: Time::from_unix_timestamp(seconds, self.time.subsec_nanos())
                .map_err(|e| internal("time", &e))?,
            last_block_id: (!first).then(|| Self::id(self.previous_hash, self.previous_app_hash)),
            last_commit_hash: Some(Hash::Sha256(Sha256::digest([]).into())),
            data_hash: Some(Hash::Sha256(simple_hash_from_byte_vectors::<Hasher>(&data))),
            validators_hash: proposer.set_hash,
            next_validators_hash: proposer.set_hash,
            consensus_hash: Hash::Sha256(Sha256::digest(b"nyx-embedded").into()),
            app_hash: AppHash::try_from(self.previous_app_hash.to_vec())
                .map_err(|e| internal("app hash", &e))?,
            last_results_hash: Some(Hash::Sha256(Sha256::digest([]).into())),
            evidence_hash: Some(Hash::Sha256(Sha256::digest([]).into())),
            proposer_address: proposer.address,
        })
    }

    /// Fills in the hash of the header.
    pub(crate) fn sealed(
        mut self,
        chain_id: &ChainId,
        proposer: &Proposer,
    ) -> Result<Self, ChainError> {
        if let Hash::Sha256(hash) = self.header(chain_id, proposer)?.hash() {
            self.hash = hash;
        }
        Ok(self)
    }

    fn write(&self, out: &mut Writer) {
        out.u64(self.height);
        out.u64(self.time.nanos());
        out.array(&self.hash);
        out.array(&self.previous_hash);
        out.array(&self.previous_app_hash);
        out.array(&self.app_hash);
        out.length(self.txs.len());
        for tx in &self.txs {
            tx.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ChainError> {
        Ok(Self {
            height: from.u64()?,
            time: BlockTime::from_nanos(from.u64()?),
            hash: from.array()?,
            previous_hash: from.array()?,
            previous_app_hash: from.array()?,
            app_hash: from.array()?,
            txs: from.list(|from| IncludedTx::read(from).map(Arc::new))?,
        })
    }
}

/// The one validator that headers and `status` name. Nothing is signed with it; its key is made from the chain id, and
/// exists because clients expect a validator.
#[derive(Clone, Debug)]
pub(crate) struct Proposer {
    pub(crate) address: account::Id,
    pub(crate) public_key: [u8; 32],
    pub(crate) set_hash: Hash,
}

impl Proposer {
    /// Voting power of the one validator.
    pub(crate) const POWER: u32 = 1;

    /// The validator of a chain.
    ///
    /// # Errors
    /// [`ChainError::Internal`] if no key could be made.
    pub(crate) fn of(chain_id: &ChainId) -> Result<Self, ChainError> {
        use cosmrs::tendermint::{PublicKey, validator, vote};
        let seed: [u8; 32] = Sha256::new()
            .chain_update(b"nyx-embedded/validator/1")
            .chain_update(chain_id.as_str())
            .finalize()
            .into();
        let key = ed25519_dalek::SigningKey::from_bytes(&seed)
            .verifying_key()
            .to_bytes();
        let public = PublicKey::from_raw_ed25519(&key)
            .ok_or_else(|| ChainError::Internal("validator key".to_owned()))?;
        let validator = validator::Info::new(public, vote::Power::from(Self::POWER));
        let set = simple_hash_from_byte_vectors::<Hasher>(&[validator.hash_bytes()]);
        Ok(Self {
            address: validator.address,
            public_key: key,
            set_hash: Hash::Sha256(set),
        })
    }
}

/// Blocks by height, and where each transaction is.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    by_height: BTreeMap<u64, Arc<Block>>,
    by_hash: HashMap<TxHash, (u64, usize)>,
    empty: std::collections::VecDeque<u64>,
}

impl Blocks {
    /// Adds the next block, and forgets the oldest empty one beyond [`RETAINED_EMPTY_BLOCKS`].
    pub(crate) fn push(&mut self, block: Block) {
        for (index, tx) in block.txs.iter().enumerate() {
            let hash = TxHash(Sha256::digest(&tx.bytes).into());
            self.by_hash.insert(hash, (block.height, index));
        }
        if block.txs.is_empty() {
            self.empty.push_back(block.height);
            if self.empty.len() > RETAINED_EMPTY_BLOCKS
                && let Some(oldest) = self.empty.pop_front()
            {
                self.by_height.remove(&oldest);
            }
        }
        self.by_height.insert(block.height, Arc::new(block));
    }

    pub(crate) fn at(&self, height: u64) -> Option<&Arc<Block>> {
        self.by_height.get(&height)
    }

    pub(crate) fn first(&self) -> Option<&Arc<Block>> {
        self.by_height.values().next()
    }

    pub(crate) fn last(&self) -> Option<&Arc<Block>> {
        self.by_height.values().next_back()
    }

    /// The transaction with this hash: height, position and itself.
    pub(crate) fn tx(&self, hash: TxHash) -> Option<(u64, usize, &Arc<IncludedTx>)> {
        let (height, index) = *self.by_hash.get(&hash)?;
        let tx = self.by_height.get(&height)?.txs.get(index)?;
        Some((height, index, tx))
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.length(self.by_height.len());
        for block in self.by_height.values() {
            block.write(out);
        }
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Self, ChainError> {
        let mut blocks = Self::default();
        for block in from.list(Block::read)? {
            if blocks
                .last()
                .is_some_and(|last| last.height >= block.height)
            {
                return Err(from.damaged(format!("block {} is out of order", block.height)));
            }
            blocks.push(block);
        }
        Ok(blocks)
    }
}
