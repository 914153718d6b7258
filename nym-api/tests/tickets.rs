//! Spent tickets: proof first, one spend per serial number, answers that can be repeated (`quorum-api.md` 6.1,
//! `gateway.md` 5.3).

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::{Answer, Book, GATEWAY, Holder, NOON, World, call, gateway, gateway_key, post, today};
use ecash_requests::quorum::{TicketRejection, VerifyEcashTicketBody, VerifyEcashTicketResponse};
use ecash_requests::{IdentitySecret, ShortText};
use ecash_ticketbook::{EpochId, SpendingData, UnixTime};
use nym_api::store::gateways::{FormerKey, GatewayState};

const DAY: u64 = 86_400;
const PATH: &str = "/v1/ecash/verify-ecash-ticket";

fn body(data: &SpendingData) -> VerifyEcashTicketBody {
    VerifyEcashTicketBody {
        credential: data.clone(),
        gateway_cosmos_addr: ShortText::new(GATEWAY).unwrap(),
    }
}

async fn send(world: &World, data: &SpendingData) -> Answer {
    world.call(post(PATH, &body(data))).await
}

async fn verdict(world: &World, data: &SpendingData) -> Result<(), TicketRejection> {
    send(world, data)
        .await
        .json::<VerifyEcashTicketResponse>()
        .verified
}

fn book(world: &World) -> Book {
    Book::new(world, Holder::paid(world, 1))
}

