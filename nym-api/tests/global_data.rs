//! Master key, date signatures, coin-index signatures, and what a member says of itself (`quorum-api.md` 3.2 – 5).

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::{EPOCH, OWN, World, call, expiration, post, today};
use ecash_requests::quorum::{
    ChainStatus, CoinIndexSignaturesResponse, ExpirationDateSignaturesResponse, HealthResponse,
    MasterVerificationKeyResponse, NetworkDetailsResponse, SignerInformation, SignerStatusResponse,
};
use ecash_scheme::CoinIndexBases;
use rand::rngs::OsRng;

const AGGREGATED_DATES: &str = "/v1/ecash/aggregated-expiration-date-signatures";
const AGGREGATED_COINS: &str = "/v1/ecash/aggregated-coin-indices-signatures";
const PARTIAL_DATES: &str = "/v1/ecash/partial-expiration-date-signatures";
const PARTIAL_COINS: &str = "/v1/ecash/partial-coin-indices-signatures";

#[tokio::test]
async fn the_master_key_is_the_aggregate_of_the_verified_shares() {
    let world = World::new().await;
    let answer: MasterVerificationKeyResponse =
        world.get("/v1/ecash/master-verification-key").await.json();
    assert_eq!(answer.key, world.master);
}

#[tokio::test]
async fn partial_signatures_verify_under_the_members_own_key() {
    let world = World::new().await;
    let key = world.peers.keys[&OWN.get()].verification_key();
    let dates: ExpirationDateSignaturesResponse = world.get(PARTIAL_DATES).await.json();
    assert_eq!(
        (dates.epoch_id, dates.expiration_date),
        (EPOCH, expiration())
    );
    dates.signatures.verify(&key, &mut OsRng).unwrap();
    let coins: CoinIndexSignaturesResponse = world.get(PARTIAL_COINS).await.json();
    coins
        .signatures
        .verify(&key, &CoinIndexBases::new(&world.master), &mut OsRng)
        .unwrap();
}

#[tokio::test]
async fn aggregated_signatures_verify_under_the_master_key_and_are_made_once() {
    let world = World::new().await;
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let request = axum::http::Request::get(AGGREGATED_DATES)
                .body(axum::body::Body::empty())
                .unwrap();
            tokio::spawn(call(world.router.clone(), request))
        })
        .collect();
    let mut bodies = Vec::new();
    for answer in calls {
        bodies.push(
            answer
                .await
                .unwrap()
                .json::<ExpirationDateSignaturesResponse>(),
        );
    }
    bodies[0]
        .signatures
        .verify(&world.master, &mut OsRng)
        .unwrap();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert!(
        *world.peers.asked.lock().unwrap() <= 4,
        "four others at most, once"
    );
    let coins: CoinIndexSignaturesResponse = world.get(AGGREGATED_COINS).await.json();
    coins
        .signatures
        .verify(
            &world.master,
            &CoinIndexBases::new(&world.master),
            &mut OsRng,
        )
        .unwrap();
}

#[tokio::test]
async fn a_silent_and_a_lying_signer_are_skipped_while_a_threshold_is_left() {
    let world = World::new().await;
    world.peers.lying.lock().unwrap().push(5);
    let dates: ExpirationDateSignaturesResponse = world.get(AGGREGATED_DATES).await.json();
    dates.signatures.verify(&world.master, &mut OsRng).unwrap();
    world.peers.silent.lock().unwrap().push(4);
    let refused = world.get(AGGREGATED_COINS).await;
    refused.is(503, "only 3 of the 4 signers");
    assert!(refused.headers.contains_key("retry-after"));
    world.peers.silent.lock().unwrap().clear();
    world
        .get(AGGREGATED_COINS)
        .await
        .json::<CoinIndexSignaturesResponse>();
}

#[tokio::test]
async fn what_was_made_is_served_after_a_restart_without_asking_anybody() {
    let mut world = World::new().await;
    let before = world.get(AGGREGATED_DATES).await.body;
    world.restart().await;
    world.peers.silent.lock().unwrap().extend([1, 3, 4, 5]);
    assert_eq!(world.get(AGGREGATED_DATES).await.body, before);
}

#[tokio::test]
async fn dates_are_served_from_today_to_a_week_ahead() {
    let world = World::new().await;
    for (days, good) in [(0, true), (7, true), (8, false)] {
        let date = today().plus_days(days).unwrap();
        for path in [PARTIAL_DATES, AGGREGATED_DATES] {
            let answer = world.get(&format!("{path}?expiration_date={date}")).await;
            if good {
                assert_eq!(
                    answer
                        .json::<ExpirationDateSignaturesResponse>()
                        .expiration_date,
                    date
                );
            } else {
                answer.is(400, &date.to_string());
            }
        }
    }
    let yesterday = today().minus_days(1).unwrap();
    world
        .get(&format!("{PARTIAL_DATES}?expiration_date={yesterday}"))
        .await
        .is(400, "outside");
    world
        .get(&format!("{PARTIAL_DATES}?expiration_date=2025-02-30"))
        .await
        .is(400, "2025-02-30");
    world
        .get(&format!("{PARTIAL_DATES}?expiration_date=tomorrow"))
        .await
        .is(400, "tomorrow");
}

