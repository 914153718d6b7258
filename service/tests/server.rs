//! What strangers can make a server hold is bounded, and what they get back has one form.

#![cfg(feature = "http")]
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Json;
use axum::routing::{get, post};
use ecash_service::clock::{ManualClock, UnixTime};
use ecash_service::http::{
    ClientAddress, HttpError, Metrics, ServerLimits, TrustedProxies, bind, protect, serve,
};
use ecash_service::shutdown::{Shutdown, ShutdownTrigger};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

struct Server {
    address: SocketAddr,
    stop: ShutdownTrigger,
    task: JoinHandle<()>,
}

async fn start(routes: Router, limits: ServerLimits) -> Server {
    let clock = ManualClock::at(UnixTime::from_secs(784_111_777)).shared();
    let proxies = TrustedProxies(vec!["127.0.0.1".parse().unwrap()]);
    let router = protect(routes, clock, proxies, &limits);
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, shutdown) = Shutdown::new();
    let task = tokio::spawn(async move { serve(listener, router, &limits, shutdown).await });
    Server {
        address,
        stop,
        task,
    }
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn every_answer_carries_the_time_of_the_servers_clock_and_errors_are_plain_text() {
    let routes = Router::new()
        .route("/good", get(|| async { "good" }))
        .route(
            "/bad",
            get(|| async { HttpError::bad_request("no, because of 7") }),
        )
        .route("/panic", get(async || -> &'static str { panic!("a bug") }))
        .route(
            "/json",
            post(|Json(number): Json<u32>| async move { number.to_string() }),
        );
    let server = start(routes, ServerLimits::default()).await;
    for (path, status, text) in [
        ("/good", "200 OK", "good"),
        ("/bad", "400 Bad Request", "no, because of 7"),
        ("/panic", "500 Internal Server Error", "the log"),
        ("/nothing", "404 Not Found", "no route GET /nothing"),
        ("/json", "405 Method Not Allowed", "GET"),
    ] {
        let answer = exchange(server.address, &request(path)).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(
            answer.contains("date: Sun, 06 Nov 1994 08:49:37 GMT"),
            "{answer}"
        );
        assert_eq!(answer.matches("date:").count(), 1, "{answer}");
        assert!(answer.contains(text), "{answer}");
        assert!(!answer.contains("a bug"), "{answer}");
    }
    server.stop.request();
    server.task.await.unwrap();
}

#[tokio::test]
async fn requests_beyond_the_bound_are_answered_503_and_the_others_end() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, go_on) = (Arc::clone(&entered), Arc::clone(&release));
    let routes = Router::new().route(
        "/",
        get(move || async move {
            inside.notify_one();
            go_on.notified().await;
            "done"
        }),
    );
    let limits = ServerLimits {
        max_requests: 1,
        ..ServerLimits::default()
    };
    let server = start(routes, limits).await;
    let address = server.address;
    let first = tokio::spawn(async move { exchange(address, &request("/")).await });
    entered.notified().await;
    let second = exchange(address, &request("/")).await;
    assert!(
        second.starts_with("HTTP/1.1 503") && second.contains("retry-after: 1"),
        "{second}"
    );
    server.stop.request();
    release.notify_one();
    assert!(
        first.await.unwrap().ends_with("done"),
        "a request in progress ends within the grace period"
    );
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_503() {
    let routes = Router::new().route(
        "/",
        get(|| async { std::future::pending::<&'static str>().await }),
    );
    let limits = ServerLimits {
        request_timeout_ms: 20,
        ..ServerLimits::default()
    };
    let server = start(routes, limits).await;
    let answer = exchange(server.address, &request("/")).await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("too long"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_head_that_never_ends_and_a_connection_that_says_nothing_are_closed() {
    let limits = ServerLimits {
        header_timeout_ms: 50,
        ..ServerLimits::default()
    };
    let server = start(Router::new(), limits).await;
    for start in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let closed =
            tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(closed.is_ok(), "the server kept the connection open");
    }
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_for_a_place() {
    let routes = Router::new().route("/", get(|| async { "good" }));
    let limits = ServerLimits {
        max_connections: 1,
        header_timeout_ms: 60_000,
        ..ServerLimits::default()
    };
    let server = start(routes, limits).await;
    let mut held = TcpStream::connect(server.address).await.unwrap();
    held.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 15];
    held.read_exact(&mut first).await.unwrap();
    let address = server.address;
    let waiting = tokio::spawn(async move { exchange(address, &request("/")).await });
    drop(held);
    assert!(waiting.await.unwrap().ends_with("good"));
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let routes = Router::new().route(
        "/",
        post(|body: String| async move { body.len().to_string() }),
    );
    let limits = ServerLimits {
        default_body_bytes: 10,
        ..ServerLimits::default()
    };
    let server = start(routes, limits).await;
    let send = |length: usize| {
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{}",
            "x".repeat(length)
        )
    };
    assert!(exchange(server.address, &send(10)).await.ends_with("10"));
    assert!(
        exchange(server.address, &send(11))
            .await
            .starts_with("HTTP/1.1 413")
    );
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_the_one_it_names_and_requests_are_counted() {
    let metrics = Metrics::install().unwrap();
    let routes = Router::new().route(
        "/who/{id}",
        get(|client: ClientAddress| async move { client.to_string() }),
    );
    let server = start(routes, ServerLimits::default()).await;
    let named = "GET /who/1 HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1, 192.0.2.7\r\nConnection: close\r\n\r\n";
    assert!(exchange(server.address, named).await.ends_with("192.0.2.7"));
    exchange(server.address, &request("/who/2")).await;
    let text = metrics.render();
    assert!(
        text.contains("http_requests_total{method=\"GET\",route=\"/who/{id}\",status=\"200\"} 2"),
        "{text}"
    );
    assert!(
        !text.contains("/who/1"),
        "paths chosen by strangers make no series"
    );
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = bind(taken.local_addr().unwrap()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&taken.local_addr().unwrap().to_string()),
        "{error}"
    );
}
