//! The two listeners: accounts, limits, errors, info, metering (`gateway.md` 1.9).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use ecash_requests::bytes::Base58;
use ecash_requests::gateway::{
    AccountToken, BandwidthResponse, ErrorBody, GatewayInfo, UsageBody, UsageResponse, Verdict,
};
use ecash_service::clock::{Clock as _, UnixTime};
use nym_gateway::config::Limits;
use nym_gateway::http::Status;
use nym_gateway::meter::expiry_of_grant;
use support::*;

fn error_of(answer: &Answered) -> String {
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.json::<ErrorBody>().error
}

async fn world() -> (tempfile::TempDir, World) {
    let home = private_home();
    let world = World::new(home.path()).await;
    (home, world)
}

async fn use_bytes(world: &World, token: &AccountToken, bytes: u64) -> (StatusCode, i64) {
    let body = serde_json::to_vec(&UsageBody { bytes }).unwrap();
    let answer = call(
        &world.loopback,
        post("/v1/usage", Some(token), "application/json", body),
    )
    .await;
    (answer.status, answer.json::<UsageResponse>().available)
}

#[tokio::test]
async fn a_new_registration_replaces_the_token_and_keeps_the_balance() {
    let (_home, world) = world().await;
    let first = world.client(1).await;
    world.send(&first, &world.ticket()).await;
    world.clock.advance_secs(1);
    let second = world.client(1).await;
    assert_eq!(world.available(&second).await, GRANT);
    let answer = call(&world.public, get("/v1/bandwidth", Some(&first))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(error_of(&answer).contains("register again"));
}

#[tokio::test]
async fn a_copied_old_or_forged_registration_yields_no_token() {
    let (_home, world) = world().await;
    let now = NOON.as_secs();
    let good = world.registration(1, now);
    assert_eq!(world.register(&good).await.0, StatusCode::CREATED);
    assert_eq!(world.register(&good).await.0, StatusCode::CONFLICT);
    assert_eq!(
        world.register(&world.registration(1, now - 1)).await.0,
        StatusCode::CONFLICT
    );
    for time in [now - 121, now + 121, 0, u64::MAX] {
        assert_eq!(
            world.register(&world.registration(2, time)).await.0,
            StatusCode::UNAUTHORIZED,
            "{time}"
        );
    }
    let mut forged = world.registration(2, now);
    forged.client_key = world.registration(3, now).client_key;
    assert_eq!(world.register(&forged).await.0, StatusCode::UNAUTHORIZED);
    for key in [
        [0; 32],
        [0xff; 32],
        Base58::<32>::from({
            let mut identity = [0; 32];
            identity[0] = 1;
            identity
        })
        .0,
    ] {
        let mut weak = world.registration(2, now);
        weak.client_key = Base58(key);
        let (status, _) = world.register(&weak).await;
        assert!(
            matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED),
            "{status}"
        );
    }
    assert_eq!(world.gateway.accounts.len(), 1);
}

