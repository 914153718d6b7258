//! `POST /v1/tickets`: takes one ticket, answers a verdict (R1.22).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ecash_requests::gateway::{ErrorBody, TicketAnswer, Verdict, routes};

use super::App;
use super::body::read;
use super::error::ApiError;
use crate::accept::{Answer, Closed, Transport};
use crate::limits::{MAX_TICKET_BODY_BYTES, RETRY_AFTER_SECS};
use crate::spend_store::SpendStore;

impl From<Closed> for ApiError {
    fn from(closed: Closed) -> Self {
        Self::too_many(closed.to_string(), closed.retry_after_secs)
    }
}

/// Takes one ticket. The answer to a ticket is the same object with every status (verdicts: `gateway.md` R1.15).
#[utoipa::path(
    post,
    path = "/v1/tickets",
    tag = "public",
    security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the 1278 bytes"),
    responses(
        (status = 200, description = "Accepted, AlreadyAccepted", body = TicketAnswer),
        (status = 400, description = "Malformed", body = TicketAnswer),
        (status = 403, description = "WrongProvider, WrongType", body = TicketAnswer),
        (status = 409, description = "TicketReplay, DoubleSpend", body = TicketAnswer),
        (status = 422, description = "InvalidTicket, StaleOrFuture, UnknownEpoch, UnsupportedFormat", body = TicketAnswer),
        (status = 503, description = "Busy, StorageUnavailable; with Retry-After", body = TicketAnswer),
        (status = 401, description = "no, unknown or replaced token", body = ErrorBody),
        (status = 413, description = "body above 16 KiB", body = ErrorBody),
        (status = 415, description = "body not announced as bytes", body = ErrorBody),
        (status = 429, description = "too many invalid tickets of this account", body = ErrorBody),
    )
)]
pub(super) async fn take<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let gateway = &app.gateway;
    let account = app.account(&headers)?;
    let Ok(_place) = app.tickets.try_acquire() else {
        return Ok(respond(&Answer {
            verdict: Verdict::Busy,
            consumed: Verdict::Busy.consumed(),
            serial: None,
            available: account.meter().available(gateway.clock.now()),
        }));
    };
    if let Some(retry_after_secs) = account.closed_for_secs(gateway.clock.now()) {
        return Err(Closed { retry_after_secs }.into());
    }
    let bytes = read(&headers, body, routes::OCTET_STREAM, MAX_TICKET_BODY_BYTES).await?;
    let answer = gateway
        .acceptor
        .accept(&account, &bytes, &gateway.profile.roles, Transport::Http)
        .await?;
    Ok(respond(&answer))
}

fn respond(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.verdict.http_status())
        .unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let body = TicketAnswer {
        verdict: answer.verdict,
        consumed: answer.consumed,
        serial: answer.serial.as_ref().map(ToString::to_string),
        available: answer.available,
    };
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    }
    response
}
