//! One block as it is written to the log: height, time, transactions with their results, and what the state became.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::codec::{Reader, Writer};
use crate::clock::BlockTime;
use crate::error::ChainError;
use crate::state::WriteSet;

const HASH_DOMAIN: &[u8] = b"nyx-embedded/block/1";

/// Something that a transaction did, as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxEvent {
    /// `transfer`, `message`, `wasm`, `wasm-…` and so on.
    pub kind: String,
    /// Keys and values, in order.
    pub attributes: Vec<(String, String)>,
}

impl TxEvent {
    /// The value of the first attribute with this key.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

impl From<cosmwasm_std::Event> for TxEvent {
    fn from(event: cosmwasm_std::Event) -> Self {
        Self {
            kind: event.ty,
            attributes: event
                .attributes
                .into_iter()
                .map(|a| (a.key, a.value))
                .collect(),
        }
    }
}

/// What a transaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TxResult {
    pub(crate) code: u32,
    pub(crate) codespace: String,
    pub(crate) log: String,
    pub(crate) data: Vec<u8>,
    pub(crate) gas_wanted: u64,
    pub(crate) gas_used: u64,
    pub(crate) events: Vec<TxEvent>,
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IncludedTx {
    pub(crate) bytes: Vec<u8>,
    pub(crate) result: TxResult,
}

impl IncludedTx {
    pub(crate) fn write(&self, out: &mut Writer) {
        out.bytes(&self.bytes);
        let result = &self.result;
        out.u32(result.code);
        out.text(&result.codespace);
        out.text(&result.log);
        out.bytes(&result.data);
        out.u64(result.gas_wanted);
        out.u64(result.gas_used);
        out.length(result.events.len());
        for event in &result.events {
            out.text(&event.kind);
            out.length(event.attributes.len());
            for (key, value) in &event.attributes {
                out.text(key);
                out.text(value);
            }
        }
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Self, ChainError> {
        let bytes = from.bytes()?;
        let result = TxResult {
            code: from.u32()?,
            codespace: from.text()?,
            log: from.text()?,
            data: from.bytes()?,
            gas_wanted: from.u64()?,
            gas_used: from.u64()?,
            events: from.list(|from| {
                let kind = from.text()?;
                let attributes = from.list(|from| Ok((from.text()?, from.text()?)))?;
                Ok(TxEvent { kind, attributes })
            })?,
        };
        Ok(Self { bytes, result })
    }
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockRecord {
    pub(crate) height: u64,
    pub(crate) time: BlockTime,
    /// The application hash before this block.
    pub(crate) previous_app_hash: [u8; 32],
    pub(crate) txs: Vec<Arc<IncludedTx>>,
    pub(crate) writes: WriteSet,
}

impl BlockRecord {
    /// The byte form.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.height);
        out.u64(self.time.nanos());
        out.array(&self.previous_app_hash);
        out.length(self.txs.len());
        for tx in &self.txs {
            tx.write(&mut out);
        }
        out.length(self.writes.len());
        for (key, value) in &self.writes {
            out.bytes(key);
            out.u8(u8::from(value.is_some()));
            if let Some(value) = value {
                out.bytes(value);
            }
        }
        out.into_bytes()
    }

    /// Takes the byte form apart; nothing may be left over.
    pub(crate) fn from_bytes(mut from: Reader<'_>) -> Result<Self, ChainError> {
        let height = from.u64()?;
        let time = BlockTime::from_nanos(from.u64()?);
        let previous_app_hash = from.array()?;
        let txs = from.list(|from| IncludedTx::read(from).map(Arc::new))?;
        let writes = from.list(|from| {
            let key = from.bytes()?;
            let value = match from.u8()? {
                0 => None,
                1 => Some(from.bytes()?),
                other => return Err(from.damaged(format!("{other} is neither removal nor value"))),
            };
            Ok((key, value))
        })?;
        let record = Self {
            height,
            time,
            previous_app_hash,
            txs,
            writes: writes.into_iter().collect(),
        };
        from.end()?;
        Ok(record)
    }

    /// The application hash after the block with this byte form: `SHA-256(domain ‖ bytes)`. The bytes contain the hash
    /// before it, which chains the records.
    pub(crate) fn app_hash(bytes: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(HASH_DOMAIN)
            .chain_update(bytes)
            .finalize()
            .into()
    }
}