#[tokio::test]
async fn bodies_that_are_not_what_a_route_takes_get_a_typed_error_and_change_nothing() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    for body in ["", "{", "[]", "{}", "{\"client_key\":1}", "\u{0}", "null"] {
        let answer = call(
            &world.public,
            post("/v1/accounts", None, "application/json", body),
        )
        .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        error_of(&answer);
        let answer = call(
            &world.loopback,
            post("/v1/usage", Some(&token), "application/json", body),
        )
        .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    for bytes in ["-1", "1.5", "18446744073709551616", "\"1\""] {
        let body = format!("{{\"bytes\":{bytes}}}");
        let answer = call(
            &world.loopback,
            post("/v1/usage", Some(&token), "application/json", body),
        )
        .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bytes}");
    }
    for content_type in [
        "",
        "text/plain",
        "application/json",
        "application/octet-streams",
    ] {
        let answer = call(
            &world.public,
            post("/v1/tickets", Some(&token), content_type, world.ticket()),
        )
        .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
        error_of(&answer);
    }
    let answer = call(
        &world.public,
        post("/v1/accounts", None, "text/plain", "{}"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for path in ["/", "/v1", "/v1/usage", "/metrics", "/health", "/v1/status"] {
        let answer = call(&world.public, get(path, None)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} is not public");
        error_of(&answer);
    }
    assert_eq!(
        call(&world.public, get("/v1/tickets", Some(&token)))
            .await
            .status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
}

#[tokio::test]
async fn without_a_known_token_nothing_is_read() {
    let (_home, world) = world().await;
    let unknown = AccountToken::generate(&mut rand::rngs::OsRng);
    for token in [None, Some(&unknown)] {
        let ticket = post(
            "/v1/tickets",
            token,
            "application/octet-stream",
            world.ticket(),
        );
        for (router, request) in [
            (&world.public, ticket),
            (&world.public, get("/v1/bandwidth", token)),
            (
                &world.loopback,
                post("/v1/usage", token, "application/json", "{\"bytes\":1}"),
            ),
        ] {
            let answer = call(router, request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            error_of(&answer);
        }
    }
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer 0OIl",
        "Bearer abc",
        "bearer abc",
    ] {
        let request = Request::builder()
            .uri("/v1/bandwidth")
            .header("authorization", value)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            call(&world.public, request).await.status,
            StatusCode::UNAUTHORIZED,
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_body_above_its_limit_is_refused_after_at_most_64_kib_more() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    for (router, path, token, content_type, limit) in [
        (
            &world.public,
            "/v1/tickets",
            Some(&token),
            "application/octet-stream",
            16 * 1024,
        ),
        (
            &world.public,
            "/v1/accounts",
            None,
            "application/json",
            4 * 1024,
        ),
        (
            &world.loopback,
            "/v1/usage",
            Some(&token),
            "application/json",
            4 * 1024,
        ),
    ] {
        let pulled = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&pulled);
        let endless = futures::stream::repeat_with(move || {
            counter.fetch_add(1024, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024]))
        });
        let answer = call(
            router,
            post(path, token, content_type, Body::from_stream(endless)),
        )
        .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        error_of(&answer);
        assert!(
            pulled.load(Ordering::Relaxed) <= limit + 64 * 1024,
            "{path}"
        );
        let exact = call(router, post(path, token, content_type, vec![b' '; limit])).await;
        assert_eq!(exact.status, StatusCode::BAD_REQUEST, "{path}");
        let one_more = call(
            router,
            post(path, token, content_type, vec![b' '; limit + 1]),
        )
        .await;
        assert_eq!(one_more.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn the_info_is_signed_over_the_callers_nonce() {
    let (_home, world) = world().await;
    let nonce = Base58([9; 32]);
    let answer = call(&world.public, get(&format!("/v1/info?nonce={nonce}"), None)).await;
    let info: GatewayInfo = answer.json();
    assert_eq!(
        info.check(&network(), &nonce).unwrap().as_bytes(),
        &world.key()
    );
    assert_eq!(
        (info.time.get(), info.account.as_str()),
        (NOON.as_secs(), "n1gw1")
    );
    assert_eq!(
        (info.roles.as_slice(), info.epochs.as_slice()),
        ([TYPE].as_slice(), [EPOCH].as_slice())
    );
    assert!(info.check(&network(), &Base58([8; 32])).is_err());
    let text = String::from_utf8(answer.body).unwrap();
    let fields = [
        "version",
        "chain_id",
        "ecash_contract",
        "identity_key",
        "account",
        "roles",
        "epochs",
        "time",
        "nonce",
        "signature",
    ];
    let places: Vec<_> = fields
        .iter()
        .map(|field| text.find(&format!("\"{field}\":")).unwrap())
        .collect();
    assert!(
        places.is_sorted(),
        "fields in the order of the specification"
    );
    for query in ["", "?nonce=", "?nonce=abc", "?nonce=0", "?other=1"] {
        let answer = call(&world.public, get(&format!("/v1/info{query}"), None)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        error_of(&answer);
    }
}

#[tokio::test]
async fn the_data_plane_uses_up_a_balance_and_not_more() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    assert_eq!(
        use_bytes(&world, &token, 1).await,
        (StatusCode::PAYMENT_REQUIRED, 0)
    );
    world.send(&token, &world.ticket()).await;
    assert_eq!(
        use_bytes(&world, &token, 200_000_000).await,
        (StatusCode::OK, 300_000_000)
    );
    assert_eq!(
        use_bytes(&world, &token, 300_000_001).await,
        (StatusCode::PAYMENT_REQUIRED, 300_000_000)
    );
    assert_eq!(
        use_bytes(&world, &token, u64::MAX).await,
        (StatusCode::PAYMENT_REQUIRED, 300_000_000)
    );
    assert_eq!(
        use_bytes(&world, &token, 300_000_000).await,
        (StatusCode::OK, 0)
    );
    world.gateway.accounts.flush().await.unwrap();
    assert_eq!(world.stored_balance().await, 0);
}

#[tokio::test]
async fn a_balance_ends_with_its_day_and_a_later_ticket_extends_the_whole() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    world.send(&token, &world.ticket()).await;
    let answer: BandwidthResponse = call(&world.public, get("/v1/bandwidth", Some(&token)))
        .await
        .json();
    let end = expiry_of_grant(NOON);
    assert_eq!(
        answer,
        BandwidthResponse {
            available: GRANT,
            expires_at: Some(end.as_secs())
        }
    );
    world.clock.advance_secs(DAY);
    let ticket = world.ticket();
    assert_eq!(world.send(&token, &ticket).await.available, 2 * GRANT);
    world.clock.set(end);
    assert_eq!(world.available(&token).await, 2 * GRANT);
    world.clock.set(end.plus_secs(DAY));
    let answer: BandwidthResponse = call(&world.public, get("/v1/bandwidth", Some(&token)))
        .await
        .json();
    assert_eq!(
        answer,
        BandwidthResponse {
            available: 0,
            expires_at: None
        }
    );
    world.gateway.accounts.flush().await.unwrap();
    assert_eq!(world.stored_balance().await, 0);
    assert_eq!(
        world.send(&token, &ticket).await.available,
        0,
        "AlreadyAccepted shows the present balance"
    );
}

#[tokio::test]
async fn a_ticket_that_comes_with_the_expiry_is_not_added_to_what_expired() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    let account = world.gateway.accounts.by_token(&token, NOON).unwrap();
    world.send(&token, &world.ticket()).await;
    world.clock.advance_secs(DAY);
    account.meter().expire(UnixTime::MAX);
    assert_eq!(world.send(&token, &world.ticket()).await.available, GRANT);
    world.gateway.accounts.flush().await.unwrap();
    assert_eq!(world.stored_balance().await, GRANT);
}

#[tokio::test]
async fn accounts_without_a_ticket_give_way_to_new_ones_oldest_first_and_all_others_stay() {
    let home = private_home();
    let limits = Limits {
        max_accounts: 3,
        ..Limits::without_rates()
    };
    let world = World::with(
        home.path(),
        Options {
            limits,
            ..Options::default()
        },
    )
    .await;
    let paying = world.client(1).await;
    world.send(&paying, &world.ticket()).await;
    let mut idle = Vec::new();
    for seed in 2..=20 {
        world.clock.advance_secs(1);
        idle.push(world.client(seed).await);
        assert!(world.gateway.accounts.len() <= 3);
    }
    let is_known = |token: &AccountToken| world.gateway.accounts.by_token(token, NOON).is_some();
    assert_eq!(idle.iter().filter(|token| is_known(token)).count(), 2);
    assert!(
        is_known(&idle[17]) && is_known(&idle[18]),
        "the youngest two"
    );
    assert_eq!(world.available(&paying).await, GRANT);
    for token in &idle[17..] {
        assert_eq!(
            world.send(token, &world.ticket()).await.verdict,
            Verdict::Accepted
        );
    }
    let (status, _) = world
        .register(&world.registration(99, world.clock.now().as_secs()))
        .await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.available(&paying).await, GRANT);
}

