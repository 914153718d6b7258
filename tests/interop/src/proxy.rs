//! An HTTP proxy that the published clients are pointed at by `HTTP_PROXY`. It passes everything on, except that signers
//! fail in a chosen way when they are asked for a share. So every signer stays the real one, and no published line changes.

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Largest body that is passed on.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// The route that fails.
const SHARES: &str = "/v1/ecash/blind-sign";

/// How a signer fails when it is asked for a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers after this long.
    Slow(Duration),
    /// It answers 500 and never sees the request.
    Failing,
    /// It answers with a share that does not verify.
    BadShare,
}

/// Which signers fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The one that is asked first.
    First,
    /// All but the one that is asked first.
    AllButFirst,
}

#[derive(Default)]
struct Plan {
    fault: Option<(Whom, Fault)>,
    first: Option<u16>,
    failed: BTreeSet<u16>,
    asked: BTreeSet<u16>,
}

/// A request as it came: its URL and its body.
type Recorded = (String, Vec<u8>);

/// A running proxy.
#[derive(Clone)]
pub struct Proxy {
    plan: Arc<Mutex<Plan>>,
    last: Arc<Mutex<Option<Recorded>>>,
    client: reqwest::Client,
}

impl Proxy {
    /// Starts a proxy; gives it and its URL.
    pub async fn start() -> (Self, String) {
        let proxy = Self {
            plan: Arc::default(),
            last: Arc::default(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (proxy, url)
    }

    /// From now on these signers fail in this way.
    pub fn fail(&self, whom: Whom, fault: Fault) {
        *self.plan.lock().unwrap() = Plan {
            fault: Some((whom, fault)),
            ..Plan::default()
        };
    }

    /// From now on nobody fails.
    pub fn heal(&self) {
        *self.plan.lock().unwrap() = Plan::default();
    }

    /// How many signers were asked for shares since the last change, and how many of them failed.
    pub fn counts(&self) -> (usize, usize) {
        let plan = self.plan.lock().unwrap();
        (plan.asked.len(), plan.failed.len())
    }

    /// The last request for a share that a signer answered with one: its URL and its body.
    pub fn last_request(&self) -> Option<Recorded> {
        self.last.lock().unwrap().clone()
    }

    /// How the signer at this port fails now, if it does.
    fn fault_of(&self, port: u16) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        plan.asked.insert(port);
        let is_first = *plan.first.get_or_insert(port) == port;
        let (whom, fault) = plan.fault?;
        if is_first == (whom == Whom::First) {
            plan.failed.insert(port);
            return Some(fault);
        }
        None
    }
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let fault = match request.uri().port_u16() {
        Some(port) if request.uri().path() == SHARES => proxy.fault_of(port),
        _ => None,
    };
    match fault {
        Some(Fault::Failing) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::Slow(pause)) => tokio::time::sleep(pause).await,
        Some(Fault::BadShare) | None => {}
    }
    let (status, headers, body) = proxy.send(request).await;
    let body = if fault == Some(Fault::BadShare) && status.is_success() {
        spoilt(&body)
    } else {
        body
    };
    (status, headers, body).into_response()
}

impl Proxy {
    async fn send(&self, request: Request) -> (StatusCode, HeaderMap, Bytes) {
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        for name in [
            header::HOST,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
        ] {
            headers.remove(name);
        }
        let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap();
        let url = parts.uri.to_string();
        let recorded = (parts.uri.path() == SHARES).then(|| (url.clone(), body.to_vec()));
        let answer = self
            .client
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await;
        let Ok(answer) = answer else {
            return (StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::new());
        };
        let status = answer.status();
        if recorded.is_some() && status.is_success() {
            *self.last.lock().unwrap() = recorded;
        }
        let mut headers = answer.headers().clone();
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let body = answer.bytes().await.unwrap_or_default();
        (status, headers, body)
    }
}

/// A share whose second point is its first: it decodes and does not verify.
fn spoilt(body: &[u8]) -> Bytes {
    let mut answer: Value = serde_json::from_slice(body).unwrap();
    let share = &mut answer["blinded_signature"];
    share["c"] = share["h"].clone();
    serde_json::to_vec(&answer).unwrap().into()
}
