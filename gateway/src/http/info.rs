//! `GET /v1/info?nonce=` (R1.24).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use ecash_requests::gateway::{ErrorBody, GatewayInfo, InfoNonce};
use ecash_service::http::ClientAddress;
use serde::Deserialize;

use super::App;
use super::error::ApiError;
use crate::spend_store::SpendStore;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InfoQuery {
    /// Base58 of 32 random bytes.
    nonce: String,
}

/// Who this gateway is and what it takes, signed over the caller's nonce.
#[utoipa::path(
    get,
    path = "/v1/info",
    tag = "public",
    params(InfoQuery),
    responses(
        (status = 200, description = "the signed info", body = GatewayInfo),
        (status = 400, description = "no nonce, or one that is not 32 bytes", body = ErrorBody),
        (status = 429, description = "rate exceeded", body = ErrorBody),
    )
)]
pub(super) async fn info<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    client: ClientAddress,
    Query(query): Query<InfoQuery>,
) -> Result<Json<GatewayInfo>, ApiError> {
    let gateway = &app.gateway;
    app.infos.take(client, gateway.clock.monotonic())?;
    let nonce: InfoNonce =
        query
            .nonce
            .parse()
            .map_err(|error: ecash_requests::RequestsError| {
                ApiError::bad_request(format!("nonce: {error}"))
            })?;
    let now = gateway.clock.now();
    let profile = &gateway.profile;
    Ok(Json(GatewayInfo::sign(
        &profile.identity,
        &profile.network,
        profile.account.clone(),
        profile.roles.clone(),
        gateway.situation.epochs.get().ids(now),
        ecash_ticketbook::UnixTime(now.as_secs()),
        nonce,
    )))
}
