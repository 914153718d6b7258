//! One deposit buys one withdrawal request, for ever (`quorum-api.md` 3.1).

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use axum::body::Body;
use axum::http::{Request, header};
use common::{EPOCH, Holder, NOON, OWN, World, call, expiration, network, post, today};
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::quorum::{
    AttestedShare, BlindSignResponse, Envelope, ResponseKey, ResponseSecret, ShareContext,
};
use ecash_scheme::WithdrawalSecrets;
use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};
use nym_api::store::deposits::DepositState;
use rand::rngs::OsRng;

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_share_is_attested_and_unblinds_under_the_members_key() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let (request, info) = holder.withdraw(expiration());
    let body = holder.sign(request, expiration());
    let answer = world.blind_sign(&body).await;
    let BlindSignResponse::Clear {
        blinded_signature,
        attestation,
    } = answer.json()
    else {
        panic!("sealed")
    };
    let key = world.peers.keys[&OWN.get()].verification_key();
    info.unblind(
        holder.user.secret_key(),
        &blinded_signature,
        &key,
        OWN.get(),
    )
    .unwrap();
    let hash = body.request_hash(&network());
    let context = ShareContext {
        network: &network(),
        epoch_id: EPOCH,
        node_index: OWN,
        deposit_id: body.deposit_id,
        request: &hash,
    };
    attestation
        .unwrap()
        .verify(&context, &blinded_signature, &world.identity.public())
        .unwrap();
}

#[tokio::test]
async fn an_identical_request_sent_a_hundred_times_at_once_gives_one_row_and_equal_answers() {
    let world = World::new().await;
    let body = Holder::paid(&world, 1).body();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn(call(
                world.router.clone(),
                post("/v1/ecash/blind-sign", &body),
            ))
        })
        .collect();
    let mut answers = Vec::new();
    for answer in calls {
        answers.push(answer.await.unwrap());
    }
    answers[0].share();
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(world.store.issuance_counts().await.unwrap(), (1, 1));
    assert_eq!(
        world.store.merkle_leaves(expiration()).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn the_same_request_with_other_proof_nonces_gets_the_same_share() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let secrets = WithdrawalSecrets::random(&mut OsRng);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (request, _) = holder.withdraw_with(expiration(), secrets.clone());
            let body = holder.sign(request, expiration());
            tokio::spawn(call(
                world.router.clone(),
                post("/v1/ecash/blind-sign", &body),
            ))
        })
        .collect();
    let mut shares = Vec::new();
    for answer in calls {
        shares.push(answer.await.unwrap().share());
    }
    assert!(shares.iter().all(|share| *share == shares[0]));
    assert_eq!(world.store.issuance_counts().await.unwrap(), (1, 1));
}

#[tokio::test]
async fn of_a_hundred_different_requests_for_one_deposit_at_once_exactly_one_is_signed() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn(call(
                world.router.clone(),
                post("/v1/ecash/blind-sign", &holder.body()),
            ))
        })
        .collect();
    let (mut signed, mut refused) = (0, 0);
    for answer in calls {
        let answer = answer.await.unwrap();
        match answer.status.as_u16() {
            200 => signed += 1,
            _ => {
                answer.is(400, "bound to another request");
                refused += 1;
            }
        }
    }
    assert_eq!((signed, refused), (1, 99));
    assert_eq!(world.store.issuance_counts().await.unwrap(), (1, 1));
}

#[tokio::test]
async fn another_request_is_refused_after_a_restart_too() {
    let mut world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let body = holder.body();
    let share = world.blind_sign(&body).await.share();
    world.restart().await;
    world
        .blind_sign(&holder.body())
        .await
        .is(400, "bound to another request");
    assert_eq!(world.blind_sign(&body).await.share(), share);
}

