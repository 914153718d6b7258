//! The OpenAPI document that is served is the one that is checked in.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::World;
use ecash_requests::quorum::routes;

/// Set to write the document instead of comparing it.
const UPDATE: &str = "UPDATE_OPENAPI";

#[tokio::test]
async fn the_checked_in_document_is_the_one_that_is_served() {
    let world = World::new().await;
    let served = world.get(routes::OPENAPI).await;
    assert_eq!(served.status.as_u16(), 200);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &served.body).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        served.text(),
        checked_in,
        "run the test with {UPDATE}=1 and look at the difference"
    );
}

#[tokio::test]
async fn every_route_of_this_version_is_documented() {
    let world = World::new().await;
    let document: serde_json::Value = world.get(routes::OPENAPI).await.json();
    for route in [
        routes::BLIND_SIGN,
        routes::PARTIAL_EXPIRATION_DATE_SIGNATURES,
        routes::PARTIAL_COIN_INDICES_SIGNATURES,
        routes::MASTER_VERIFICATION_KEY,
        routes::AGGREGATED_EXPIRATION_DATE_SIGNATURES,
        routes::AGGREGATED_COIN_INDICES_SIGNATURES,
        routes::DEPOSIT_STATUS,
        routes::DEPOSIT_REFUND,
        routes::SIGNER_STATUS,
        routes::VERIFY_ECASH_TICKET,
        routes::BATCH_REDEEM_ECASH_TICKETS,
        routes::DOUBLE_SPENDING_FILTER_V1,
        routes::HEALTH,
        routes::BUILD_INFORMATION,
        routes::SIGNER_INFORMATION,
        routes::NETWORK_DETAILS,
        routes::CHAIN_STATUS,
        routes::CHAIN_BLOCKS_STATUS,
        routes::SIGNERS_STATUS,
        routes::SIGNERS_STATUS_DETAILED,
    ] {
        assert!(document["paths"][route].is_object(), "{route}");
    }
}
