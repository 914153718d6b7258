//! The layers around every route of every server.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};

use super::client::TrustedProxies;
use super::error::HttpError;
use super::rate::RetryAfter;
use super::{date, metrics};
use crate::clock::SharedClock;

/// What one server holds and how long it waits, for all clients together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerLimits {
    /// Open connections; more wait in the backlog of the system.
    pub max_connections: usize,
    /// Requests in progress; more are answered 503.
    pub max_requests: usize,
    /// Time for a request, its body included, in milliseconds; then 503.
    pub request_timeout_ms: u64,
    /// Time for the head of a request, and for an idle connection, in milliseconds.
    pub header_timeout_ms: u64,
    /// Time for requests in progress when the server stops, in milliseconds.
    pub shutdown_grace_ms: u64,
    /// Body of a route that names no limit of its own, in bytes; then 413.
    pub default_body_bytes: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_requests: 1024,
            request_timeout_ms: 30_000,
            header_timeout_ms: 10_000,
            shutdown_grace_ms: 10_000,
            default_body_bytes: 16 * 1024,
        }
    }
}

#[derive(Clone)]
struct Guard {
    clock: SharedClock,
    places: Arc<Semaphore>,
    timeout: Duration,
    proxies: TrustedProxies,
}

/// Wraps `routes`: every answer carries `Date` from `clock`; requests beyond the limits are answered 503, bodies beyond
/// theirs 413, panics 500; any origin may call (GET and POST, no credentials); everything is counted.
///
/// A route with a body limit of its own adds `axum::extract::DefaultBodyLimit::max(bytes)` before it comes here.
pub fn protect(
    routes: Router,
    clock: SharedClock,
    proxies: TrustedProxies,
    limits: &ServerLimits,
) -> Router {
    let guard = Guard {
        clock,
        places: Arc::new(Semaphore::new(limits.max_requests)),
        timeout: Duration::from_millis(limits.request_timeout_ms),
        proxies,
    };
    routes
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(limits.default_body_bytes))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(guard.clone(), bound))
        .layer(
            CorsLayer::new()
                .allow_origin(AnyOrigin)
                .allow_methods([Method::GET, Method::POST])
                .allow_headers(AnyOrigin)
                .expose_headers([
                    HeaderName::from_static("date"),
                    HeaderName::from_static("retry-after"),
                ]),
        )
        .layer(from_fn(metrics::observe))
        .layer(from_fn_with_state(guard, stamp))
}

async fn bound(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let Ok(_place) = guard.places.try_acquire() else {
        return HttpError::unavailable("overloaded; try again", RetryAfter::from_secs(1))
            .into_response();
    };
    request.extensions_mut().insert(guard.proxies.clone());
    match tokio::time::timeout(guard.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpError::unavailable("this took too long; try again", RetryAfter::from_secs(5))
            .into_response(),
    }
}

async fn stamp(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    date::stamp(&mut response, guard.clock.now());
    response
}

async fn no_such_route(request: Request) -> HttpError {
    HttpError::new(
        StatusCode::NOT_FOUND,
        format!(
            "there is no route {} {}",
            request.method(),
            request.uri().path()
        ),
    )
}

async fn method_not_allowed(request: Request) -> HttpError {
    HttpError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!(
            "{} does not answer {}",
            request.uri().path(),
            request.method()
        ),
    )
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message");
    tracing::error!(panic = text, "a handler panicked");
    HttpError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal error; the operator finds the cause in the log",
    )
    .into_response()
}
