//! Paths and query parameters (`quorum-api.md` 12). Paths begin at `/v1`; an announce address may put a prefix before.

/// `POST`: one signer's share for a withdrawal request.
pub const BLIND_SIGN: &str = "/v1/ecash/blind-sign";
/// `POST`: the request that a deposit is bound to; made for one by [`super::OwnerAction::path`].
pub const DEPOSIT_STATUS: &str = "/v1/ecash/deposits/{id}/status";
/// `POST`: a deposit's owner wants the money back.
pub const DEPOSIT_REFUND: &str = "/v1/ecash/deposits/{id}/refund";
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
/// `GET`: the newest block as this node sees it, unsigned.
pub const CHAIN_STATUS: &str = "/v1/network/chain-status";
/// `GET`: the newest block as this node sees it, signed.
pub const CHAIN_BLOCKS_STATUS: &str = "/v1/network/chain-blocks-status";
/// `GET`: what this node found when it probed the signers.
pub const SIGNERS_STATUS: &str = "/v1/network/signers/status";
/// `GET`: the same with every answer.
pub const SIGNERS_STATUS_DETAILED: &str = "/v1/network/signers/status-detailed";
/// `GET`: the OpenAPI document.
pub const OPENAPI: &str = "/api-docs/openapi.json";

/// Query parameter: epoch.
pub const EPOCH_PARAMETER: &str = "epoch_id";
/// Query parameter: expiration date, `YYYY-MM-DD`.
pub const EXPIRATION_DATE_PARAMETER: &str = "expiration_date";
/// Query parameter: form of the answer, `json`, `yaml` or `bincode`.
pub const OUTPUT_PARAMETER: &str = "output";
