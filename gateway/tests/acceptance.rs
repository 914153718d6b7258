//! Which tickets are taken, and what is said about the others (`gateway.md` 1.8, 7).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::sync::Arc;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_service::clock::{Clock as _, UnixTime};
use ecash_ticketbook::{EpochId, TicketType};
use futures::future::join_all;
use nym_gateway::epochs::KnownEpochs;
use nym_gateway::registry::{EntryState, Registry};
use nym_gateway::skew::ClockState;
use support::*;

/// Offsets inside the 1278 bytes.
const JULIAN_DAY: usize = 4 + 1190 + 72;
const EPOCH_ID: usize = JULIAN_DAY + 4;
/// The ticket type: 396 + 6 bytes of proof follow it.
const TICKET_TYPE: usize = 4 + 1190 - 402 - 1;

#[tokio::test]
async fn an_honest_ticket_is_accepted_once_and_its_repetition_grants_nothing() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    let first = world.send(&token, &ticket).await;
    assert_eq!(
        (first.verdict, first.consumed, first.available),
        (Verdict::Accepted, Consumed::Yes, GRANT)
    );
    let again = world.send(&token, &ticket).await;
    assert_eq!(
        (again.verdict, again.consumed, again.available),
        (Verdict::AlreadyAccepted, Consumed::Yes, GRANT)
    );
    assert_eq!(again.serial, first.serial);
    assert_eq!(world.available(&token).await, GRANT);
    assert_eq!(world.stored_balance().await, GRANT);
    assert_eq!(world.gateway.acceptor.verifications(), 1);
}

#[tokio::test]
async fn a_late_retry_of_an_accepted_ticket_gets_its_answer_outside_the_window() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    world.send(&token, &ticket).await;
    world.clock.advance_secs(3 * DAY);
    let again = world.send(&token, &ticket).await;
    assert_eq!(
        (again.verdict, again.available),
        (Verdict::AlreadyAccepted, GRANT)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn identical_bytes_sent_a_thousand_times_at_once_grant_once_and_are_verified_once() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    let answers = join_all((0..1000).map(|_| world.send(&token, &ticket))).await;
    let accepted = answers
        .iter()
        .filter(|answer| answer.verdict == Verdict::Accepted)
        .count();
    let repeated = answers
        .iter()
        .filter(|answer| answer.verdict == Verdict::AlreadyAccepted)
        .count();
    assert_eq!((accepted, repeated), (1, 999));
    assert_eq!(world.gateway.acceptor.verifications(), 1);
    assert_eq!(world.available(&token).await, GRANT);
    assert_eq!(world.stored_balance().await, GRANT);
}

#[tokio::test]
async fn a_copied_ticket_is_a_replay_and_does_not_touch_its_owner() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let (owner, thief) = (world.client(1).await, world.client(2).await);
    let spend = world.spend();
    let pay_info = ecash_ticketbook::PayInfo::new([5; 32], spend.time, spend.provider);
    let ticket = world.book.ticket_with(0, pay_info, spend);
    let randomised = world.book.ticket_with(0, pay_info, spend);
    assert_ne!(ticket, randomised);
    world.send(&owner, &ticket).await;
    for copy in [&ticket, &randomised] {
        let answer = world.send(&thief, copy).await;
        assert_eq!(
            (answer.verdict, answer.consumed, answer.available),
            (Verdict::TicketReplay, Consumed::Yes, 0)
        );
    }
    let owner_again = world.send(&owner, &randomised).await;
    assert_eq!(
        (owner_again.verdict, owner_again.available),
        (Verdict::AlreadyAccepted, GRANT)
    );
    assert_eq!(world.gateway.acceptor.verifications(), 1);
}

