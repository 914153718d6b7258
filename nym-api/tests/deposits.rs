//! What a deposit's owner is told and can demand, and what nobody else is told.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use axum::http::header;
use common::{Answer, Holder, NOON, World, network, post};
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::IdentitySecret;
use ecash_requests::quorum::{DepositOwnerRequest, DepositStatusResponse, OwnerAction};
use ecash_ticketbook::{DepositId, EpochId, UnixTime};
use nym_api::store::deposits::DepositState;
use serde_json::json;

const DAY: u64 = 86_400;
/// The first second at which a deposit is older than 30 days.
const TOO_OLD: u64 = 30 * DAY + 1;

async fn ask_at(
    world: &World,
    action: OwnerAction,
    id: u32,
    key: &IdentitySecret,
    time: u64,
) -> Answer {
    let body = DepositOwnerRequest::sign(action, &network(), DepositId(id), UnixTime(time), key);
    world.call(post(&action.path(DepositId(id)), &body)).await
}

async fn status(world: &World, holder: &Holder) -> Answer {
    let id = holder.deposit.get();
    ask_at(world, OwnerAction::Status, id, &holder.deposit_key, NOON).await
}

async fn refund(world: &World, holder: &Holder) -> Answer {
    let id = holder.deposit.get();
    ask_at(world, OwnerAction::Refund, id, &holder.deposit_key, NOON).await
}

/// A holder whose deposit was made so many seconds ago.
fn paid_ago(world: &World, id: u32, age_secs: u64) -> Holder {
    let holder = Holder::new(id);
    let key = *holder.deposit_key.public().as_bytes();
    world.deposit_at(id, &key, NOON - age_secs, DepositState::Open);
    holder
}

async fn restore(world: &World) {
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    world.store.instance(UnixTime(NOON)).await.unwrap();
    sqlx::query("UPDATE instance SET restored_at = 1")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
}

#[tokio::test]
async fn an_owner_gets_back_the_request_that_the_deposit_is_bound_to() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let none = status(&world, &holder).await;
    none.is(200, "");
    assert_eq!(none.text(), r#"{"recorded":null}"#);

    let body = holder.body();
    world.blind_sign(&body).await.share();
    let answer: DepositStatusResponse =
        serde_json::from_value(status(&world, &holder).await.json()).unwrap();
    let owner = holder.deposit_key.public();
    let request = answer
        .recorded
        .unwrap()
        .check(&network(), holder.deposit, &owner);
    assert_eq!(request.unwrap(), body);
    assert_eq!(
        world.store.issuance_counts().await.unwrap(),
        (1, 1),
        "the question records nothing"
    );
}

#[tokio::test]
async fn nobody_but_the_owner_is_told_anything() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    world.blind_sign(&holder.body()).await.share();
    let key = &holder.deposit_key;
    let stranger = Holder::paid(&world, 2).deposit_key;
    for action in [OwnerAction::Status, OwnerAction::Refund] {
        for (id, key, time, text) in [
            (1, &stranger, NOON, "does not verify"),
            (2, key, NOON, "does not verify"),
            (3, key, NOON, "does not exist"),
            (1, key, NOON - 121, "more than 120 s before"),
            (1, key, NOON + 121, "more than 120 s after"),
        ] {
            ask_at(&world, action, id, key, time).await.is(400, text);
        }
        let other = match action {
            OwnerAction::Status => OwnerAction::Refund,
            OwnerAction::Refund => OwnerAction::Status,
        };
        let signed =
            DepositOwnerRequest::sign(other, &network(), DepositId(1), UnixTime(NOON), key);
        world
            .call(post(&action.path(DepositId(1)), &signed))
            .await
            .is(400, "does not verify");
    }
    for time in [NOON - 120, NOON + 120] {
        ask_at(&world, OwnerAction::Status, 1, key, time)
            .await
            .is(200, "recorded");
    }
}

#[tokio::test]
async fn malformed_questions_are_told_apart() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    for path in ["/v1/ecash/deposits/1/status", "/v1/ecash/deposits/1/refund"] {
        world.call(post(path, &json!({}))).await.is(422, "time");
        world
            .call(post(path, &json!({"time": NOON, "signature": "0OIl"})))
            .await
            .is(422, "base58");
        world
            .call(post(
                path,
                &json!({"time": NOON, "signature": "1".repeat(5000)}),
            ))
            .await
            .is(413, "");
        world.get(path).await.is(405, "");
    }
    for id in ["-1", "4294967296", "x", "1.5"] {
        world
            .call(post(&format!("/v1/ecash/deposits/{id}/status"), &json!({})))
            .await
            .is(400, "");
    }
    status(&world, &holder).await.is(200, "null");
}

#[tokio::test]
async fn a_node_that_does_not_sign_answers_no_owner() {
    let world = World::with(|options| options.signer_enabled = false).await;
    let holder = Holder::paid(&world, 1);
    status(&world, &holder).await.is(400, "signing is disabled");
    refund(&world, &holder).await.is(400, "signing is disabled");
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut epoch = world.concluded();
    epoch.own_index = None;
    world.look_with(epoch, EpochState::InProgress);
    status(&world, &holder)
        .await
        .is(400, "not a signer of epoch 3");
}

