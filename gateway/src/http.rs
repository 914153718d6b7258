//! The two listeners (`gateway.md` 1.9): a thin layer over [`Gateway`].

mod accounts;
mod body;
mod error;
mod info;
mod openapi;
mod status;
mod tickets;
mod token;
mod usage;

pub use openapi::{OPENAPI_ROUTE, openapi};
pub use status::{DiskStatus, MemberStatus, OutboxStatus, RefusalStatus, RegistryStatus, Status};

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use ecash_requests::gateway::routes;
use ecash_service::http::{ClientAddress, Metrics, TokenBuckets, protect};
use tokio::sync::Semaphore;
use tower_http::cors::{Any, CorsLayer};

use crate::config::HttpConfig;
use crate::gateway::Gateway;
use crate::spend_store::{AccountId, SpendStore};

/// `GET`, loopback: how this gateway stands, as JSON.
pub const STATUS_ROUTE: &str = "/v1/status";

/// What the handlers share.
struct App<S> {
    gateway: Arc<Gateway<S>>,
    registrations: TokenBuckets<ClientAddress>,
    infos: TokenBuckets<ClientAddress>,
    balances: TokenBuckets<AccountId>,
    tickets: Semaphore,
}

impl<S> App<S> {
    fn new(gateway: Arc<Gateway<S>>) -> Arc<Self> {
        let limits = &gateway.limits;
        Arc::new(Self {
            registrations: TokenBuckets::new(limits.accounts()),
            infos: TokenBuckets::new(limits.info()),
            balances: TokenBuckets::new(limits.bandwidth()),
            tickets: Semaphore::new(limits.tickets_in_flight.min(Semaphore::MAX_PERMITS)),
            gateway,
        })
    }
}

/// What clients reach.
pub fn public_router<S: SpendStore>(gateway: &Arc<Gateway<S>>, config: &HttpConfig) -> Router {
    let routes = Router::new()
        .route(routes::ACCOUNTS, post(accounts::register::<S>))
        .route(routes::TICKETS, post(tickets::take::<S>))
        .route(routes::BANDWIDTH, get(usage::bandwidth::<S>))
        .route(routes::INFO, get(info::info::<S>))
        .with_state(App::new(Arc::clone(gateway)))
        .route(
            OPENAPI_ROUTE,
            get(async || ([(header::CONTENT_TYPE, "application/json")], openapi())),
        );
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::DATE, header::RETRY_AFTER]);
    let clock = Arc::clone(&gateway.clock);
    error::as_json(protect(
        routes,
        clock,
        config.trusted_proxies.clone(),
        &config.server,
    ))
    .layer(cors)
}

/// What the operator and the data plane reach.
pub fn loopback_router<S: SpendStore>(
    gateway: &Arc<Gateway<S>>,
    config: &HttpConfig,
    metrics: Metrics,
) -> Router {
    let routes = Router::new()
        .route(routes::USAGE, post(usage::usage::<S>))
        .route(STATUS_ROUTE, get(status::status::<S>))
        .with_state(App::new(Arc::clone(gateway)))
        .route(routes::HEALTH, get(async || "ok\n"))
        .route(routes::METRICS, get(async move || metrics.render()));
    let clock = Arc::clone(&gateway.clock);
    let guarded = protect(
        routes,
        clock,
        config.trusted_proxies.clone(),
        &config.server,
    );
    error::as_json(guarded).layer(map_response(without_cors))
}

/// No web page may read from the operator's listener.
async fn without_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        headers.remove(name);
    }
    response
}