#[tokio::test]
async fn unused_accounts_go_after_an_hour_and_empty_ones_after_thirty_days_without_their_spends() {
    let (_home, world) = world().await;
    let (paying, unused) = (world.client(1).await, world.client(2).await);
    let ticket = world.ticket();
    world.send(&paying, &ticket).await;
    assert_eq!(
        world
            .gateway
            .accounts
            .delete_idle(NOON.plus_secs(3_600))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        world
            .gateway
            .accounts
            .delete_idle(NOON.plus_secs(3_601))
            .await
            .unwrap(),
        1
    );
    assert!(world.gateway.accounts.by_token(&unused, NOON).is_none());
    let later = NOON.plus_secs(30 * DAY);
    assert_eq!(world.gateway.accounts.delete_idle(later).await.unwrap(), 0);
    assert_eq!(
        world
            .gateway
            .accounts
            .delete_idle(later.plus_secs(1))
            .await
            .unwrap(),
        1
    );
    let again = world.client(1).await;
    assert_eq!(
        world.send(&again, &ticket).await.verdict,
        Verdict::TicketReplay,
        "the serial outlives its account"
    );
}

#[tokio::test]
async fn rates_are_counted_per_address_and_per_account() {
    let home = private_home();
    let world = World::with(
        home.path(),
        Options {
            limits: Limits::default(),
            ..Options::default()
        },
    )
    .await;
    let mut statuses = Vec::new();
    for seed in 1..=11 {
        statuses.push(
            world
                .register(&world.registration(seed, NOON.as_secs()))
                .await
                .0,
        );
    }
    assert_eq!(
        statuses
            .iter()
            .filter(|status| **status == StatusCode::CREATED)
            .count(),
        10
    );
    assert_eq!(statuses[10], StatusCode::TOO_MANY_REQUESTS);
    world.clock.advance_secs(60);
    let token = world.client(50).await;
    for _ in 0..60 {
        assert_eq!(
            call(&world.public, get("/v1/bandwidth", Some(&token)))
                .await
                .status,
            StatusCode::OK
        );
    }
    let answer = call(&world.public, get("/v1/bandwidth", Some(&token))).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
}

