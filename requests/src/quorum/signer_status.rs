use super::SignedMessage;
use ecash_ticketbook::EpochId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What a signer says of itself (`quorum-api.md` 5.1). The last four fields speak of the issuing epoch; without one, of
/// the current epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignerStatusBody {
    /// The signer's clock, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_time: OffsetDateTime,
    /// The epoch spoken of.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub dkg_ecash_epoch_id: EpochId,
    /// Signing is switched off in the configuration.
    pub signer_disabled: bool,
    /// This node has a verified share in the epoch.
    pub is_ecash_signer: bool,
    /// The key of the epoch is held and valid.
    pub has_signing_keys: bool,
}

/// Answer of `GET ecash/signer-status`.
pub type SignerStatusResponse = SignedMessage<SignerStatusBody>;
