//! `signer-status`, `api-status/*`, `network/details`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ecash_requests::bytes::Base58;
use ecash_requests::quorum::{
    ApiStatus, BuildInformation, ChainStatus, HealthResponse, NetworkDetailsResponse,
    SignedMessage, SignerInformation, SignerStatusBody, SignerStatusResponse,
};
use ecash_service::http::HttpError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::build_information;
use crate::error::Error;
use crate::member::Member;
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
}

/// What this signer says of itself, signed with its identity key.
#[utoipa::path(
    get,
    path = "/v1/ecash/signer-status",
    tag = "status",
    responses(
        (status = 200, body = SignedMessage<SignerStatusBody>),
        (status = 503, description = "the chain has not been read yet", body = String),
    )
)]
async fn signer_status(
    State(member): State<Member>,
) -> Result<Json<SignerStatusResponse>, Refusal> {
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
    SignedMessage::sign(body, member.identity())
        .map(Json)
        .map_err(|e| Refusal::Internal(Error::Requests(e)))
}

/// Health of the node and of its view of the chain.
#[utoipa::path(get, path = "/v1/api-status/health", tag = "status", responses((status = 200, body = HealthResponse)))]
async fn health(State(member): State<Member>) -> Json<HealthResponse> {
    let now = today::now(&**member.clock());
    let chain_status = match member.epochs().fresh(member.clock().monotonic()) {
        Err(_) => ChainStatus::Unknown,
        Ok(epochs) => {
            let age = now.get().saturating_sub(epochs.block_time.get());
            if age <= STALLED_SECS {
                ChainStatus::Synced
            } else {
                ChainStatus::Stalled {
                    approximate_amount: in_words(age),
                }
            }
        }
    };
    let uptime = member
        .clock()
        .monotonic()
        .saturating_sub(member.started())
        .as_secs();
    Json(HealthResponse {
        status: ApiStatus::Up,
        chain_status,
        uptime,
    })
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
    responses((status = 200, body = BuildInformation))
)]
async fn build() -> Json<BuildInformation> {
    Json(build_information())
}

/// Address and keys of this signer, unsigned.
#[utoipa::path(
    get,
    path = "/v1/api-status/signer-information",
    tag = "status",
    responses(
        (status = 200, body = SignerInformation),
        (status = 500, description = "this node does not sign", body = String),
    )
)]
async fn signer_information(State(member): State<Member>) -> Response {
    let Some(cosmos_address) = member.address().filter(|_| member.signer_enabled()) else {
        return HttpError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "this node is not set up as a signer",
        )
        .into_response();
    };
    let issuing = member.epochs().latest().and_then(|epochs| epochs.issuing);
    let key = issuing.and_then(|id| member.keys().usable(id));
    Json(SignerInformation {
        cosmos_address: cosmos_address.clone(),
        identity: Base58(*member.identity().public().as_bytes()),
        announce_address: member.announce_address().to_owned(),
        verification_key: key.map(|key| key.verification_key().to_base58()),
    })
    .into_response()
}

/// The network this node belongs to.
#[utoipa::path(
    get,
    path = "/v1/network/details",
    tag = "network",
    responses((status = 200, body = NetworkDetailsResponse))
)]
async fn network_details(State(member): State<Member>) -> Json<NetworkDetailsResponse> {
    Json(member.network_details().clone())
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
