//! HTTP under limits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use super::methods;
use super::request::{Request, RpcError};
use crate::chain::{EmbeddedChain, WeakChain};
use crate::error::ChainError;

/// Longest body of a request.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Most requests in one body.
pub const MAX_BATCH: usize = 20;
/// Most requests that are worked on at a time; further ones get 503.
pub const MAX_CONCURRENT: usize = 256;
/// Longest pause between two pieces of a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time until an answer; above the time that `broadcast_tx_commit` waits.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long open connections may take to finish after the chain was told to stop.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Methods that change nothing.
const READ_METHODS: [&str; 6] = ["health", "status", "abci_info", "abci_query", "block", "tx"];

/// What every request needs.
#[derive(Clone)]
struct Served {
    chain: WeakChain,
    permits: Arc<Semaphore>,
}

/// Serves until `stopped` shows true, and then for at most the grace period.
pub(crate) async fn serve(
    chain: EmbeddedChain,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> Result<(), ChainError> {
    let address = listener
        .local_addr()
        .map_or_else(|_| "unknown address".to_owned(), |a| a.to_string());
    let router = Router::new()
        .route("/", post(answer).get(greet))
        .route("/{method}", get(answer_uri))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .with_state(Served {
            chain: chain.downgrade(),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        });
    let mut told = stopped.clone();
    let graceful = async move {
        // total: an error means that nobody can tell any more, which is the same as being told
        let _ = told.wait_for(|stopped| *stopped).await;
    };
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(graceful)
        .into_future();
    let mut late = stopped;
    let deadline = async move {
        let _ = late.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        served = server => served.map_err(|source| ChainError::Listen { address, source }),
        () = deadline => Ok(()),
    }
}

async fn greet() -> &'static str {
    "JSON-RPC of an embedded chain: POST requests to /, or GET /status and the like\n"
}

/// A request as a URI, for people with a browser: `/block?height=3`, texts in double quotes or not, bytes as `0x…`.
/// Transactions come by POST only.
async fn answer_uri(
    State(served): State<Served>,
    Path(method): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if !READ_METHODS.contains(&method.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (Ok(_permit), Some(chain)) = (served.permits.try_acquire(), served.chain.upgrade()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let params: Map<String, Value> = query
        .into_iter()
        .map(|(name, value)| (name, value.trim_matches('"').into()))
        .collect();
    let request =
        serde_json::json!({"jsonrpc": "2.0", "id": -1, "method": method, "params": params});
    json_response(StatusCode::OK, &one(&chain, request).await)
}

fn json_response(status: StatusCode, answer: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        answer.to_string(),
    )
        .into_response()
}

async fn answer(State(served): State<Served>, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let (Ok(_permit), Some(chain)) = (served.permits.try_acquire(), served.chain.upgrade()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (status, answer) = match serde_json::from_slice(&body) {
        Ok(Value::Array(requests)) => batch(&chain, requests).await,
        Ok(request) => (StatusCode::OK, one(&chain, request).await),
        Err(error) => {
            let error = RpcError::parse(format!("error unmarshaling request: {error}"));
            (StatusCode::BAD_REQUEST, error.answer(&Value::Null))
        }
    };
    json_response(status, &answer)
}

async fn batch(chain: &EmbeddedChain, requests: Vec<Value>) -> (StatusCode, Value) {
    if requests.is_empty() || requests.len() > MAX_BATCH {
        let error = RpcError::invalid_request(format!(
            "{} requests, expected 1 to {MAX_BATCH}",
            requests.len()
        ));
        return (StatusCode::BAD_REQUEST, error.answer(&Value::Null));
    }
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        answers.push(one(chain, request).await);
    }
    (StatusCode::OK, Value::Array(answers))
}

async fn one(chain: &EmbeddedChain, request: Value) -> Value {
    match Request::parse(request) {
        Ok(request) => {
            let id = request.id.clone();
            match methods::call(chain, request).await {
                Ok(result) => serde_json::json!({"jsonrpc": "2.0", "id": id, "result": result}),
                Err(error) => error.answer(&id),
            }
        }
        Err((id, error)) => error.answer(&id),
    }
}
