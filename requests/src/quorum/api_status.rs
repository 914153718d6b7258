use crate::ShortText;
use crate::bytes::Base58;
use serde::{Deserialize, Serialize};

/// Answer of `GET api-status/health` (`quorum-api.md` 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthResponse {
    /// The node itself.
    pub status: ApiStatus,
    /// Its view of the chain.
    pub chain_status: ChainStatus,
    /// Seconds since start.
    pub uptime: u64,
}

/// State of a node that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApiStatus {
    /// It answers.
    Up,
}

/// State of the chain as the node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChainStatus {
    /// The newest block is recent.
    Synced,
    /// No endpoint answered.
    Unknown,
    /// The newest block is more than five minutes old.
    Stalled {
        /// Its age for a person to read, such as `7m 12s`.
        approximate_amount: String,
    },
}

/// Answer of `GET api-status/build-information`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildInformation {
    /// Name of the program.
    pub binary_name: String,
    /// When it was built.
    pub build_timestamp: String,
    /// Version of the interface, plain semver; monitors treat one below 1.1.64 as outdated.
    pub build_version: String,
    /// Source revision.
    pub commit_sha: String,
    /// Time of the source revision.
    pub commit_timestamp: String,
    /// Branch of the source revision.
    pub commit_branch: String,
    /// Compiler version.
    pub rustc_version: String,
    /// Compiler channel.
    pub rustc_channel: String,
    /// `debug` or `release`.
    pub cargo_profile: String,
    /// Target triple.
    pub cargo_triple: String,
}

/// Answer of `GET api-status/signer-information`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignerInformation {
    /// Account on the chain.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cosmos_address: ShortText,
    /// Identity key, base58.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub identity: Base58<32>,
    /// Announced URL.
    pub announce_address: String,
    /// Partial verification key, base58 of its fixed layout; `None` where the key is absent or not valid.
    pub verification_key: Option<String>,
}
