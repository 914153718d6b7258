use super::{ChainStatus, SignedMessage};
use crate::RequestsError;
use crate::bytes::Hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// Answer of `GET network/chain-status`, unsigned (`quorum-api.md` 5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainStatusResponse {
    /// RPC endpoint that the node uses.
    pub connected_nyxd: String,
    /// What it said.
    pub status: DetailedChainStatus,
}

/// Answer of `GET network/chain-blocks-status`.
pub type ChainBlocksStatusResponse = SignedMessage<ChainBlocksStatusBody>;

/// What a signer says of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainBlocksStatusBody {
    /// The signer's clock, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_time: OffsetDateTime,
    /// The newest block that it has seen.
    pub latest_cached_block: Option<DetailedChainStatus>,
    /// Whether that is recent.
    pub chain_status: ChainStatus,
}

/// The application and the newest block, as a node of the chain told them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DetailedChainStatus {
    /// The application.
    pub abci: AbciInfo,
    /// The block.
    pub latest_block: BlockInfo,
}

/// What a chain's application says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbciInfo {
    /// Its name.
    pub data: String,
    /// Its version.
    pub version: String,
    /// Version of its protocol.
    pub app_version: u64,
    /// The last block that it committed.
    pub last_block_height: u64,
    /// Hash of its state after that block, upper-case hex.
    pub last_block_app_hash: String,
}

/// A block without its transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockInfo {
    /// Its identity.
    pub block_id: BlockId,
    /// Its header.
    pub block: BlockHead,
}

/// What is told of a block's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockHead {
    /// Its header.
    pub header: BlockHeader,
}

/// Identity of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockId {
    /// Hash of the header.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: BlockHash,
    /// The parts that it is sent in.
    pub part_set_header: PartSetHeader,
}

/// The parts of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartSetHeader {
    /// How many.
    pub total: u32,
    /// Root over them.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: BlockHash,
}

/// A block's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockHeader {
    /// Versions of the protocols.
    pub version: HeaderVersion,
    /// Chain id.
    pub chain_id: String,
    /// Height.
    pub height: u64,
    /// Time, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub time: OffsetDateTime,
    /// The block before.
    pub last_block_id: Option<BlockId>,
    /// Hash of the commit of the block before.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_commit_hash: Option<BlockHash>,
    /// Hash of the transactions.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub data_hash: Option<BlockHash>,
    /// Hash of the validators.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub validators_hash: BlockHash,
    /// Hash of the validators of the next block.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub next_validators_hash: BlockHash,
    /// Hash of the consensus parameters.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub consensus_hash: BlockHash,
    /// Hash of the application's state after the block before.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub app_hash: BlockHash,
    /// Hash of the results of the block before.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_results_hash: Option<BlockHash>,
    /// Hash of the evidence.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub evidence_hash: Option<BlockHash>,
    /// Address of the proposer, lower-case hex.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub proposer_address: Hex<20>,
}

/// Versions in a block's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeaderVersion {
    /// Version of the block protocol.
    pub block: u64,
    /// Version of the application's protocol.
    pub app: u64,
}

/// A hash of the chain: 32 bytes as upper-case hex, or nothing as the empty text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockHash(Option<[u8; 32]>);

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => f.write_str(&hex::encode_upper(bytes)),
            None => Ok(()),
        }
    }
}

impl FromStr for BlockHash {
    type Err = RequestsError;

    fn from_str(text: &str) -> Result<Self, RequestsError> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        let mut bytes = [0; 32];
        let lower_case = text.bytes().any(|byte| byte.is_ascii_lowercase());
        if lower_case || hex::decode_to_slice(text, &mut bytes).is_err() {
            return Err(RequestsError::Bytes {
                alphabet: "upper-case hex",
                expected: bytes.len(),
                start: text.chars().take(16).collect(),
                length: text.len(),
            });
        }
        Ok(Self(Some(bytes)))
    }
}

impl Serialize for BlockHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlockHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
