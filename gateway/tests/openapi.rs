//! The checked-in interface document is that of the code.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use support::*;

#[tokio::test]
async fn the_document_that_is_served_and_checked_in_is_that_of_the_handlers() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let answer = call(&world.public, get(nym_gateway::http::OPENAPI_ROUTE, None)).await;
    let served = String::from_utf8(answer.body).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        served == checked_in,
        "openapi.json is not that of the code; look at the difference and run this test with UPDATE_OPENAPI=1"
    );
}