#[tokio::test]
async fn an_index_spent_again_with_other_pay_info_is_a_double_spend_and_two_are_kept_as_evidence() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    assert_eq!(
        world
            .send(&token, &world.book.ticket_at(0, world.spend()))
            .await
            .verdict,
        Verdict::Accepted
    );
    for _ in 0..5 {
        let answer = world
            .send(&token, &world.book.ticket_at(0, world.spend()))
            .await;
        assert_eq!(
            (answer.verdict, answer.consumed, answer.available),
            (Verdict::DoubleSpend, Consumed::Yes, GRANT)
        );
    }
    assert_eq!(world.gateway.store.outbox_counts().await.unwrap(), (1, 2));
    assert_eq!(
        world.gateway.acceptor.verifications(),
        3,
        "the first one and two as evidence"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_payments_of_one_index_at_once_give_one_grant_and_double_spends() {
    let home = private_home();
    let world = Arc::new(World::new(home.path()).await);
    let token = world.client(1).await;
    let tickets: Vec<Vec<u8>> = (0..100)
        .map(|_| world.book.ticket_at(0, world.spend()))
        .collect();
    let answers = join_all(tickets.iter().map(|ticket| world.send(&token, ticket))).await;
    let count = |verdict| {
        answers
            .iter()
            .filter(|answer| answer.verdict == verdict)
            .count()
    };
    assert_eq!(count(Verdict::Accepted), 1);
    assert_eq!(count(Verdict::DoubleSpend) + count(Verdict::Busy), 99);
    assert!(count(Verdict::DoubleSpend) >= 2);
    assert_eq!(world.available(&token).await, GRANT);
    assert_eq!(world.stored_balance().await, GRANT);
    let (payments, evidence) = world.gateway.store.outbox_counts().await.unwrap();
    assert_eq!((payments, evidence), (1, 2));
}

#[tokio::test]
async fn a_clock_half_a_minute_off_takes_no_tickets_until_it_is_right() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    for off in [45, -45, 31, -31] {
        world
            .gateway
            .situation
            .clock
            .set(ClockState::estimated(off, NOON));
        let answer = world.send(&token, &ticket).await;
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::Busy, Consumed::No)
        );
    }
    world.gateway.situation.clock.set(ClockState::default());
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Busy);
    world
        .gateway
        .situation
        .clock
        .set(ClockState::estimated(30, NOON));
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn the_last_estimate_of_the_clock_stands_when_nobody_tells_the_time_any_more() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    world.clock.advance_secs(6 * 3600);
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
}

#[tokio::test]
async fn a_ticket_is_good_for_two_minutes_to_either_side() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    for (offset, expected) in [
        (-200, Verdict::StaleOrFuture),
        (-121, Verdict::StaleOrFuture),
        (-120, Verdict::Accepted),
        (120, Verdict::Accepted),
        (121, Verdict::StaleOrFuture),
        (200, Verdict::StaleOrFuture),
    ] {
        let spend = Spend {
            time: NOON.as_i64() + offset,
            ..world.spend()
        };
        let answer = world
            .send(
                &token,
                &world.book.ticket_at(world.book.next_index(), spend),
            )
            .await;
        assert_eq!(answer.verdict, expected, "{offset} s");
        if expected == Verdict::StaleOrFuture {
            assert_eq!(answer.consumed, Consumed::No);
        }
    }
}

#[tokio::test]
async fn around_midnight_the_date_of_either_day_is_right_and_only_these() {
    let midnight = NOON.midnight().plus_secs(DAY);
    let (before, after) = (midnight.minus_secs(10), midnight.plus_secs(10));
    for (stamped, received, date, expected) in [
        (before, after, before, Verdict::Accepted),
        (after, before, after, Verdict::Accepted),
        (before, before, after, Verdict::Accepted),
        (
            before,
            before,
            before.minus_secs(DAY),
            Verdict::StaleOrFuture,
        ),
        (after, after, after.plus_secs(DAY), Verdict::StaleOrFuture),
    ] {
        let home = private_home();
        let world = World::with(
            home.path(),
            Options {
                now: received,
                ..Options::default()
            },
        )
        .await;
        let token = world.client(1).await;
        let spend = Spend {
            time: stamped.as_i64(),
            date: date_of(date),
            ..world.spend()
        };
        let answer = world.send(&token, &world.book.ticket_at(0, spend)).await;
        assert_eq!(
            answer.verdict, expected,
            "stamped {stamped}, received {received}, date of {date}"
        );
    }
}

