//! The clients against servers that answer well, badly, too much, slowly, or never.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use ecash_requests::bytes::Base58;
use ecash_requests::gateway::{
    AccountBody, AccountToken, GatewayClient, GatewayInfo, TicketAnswer, UsageOutcome, Verdict,
};
use ecash_requests::http::{HttpClient, HttpOptions, TargetPolicy};
use ecash_requests::quorum::{BlindSignRequestBody, BlindSignResponse, QuorumClient};
use ecash_requests::{RequestsError, ShortText};
use ecash_ticketbook::{EpochId, UnixTime};
use rand::SeedableRng;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn http() -> HttpClient {
    HttpClient::new(HttpOptions::default()).unwrap()
}

fn impatient() -> HttpClient {
    HttpClient::new(HttpOptions {
        call_timeout: Duration::from_millis(200),
        ..HttpOptions::default()
    })
    .unwrap()
}

/// Serves a router on a port of the system's choice; gives its URL.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Reads one request's head on each connection, then writes `answer` and, unless `closes`, leaves the connection open.
async fn serve_raw(answer: Vec<u8>, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                if stream.read_buf(&mut head).await.unwrap() == 0 {
                    break;
                }
            }
            stream.write_all(&answer).await.unwrap();
            if !closes {
                open.push(stream);
            }
        }
    });
    url
}

fn signer(url: &str) -> QuorumClient {
    QuorumClient::new(http(), url).unwrap()
}

fn token() -> AccountToken {
    AccountToken::generate(&mut rand::rngs::StdRng::seed_from_u64(1))
}

#[tokio::test]
async fn a_share_comes_back_from_below_the_path_prefix_of_the_announced_url() {
    let answer = BlindSignResponse::Clear {
        blinded_signature: share(&vectors()),
        attestation: None,
    };
    let served = answer.clone();
    let handler = |request: Request| async move {
        assert_eq!(
            request.uri().to_string(),
            "/api/v1/ecash/blind-sign?epoch_id=7"
        );
        let bytes = axum::body::to_bytes(request.into_body(), 16 * 1024)
            .await
            .unwrap();
        assert_eq!(
            serde_json::from_slice::<BlindSignRequestBody>(&bytes).unwrap(),
            body(&vectors())
        );
        (
            [(header::DATE, "Sun, 07 Dec 2025 00:00:00 GMT")],
            Json(served),
        )
    };
    let url = serve(Router::new().route("/api/v1/ecash/blind-sign", post(handler))).await;
    for base in [
        format!("{url}/api"),
        format!("{url}/api/"),
        format!("{url}/api/?key=1#part"),
    ] {
        let answered = signer(&base)
            .blind_sign(Some(EpochId(7)), &body(&vectors()))
            .await
            .unwrap();
        assert_eq!(answered.value, answer);
        assert_eq!(answered.date, Some(UnixTime(1_765_065_600)));
    }
}

#[tokio::test]
async fn a_refusal_carries_status_text_pause_and_clock() {
    let handler = || async {
        let headers = [
            (header::RETRY_AFTER, "7"),
            (header::DATE, "Sun, 07 Dec 2025 00:00:00 GMT"),
        ];
        (
            StatusCode::SERVICE_UNAVAILABLE,
            headers,
            "no issuing\u{1b}[31m epoch",
        )
    };
    let url = serve(Router::new().route("/v1/ecash/signer-status", get(handler))).await;
    let refused = signer(&url).signer_status().await.unwrap_err();
    assert!(refused.is_transient());
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(7)));
    let RequestsError::Refused {
        status, text, date, ..
    } = refused
    else {
        panic!("{refused}")
    };
    assert_eq!(
        (status, text.as_str(), date),
        (503, "no issuing[31m epoch", Some(UnixTime(1_765_065_600)))
    );
}

