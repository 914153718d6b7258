//! The published negative payments, through the router with the keys and the clock they were made for, and the same
//! tampering on tickets that are otherwise good for this gateway.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_scheme::{VerificationKey, VerifyingKey};
use ecash_service::clock::{Clock as _, UnixTime};
use ecash_ticketbook::{EcashDate, TicketType};
use nym_gateway::epochs::KnownEpochs;
use nym_gateway::registry::{EntryState, Registry};
use serde_json::Value;
use support::*;

const VECTORS: &str = include_str!("../../ecash-lib/scheme/tests/vectors/ecash-v2.json");
/// Unix time in all their pay infos but one.
const MADE_AT: UnixTime = UnixTime::from_secs(1_764_900_000);

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    hex::decode(value[key].as_str().unwrap()).unwrap()
}

fn frame(payment: &[u8], pay_info: &[u8], date: EcashDate) -> Vec<u8> {
    let length = u32::try_from(payment.len()).unwrap().to_be_bytes();
    let day = date.julian_day().to_be_bytes();
    [&length, payment, pay_info, &day, &EPOCH.get().to_be_bytes()].concat()
}

fn cases(vectors: &Value) -> &[Value] {
    let cases = vectors["negative_payments"]["cases"].as_array().unwrap();
    assert!(cases.len() >= 80);
    cases
}

#[tokio::test]
async fn no_published_negative_payment_is_accepted_or_leaves_a_trace() {
    let vectors = vectors();
    let home = private_home();
    let world = World::with(
        home.path(),
        Options {
            now: MADE_AT,
            ..Options::default()
        },
    )
    .await;
    let key = bytes(
        &vectors["keysets"]["ttp_3of5"],
        "aggregated_verification_key",
    );
    let mut epoch = epoch_key(Mint::shared(), EPOCH, MADE_AT.minus_secs(DAY));
    epoch.key = std::sync::Arc::new(VerifyingKey::new(
        &VerificationKey::from_bytes(&key).unwrap(),
    ));
    world
        .gateway
        .situation
        .epochs
        .set(KnownEpochs::new(vec![epoch], Some(EPOCH)));
    let provider = vectors["credential_spending_data"]["items"][0]["pay_info_provider_key"]
        .as_str()
        .unwrap();
    let mut registered = entry(world.key(), EntryState::Admitted);
    registered.previous = Some((
        hex::decode(provider).unwrap().try_into().unwrap(),
        UnixTime::MAX,
    ));
    world
        .gateway
        .situation
        .registry
        .set(Registry::read(Some(registered), MADE_AT));
    for (position, case) in cases(&vectors).iter().enumerate() {
        let token = world.client(1 + (position % 100) as u8).await;
        let date = EcashDate::from_unix(case["spend_date"].as_u64().unwrap() as u32).unwrap();
        let answer = world
            .send(
                &token,
                &frame(&bytes(case, "payment"), &bytes(case, "pay_info"), date),
            )
            .await;
        assert!(
            !answer.verdict.is_granted(),
            "{}: {}",
            case["label"],
            answer.verdict
        );
        assert_eq!(
            (answer.consumed, answer.available),
            (Consumed::No, 0),
            "{}",
            case["label"]
        );
        world.clock.advance_secs(1);
    }
    assert_eq!(world.gateway.store.outbox_counts().await.unwrap(), (0, 0));
    assert_eq!(world.stored_balance().await, 0);
}

/// Copies what a vector changed against the honest payment it was made from onto an honest ticket of our own.
fn tampered(honest: &[u8], base: &[u8], case: &[u8]) -> Option<Vec<u8>> {
    let changed: Vec<usize> = (0..base.len())
        .filter(|at| base[*at] != case[*at])
        .collect();
    let from_this_base = !changed.is_empty() && changed.len() < 300;
    from_this_base.then(|| {
        let mut ticket = honest.to_vec();
        for at in changed {
            ticket[4 + at] = case[at];
        }
        ticket
    })
}

#[tokio::test]
async fn the_same_tampering_on_a_ticket_for_this_gateway_is_refused_and_the_honest_one_accepted_afterwards()
 {
    let vectors = vectors();
    let home = private_home();
    let world = World::new(home.path()).await;
    let base = bytes(&vectors["payments"][0], "payment");
    let honest = world.ticket();
    let mut verified = 0;
    for (position, case) in cases(&vectors).iter().enumerate() {
        let payment = bytes(case, "payment");
        let token = world.client(1 + (position % 100) as u8).await;
        let ticket = if payment.len() == base.len() {
            let Some(ticket) = tampered(&honest, &base, &payment) else {
                continue;
            };
            ticket
        } else {
            frame(&payment, &honest[1194..1266], date_of(world.clock.now()))
        };
        let answer = world.send(&token, &ticket).await;
        let label = case["label"].as_str().unwrap();
        let strict = case["strict"].as_str().unwrap();
        let syntax = payment.len() != base.len()
            || strict.contains("identity")
            || strict.contains("type")
            || strict.contains("spend_value");
        match answer.verdict {
            Verdict::Malformed => {}
            Verdict::UnsupportedFormat => assert_eq!(payment.len(), 1157, "{label}"),
            Verdict::InvalidTicket => {
                assert!(!syntax, "{label} got as far as verification");
                verified += 1;
            }
            other => panic!("{label}: {other}"),
        }
        assert_eq!(
            (answer.consumed, answer.available),
            (Consumed::No, 0),
            "{label}"
        );
        world.clock.advance_secs(1);
    }
    assert!(verified >= 20, "{verified} cases reached verification");
    world.clock.set(NOON);
    let token = world.client(200).await;
    assert_eq!(world.send(&token, &honest).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_ticket_under_another_key_or_from_a_book_that_does_not_cover_the_date_is_refused() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    static OTHER: std::sync::OnceLock<Mint> = std::sync::OnceLock::new();
    let other = OTHER.get_or_init(|| Mint::new(99)).book(TYPE);
    assert_eq!(
        world
            .send(&token, &other.ticket_at(0, world.spend()))
            .await
            .verdict,
        Verdict::InvalidTicket
    );
    // Signed for the last valid day, shown and stamped as the day after.
    let last = Spend {
        date: expiration(),
        ..world.spend()
    };
    world.clock.set(UnixTime::from_secs(
        u64::from(expiration().unix()) + DAY + 3600,
    ));
    let now = world.clock.now();
    world.gateway.situation.registry.set(Registry::read(
        Some(entry(world.key(), EntryState::Admitted)),
        now,
    ));
    let mut expired = world.book.ticket_at(
        0,
        Spend {
            time: now.as_i64(),
            ..last
        },
    );
    expired[1266..1270].copy_from_slice(&date_of(now).julian_day().to_be_bytes());
    assert_eq!(
        world.send(&token, &expired).await.verdict,
        Verdict::InvalidTicket
    );
    assert_eq!(TYPE, TicketType::WireguardEntry);
}
