//! `POST /v1/accounts` (R1.21).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ecash_requests::RequestsError;
use ecash_requests::gateway::{AccountBody, AccountCreated, AccountToken, ErrorBody};
use ecash_service::clock::UnixTime;
use ecash_service::http::ClientAddress;

use super::App;
use super::body::read_json;
use super::error::ApiError;
use crate::accounts::RegisterError;
use crate::limits::RETRY_AFTER_SECS;
use crate::spend_store::SpendStore;

/// Registers a client key, or replaces the token of a registered one.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "public",
    request_body = AccountBody,
    responses(
        (status = 201, description = "the token", body = AccountCreated),
        (status = 400, description = "not parsable, or a key that is none", body = ErrorBody),
        (status = 401, description = "bad signature, or time outside ±120 s", body = ErrorBody),
        (status = 409, description = "a registration of this key with this time or a later one was accepted before", body = ErrorBody),
        (status = 413, description = "body above 4 KiB", body = ErrorBody),
        (status = 415, description = "body not announced as JSON", body = ErrorBody),
        (status = 429, description = "rate exceeded", body = ErrorBody),
        (status = 503, description = "no room, or storage unavailable", body = ErrorBody),
    )
)]
pub(super) async fn register<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<AccountCreated>), ApiError> {
    let gateway = &app.gateway;
    app.registrations.take(client, gateway.clock.monotonic())?;
    let body: AccountBody = read_json(&headers, body).await?;
    let now = gateway.clock.now();
    let present = ecash_ticketbook::UnixTime(now.as_secs());
    let client_key = body
        .check(&gateway.profile.identity.public(), present)
        .map_err(|error| match error {
            RequestsError::Key { .. } => ApiError::bad_request(error.to_string()),
            _ => ApiError::unauthorized(error.to_string()),
        })?;
    let token = AccountToken::generate(&mut rand::rngs::OsRng);
    let signed_at = UnixTime::from_secs(body.time.get());
    gateway
        .accounts
        .register(*client_key.as_bytes(), signed_at, &token, now)
        .await
        .map_err(refused)?;
    Ok((StatusCode::CREATED, Json(AccountCreated { token })))
}

fn refused(error: RegisterError) -> ApiError {
    match error {
        RegisterError::NotLater => ApiError::new(StatusCode::CONFLICT, error.to_string()),
        RegisterError::Full => ApiError::unavailable(error.to_string(), RETRY_AFTER_SECS),
        RegisterError::Store(cause) => {
            tracing::error!(%cause, "a registration could not be stored");
            ApiError::unavailable(
                "the registration could not be stored; try again",
                RETRY_AFTER_SECS,
            )
        }
    }
}