#[tokio::test]
async fn a_used_deposit_stays_used_after_its_book_expired_and_its_data_were_pruned() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let body = holder.body();
    world.blind_sign(&body).await.share();
    world.wait(9 * DAY);
    let now = UnixTime(NOON + 9 * DAY);
    world.store.clean(now).await.unwrap();
    assert_eq!(
        world.store.issuance_counts().await.unwrap(),
        (1, 0),
        "the share is pruned, the record is not"
    );
    world.blind_sign(&body).await.is(400, "expiration date");
    let later = today().plus_days(15).unwrap();
    world
        .blind_sign(&holder.body_until(later))
        .await
        .is(400, "bound to another request");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (1, 0));
}

#[tokio::test]
async fn an_expiration_date_outside_today_and_six_days_ahead_is_refused() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    for wrong in [
        today().minus_days(1).unwrap(),
        today().plus_days(7).unwrap(),
        today().plus_days(8).unwrap(),
    ] {
        world
            .blind_sign(&holder.body_until(wrong))
            .await
            .is(400, &wrong.to_string());
    }
    let mut far = serde_json::to_value(holder.body()).unwrap();
    far["expiration_date"] = "9999-12-31".into();
    world
        .call(post("/v1/ecash/blind-sign", &far))
        .await
        .is(422, "9999");
    far["expiration_date"] = "1970-01-01".into();
    world
        .call(post("/v1/ecash/blind-sign", &far))
        .await
        .is(400, "1970-01-01");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
    for right in [today(), expiration()] {
        let holder = Holder::paid(&world, 100 + right.unix_day());
        world.blind_sign(&holder.body_until(right)).await.share();
    }
}

#[tokio::test]
async fn an_unknown_deposit_is_refused_and_asked_for_once() {
    let world = World::new().await;
    let holder = Holder::new(77);
    let body = holder.body();
    for _ in 0..5 {
        world
            .blind_sign(&body)
            .await
            .is(400, "deposit 77 does not exist");
    }
    assert_eq!(*world.chain.questions.lock().unwrap(), 1);
    world.deposit(77, &holder.deposit_key);
    world.wait(5);
    world.blind_sign(&body).await.share();
}

#[tokio::test]
async fn a_deposit_that_cannot_be_looked_up_is_answered_503_and_signed_later() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    *world.chain.unreachable.lock().unwrap() = true;
    let body = holder.body();
    let answer = world.blind_sign(&body).await;
    answer.is(503, "try again");
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    *world.chain.unreachable.lock().unwrap() = false;
    world.blind_sign(&body).await.share();
}

#[tokio::test]
async fn a_deposit_that_is_not_open_is_refused() {
    let world = World::new().await;
    for (id, state) in [(1, DepositState::Withheld), (2, DepositState::Refunded)] {
        let holder = Holder::new(id);
        world.deposit_at(id, holder.deposit_key.public().as_bytes(), NOON, state);
        world.blind_sign(&holder.body()).await.is(400, state.text());
    }
}

#[tokio::test]
async fn a_wrong_deposit_signature_is_refused_even_where_a_stored_share_exists() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let body = holder.body();
    world.blind_sign(&body).await.share();
    let mut stranger = Holder::new(1);
    stranger.user = holder.user.clone();
    let forged = stranger.sign(body.inner_sign_request.clone(), expiration());
    world.blind_sign(&forged).await.is(400, "signature");
    let mut other_deposit = body.clone();
    other_deposit.deposit_id = ecash_ticketbook::DepositId(2);
    world.deposit(2, &holder.deposit_key);
    world.blind_sign(&other_deposit).await.is(400, "signature");
}

