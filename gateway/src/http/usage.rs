//! `GET /v1/bandwidth` for clients, `POST /v1/usage` for the data plane.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ecash_requests::gateway::{BandwidthResponse, ErrorBody, UsageBody, UsageResponse};

use super::App;
use super::body::read_json;
use super::error::ApiError;
use crate::spend_store::SpendStore;

/// Bandwidth left.
#[utoipa::path(
    get,
    path = "/v1/bandwidth",
    tag = "public",
    security(("token" = [])),
    responses(
        (status = 200, description = "the balance", body = BandwidthResponse),
        (status = 401, description = "no, unknown or replaced token", body = ErrorBody),
        (status = 429, description = "rate exceeded", body = ErrorBody),
    )
)]
pub(super) async fn bandwidth<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
) -> Result<Json<BandwidthResponse>, ApiError> {
    let gateway = &app.gateway;
    let account = app.account(&headers)?;
    app.balances.take(account.id(), gateway.clock.monotonic())?;
    let now = gateway.clock.now();
    Ok(Json(BandwidthResponse {
        available: account.meter().available(now),
        expires_at: account
            .meter()
            .expires_at(now)
            .map(ecash_service::clock::UnixTime::as_secs),
    }))
}

/// Tells what an account used.
#[utoipa::path(
    post,
    path = "/v1/usage",
    tag = "loopback",
    security(("token" = [])),
    request_body = UsageBody,
    responses(
        (status = 200, description = "subtracted", body = UsageResponse),
        (status = 402, description = "not covered, nothing subtracted", body = UsageResponse),
        (status = 400, description = "not parsable", body = ErrorBody),
        (status = 401, description = "no, unknown or replaced token", body = ErrorBody),
        (status = 413, description = "body above 4 KiB", body = ErrorBody),
        (status = 415, description = "body not announced as JSON", body = ErrorBody),
    )
)]
pub(super) async fn usage<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<UsageResponse>), ApiError> {
    let gateway = &app.gateway;
    let account = app.account(&headers)?;
    let usage: UsageBody = read_json(&headers, body).await?;
    Ok(
        match gateway
            .accounts
            .consume(&account, usage.bytes, gateway.clock.now())
        {
            Ok(available) => (StatusCode::OK, Json(UsageResponse { available })),
            Err(short) => (
                StatusCode::PAYMENT_REQUIRED,
                Json(UsageResponse {
                    available: short.available,
                }),
            ),
        },
    )
}
