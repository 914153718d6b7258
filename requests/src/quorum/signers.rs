use super::{
    ChainBlocksStatusResponse, ChainStatusResponse, SignedMessage, SignerInformation,
    SignerStatusResponse,
};
use ecash_ticketbook::{EpochId, NodeIndex};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Answer of `GET network/signers/status` (`quorum-api.md` 5.3).
pub type SignersStatusResponse = SignedMessage<SignersStatusBody>;

/// Answer of `GET network/signers/status-detailed`.
pub type DetailedSignersStatusResponse = SignedMessage<DetailedSignersStatusBody>;

/// What a node found when it probed the signers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignersStatusBody {
    /// When, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub as_at: OffsetDateTime,
    /// In numbers.
    pub overview: SignersOverview,
    /// By signer.
    pub results: Vec<SignerVerdict>,
}

/// The same with all answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DetailedSignersStatusBody {
    /// When, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub as_at: OffsetDateTime,
    /// In numbers.
    pub overview: SignersOverview,
    /// By signer.
    pub details: Vec<SignerProbe>,
}

/// How many signers are in which condition. Each counts once for its chain and once for issuing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignersOverview {
    /// The epoch whose signers were probed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub epoch_id: Option<EpochId>,
    /// Its threshold.
    pub signing_threshold: Option<u64>,
    /// Whether that many signers follow the chain and that many issue.
    pub threshold_available: Option<bool>,
    /// All.
    pub total_signers: u64,
    /// Those that did not answer.
    pub unreachable_signers: u64,
    /// Those whose URL or key on chain is none.
    pub malformed_signers: u64,
    /// Those that did not say whether their chain goes on.
    pub unknown_local_chain_status: u64,
    /// Those whose chain goes on.
    pub working_local_chain: u64,
    /// Those whose signed answer says that it does not, or does not count.
    pub provably_stalled_local_chain: u64,
    /// Those whose unsigned answer says that it does not.
    pub unprovably_stalled_local_chain: u64,
    /// Those that did not say whether they issue.
    pub unknown_credential_issuance_status: u64,
    /// Those that issue.
    pub working_credential_issuance: u64,
    /// Those whose signed answer says that they do not, or does not count.
    pub provably_unavailable_credential_issuance: u64,
    /// Those whose unsigned answer says that they do not.
    pub unprovably_unavailable_credential_issuance: u64,
}

/// What was found of one signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignerVerdict {
    /// URL that it announces.
    pub announce_address: String,
    /// Its account.
    pub owner_address: String,
    /// Its node index.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub node_index: NodeIndex,
    /// Its identity key, as on chain.
    pub public_key: String,
    /// Its chain goes on.
    pub local_chain_working: bool,
    /// It issues.
    pub credential_issuance_available: bool,
}

/// The record of one signer's probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignerProbe {
    /// The epoch whose signers were probed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub dkg_epoch_id: EpochId,
    /// What the chain says of the signer.
    pub information: DealerInformation,
    /// What the signer says.
    pub status: ProbeStatus,
}

/// What the chain says of a signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DealerInformation {
    /// URL that it announces.
    pub announce_address: String,
    /// Its account.
    pub owner_address: String,
    /// Its node index.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub node_index: NodeIndex,
    /// Its identity key, base58.
    pub public_key: String,
    /// Its share of the verification key, base58.
    pub verification_key_share: Option<String>,
    /// Whether the others verified that share.
    pub share_verified: bool,
}

/// Whether a signer could be probed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProbeStatus {
    /// It does not say what it is.
    Unreachable,
    /// Its URL or key on chain is none.
    ProvidedInvalidDetails,
    /// It was probed.
    Tested {
        /// What it answered.
        result: ProbeResult,
    },
}

/// A signer's answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProbeResult {
    /// Version of its interface.
    pub reported_version: String,
    /// Whether it issues.
    pub signing_status: SigningAnswer,
    /// Whether its chain goes on.
    pub local_chain_status: ChainAnswer,
}

/// What a signer says of issuing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SigningAnswer {
    /// It did not answer the question.
    Unreachable,
    /// Its version does not know the question.
    Outdated,
    /// Unsigned.
    ReachableLegacy {
        /// The answer.
        response: Box<SignerInformation>,
    },
    /// Signed.
    Reachable {
        /// The answer.
        response: Box<SignerStatusResponse>,
    },
}

/// What a signer says of its chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChainAnswer {
    /// It did not answer the question.
    Unreachable,
    /// Its version does not know the question.
    Outdated,
    /// Unsigned.
    ReachableLegacy {
        /// The answer.
        response: Box<ChainStatusResponse>,
    },
    /// Signed.
    Reachable {
        /// The answer.
        response: Box<ChainBlocksStatusResponse>,
    },
}