#[tokio::test]
async fn deposit_keys_of_small_order_or_in_another_encoding_are_refused() {
    let world = World::new().await;
    let mut small = [0; 32];
    small[0] = 1;
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    for (id, key) in [(1, small), (2, [0; 32]), (3, non_canonical)] {
        let holder = Holder::new(id);
        world.deposit_at(id, &key, NOON, DepositState::Open);
        world
            .blind_sign(&holder.body())
            .await
            .is(400, "key of deposit");
    }
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_first_request_comes_within_thirty_days_and_a_repetition_at_any_time() {
    let world = World::new().await;
    let in_time = Holder::new(1);
    world.deposit_at(
        1,
        in_time.deposit_key.public().as_bytes(),
        NOON - 30 * DAY,
        DepositState::Open,
    );
    world.blind_sign(&in_time.body()).await.share();
    let late = Holder::new(2);
    world.deposit_at(
        2,
        late.deposit_key.public().as_bytes(),
        NOON - 30 * DAY - 1,
        DepositState::Open,
    );
    world
        .blind_sign(&late.body())
        .await
        .is(400, "older than 30 days");
    let repeated = Holder::new(3);
    world.deposit_at(
        3,
        repeated.deposit_key.public().as_bytes(),
        NOON - 30 * DAY,
        DepositState::Open,
    );
    let body = repeated.body();
    let share = world.blind_sign(&body).await.share();
    world.wait(DAY);
    assert_eq!(world.blind_sign(&body).await.share(), share);
}

#[tokio::test]
async fn a_book_may_expire_36_days_after_its_deposit_and_not_later() {
    let world = World::new().await;
    let right = Holder::new(1);
    world.deposit_at(
        1,
        right.deposit_key.public().as_bytes(),
        NOON - 30 * DAY,
        DepositState::Open,
    );
    world
        .blind_sign(&right.body_until(today().plus_days(6).unwrap()))
        .await
        .share();
    let wrong = Holder::new(2);
    world.deposit_at(
        2,
        wrong.deposit_key.public().as_bytes(),
        NOON - 31 * DAY,
        DepositState::Open,
    );
    world
        .blind_sign(&wrong.body_until(today().plus_days(6).unwrap()))
        .await
        .is(400, "outside");
}

#[tokio::test]
async fn a_request_that_does_not_verify_is_refused_and_binds_nothing() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let honest = holder.body();
    let stranger = Holder::new(1);
    let mut other_key = honest.clone();
    other_key.ecash_pubkey = *stranger.user.public_key();
    world
        .blind_sign(&other_key)
        .await
        .is(400, "does not verify");
    let mut other_type = honest.clone();
    other_type.ticketbook_type = ecash_ticketbook::TicketType::MixnetExit;
    world
        .blind_sign(&other_type)
        .await
        .is(400, "does not verify");
    let mut other_date = honest.clone();
    other_date.expiration_date = today();
    world
        .blind_sign(&other_date)
        .await
        .is(400, "does not verify");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
    world.blind_sign(&honest).await.share();
}

#[tokio::test]
async fn an_epoch_that_never_concluded_is_refused_naming_the_issuing_one() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    for unknown in [0, 2, 4, u64::MAX] {
        world
            .blind_sign_under(unknown, &holder.body())
            .await
            .is(400, "issuing epoch is 3");
    }
    world
        .call(post("/v1/ecash/blind-sign?epoch_id=x", &holder.body()))
        .await
        .is(400, "epoch_id");
    world
        .blind_sign_under(EPOCH.get(), &holder.body())
        .await
        .share();
}

#[tokio::test]
async fn without_an_issuing_epoch_or_with_a_revoked_one_requests_are_answered_503() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut revoked = world.concluded();
    revoked.revoked = true;
    world.look_with(revoked, EpochState::InProgress);
    world
        .blind_sign(&holder.body())
        .await
        .is(503, "no epoch issues");
}

#[tokio::test]
async fn a_running_ceremony_stops_nothing() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    world.look_with(
        world.concluded(),
        EpochState::DealingExchange { resharing: false },
    );
    world.blind_sign(&holder.body()).await.share();
}

