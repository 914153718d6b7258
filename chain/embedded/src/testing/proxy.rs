//! A proxy in front of an RPC that loses, delays and garbles on demand.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the proxy does with one JSON-RPC request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The node gets the request; the connection breaks without an answer.
    LoseAnswer,
    /// The node never gets the request; the connection breaks without an answer.
    LoseRequest,
    /// The node does not get the request, the caller is told that it was accepted (code 0). The request is kept until
    /// [`FaultyProxy::deliver_held`], so that a transaction lands late, or never. For `broadcast_tx_sync`.
    Hold,
    /// The request is passed on after this long.
    Delay(Duration),
    /// Neither passed on nor ever answered.
    Stall,
    /// Answered with status 200 and these bytes.
    Answer(Vec<u8>),
    /// Answered with this HTTP status and no body.
    Status(u16),
}

#[derive(Default)]
struct Plan {
    always: HashMap<String, Fault>,
    once: HashMap<String, VecDeque<Fault>>,
    seen: HashMap<String, usize>,
    held: Vec<Bytes>,
}

impl Plan {
    /// Counts a request and says what it meets: first what was planned for one request, then what holds for all.
    fn meet(&mut self, method: &str) -> Option<Fault> {
        *self.seen.entry(method.to_owned()).or_default() += 1;
        for name in [method, ANY] {
            if let Some(fault) = self.once.get_mut(name).and_then(VecDeque::pop_front) {
                return Some(fault);
            }
        }
        [method, ANY]
            .iter()
            .find_map(|name| self.always.get(*name).cloned())
    }
}

const ANY: &str = "*";

struct Shared {
    upstream: String,
    http: reqwest::Client,
    plan: Mutex<Plan>,
}

impl Shared {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass_on(&self, body: Bytes) -> Result<Bytes, reqwest::Error> {
        let request = self
            .http
            .post(&self.upstream)
            .header(header::CONTENT_TYPE.as_str(), "application/json");
        request.body(body).send().await?.bytes().await
    }
}

/// A proxy on a loopback port of its own. Ends when dropped.
pub struct FaultyProxy {
    shared: Arc<Shared>,
    url: String,
    server: JoinHandle<()>,
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FaultyProxy {
    /// Starts in front of `upstream` (`http://127.0.0.1:port`), passing everything on.
    ///
    /// # Errors
    /// The operating system's when no port can be had; another when no HTTP client can be made.
    pub async fn start(upstream: impl Into<String>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        // total: an error means that another provider is there already, which does as well
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(std::io::Error::other)?;
        let shared = Arc::new(Shared {
            upstream: upstream.into(),
            http,
            plan: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let server = tokio::spawn(async move {
            // total: a proxy that cannot go on shows as connections that fail
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            shared,
            url,
            server,
        })
    }

    /// Its own URL, `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// From now on every request of `method` (`"*"`: of any) meets `fault`; `None` ends that.
    pub fn set(&self, method: &str, fault: Option<Fault>) {
        let mut plan = self.shared.plan();
        match fault {
            Some(fault) => plan.always.insert(method.to_owned(), fault),
            None => plan.always.remove(method),
        };
    }

    /// The next request of `method` meets `fault`; several are taken in order.
    pub fn once(&self, method: &str, fault: Fault) {
        self.shared
            .plan()
            .once
            .entry(method.to_owned())
            .or_default()
            .push_back(fault);
    }

    /// How many requests of `method` have come in.
    pub fn seen(&self, method: &str) -> usize {
        self.shared
            .plan()
            .seen
            .get(method)
            .copied()
            .unwrap_or_default()
    }

    /// How many requests [`Fault::Hold`] has kept.
    pub fn held(&self) -> usize {
        self.shared.plan().held.len()
    }

    /// Passes on what [`Fault::Hold`] kept, in order, and returns the node's answers.
    ///
    /// # Errors
    /// The first request that the node did not answer.
    pub async fn deliver_held(&self) -> Result<Vec<String>, String> {
        let held = std::mem::take(&mut self.shared.plan().held);
        let mut answers = Vec::with_capacity(held.len());
        for body in held {
            let answer = self.shared.pass_on(body).await.map_err(|e| e.to_string())?;
            answers.push(String::from_utf8_lossy(&answer).into_owned());
        }
        Ok(answers)
    }
}

async fn handle(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let method = request
        .get("method")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let fault = shared.plan().meet(&method);
    match fault {
        None => forward(&shared, body).await,
        Some(Fault::Delay(pause)) => {
            tokio::time::sleep(pause).await;
            forward(&shared, body).await
        }
        Some(Fault::LoseAnswer) => {
            // total: whether the node answered does not matter to a caller who will not hear it
            let _ = shared.pass_on(body).await;
            broken()
        }
        Some(Fault::LoseRequest) => broken(),
        Some(Fault::Hold) => {
            shared.plan().held.push(body);
            json_answer(accepted(&request).to_string().into_bytes())
        }
        Some(Fault::Stall) => std::future::pending().await,
        Some(Fault::Answer(bytes)) => json_answer(bytes),
        Some(Fault::Status(status)) => StatusCode::from_u16(status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            .into_response(),
    }
}

async fn forward(shared: &Shared, body: Bytes) -> Response {
    match shared.pass_on(body).await {
        Ok(answer) => json_answer(answer),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn json_answer(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

/// An answer whose body breaks off, which closes the connection.
fn broken() -> Response {
    let error = std::io::Error::new(
        std::io::ErrorKind::ConnectionAborted,
        "the proxy loses this answer",
    );
    Response::new(Body::from_stream(futures::stream::once(async {
        Err::<Bytes, _>(error)
    })))
}

/// What `broadcast_tx_sync` answers about a transaction it takes.
fn accepted(request: &Value) -> Value {
    let tx = request
        .pointer("/params/tx")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let hash = Sha256::digest(BASE64.decode(tx).unwrap_or_default());
    let result =
        json!({"code": 0, "data": "", "log": "", "codespace": "", "hash": hex::encode_upper(hash)});
    json!({"jsonrpc": "2.0", "id": request.get("id"), "result": result})
}