#[tokio::test]
async fn a_web_page_of_any_origin_may_send_tickets_without_credentials() {
    let (_home, world) = world().await;
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/v1/tickets")
        .header("origin", "https://wallet.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .body(Body::empty())
        .unwrap();
    let answer = call(&world.public, preflight).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let headers = answer.headers["access-control-allow-headers"]
        .to_str()
        .unwrap()
        .to_lowercase();
    assert!(headers.contains("authorization") && headers.contains("content-type"));
    assert!(
        !answer
            .headers
            .contains_key("access-control-allow-credentials")
    );
    let simple = Request::builder()
        .uri("/v1/bandwidth")
        .header("origin", "https://x.example")
        .body(Body::empty())
        .unwrap();
    let answer = call(&world.public, simple).await;
    assert_eq!(
        answer
            .headers
            .get_all("access-control-allow-origin")
            .iter()
            .count(),
        1
    );
    assert!(answer.headers.contains_key("date"));
    assert!(!answer.headers.contains_key("set-cookie"));
    for method in ["GET", "OPTIONS"] {
        let request = Request::builder()
            .method(method)
            .uri("/v1/status")
            .header("origin", "https://x.example")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .unwrap();
        let answer = call(&world.loopback, request).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn the_operator_sees_health_metrics_and_status_on_the_loopback_listener() {
    let (_home, world) = world().await;
    let token = world.client(1).await;
    world.send(&token, &world.ticket()).await;
    assert_eq!(
        call(&world.loopback, get("/health", None)).await.status,
        StatusCode::OK
    );
    let metrics =
        String::from_utf8(call(&world.loopback, get("/metrics", None)).await.body).unwrap();
    assert!(metrics.contains("gateway_tickets_total"));
    let status: Status = call(&world.loopback, get("/v1/status", None)).await.json();
    assert!(status.accepting && status.registry.admitted);
    assert_eq!(
        (
            status.outbox.payments,
            status.outbox.evidence,
            status.outbox.head
        ),
        (1, 0, 1)
    );
    assert_eq!(status.epochs, [EPOCH]);
}