#[tokio::test]
async fn a_node_that_does_not_sign_or_has_no_verified_share_or_no_key_says_so() {
    let disabled = World::with(|options| options.signer_enabled = false).await;
    let holder = Holder::paid(&disabled, 1);
    disabled
        .blind_sign(&holder.body())
        .await
        .is(400, "disabled");

    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut unverified = world.concluded();
    unverified.signers.retain(|signer| signer.index != OWN);
    world.look_with(unverified, EpochState::InProgress);
    world
        .blind_sign(&holder.body())
        .await
        .is(400, "not a signer of epoch 3");

    world.look_at_chain();
    let keyless = world.build(false);
    call(keyless, post("/v1/ecash/blind-sign", &holder.body()))
        .await
        .is(400, "key of epoch 3 is not held");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_stored_share_is_answered_even_without_the_key() {
    let world = World::new().await;
    let body = Holder::paid(&world, 1).body();
    let share = world.blind_sign(&body).await.share();
    let keyless = world.build(false);
    assert_eq!(
        call(keyless, post("/v1/ecash/blind-sign", &body))
            .await
            .share(),
        share
    );
}

#[tokio::test]
async fn a_view_of_the_chain_older_than_a_minute_decides_nothing() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    world.clock.advance_secs(61);
    let answer = world.blind_sign(&holder.body()).await;
    answer.is(503, "older than 60 s");
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    world.look_at_chain();
    world.blind_sign(&holder.body()).await.share();
}

#[tokio::test]
async fn a_blacklisted_key_gets_nothing_not_even_a_stored_share_and_binds_nothing() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let key = holder.user.public_key().to_bytes();
    world
        .store
        .mirror_blacklist(&key, Some(UnixTime(NOON)))
        .await
        .unwrap();
    world
        .blind_sign(&holder.body())
        .await
        .is(400, "blacklisted");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
    let mut customer = Holder::new(1);
    customer.deposit_key = holder.deposit_key.clone();
    let body = customer.body();
    world.blind_sign(&body).await.share();
    world
        .store
        .mirror_blacklist(&customer.user.public_key().to_bytes(), Some(UnixTime(NOON)))
        .await
        .unwrap();
    world.blind_sign(&body).await.is(400, "blacklisted");
}

struct Sealing {
    secret: ResponseSecret,
    key: ResponseKey,
}

fn sealing() -> Sealing {
    let secret = ResponseSecret::generate(&mut OsRng);
    let key = secret.public();
    Sealing { secret, key }
}

#[tokio::test]
async fn a_sealed_answer_opens_with_its_key_only_and_only_for_its_request() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut body = holder.body();
    let clear = world.blind_sign(&body).await.share();
    let hash = body.request_hash(&network());
    let sealing = sealing();
    body.envelope = Some(Envelope::sign(
        &network(),
        &hash,
        UnixTime(NOON),
        OWN,
        Some(&sealing.key),
        &holder.deposit_key,
    ));
    world.blind_sign(&body).await.is(400, "epoch_id");
    let BlindSignResponse::Sealed(sealed) = world.blind_sign_under(3, &body).await.json() else {
        panic!("clear")
    };
    let open = |epoch_id, node_index, secret: &ResponseSecret| {
        let context = ShareContext {
            network: &network(),
            epoch_id,
            node_index,
            deposit_id: body.deposit_id,
            request: &hash,
        };
        AttestedShare::open(&sealed, &context, secret, &world.identity.public())
            .map(|opened| opened.share)
    };
    assert_eq!(open(EPOCH, OWN, &sealing.secret).unwrap(), clear);
    assert!(open(EpochId(4), OWN, &sealing.secret).is_err());
    assert!(open(EPOCH, NodeIndex(1), &sealing.secret).is_err());
    assert!(open(EPOCH, OWN, &ResponseSecret::generate(&mut OsRng)).is_err());
}

#[tokio::test]
async fn an_envelope_is_fresh_for_48_hours_and_at_most_five_minutes_ahead() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut body = holder.body();
    let hash = body.request_hash(&network());
    for (at, good) in [
        (NOON - 48 * 3600, true),
        (NOON - 48 * 3600 - 1, false),
        (NOON + 300, true),
        (NOON + 301, false),
    ] {
        body.envelope = Some(Envelope::sign(
            &network(),
            &hash,
            UnixTime(at),
            OWN,
            None,
            &holder.deposit_key,
        ));
        let answer = world.blind_sign(&body).await;
        if good {
            answer.share();
        } else {
            answer.is(400, "envelope");
        }
    }
}