#[tokio::test]
async fn a_valid_date_that_is_not_that_of_the_time_is_refused() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    for days in [-2_i64, -1, 1, 2] {
        let date = date_of(UnixTime::from_secs(
            NOON.as_secs().wrapping_add_signed(days * DAY as i64),
        ));
        let ticket = world.book.ticket_at(
            world.book.next_index(),
            Spend {
                date,
                ..world.spend()
            },
        );
        let answer = world.send(&token, &ticket).await;
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::StaleOrFuture, Consumed::No)
        );
    }
}

#[tokio::test]
async fn a_changed_date_field_is_refused_before_the_proof() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let mut ticket = world.ticket();
    let day = date_of(NOON.minus_secs(2 * DAY)).julian_day();
    ticket[JULIAN_DAY..EPOCH_ID].copy_from_slice(&day.to_be_bytes());
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::StaleOrFuture
    );
    assert_eq!(world.gateway.acceptor.verifications(), 0);
}

#[tokio::test]
async fn impossible_dates_and_times_are_refused_without_a_panic() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    let year_9999 = 5_373_484_i32;
    for day in [i32::MIN, -1, 0, 2_440_587, 2_440_588, year_9999, i32::MAX] {
        let mut bad = ticket.clone();
        bad[JULIAN_DAY..EPOCH_ID].copy_from_slice(&day.to_be_bytes());
        let answer = world.send(&token, &bad).await;
        assert!(
            matches!(answer.verdict, Verdict::Malformed | Verdict::StaleOrFuture),
            "{day}: {}",
            answer.verdict
        );
        assert_eq!(answer.consumed, Consumed::No);
    }
    for time in [i64::MIN, -1, 0, i64::MAX] {
        let mut bad = ticket.clone();
        bad[JULIAN_DAY - 40..JULIAN_DAY - 32].copy_from_slice(&time.to_be_bytes());
        assert_eq!(
            world.send(&token, &bad).await.verdict,
            Verdict::StaleOrFuture,
            "{time}"
        );
    }
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_ticket_for_another_gateway_is_refused_and_a_rotated_key_is_good_for_its_time() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let (one_ago, two_ago) = ([21; 32], [22; 32]);
    let mut registered = entry(world.key(), EntryState::Admitted);
    registered.previous = Some((one_ago, NOON.plus_secs(10)));
    world
        .gateway
        .situation
        .registry
        .set(Registry::read(Some(registered), NOON));
    let ticket = |provider| {
        world.book.ticket_at(
            world.book.next_index(),
            Spend {
                provider,
                ..world.spend()
            },
        )
    };
    let (first, late) = (ticket(one_ago), ticket(one_ago));
    assert_eq!(world.send(&token, &first).await.verdict, Verdict::Accepted);
    for provider in [two_ago, [0; 32], [0xff; 32]] {
        let answer = world.send(&token, &ticket(provider)).await;
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::WrongProvider, Consumed::No)
        );
    }
    world.clock.advance_secs(10);
    assert_eq!(
        world.send(&token, &late).await.verdict,
        Verdict::WrongProvider
    );
}

#[tokio::test]
async fn a_type_outside_the_roles_is_refused_and_an_unknown_one_is_malformed() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let other = Mint::shared().book(TicketType::MixnetExit);
    let answer = world.send(&token, &other.ticket_at(0, world.spend())).await;
    assert_eq!(
        (answer.verdict, answer.consumed),
        (Verdict::WrongType, Consumed::No)
    );
    let mut ticket = world.ticket();
    assert_eq!(ticket[TICKET_TYPE], TYPE.code());
    for code in [4, 255] {
        ticket[TICKET_TYPE] = code;
        let answer = world.send(&token, &ticket).await;
        assert_eq!(
            (answer.verdict, answer.consumed, answer.serial),
            (Verdict::Malformed, Consumed::No, None)
        );
    }
    assert_eq!(world.gateway.acceptor.verifications(), 0);
}