#[tokio::test]
async fn epochs_are_never_mixed() {
    let world = World::new().await;
    for other in [0, 2, 4] {
        for path in [
            PARTIAL_DATES,
            PARTIAL_COINS,
            AGGREGATED_DATES,
            AGGREGATED_COINS,
            "/v1/ecash/master-verification-key",
        ] {
            world
                .get(&format!("{path}?epoch_id={other}"))
                .await
                .is(400, "issuing epoch is 3");
        }
    }
    let coins: CoinIndexSignaturesResponse = world.get(AGGREGATED_COINS).await.json();
    assert_eq!(coins.epoch_id, EPOCH);
    let named: CoinIndexSignaturesResponse = world
        .get(&format!("{AGGREGATED_COINS}?epoch_id=3"))
        .await
        .json();
    assert_eq!(coins, named);
}

#[tokio::test]
async fn a_node_that_does_not_sign_serves_aggregated_data_and_no_partial_ones() {
    let world = World::with(|options| options.signer_enabled = false).await;
    world.get(PARTIAL_DATES).await.is(400, "disabled");
    world.get(PARTIAL_COINS).await.is(400, "disabled");
    let keyless = world.build(false);
    let request = axum::http::Request::get(AGGREGATED_COINS)
        .body(axum::body::Body::empty())
        .unwrap();
    call(keyless, request)
        .await
        .json::<CoinIndexSignaturesResponse>();
}

#[tokio::test]
async fn one_good_share_too_few_is_said_and_passes() {
    let world = World::new().await;
    let mut few = world.concluded();
    few.signers.truncate(3);
    world.look_with(few, ecash_contract_messages::dkg::EpochState::InProgress);
    world
        .get("/v1/ecash/master-verification-key")
        .await
        .is(503, "only 3 of the 4");
    world.look_at_chain();
    world
        .get("/v1/ecash/master-verification-key")
        .await
        .json::<MasterVerificationKeyResponse>();
}

#[tokio::test]
async fn the_signer_status_is_signed_and_tells_the_truth() {
    let world = World::new().await;
    let status: SignerStatusResponse = world.get("/v1/ecash/signer-status").await.json();
    let body = status.verify("status", &world.identity.public()).unwrap();
    assert_eq!(body.dkg_ecash_epoch_id, EPOCH);
    assert!(body.is_ecash_signer && body.has_signing_keys && !body.signer_disabled);
    let keyless = world.build(false);
    let request = axum::http::Request::get("/v1/ecash/signer-status")
        .body(axum::body::Body::empty())
        .unwrap();
    let status: SignerStatusResponse = call(keyless, request).await.json();
    assert!(!status.body.has_signing_keys && status.body.is_ecash_signer);
}

#[tokio::test]
async fn health_follows_the_chain() {
    let world = World::new().await;
    world.wait(42);
    let health: HealthResponse = world.get("/v1/api-status/health").await.json();
    assert_eq!(
        (health.chain_status, health.uptime),
        (ChainStatus::Synced, 42)
    );
    world.clock.advance_secs(61);
    let health: HealthResponse = world.get("/v1/api-status/health").await.json();
    assert_eq!(health.chain_status, ChainStatus::Unknown);
    world.look_at_chain();
    world.clock.set(ecash_service::clock::UnixTime::from_secs(
        common::NOON + 1000,
    ));
    let health: HealthResponse = world.get("/v1/api-status/health").await.json();
    assert!(matches!(health.chain_status, ChainStatus::Stalled { .. }));
}

#[tokio::test]
async fn identity_build_and_network_are_told_and_unknown_routes_are_not() {
    let world = World::new().await;
    let signer: SignerInformation = world.get("/v1/api-status/signer-information").await.json();
    assert_eq!(
        signer.verification_key.unwrap(),
        world.peers.keys[&OWN.get()].verification_key().to_base58()
    );
    let build: serde_json::Value = world.get("/v1/api-status/build-information").await.json();
    assert_eq!(build["build_version"], "2.0.0");
    world
        .get("/v1/network/details")
        .await
        .json::<NetworkDetailsResponse>();
    world.get("/v1/nothing").await.is(404, "/v1/nothing");
    world
        .get("/v1/ecash/blind-sign")
        .await
        .is(405, "blind-sign");
    world
        .call(post("/v1/api-status/health", &1))
        .await
        .is(405, "health");
    let root = world.get("/").await;
    assert_eq!(
        (
            root.status.as_u16(),
            root.headers["location"].to_str().unwrap()
        ),
        (303, "/api-docs/openapi.json")
    );
    let disabled = World::with(|options| options.signer_enabled = false).await;
    disabled
        .get("/v1/api-status/signer-information")
        .await
        .is(500, "not set up as a signer");
}