#[tokio::test]
async fn a_chain_that_is_out_of_reach_or_long_unread_means_later() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    *world.chain.unreachable.lock().unwrap() = true;
    status(&world, &holder).await.is(503, "chain");
    *world.chain.unreachable.lock().unwrap() = false;
    world.clock.advance_secs(61);
    let stale = status(&world, &holder).await;
    stale.is(503, "older than 60 s");
    assert!(stale.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a_signer_that_may_have_missed_a_request_never_says_that_there_is_none() {
    let world = World::new().await;
    let used = paid_ago(&world, 1, 60);
    let unused = paid_ago(&world, 2, 60);
    let young = paid_ago(&world, 3, 60);
    world.blind_sign(&used.body()).await.share();

    // Deposits 1 and 2 are from the time of an epoch whose lists are not merged here.
    let key = *young.deposit_key.public().as_bytes();
    world.deposit_at(3, &key, NOON, DepositState::Open);
    let mut epoch = world.concluded();
    epoch.predecessor = Some(EpochId(2));
    epoch.concluded_at = UnixTime(NOON - 181);
    world.look_with(epoch, EpochState::InProgress);
    status(&world, &used).await.is(200, "request_hash");
    status(&world, &young).await.is(200, "null");
    status(&world, &unused).await.is(200, "null");
    let mut epoch = world.concluded();
    epoch.predecessor = Some(EpochId(2));
    epoch.concluded_at = UnixTime(NOON - 180);
    world.look_with(epoch, EpochState::InProgress);
    let later = status(&world, &unused).await;
    later.is(503, "handed over");
    assert_eq!(later.headers[header::RETRY_AFTER], "30");

    let world = World::new().await;
    let used = Holder::paid(&world, 1);
    let unused = paid_ago(&world, 2, TOO_OLD);
    world.blind_sign(&used.body()).await.share();
    restore(&world).await;
    status(&world, &used).await.is(200, "request_hash");
    status(&world, &unused)
        .await
        .is(503, "put back from a copy");
    refund(&world, &unused)
        .await
        .is(503, "put back from a copy");
    let first = Holder::paid(&world, 3);
    world
        .blind_sign(&first.body())
        .await
        .is(503, "put back from a copy");
    world
        .blind_sign(&used.body())
        .await
        .is(400, "another request");
}

#[tokio::test]
async fn an_unused_deposit_can_be_demanded_back_once_it_is_too_old_for_a_request() {
    let world = World::new().await;
    let early = paid_ago(&world, 1, TOO_OLD - 1);
    refund(&world, &early)
        .await
        .is(400, "not older than 30 days");
    world.blind_sign(&early.body()).await.share();

    let late = paid_ago(&world, 2, TOO_OLD);
    for _ in 0..2 {
        let answer = refund(&world, &late).await;
        answer.is(202, "");
        assert_eq!(answer.text(), r#"{"state":"recorded"}"#);
    }
    assert_eq!(
        world.store.refund_demanded_at(DepositId(2)).await.unwrap(),
        Some(UnixTime(NOON))
    );
    assert_eq!(
        world.store.refund_demanded_at(DepositId(1)).await.unwrap(),
        None
    );
    world
        .blind_sign(&late.body())
        .await
        .is(400, "older than 30 days");
    status(&world, &late).await.is(200, "null");
}

#[tokio::test]
async fn a_deposit_that_is_bound_withheld_or_refunded_is_not_demanded_back() {
    let world = World::new().await;
    let bound = paid_ago(&world, 1, TOO_OLD - 1);
    world.blind_sign(&bound.body()).await.share();
    world.wait(1);
    let id = bound.deposit.get();
    ask_at(
        &world,
        OwnerAction::Refund,
        id,
        &bound.deposit_key,
        NOON + 1,
    )
    .await
    .is(400, "bound to a request");
    for (id, state, text) in [
        (2, DepositState::Withheld, "withheld"),
        (3, DepositState::Refunded, "refunded"),
    ] {
        let holder = Holder::new(id);
        let key = *holder.deposit_key.public().as_bytes();
        world.deposit_at(id, &key, NOON - TOO_OLD, state);
        refund(&world, &holder).await.is(400, text);
        status(&world, &holder).await.is(200, "null");
        assert_eq!(
            world.store.refund_demanded_at(DepositId(id)).await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn only_the_owner_uses_up_the_rate_of_a_deposit() {
    let world = World::with(|options| {
        options.limits.deposit_status_per_deposit = 2;
        options.limits.refund_per_deposit_per_hour = 1;
    })
    .await;
    let holder = paid_ago(&world, 1, TOO_OLD);
    let stranger = Holder::new(1);
    for _ in 0..5 {
        status(&world, &stranger).await.is(400, "does not verify");
    }
    for _ in 0..2 {
        status(&world, &holder).await.is(200, "null");
    }
    let refused = status(&world, &holder).await;
    refused.is(429, "too many");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    refund(&world, &holder).await.is(202, "");
    refund(&world, &holder).await.is(429, "too many");
    status(&world, &paid_ago(&world, 2, 60))
        .await
        .is(200, "null");
}