#[tokio::test]
async fn a_ticket_shown_as_another_type_that_is_taken_does_not_verify() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let mut ticket = Mint::shared()
        .book(TicketType::MixnetExit)
        .ticket_at(0, world.spend());
    ticket[TICKET_TYPE] = TYPE.code();
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::InvalidTicket
    );
}

#[tokio::test]
async fn an_unknown_epoch_is_refused_without_a_trace() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let mut ticket = world.ticket();
    for step in 0..10_000_u64 {
        let epoch = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 8;
        ticket[EPOCH_ID..].copy_from_slice(&epoch.to_be_bytes());
        let account = world.gateway.accounts.by_token(&token, NOON).unwrap();
        let answer = world
            .gateway
            .acceptor
            .accept(
                &account,
                &ticket,
                &[TYPE],
                nym_gateway::accept::Transport::Http,
            )
            .await
            .unwrap();
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::UnknownEpoch, Consumed::No)
        );
    }
    assert_eq!(world.gateway.acceptor.verifications(), 0);
    let metrics = ecash_service::http::Metrics::install().unwrap().render();
    assert!(
        metrics
            .lines()
            .filter(|line| line.starts_with("gateway_tickets_total"))
            .count()
            <= 13
    );
    ticket[EPOCH_ID..].copy_from_slice(&EPOCH.get().to_be_bytes());
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn an_epoch_is_known_for_eight_days_after_its_successor_and_not_once_revoked() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let successor_since = NOON.minus_secs(8 * DAY - 100);
    let old = epoch_key(Mint::shared(), EPOCH, NOON.minus_secs(60 * DAY));
    let mut new = epoch_key(Mint::shared(), EpochId(9), successor_since);
    new.record.predecessor = Some(EPOCH);
    let set = |epochs| {
        world
            .gateway
            .situation
            .epochs
            .set(KnownEpochs::new(epochs, Some(EpochId(9))))
    };
    set(vec![old.clone(), new.clone()]);
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
    world.clock.advance_secs(100);
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::UnknownEpoch
    );
    let labelled = Spend {
        epoch: EpochId(9),
        ..world.spend()
    };
    let ticket = world.book.ticket_at(world.book.next_index(), labelled);
    new.record.revoked = true;
    set(vec![old, new.clone()]);
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::UnknownEpoch
    );
    new.record.revoked = false;
    set(vec![new]);
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_gateway_that_is_not_admitted_is_busy() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    let key = world.key();
    let registry = &world.gateway.situation.registry;
    for reading in [
        Registry::default(),
        Registry::read(None, NOON),
        Registry::read(Some(entry(key, EntryState::Pending)), NOON),
        Registry::read(Some(entry(key, EntryState::Suspended)), NOON),
        Registry::read(Some(entry([9; 32], EntryState::Admitted)), NOON),
        Registry::read(
            Some(entry(key, EntryState::Admitted)),
            NOON.minus_secs(DAY + 1),
        ),
    ] {
        registry.set(reading);
        let answer = world.send(&token, &ticket).await;
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::Busy, Consumed::No)
        );
    }
    let mut rotated = entry([9; 32], EntryState::Admitted);
    rotated.previous = Some((key, NOON));
    registry.set(Registry::read(Some(rotated.clone()), NOON));
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::Busy,
        "its key is past its grace"
    );
    registry.set(Registry::read(
        Some(entry(key, EntryState::Admitted)),
        NOON.minus_secs(DAY),
    ));
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::Accepted,
        "a chain out of reach changes nothing for a day"
    );
}