#[tokio::test]
async fn an_envelope_for_another_node_request_key_or_with_a_bad_response_key_is_refused() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let honest = holder.body();
    let hash = honest.request_hash(&network());
    let other_hash = holder.body().request_hash(&network());
    let stranger = Holder::new(1);
    let sign = |hash, node, key: &ecash_requests::IdentitySecret| {
        Envelope::sign(&network(), hash, UnixTime(NOON), node, None, key)
    };
    let mut small_order = sign(&hash, OWN, &holder.deposit_key);
    small_order.response_key = Some(ecash_requests::bytes::Base58([0; 32]));
    for (envelope, about) in [
        (sign(&hash, NodeIndex(1), &holder.deposit_key), "node index"),
        (sign(&other_hash, OWN, &holder.deposit_key), "signature"),
        (sign(&hash, OWN, &stranger.deposit_key), "signature"),
        (small_order, "small order"),
    ] {
        let mut body = honest.clone();
        body.envelope = Some(envelope);
        world.blind_sign_under(3, &body).await.is(400, about);
    }
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
}

#[tokio::test]
async fn where_an_envelope_is_required_a_request_without_one_is_refused() {
    let world = World::with(|options| options.require_envelope = true).await;
    let holder = Holder::paid(&world, 1);
    let mut body = holder.body();
    world.blind_sign(&body).await.is(400, "envelope");
    let hash = body.request_hash(&network());
    body.envelope = Some(Envelope::sign(
        &network(),
        &hash,
        UnixTime(NOON),
        OWN,
        None,
        &holder.deposit_key,
    ));
    world.blind_sign(&body).await.share();
}

#[tokio::test]
async fn copies_of_a_request_do_not_use_up_the_owners_rate_and_repetitions_are_always_answered() {
    let world = World::with(|options| options.limits.blind_sign_per_deposit = 10).await;
    let holder = Holder::paid(&world, 1);
    let keyless = world.build(false);
    let body = holder.body();
    let mut limited = 0;
    for _ in 0..100 {
        let answer = call(keyless.clone(), post("/v1/ecash/blind-sign", &body)).await;
        limited += u32::from(answer.status.as_u16() == 429);
    }
    assert_eq!(limited, 90);
    let mut enveloped = body.clone();
    let hash = body.request_hash(&network());
    enveloped.envelope = Some(Envelope::sign(
        &network(),
        &hash,
        UnixTime(NOON),
        OWN,
        None,
        &holder.deposit_key,
    ));
    call(keyless, post("/v1/ecash/blind-sign", &enveloped))
        .await
        .is(400, "not held");
    world.blind_sign(&body).await.share();
    for _ in 0..100 {
        world.blind_sign(&body).await.share();
    }
}

#[tokio::test]
async fn a_caller_beyond_its_rate_is_told_when_to_come_back() {
    let world = World::with(|options| options.limits.blind_sign = 2).await;
    let holder = Holder::paid(&world, 1);
    let body = holder.body();
    world.blind_sign(&body).await.share();
    world.blind_sign(&body).await.share();
    let refused = world.blind_sign(&body).await;
    refused.is(429, "too many requests");
    assert_eq!(refused.headers[header::RETRY_AFTER], "30");
    world.wait(30);
    world.blind_sign(&body).await.share();
}

#[tokio::test]
async fn a_deposit_given_up_or_asked_for_twice_is_never_signed_for_again() {
    let world = World::new().await;
    let dead = Holder::paid(&world, 1);
    let body = dead.body();
    world.blind_sign(&body).await.share();
    let conflict = Holder::paid(&world, 2);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    sqlx::query("INSERT INTO dead_mark VALUES (1, 'refund', 0)")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("INSERT INTO request_conflict VALUES (2, zeroblob(518), 4, 0, 9)")
        .execute(&pool)
        .await
        .unwrap();
    world
        .blind_sign(&body)
        .await
        .is(400, "never signed for again");
    world
        .blind_sign(&conflict.body())
        .await
        .is(400, "never signed for again");
    pool.close().await;
}

#[tokio::test]
async fn an_empty_body_is_not_a_request() {
    let world = World::new().await;
    let empty = Request::post("/v1/ecash/blind-sign")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::empty());
    world.call(empty.unwrap()).await.is(400, "");
}