#[tokio::test]
async fn a_ticket_sent_again_by_its_gateway_is_answered_alike_and_recorded_once() {
    let world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    let first = send(&world, &ticket).await;
    assert_eq!(first.text(), r#"{"verified":{"Ok":null}}"#);
    for _ in 0..3 {
        assert_eq!(send(&world, &ticket).await.body, first.body);
    }
    world.wait(6 * DAY);
    assert_eq!(
        send(&world, &ticket).await.body,
        first.body,
        "a recorded spend is answered at any time"
    );
    assert_eq!(world.store.ticket_counts().await.unwrap(), (1, 0, 0));
}

#[tokio::test]
async fn the_same_ticket_a_hundred_times_at_once_is_recorded_once() {
    let world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    let calls: Vec<_> = (0..100)
        .map(|_| tokio::spawn(call(world.router.clone(), post(PATH, &body(&ticket)))))
        .collect();
    for answer in calls {
        assert_eq!(answer.await.unwrap().text(), r#"{"verified":{"Ok":null}}"#);
    }
    assert_eq!(world.store.ticket_counts().await.unwrap(), (1, 0, 0));
}

#[tokio::test]
async fn a_repetition_after_a_restart_is_answered_alike() {
    let mut world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    let first = send(&world, &ticket).await;
    world.restart().await;
    assert_eq!(send(&world, &ticket).await.body, first.body);
    assert_eq!(world.store.ticket_counts().await.unwrap(), (1, 0, 0));
}

#[tokio::test]
async fn a_second_payment_of_a_ticket_is_a_double_spend_and_both_are_kept_as_evidence() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    world.blind_sign(&holder.body()).await.share();
    let mut book = Book::new(&world, holder);
    let first = book.spend(&gateway_key(), NOON);
    verdict(&world, &first).await.unwrap();
    let second = book.spend_again(0, &gateway_key(), NOON);
    for _ in 0..2 {
        assert_eq!(
            verdict(&world, &second).await,
            Err(TicketRejection::DoubleSpend)
        );
    }
    assert_eq!(world.store.ticket_counts().await.unwrap(), (1, 2, 1));
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    let (state, key): (String, Vec<u8>) = sqlx::query_as("SELECT state, user_key FROM conflict")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(state, "identified");
    assert_eq!(key, book.holder.user.public_key().to_bytes());
    assert!(
        !world
            .store
            .is_blacklisted(book.holder.user.public_key())
            .await
            .unwrap(),
        "nobody is accused yet"
    );
    verdict(&world, &first).await.unwrap();
    for _ in 0..5 {
        let more = book.spend_again(0, &gateway_key(), NOON);
        assert_eq!(
            verdict(&world, &more).await,
            Err(TicketRejection::DoubleSpend)
        );
    }
    assert_eq!(
        world.store.ticket_counts().await.unwrap(),
        (1, 2, 1),
        "what is kept is bounded"
    );
    pool.close().await;
}

#[tokio::test]
async fn a_pair_that_names_nobody_to_whom_this_member_issued_is_kept_without_a_name() {
    let world = World::new().await;
    let mut book = book(&world);
    let first = book.spend(&gateway_key(), NOON);
    verdict(&world, &first).await.unwrap();
    let second = book.spend_again(0, &gateway_key(), NOON);
    assert_eq!(
        verdict(&world, &second).await,
        Err(TicketRejection::DoubleSpend)
    );
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    let (state, key): (String, Option<Vec<u8>>) =
        sqlx::query_as("SELECT state, user_key FROM conflict")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((state.as_str(), key), ("unknown_spender", None));
    pool.close().await;
}

#[tokio::test]
async fn a_payment_that_does_not_verify_is_invalid_whatever_serial_it_shows_and_leaves_no_trace() {
    let world = World::new().await;
    let mut book = book(&world);
    let first = book.spend(&gateway_key(), NOON);
    verdict(&world, &first).await.unwrap();
    let other = book.spend(&gateway_key(), NOON);
    let known_serial = SpendingData {
        pay_info: other.pay_info,
        ..first.clone()
    };
    assert_eq!(
        verdict(&world, &known_serial).await,
        Err(TicketRejection::InvalidTicket)
    );
    let new_serial = SpendingData {
        pay_info: first.pay_info,
        ..other.clone()
    };
    assert_eq!(
        verdict(&world, &new_serial).await,
        Err(TicketRejection::InvalidTicket)
    );
    assert_eq!(world.store.ticket_counts().await.unwrap(), (1, 0, 0));
    verdict(&world, &other).await.unwrap();
}

#[tokio::test]
async fn a_recorded_spend_repeated_with_another_date_is_invalid() {
    let world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    verdict(&world, &ticket).await.unwrap();
    let redated = SpendingData {
        spend_date: today().plus_days(1).unwrap(),
        ..ticket
    };
    assert_eq!(
        verdict(&world, &redated).await,
        Err(TicketRejection::InvalidTicket)
    );
}

#[tokio::test]
async fn a_ticket_for_another_gateway_is_invalid_and_not_recorded() {
    let world = World::new().await;
    let ticket = book(&world).spend(&IdentitySecret::from_bytes(&[77; 32]), NOON);
    assert_eq!(
        verdict(&world, &ticket).await,
        Err(TicketRejection::InvalidTicket)
    );
    assert_eq!(world.store.ticket_counts().await.unwrap(), (0, 0, 0));
}

#[tokio::test]
async fn a_former_key_counts_inside_its_two_periods() {
    let world = World::new().await;
    let old = IdentitySecret::from_bytes(&[44; 32]);
    let mut rotated = gateway(GatewayState::Admitted);
    rotated.former = Some(FormerKey {
        key: *old.public().as_bytes(),
        accepts_until: UnixTime(NOON + 60),
        batches_until: UnixTime(NOON + DAY),
    });
    world
        .chain
        .gateways
        .lock()
        .unwrap()
        .insert(GATEWAY.to_owned(), rotated);
    let mut book = book(&world);
    verdict(&world, &book.spend(&old, NOON)).await.unwrap();
    assert_eq!(
        verdict(&world, &book.spend(&old, NOON + 60)).await,
        Err(TicketRejection::InvalidTicket)
    );
    let late = book.spend(&old, NOON);
    world.wait(DAY);
    assert_eq!(
        verdict(&world, &late).await,
        Err(TicketRejection::InvalidTicket)
    );
}

#[tokio::test]
async fn several_tickets_in_one_payment_are_refused_by_name() {
    let world = World::new().await;
    let two = book(&world).spend_many(&gateway_key(), NOON, today(), 2);
    assert_eq!(
        verdict(&world, &two).await,
        Err(TicketRejection::MultipleTickets)
    );
}

#[tokio::test]
async fn gateways_that_are_unknown_pending_suspended_or_deliver_batches_are_turned_away() {
    let world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    for state in [GatewayState::Pending, GatewayState::Suspended] {
        world
            .chain
            .gateways
            .lock()
            .unwrap()
            .insert(GATEWAY.to_owned(), gateway(state));
        send(&world, &ticket)
            .await
            .is(400, "not an admitted gateway");
    }
    world.chain.gateways.lock().unwrap().remove(GATEWAY);
    send(&world, &ticket)
        .await
        .is(400, "not an admitted gateway");
    world
        .chain
        .gateways
        .lock()
        .unwrap()
        .insert(GATEWAY.to_owned(), gateway(GatewayState::Admitted));
    world.wait(5);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    sqlx::query("INSERT INTO batch VALUES (?, 1, 1, x'', zeroblob(32), x'', NULL, 0)")
        .bind(gateway_key().public().as_bytes().as_slice())
        .execute(&pool)
        .await
        .unwrap();
    send(&world, &ticket).await.is(400, "in batches");
    sqlx::query("DELETE FROM batch")
        .execute(&pool)
        .await
        .unwrap();
    verdict(&world, &ticket).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn the_spend_date_is_that_of_the_pay_info_and_the_ticket_arrives_before_it_closes() {
    let midnight = today().midnight().get();
    let cases = [
        // stamped, date relative to today, arrives at, accepted
        (NOON, 0, NOON, true),
        (midnight - 1800, -1, midnight + 1800, true),
        (midnight + 1800, 0, midnight + 1800, true),
        (midnight + 119, -1, midnight + 119, true),
        (midnight + 120, -1, midnight + 120, false),
        (midnight - 120, 0, midnight, true),
        (midnight - 121, 0, midnight, false),
        (NOON, 0, today().midnight().get() + 4 * DAY - 1, true),
        (NOON, 0, today().midnight().get() + 4 * DAY, false),
        (NOON, 1, NOON, false),
        (NOON + 120, 0, NOON, true),
        (NOON + 121, 0, NOON, false),
    ];
    for (position, (stamped, days, arrives, accepted)) in cases.into_iter().enumerate() {
        let world = World::new().await;
        let yesterday = today().minus_days(1).unwrap();
        let date = yesterday
            .plus_days(u32::try_from(days + 1).unwrap())
            .unwrap();
        let mut book = book(&world);
        book.dates = world.dates(today().plus_days(5).unwrap());
        book.wallet = {
            let (request, info) = book.holder.withdraw(today().plus_days(5).unwrap());
            let verified = request
                .verify(
                    book.holder.user.public_key(),
                    today().plus_days(5).unwrap().unix(),
                    0,
                )
                .unwrap();
            let user = book.holder.user.secret_key();
            let partials: Vec<_> = world
                .peers
                .keys
                .iter()
                .map(|(i, key)| {
                    info.unblind(
                        user,
                        &key.blind_sign(&verified),
                        &key.verification_key(),
                        *i,
                    )
                    .unwrap()
                })
                .collect();
            ecash_scheme::Wallet::new(
                info.aggregate(user, &partials, 4, &world.master).unwrap(),
                0,
            )
            .unwrap()
        };
        let ticket = book.spend_many(&gateway_key(), stamped, date, 1);
        world
            .clock
            .set(ecash_service::clock::UnixTime::from_secs(arrives));
        match verdict(&world, &ticket).await {
            Ok(()) => assert!(accepted, "case {position}"),
            Err(TicketRejection::InvalidSpentDate { received, .. }) => {
                assert!(!accepted && received == date, "case {position}");
            }
            Err(other) => panic!("case {position}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_unknown_epoch_is_refused_and_a_member_of_none_answers_nothing() {
    let world = World::new().await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    let unknown = SpendingData {
        epoch_id: EpochId(4),
        ..ticket.clone()
    };
    send(&world, &unknown).await.is(400, "epoch 4");
    let mut stranger = world.concluded();
    stranger.own_index = None;
    world.look_with(
        stranger,
        ecash_contract_messages::dkg::EpochState::InProgress,
    );
    send(&world, &ticket).await.is(400, "not a member");
}

#[tokio::test]
async fn a_ticket_is_verified_by_a_member_that_does_not_sign() {
    let world = World::with(|options| options.signer_enabled = false).await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    verdict(&world, &ticket).await.unwrap();
}

#[tokio::test]
async fn a_client_beyond_its_rate_is_refused_before_its_body_is_read() {
    let world = World::with(|options| options.limits.verify_ticket = 1).await;
    let ticket = book(&world).spend(&gateway_key(), NOON);
    verdict(&world, &ticket).await.unwrap();
    let garbage = axum::http::Request::post(PATH)
        .body(axum::body::Body::from("garbage"))
        .unwrap();
    world.call(garbage).await.is(429, "too many requests");
}

#[tokio::test]
async fn routes_that_are_gone_say_so() {
    let world = World::new().await;
    world
        .get("/v1/ecash/double-spending-filter-v1")
        .await
        .is(410, "gone");
    let redeem = axum::http::Request::post("/v1/ecash/batch-redeem-ecash-tickets")
        .body(axum::body::Body::empty())
        .unwrap();
    world.call(redeem).await.is(410, "gone");
}
