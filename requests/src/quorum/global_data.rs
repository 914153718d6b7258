use ecash_scheme::{CoinIndexSignatures, DateSignatures, VerificationKey};
use ecash_ticketbook::{EcashDate, EpochId};
use serde::{Deserialize, Serialize};

/// Answer of `GET ecash/partial-expiration-date-signatures` and of its aggregated twin (`quorum-api.md` 3.2, 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpirationDateSignaturesResponse {
    /// Epoch of the key that signed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub epoch_id: EpochId,
    /// Expiration date that the signatures are about.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub expiration_date: EcashDate,
    /// Seven signatures, ascending by spend date.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub signatures: DateSignatures,
}

/// Answer of `GET ecash/partial-coin-indices-signatures` and of its aggregated twin (`quorum-api.md` 3.3, 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoinIndexSignaturesResponse {
    /// Epoch of the key that signed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub epoch_id: EpochId,
    /// Fifty signatures, ascending by index.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub signatures: CoinIndexSignatures,
}

/// Answer of `GET ecash/master-verification-key` (`quorum-api.md` 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MasterVerificationKeyResponse {
    /// The aggregated key. The answer names no epoch: it is that of the question.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub key: VerificationKey,
}
