//! The newest block as a node of the chain tells it, asked for at most every 30 s.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ecash_requests::bytes::Hex;
use ecash_requests::quorum::{
    AbciInfo, BlockHash, BlockHead, BlockHeader, BlockId, BlockInfo, DetailedChainStatus,
    HeaderVersion, PartSetHeader,
};
use ecash_service::clock::SharedClock;
use nyx_client::{ChainHead, QueryClient};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::error::{Error, Result};

/// How long an answer, or that there was none, is kept.
const KEPT: Duration = Duration::from_secs(30);

/// A pending question for the newest block.
pub type HeadFuture<'a> = Pin<Box<dyn Future<Output = Result<DetailedChainStatus>> + Send + 'a>>;

/// Who knows the newest block. The chain client in service, a value in tests.
pub trait HeadSource: Send + Sync {
    /// The newest block.
    fn head(&self) -> HeadFuture<'_>;
}

impl HeadSource for QueryClient {
    fn head(&self) -> HeadFuture<'_> {
        Box::pin(async move { told(&QueryClient::head(self).await?) })
    }
}

/// The newest block. Those who ask while it is fetched wait for one answer.
pub(crate) struct HeadCache {
    source: Arc<dyn HeadSource>,
    clock: SharedClock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    asked_at: Option<Duration>,
    head: Option<Arc<DetailedChainStatus>>,
}

impl HeadCache {
    pub(crate) fn new(source: Arc<dyn HeadSource>, clock: SharedClock) -> Self {
        Self {
            source,
            clock,
            seen: Mutex::default(),
        }
    }

    /// The newest block that was seen, however old; `None` where none ever was.
    pub(crate) async fn latest(&self) -> Option<Arc<DetailedChainStatus>> {
        let mut seen = self.seen.lock().await;
        let now = self.clock.monotonic();
        if seen
            .asked_at
            .is_none_or(|at| now.saturating_sub(at) >= KEPT)
        {
            match self.source.head().await {
                Ok(head) => seen.head = Some(Arc::new(head)),
                Err(error) => tracing::warn!(%error, "the newest block could not be read"),
            }
            seen.asked_at = Some(now);
        }
        seen.head.clone()
    }
}

/// What the chain client decoded, in the form of the interface.
fn told(head: &ChainHead) -> Result<DetailedChainStatus> {
    let ChainHead {
        info,
        block_id,
        header,
    } = head;
    let refused = |what, value: String, reason: String| Error::ChainData {
        what,
        value,
        reason,
    };
    let time = OffsetDateTime::from_unix_timestamp_nanos(header.time.unix_timestamp_nanos())
        .map_err(|e| refused("time of a block", header.time.to_string(), e.to_string()))?;
    let proposer = header.proposer_address.to_string();
    let proposer_address: Hex<20> = proposer.to_lowercase().parse()?;
    let hash = |hash: &dyn ToString| -> Result<BlockHash> { Ok(hash.to_string().parse()?) };
    let optional = |value: Option<&dyn ToString>| value.map(hash).transpose();
    let id = |hash_text: &dyn ToString, total: u32, parts: &dyn ToString| -> Result<BlockId> {
        Ok(BlockId {
            hash: hash(hash_text)?,
            part_set_header: PartSetHeader {
                total,
                hash: hash(parts)?,
            },
        })
    };
    let last_block_id = header
        .last_block_id
        .as_ref()
        .map(|last| {
            let parts = &last.part_set_header;
            id(&last.hash, parts.total, &parts.hash)
        })
        .transpose()?;
    let parts = &block_id.part_set_header;
    Ok(DetailedChainStatus {
        abci: AbciInfo {
            data: info.data.clone(),
            version: info.version.clone(),
            app_version: info.app_version,
            last_block_height: info.last_block_height.value(),
            last_block_app_hash: info.last_block_app_hash.to_string(),
        },
        latest_block: BlockInfo {
            block_id: id(&block_id.hash, parts.total, &parts.hash)?,
            block: BlockHead {
                header: BlockHeader {
                    version: HeaderVersion {
                        block: header.version.block,
                        app: header.version.app,
                    },
                    chain_id: header.chain_id.to_string(),
                    height: header.height.value(),
                    time,
                    last_block_id,
                    last_commit_hash: optional(header.last_commit_hash.as_ref().map(|h| h as _))?,
                    data_hash: optional(header.data_hash.as_ref().map(|h| h as _))?,
                    validators_hash: hash(&header.validators_hash)?,
                    next_validators_hash: hash(&header.next_validators_hash)?,
                    consensus_hash: hash(&header.consensus_hash)?,
                    // The application chooses the form of this one; what is no hash is left out.
                    app_hash: hash(&header.app_hash).unwrap_or_default(),
                    last_results_hash: optional(header.last_results_hash.as_ref().map(|h| h as _))?,
                    evidence_hash: optional(header.evidence_hash.as_ref().map(|h| h as _))?,
                    proposer_address,
                },
            },
        },
    })
}
