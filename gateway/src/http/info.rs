//! `GET /v1/info?nonce=` (R1.24).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use ecash_requests::gateway::{GatewayInfo, InfoNonce, routes};
use ecash_service::http::ClientAddress;

use super::App;
use super::error::ApiError;
use crate::spend_store::SpendStore;

pub(super) async fn info<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    client: ClientAddress,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<GatewayInfo>, ApiError> {
    let gateway = &app.gateway;
    app.infos.take(client, gateway.clock.monotonic())?;
    let nonce: InfoNonce = query
        .iter()
        .find(|(name, _)| name == routes::NONCE_PARAMETER)
        .ok_or_else(|| {
            ApiError::bad_request("the query has no `nonce` (base58 of 32 random bytes)")
        })?
        .1
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
