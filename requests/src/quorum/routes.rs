//! Paths and query parameters (`quorum-api.md` 12). Paths begin at `/v1`; an announce address may put a prefix before.

/// `POST`: one signer's share for a withdrawal request.
pub const BLIND_SIGN: &str = "/v1/ecash/blind-sign";
/// `GET`: one signer's date signatures.
pub const PARTIAL_EXPIRATION_DATE_SIGNATURES: &str = "/v1/ecash/partial-expiration-date-signatures";
/// `GET`: one signer's coin-index signatures.
pub const PARTIAL_COIN_INDICES_SIGNATURES: &str = "/v1/ecash/partial-coin-indices-signatures";
/// `GET`: the aggregated key of an epoch.
pub const MASTER_VERIFICATION_KEY: &str = "/v1/ecash/master-verification-key";
/// `GET`: aggregated date signatures.
pub const AGGREGATED_EXPIRATION_DATE_SIGNATURES: &str =
    "/v1/ecash/aggregated-expiration-date-signatures";
/// `GET`: aggregated coin-index signatures.
pub const AGGREGATED_COIN_INDICES_SIGNATURES: &str = "/v1/ecash/aggregated-coin-indices-signatures";
/// `GET`: what the signer says of itself, signed.
pub const SIGNER_STATUS: &str = "/v1/ecash/signer-status";
/// `POST`: one ticket from the gateway that took it.
pub const VERIFY_ECASH_TICKET: &str = "/v1/ecash/verify-ecash-ticket";
/// `POST`, gone.
pub const BATCH_REDEEM_ECASH_TICKETS: &str = "/v1/ecash/batch-redeem-ecash-tickets";
/// `GET`, gone.
pub const DOUBLE_SPENDING_FILTER_V1: &str = "/v1/ecash/double-spending-filter-v1";

/// `GET`: health of the node and of its view of the chain.
pub const HEALTH: &str = "/v1/api-status/health";
/// `GET`: what was built, when, by what.
pub const BUILD_INFORMATION: &str = "/v1/api-status/build-information";
/// `GET`: address and keys of the signer, unsigned.
pub const SIGNER_INFORMATION: &str = "/v1/api-status/signer-information";
/// `GET`: the network this node belongs to.
pub const NETWORK_DETAILS: &str = "/v1/network/details";
/// `GET`: the OpenAPI document.
pub const OPENAPI: &str = "/api-docs/openapi.json";

/// Query parameter: epoch.
pub const EPOCH_PARAMETER: &str = "epoch_id";
/// Query parameter: expiration date, `YYYY-MM-DD`.
pub const EXPIRATION_DATE_PARAMETER: &str = "expiration_date";
