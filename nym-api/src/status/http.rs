//! `signer-status`, `api-status/*`, `network/details`, and what this node sees of the chain.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ecash_requests::bytes::Base58;
use ecash_requests::quorum::{
    ApiStatus, BuildInformation, ChainBlocksStatusBody, ChainStatus, ChainStatusResponse,
    HealthResponse, NetworkDetailsResponse, SignedMessage, SignerInformation, SignerStatusBody,
};
use ecash_service::http::HttpError;
use ecash_ticketbook::UnixTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::build_information;
use crate::error::Error;
use crate::member::Member;
use crate::output::{Output, OutputParams};
use crate::refusal::Refusal;
use crate::today;

/// The chain counts as stalled when its newest block is older than this, in seconds.
const STALLED_SECS: u64 = 300;

pub(crate) fn signer_routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new().routes(routes!(signer_status))
}

pub(crate) fn node_routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(build))
        .routes(routes!(signer_information))
        .routes(routes!(network_details))
        .routes(routes!(chain_status))
        .routes(routes!(chain_blocks_status))
}

/// What this signer says of itself, signed with its identity key.
#[utoipa::path(
    get,
    path = "/v1/ecash/signer-status",
    tag = "status",
    params(OutputParams),
    responses(
        (status = 200, body = SignedMessage<SignerStatusBody>),
        (status = 503, description = "the chain has not been read yet", body = String),
    )
)]
async fn signer_status(State(member): State<Member>, output: Output) -> Result<Response, Refusal> {
    let epochs = member
        .epochs()
        .latest()
        .ok_or(Refusal::ChainStale { what: "epochs" })?;
    let epoch = epochs.issuing().ok();
    let id = epoch.map_or(epochs.current, |epoch| epoch.id);
    let body = SignerStatusBody {
        current_time: member.clock().now().to_datetime(),
        dkg_ecash_epoch_id: id,
        signer_disabled: !member.signer_enabled(),
        is_ecash_signer: epoch.is_some_and(|epoch| epoch.own_share().is_some()),
        has_signing_keys: member.keys().usable(id).is_some(),
    };
    let signed = SignedMessage::sign(body, member.identity())
        .map_err(|e| Refusal::Internal(Error::Requests(e)))?;
    output.of(&signed)
}

/// Health of the node and of its view of the chain.
#[utoipa::path(get, path = "/v1/api-status/health", tag = "status", params(OutputParams), responses((status = 200, body = HealthResponse)))]
async fn health(State(member): State<Member>, output: Output) -> Result<Response, Refusal> {
    let now = today::now(&**member.clock());
    let chain_status = match member.epochs().fresh(member.clock().monotonic()) {
        Err(_) => ChainStatus::Unknown,
        Ok(epochs) => freshness(epochs.block_time, now),
    };
    let uptime = member
        .clock()
        .monotonic()
        .saturating_sub(member.started())
        .as_secs();
    output.of(&HealthResponse {
        status: ApiStatus::Up,
        chain_status,
        uptime,
    })
}

/// Whether the chain goes on, by the time of its newest block.
fn freshness(block_time: UnixTime, now: UnixTime) -> ChainStatus {
    let age = now.get().saturating_sub(block_time.get());
    if age <= STALLED_SECS {
        ChainStatus::Synced
    } else {
        ChainStatus::Stalled {
            approximate_amount: in_words(age),
        }
    }
}

/// A duration for a person to read: `7m 12s`.
fn in_words(secs: u64) -> String {
    let parts = [
        (secs / 86_400, "d"),
        (secs / 3600 % 24, "h"),
        (secs / 60 % 60, "m"),
        (secs % 60, "s"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if words.is_empty() {
        "0s".to_owned()
    } else {
        words.join(" ")
    }
}

/// What was built, when, by what.
#[utoipa::path(
    get,
    path = "/v1/api-status/build-information",
    tag = "status",
    params(OutputParams),
    responses((status = 200, body = BuildInformation))
)]
async fn build(output: Output) -> Result<Response, Refusal> {
    output.of(&build_information())
}

/// Address and keys of this signer, unsigned.
#[utoipa::path(
    get,
    path = "/v1/api-status/signer-information",
    tag = "status",
    params(OutputParams),
    responses(
        (status = 200, body = SignerInformation),
        (status = 500, description = "this node does not sign", body = String),
    )
)]
async fn signer_information(
    State(member): State<Member>,
    output: Output,
) -> Result<Response, Refusal> {
    let Some(cosmos_address) = member.address().filter(|_| member.signer_enabled()) else {
        let text = "this node is not set up as a signer";
        return Ok(HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, text).into_response());
    };
    let issuing = member.epochs().latest().and_then(|epochs| epochs.issuing);
    let key = issuing.and_then(|id| member.keys().usable(id));
    output.of(&SignerInformation {
        cosmos_address: cosmos_address.clone(),
        identity: Base58(*member.identity().public().as_bytes()),
        announce_address: member.announce_address().to_owned(),
        verification_key: key.map(|key| key.verification_key().to_base58()),
    })
}

/// The network this node belongs to.
#[utoipa::path(
    get,
    path = "/v1/network/details",
    tag = "network",
    params(OutputParams),
    responses((status = 200, body = NetworkDetailsResponse))
)]
async fn network_details(
    State(member): State<Member>,
    output: Output,
) -> Result<Response, Refusal> {
    output.of(member.network_details())
}

/// The newest block as this node sees it, unsigned.
#[utoipa::path(
    get,
    path = "/v1/network/chain-status",
    tag = "network",
    params(OutputParams),
    responses(
        (status = 200, body = ChainStatusResponse),
        (status = 503, description = "no block has been seen yet", body = String),
    )
)]
async fn chain_status(State(member): State<Member>, output: Output) -> Result<Response, Refusal> {
    let head = member.head().latest().await;
    let status = head.ok_or(Refusal::ChainUnreachable)?;
    output.of(&ChainStatusResponse {
        connected_nyxd: member.network_details().connected_nyxd.clone(),
        status: (*status).clone(),
    })
}

/// The newest block as this node sees it, and whether it is recent, signed with its identity key.
#[utoipa::path(
    get,
    path = "/v1/network/chain-blocks-status",
    tag = "network",
    params(OutputParams),
    responses((status = 200, body = SignedMessage<ChainBlocksStatusBody>))
)]
async fn chain_blocks_status(
    State(member): State<Member>,
    output: Output,
) -> Result<Response, Refusal> {
    let latest_cached_block = member.head().latest().await.map(|head| (*head).clone());
    let now = today::now(&**member.clock());
    let chain_status = match &latest_cached_block {
        None => ChainStatus::Unknown,
        Some(head) => {
            let time = head.latest_block.block.header.time.unix_timestamp();
            freshness(UnixTime(u64::try_from(time).unwrap_or(0)), now)
        }
    };
    let body = ChainBlocksStatusBody {
        current_time: member.clock().now().to_datetime(),
        latest_cached_block,
        chain_status,
    };
    let signed = SignedMessage::sign(body, member.identity())
        .map_err(|e| Refusal::Internal(Error::Requests(e)))?;
    output.of(&signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_a_person_says_it() {
        assert_eq!(in_words(0), "0s");
        assert_eq!(in_words(432), "7m 12s");
        assert_eq!(in_words(90_061), "1d 1h 1m 1s");
    }
}