#[tokio::test]
async fn the_text_of_a_refusal_is_kept_up_to_a_kibibyte() {
    let handler = || async { (StatusCode::BAD_REQUEST, "ä".repeat(4000)) };
    let url = serve(Router::new().route("/v1/ecash/signer-status", get(handler))).await;
    let refused = signer(&url).signer_status().await.unwrap_err();
    assert!(!refused.is_transient());
    let RequestsError::Refused { text, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(text, "ä".repeat(512));
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused_whether_its_length_is_announced_or_not() {
    let endless = || async {
        let chunks = futures::stream::repeat_with(|| {
            Ok::<_, std::convert::Infallible>(Bytes::from_static(&[b' '; 4096]))
        });
        Body::from_stream(chunks)
    };
    let router = Router::new()
        .route(
            "/v1/api-status/health",
            get(|| async { " ".repeat(65 * 1024) }),
        )
        .route("/v1/ecash/signer-status", get(endless));
    let client = signer(&serve(router).await);
    for refused in [
        client.health().await.unwrap_err(),
        client.signer_status().await.unwrap_err(),
    ] {
        assert!(
            matches!(
                refused,
                RequestsError::AnswerTooLong {
                    limit_bytes: 65_536,
                    ..
                }
            ),
            "{refused}"
        );
        assert!(!refused.is_transient());
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&visits);
    let elsewhere = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { "{}" }
    });
    let elsewhere = serve(elsewhere).await;
    let router = Router::new().fallback(move || async move { Redirect::temporary(&elsewhere) });
    let refused = signer(&serve(router).await).health().await.unwrap_err();
    assert!(
        matches!(refused, RequestsError::Refused { status: 307, .. }),
        "{refused}"
    );
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_never_answers_or_never_ends_times_out() {
    let silent = serve_raw(Vec::new(), false).await;
    let unfinished = serve_raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec(),
        false,
    )
    .await;
    for url in [silent, unfinished] {
        let refused = QuorumClient::new(impatient(), &url)
            .unwrap()
            .health()
            .await
            .unwrap_err();
        assert!(
            matches!(refused, RequestsError::TimedOut { .. }),
            "{refused}"
        );
        assert!(refused.is_transient());
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_or_breaks_off_is_told_apart() {
    let garbage = serve_raw(b"\x16\x03\x01\x00garbage\r\n\r\n".to_vec(), true).await;
    let cut = serve_raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec(),
        true,
    )
    .await;
    let empty = serve_raw(Vec::new(), true).await;
    for url in [garbage, cut, empty] {
        let refused = signer(&url).health().await.unwrap_err();
        assert!(matches!(refused, RequestsError::Broken { .. }), "{refused}");
        assert!(refused.is_transient());
    }
}

#[tokio::test]
async fn nobody_listening_is_told_apart_from_a_request_that_may_have_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = signer(&url).health().await.unwrap_err();
    assert!(
        matches!(refused, RequestsError::Unreachable { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_success_that_does_not_decode_is_an_error() {
    for text in ["", "null", "[]", "{\"status\":\"down\"}", "<html>"] {
        let url = serve(Router::new().fallback(move || async move { text })).await;
        let refused = signer(&url).health().await.unwrap_err();
        assert!(
            matches!(refused, RequestsError::NotUnderstood { .. }),
            "{text:?}: {refused}"
        );
    }
}

#[tokio::test]
async fn urls_that_announce_no_server_are_refused() {
    for url in [
        "",
        "signer",
        "/v1",
        "ftp://host/",
        "file:///etc/passwd",
        "http://user@host/",
        "http://a:b@host/",
        "http://",
    ] {
        let refused = QuorumClient::new(http(), url).err();
        assert!(
            matches!(refused, Some(RequestsError::Url { .. })),
            "{url:?}"
        );
    }
}

#[tokio::test]
async fn private_addresses_are_not_called_where_only_public_ones_may_be() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&visits);
    let router = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { "{}" }
    });
    let url = serve(router).await;
    let public = HttpClient::new(HttpOptions {
        targets: TargetPolicy::Public,
        ..HttpOptions::default()
    })
    .unwrap();
    let literal = QuorumClient::new(public.clone(), &url)
        .unwrap()
        .health()
        .await
        .unwrap_err();
    assert!(matches!(literal, RequestsError::Url { .. }), "{literal}");
    let name = url.replace("127.0.0.1", "localhost");
    let named = QuorumClient::new(public, &name)
        .unwrap()
        .health()
        .await
        .unwrap_err();
    assert!(
        matches!(named, RequestsError::Unreachable { .. }),
        "{named}"
    );
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_info_is_asked_for_under_a_fresh_nonce_and_checked() {
    let handler = |request: Request| async move {
        let nonce = request
            .uri()
            .query()
            .unwrap()
            .strip_prefix("nonce=")
            .unwrap()
            .parse()
            .unwrap();
        Json(GatewayInfo::sign(
            &gateway_key(),
            &network(),
            ShortText::new("n1gw1").unwrap(),
            vec![],
            vec![EPOCH],
            TIME,
            nonce,
        ))
    };
    let client = GatewayClient::new(
        http(),
        &serve(Router::new().route("/v1/info", get(handler))).await,
    )
    .unwrap();
    let mut rng = rand::rngs::StdRng::seed_from_u64(5);
    let (key, first) = client.info(&network(), &mut rng).await.unwrap().value;
    let (_, second) = client.info(&network(), &mut rng).await.unwrap().value;
    assert_eq!(key, gateway_key().public());
    assert_ne!(first.nonce, second.nonce);
}

#[tokio::test]
async fn an_old_info_is_refused() {
    let old = Base58([1; 32]);
    let info = GatewayInfo::sign(
        &gateway_key(),
        &network(),
        ShortText::new("n1gw1").unwrap(),
        vec![],
        vec![],
        TIME,
        old,
    );
    let url = serve(Router::new().fallback(move || async move { Json(info) })).await;
    let client = GatewayClient::new(http(), &url).unwrap();
    let refused = client
        .info(&network(), &mut rand::rngs::StdRng::seed_from_u64(6))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, RequestsError::Unexpected { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn every_verdict_is_an_answer_whatever_its_status() {
    for verdict in Verdict::ALL {
        let answer = TicketAnswer {
            verdict,
            consumed: verdict.consumed(),
            serial: None,
            available: 1,
        };
        let served = answer.clone();
        let handler = move |headers: HeaderMap, bytes: Bytes| async move {
            assert_eq!(
                headers[header::AUTHORIZATION],
                format!("Bearer {}", *token().to_base58())
            );
            assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream");
            assert_eq!(bytes.len(), 1278);
            (
                StatusCode::from_u16(verdict.http_status()).unwrap(),
                [(header::RETRY_AFTER, "3")],
                Json(served),
            )
        };
        let url = serve(Router::new().route("/v1/tickets", post(handler))).await;
        let client = GatewayClient::new(http(), &url).unwrap();
        let verdict = client
            .send_ticket(&token(), &[7; 1278])
            .await
            .unwrap()
            .value;
        assert_eq!(verdict.answer, answer);
        assert_eq!(verdict.retry_after, Some(Duration::from_secs(3)));
    }
}

#[tokio::test]
async fn a_verdict_under_another_status_is_no_verdict() {
    let verdict = Verdict::Accepted;
    let answer = TicketAnswer {
        verdict,
        consumed: verdict.consumed(),
        serial: None,
        available: 1,
    };
    let url = serve(
        Router::new().fallback(move || async move { (StatusCode::BAD_GATEWAY, Json(answer)) }),
    )
    .await;
    let refused = GatewayClient::new(http(), &url)
        .unwrap()
        .send_ticket(&token(), &[7; 1278])
        .await
        .unwrap_err();
    assert!(
        matches!(refused, RequestsError::Refused { status: 502, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn an_error_that_is_no_verdict_shows_the_text_inside() {
    let handler = || async {
        (
            StatusCode::UNAUTHORIZED,
            Json(json!({"error": "unknown token"})),
        )
            .into_response()
    };
    let client = GatewayClient::new(http(), &serve(Router::new().fallback(handler)).await).unwrap();
    let refusals = [
        client.send_ticket(&token(), &[7; 1278]).await.unwrap_err(),
        client.bandwidth(&token()).await.unwrap_err(),
        client.report_usage(&token(), 1).await.unwrap_err(),
        client
            .create_account(&AccountBody::sign(
                &secret(3),
                &gateway_key().public(),
                TIME,
            ))
            .await
            .unwrap_err(),
    ];
    for refused in refusals {
        let RequestsError::Refused { status, text, .. } = &refused else {
            panic!("{refused}")
        };
        assert_eq!((*status, text.as_str()), (401, "unknown token"));
        assert!(!refused.to_string().contains(&*token().to_base58()));
    }
}

#[tokio::test]
async fn use_of_bandwidth_is_subtracted_or_not_covered() {
    for (status, expected) in [
        (StatusCode::OK, UsageOutcome::Subtracted { available: 5 }),
        (
            StatusCode::PAYMENT_REQUIRED,
            UsageOutcome::Insufficient { available: 5 },
        ),
    ] {
        let handler = move |Json(body): Json<serde_json::Value>| async move {
            assert_eq!(body, json!({"bytes": 9}));
            (status, Json(json!({"available": 5})))
        };
        let url = serve(Router::new().route("/v1/usage", post(handler))).await;
        assert_eq!(
            GatewayClient::new(http(), &url)
                .unwrap()
                .report_usage(&token(), 9)
                .await
                .unwrap(),
            expected
        );
    }
}