#[tokio::test]
async fn every_truncation_and_extension_is_malformed_and_the_older_form_is_named() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    for length in 0..ticket.len() {
        let answer = world.send(&token, &ticket[..length]).await;
        assert_eq!(
            (answer.verdict, answer.consumed, answer.serial),
            (Verdict::Malformed, Consumed::No, None),
            "{length}"
        );
    }
    for extra in [1, 2, 100] {
        let mut longer = ticket.clone();
        longer.resize(ticket.len() + extra, 0);
        assert_eq!(
            world.send(&token, &longer).await.verdict,
            Verdict::Malformed
        );
    }
    let mut older = ticket[..1245].to_vec();
    older[..4].copy_from_slice(&1157_u32.to_be_bytes());
    assert_eq!(
        world.send(&token, &older).await.verdict,
        Verdict::UnsupportedFormat
    );
    for length in [0, 1189, 1191, u32::MAX] {
        let mut bad = ticket.clone();
        bad[..4].copy_from_slice(&length.to_be_bytes());
        assert_eq!(world.send(&token, &bad).await.verdict, Verdict::Malformed);
    }
    assert_eq!(world.gateway.acceptor.verifications(), 0);
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_changed_byte_anywhere_in_the_payment_grants_nothing_and_burns_nothing() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let ticket = world.ticket();
    for offset in (4..1194).step_by(29) {
        let token = world.client(1 + (offset % 200) as u8).await;
        let mut bad = ticket.clone();
        bad[offset] ^= 1;
        let answer = world.send(&token, &bad).await;
        assert!(
            matches!(
                answer.verdict,
                Verdict::Malformed | Verdict::InvalidTicket | Verdict::WrongType
            ),
            "{offset}: {}",
            answer.verdict
        );
        assert_eq!((answer.consumed, answer.available), (Consumed::No, 0));
        world.clock.advance_secs(1);
    }
    world.clock.set(NOON);
    let token = world.client(250).await;
    assert_eq!(world.send(&token, &ticket).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn after_sixteen_invalid_tickets_in_a_minute_the_account_is_not_listened_to_for_a_minute() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let (liar, honest) = (world.client(1).await, world.client(2).await);
    let mut bad = world.ticket();
    bad[1194] ^= 1; // the nonce: the proof does not fit it
    for _ in 0..16 {
        assert_eq!(
            world.send(&liar, &bad).await.verdict,
            Verdict::InvalidTicket
        );
    }
    let request = |token| {
        post(
            "/v1/tickets",
            Some(token),
            "application/octet-stream",
            bad.clone(),
        )
    };
    let answer = call(&world.public, request(&liar)).await;
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.headers["retry-after"], "60");
    assert_eq!(
        world.send(&honest, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
    world.clock.advance_secs(60);
    assert_eq!(
        world.send(&liar, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
}

#[tokio::test]
async fn hanging_up_before_the_verdict_saves_an_account_from_nothing() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let account = world.gateway.accounts.by_token(&token, NOON).unwrap();
    let mut bad = world.ticket();
    bad[1194] ^= 1;
    for sent in 1..=16 {
        let roles = [TYPE];
        let mut accepting = Box::pin(world.gateway.acceptor.accept(
            &account,
            &bad,
            &roles,
            nym_gateway::accept::Transport::Http,
        ));
        assert!(futures::poll!(accepting.as_mut()).is_pending());
        drop(accepting);
        while world.gateway.acceptor.verifications() < sent {
            tokio::task::yield_now().await;
        }
    }
    let closed = async {
        while account.closed_for_secs(NOON).is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), closed)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_goes_away_in_the_middle_finds_a_definite_verdict_later() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    for wait_ms in [0, 1, 2, 5, 10] {
        let ticket = world.ticket();
        let limit = std::time::Duration::from_millis(wait_ms);
        let _ = tokio::time::timeout(limit, world.send(&token, &ticket)).await;
        let before = world
            .gateway
            .accounts
            .by_token(&token, world.clock.now())
            .unwrap();
        let answer = world.send(&token, &ticket).await;
        assert!(matches!(
            answer.verdict,
            Verdict::Accepted | Verdict::AlreadyAccepted
        ));
        assert_eq!(before.meter().available(NOON), answer.available);
    }
    assert_eq!(world.available(&token).await, 5 * GRANT);
    assert_eq!(world.stored_balance().await, 5 * GRANT);
}
