//! What the database must survive: full, locked, lost, old (`gateway.md` 3.4, 7).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::path::Path;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_service::clock::Clock as _;
use nym_gateway::Error;
use nym_gateway::accept::verified::VerifiedTicket;
use nym_gateway::spend_store::{
    Acceptance, CommitError, Evidence, Known, Reserve, SpendStore as _,
};
use nym_gateway::store::{KeyOrigin, Quota, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use support::*;

async fn beside(home: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(home.join("gateway.sqlite"))
        .connect()
        .await
        .unwrap()
}

async fn pages(home: &Path) -> u32 {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut beside(home).await)
        .await
        .unwrap();
    u32::try_from(pages).unwrap()
}

fn serial(ticket: &[u8]) -> ecash_scheme::SerialNumber {
    *ecash_ticketbook::Ticket::parse(ticket).unwrap().serial()
}

#[tokio::test]
async fn a_database_at_its_page_limit_grants_nothing_consumes_nothing_and_goes_on_afterwards() {
    let home = private_home();
    let first = World::new(home.path()).await;
    first.client(1).await;
    first.gateway.store.clone().close().await;
    drop(first);
    let quota = Quota {
        max_pages: Some(pages(home.path()).await + 6),
        ..Quota::default()
    };
    let world = World::with(
        home.path(),
        Options {
            quota,
            now: NOON.plus_secs(1),
            ..Options::default()
        },
    )
    .await;
    let token = world.client(1).await;
    let mut accepted = 0;
    let refused = loop {
        let ticket = world.ticket();
        let answer = world.send(&token, &ticket).await;
        if answer.verdict == Verdict::Accepted {
            accepted += 1;
            assert!(accepted < 40, "the limit was never reached");
            continue;
        }
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::StorageUnavailable, Consumed::No)
        );
        assert_eq!(answer.available, accepted * GRANT);
        break ticket;
    };
    assert!(accepted > 0);
    let again = world.send(&token, &refused).await;
    assert_eq!(
        (again.verdict, again.available),
        (Verdict::StorageUnavailable, accepted * GRANT)
    );
    assert_eq!(
        world.gateway.store.lookup(&serial(&refused)).await.unwrap(),
        Known::Absent
    );
    assert_eq!(world.stored_balance().await, accepted * GRANT);
    assert_eq!(
        world.gateway.store.outbox_counts().await.unwrap().0,
        accepted as u64
    );

    sqlx::query("DELETE FROM ticket_blob")
        .execute(&mut beside(home.path()).await)
        .await
        .unwrap();
    let answer = world.send(&token, &refused).await;
    assert_eq!(
        (answer.verdict, answer.available),
        (Verdict::Accepted, (accepted + 1) * GRANT)
    );
    assert_eq!(world.stored_balance().await, (accepted + 1) * GRANT);
}

#[tokio::test]
async fn a_locked_database_is_busy_within_a_second_and_grants_once_when_it_is_free() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let tickets = [world.ticket(), world.ticket(), world.ticket()];
    let mut other = beside(home.path()).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let started = std::time::Instant::now();
    let answers =
        futures::future::join_all(tickets.iter().map(|ticket| world.send(&token, ticket))).await;
    assert!(
        started.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    for answer in answers {
        assert_eq!(
            (answer.verdict, answer.consumed, answer.available),
            (Verdict::Busy, Consumed::No, 0)
        );
    }
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    for ticket in &tickets {
        assert_eq!(world.send(&token, ticket).await.verdict, Verdict::Accepted);
    }
    assert_eq!(world.stored_balance().await, 3 * GRANT);
}

#[tokio::test]
async fn at_nine_tenths_of_the_disk_quota_tickets_are_refused_and_none_is_dropped() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let taken = world.ticket();
    world.send(&token, &taken).await;
    let (used, _) = world.gateway.store.usage();
    world.gateway.store.clone().close().await;
    drop(world);
    let quota = Quota {
        disk_bytes: used,
        max_pages: None,
    };
    let world = World::with(
        home.path(),
        Options {
            quota,
            now: NOON.plus_secs(1),
            ..Options::default()
        },
    )
    .await;
    let token = world.client(1).await;
    let answer = world.send(&token, &world.ticket()).await;
    assert_eq!(
        (answer.verdict, answer.consumed),
        (Verdict::Busy, Consumed::No)
    );
    assert_eq!(
        world.send(&token, &taken).await.verdict,
        Verdict::AlreadyAccepted
    );
    assert_eq!(
        world
            .gateway
            .store
            .deliveries_after(0, 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_serial_is_kept_until_the_end_of_the_seventh_day_and_its_bytes_until_the_tenth() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    world.send(&token, &ticket).await;
    world
        .send(&token, &world.book.ticket_at(0, world.spend()))
        .await;
    let store = &world.gateway.store;
    let day = date_of(NOON);
    assert_eq!(
        store
            .drop_old_days(day.plus_days(7).unwrap())
            .await
            .unwrap(),
        0
    );
    assert!(matches!(
        store.lookup(&serial(&ticket)).await.unwrap(),
        Known::Spent { evidence: 1, .. }
    ));
    assert_eq!(
        store
            .drop_old_days(day.plus_days(8).unwrap())
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store.lookup(&serial(&ticket)).await.unwrap(),
        Known::EvidenceOnly
    );
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::DoubleSpend
    );
    assert_eq!(
        store
            .drop_old_days(day.plus_days(10).unwrap())
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        store
            .drop_old_days(day.plus_days(11).unwrap())
            .await
            .unwrap(),
        4
    );
    assert_eq!(store.outbox_counts().await.unwrap(), (0, 0));
    assert_eq!(
        world.available(&token).await,
        GRANT,
        "balances have a life of their own"
    );
}

#[tokio::test]
async fn days_are_dropped_while_lookups_run_and_no_younger_serial_is_missed() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    world.send(&token, &ticket).await;
    let store = &world.gateway.store;
    let lookups = async {
        for _ in 0..300 {
            assert!(matches!(
                store.lookup(&serial(&ticket)).await.unwrap(),
                Known::Spent { .. }
            ));
        }
    };
    let drops = async {
        for days in 0..=7 {
            store
                .drop_old_days(date_of(NOON).plus_days(days).unwrap())
                .await
                .unwrap();
        }
    };
    tokio::join!(lookups, drops);
}

/// Ruins the database of a home in one way.
type Ruin = fn(&Path);

#[tokio::test]
async fn a_lost_database_is_replaced_in_reduced_mode_and_nothing_from_before_is_granted_again() {
    let ruins: [(&str, Ruin); 4] = [
        ("absent", |path| std::fs::remove_file(path).unwrap()),
        ("empty", |path| std::fs::write(path, b"").unwrap()),
        ("truncated", |path| {
            let whole = std::fs::read(path).unwrap();
            std::fs::write(path, &whole[..whole.len() / 2]).unwrap();
        }),
        ("garbage", |path| {
            std::fs::write(path, b"this is not a database".repeat(400)).unwrap()
        }),
    ];
    for (name, ruin) in ruins {
        let home = private_home();
        let world = World::new(home.path()).await;
        let token = world.client(1).await;
        let (taken, unsent) = (world.ticket(), world.ticket());
        world.send(&token, &taken).await;
        world.gateway.store.clone().close().await;
        drop(world);
        ruin(&home.path().join("gateway.sqlite"));

        let world = World::with(
            home.path(),
            Options {
                now: NOON.plus_secs(5),
                ..Options::default()
            },
        )
        .await;
        assert!(world.gateway.store.instance().reduced, "{name}");
        let token = world.client(1).await;
        assert_eq!(world.available(&token).await, 0);
        for ticket in [&taken, &unsent, &world.ticket()] {
            let answer = world.send(&token, ticket).await;
            assert_eq!(
                (answer.verdict, answer.consumed),
                (Verdict::StaleOrFuture, Consumed::No),
                "{name}"
            );
        }
        world.clock.advance_secs(120);
        assert_eq!(
            world.send(&token, &world.ticket()).await.verdict,
            Verdict::StaleOrFuture
        );
        world.clock.advance_secs(1);
        assert_eq!(
            world.send(&token, &world.ticket()).await.verdict,
            Verdict::Accepted,
            "{name}"
        );
        world.gateway.store.clone().close().await;
        drop(world);
        let again = Store::open(
            home.path(),
            &network(),
            Quota::default(),
            NOON.plus_secs(500),
        )
        .await
        .unwrap();
        assert_eq!(
            again.instance().reduced_since(),
            Some(NOON.plus_secs(5)),
            "{name}: for as long as it lives"
        );
    }
}

#[tokio::test]
async fn an_older_copy_with_another_instance_id_counts_as_lost_and_is_put_aside() {
    let (home, other) = (private_home(), private_home());
    Store::create(home.path(), &network(), KeyOrigin::New, NOON)
        .await
        .unwrap();
    Store::create(other.path(), &network(), KeyOrigin::New, NOON)
        .await
        .unwrap();
    std::fs::copy(
        other.path().join("gateway.sqlite"),
        home.path().join("gateway.sqlite"),
    )
    .unwrap();
    let store = Store::open(home.path(), &network(), Quota::default(), NOON.plus_secs(9))
        .await
        .unwrap();
    assert!(store.instance().reduced);
    assert!(
        home.path()
            .join(format!("gateway.sqlite.lost-{}", NOON.plus_secs(9)))
            .exists()
    );
}

#[tokio::test]
async fn a_database_beside_a_restored_key_without_its_id_is_not_believed() {
    let home = private_home();
    Store::create(home.path(), &network(), KeyOrigin::New, NOON)
        .await
        .unwrap();
    std::fs::remove_file(home.path().join("instance_id")).unwrap();
    let later = NOON.plus_secs(7);
    Store::create(home.path(), &network(), KeyOrigin::Restored, later)
        .await
        .unwrap();
    let store = Store::open(home.path(), &network(), Quota::default(), later)
        .await
        .unwrap();
    assert_eq!(store.instance().reduced_since(), Some(later));
}

#[tokio::test]
async fn a_home_that_was_never_initialised_and_one_below_a_file_are_told_apart() {
    let home = private_home();
    let outcome = Store::open(home.path(), &network(), Quota::default(), NOON).await;
    assert!(matches!(outcome, Err(Error::NotInitialised)));
    assert_eq!(
        std::fs::read_dir(home.path()).unwrap().count(),
        0,
        "nothing was made"
    );
    let file = home.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Store::create(&file.join("home"), &network(), KeyOrigin::New, NOON)
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("file"), "{error}");
    Store::create(home.path(), &network(), KeyOrigin::New, NOON)
        .await
        .unwrap();
    assert!(matches!(
        Store::create(home.path(), &network(), KeyOrigin::New, NOON).await,
        Err(Error::AlreadyInitialised { .. })
    ));
}

#[tokio::test]
async fn tokens_balances_and_spends_are_there_after_a_restart() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let ticket = world.ticket();
    world.send(&token, &ticket).await;
    let account = world.gateway.accounts.by_token(&token, NOON).unwrap();
    world
        .gateway
        .accounts
        .consume(&account, 1_000, NOON)
        .unwrap();
    assert_eq!(world.gateway.accounts.flush().await.unwrap(), 1);
    assert_eq!(
        world.gateway.accounts.flush().await.unwrap(),
        0,
        "written once"
    );
    world.gateway.store.clone().close().await;
    drop((world, account));
    let world = World::new(home.path()).await;
    assert_eq!(world.available(&token).await, GRANT - 1_000);
    let answer = world.send(&token, &ticket).await;
    assert_eq!(
        (answer.verdict, answer.available),
        (Verdict::AlreadyAccepted, GRANT - 1_000)
    );
    let (status, _) = world
        .register(&world.registration(1, world.clock.now().as_secs()))
        .await;
    assert_eq!(
        status.as_u16(),
        409,
        "a copied registration yields no token, also after a restart"
    );
}

#[tokio::test]
async fn the_store_itself_keeps_two_payments_as_evidence_and_reserves_a_serial_once() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let store = &world.gateway.store;
    let verified = |bytes: &[u8]| {
        let ticket = ecash_ticketbook::Ticket::parse(bytes).unwrap();
        VerifiedTicket::verify(ticket, &Mint::shared().verifying, &mut rand::thread_rng()).unwrap()
    };
    let payment = world.book.ticket_at(0, world.spend());
    let first = store.reserve(serial(&payment)).await.unwrap();
    assert!(matches!(first, Reserve::Reserved(_)));
    assert!(matches!(
        store.reserve(serial(&payment)).await.unwrap(),
        Reserve::InFlight(_)
    ));
    drop(first);
    for expected in [true, true, false] {
        let evidence = Evidence {
            ticket: verified(&world.book.ticket_at(0, world.spend())),
            received_at: NOON,
        };
        assert_eq!(store.evidence(evidence.clone()).await.unwrap(), expected);
        assert!(!store.evidence(evidence).await.unwrap(), "kept once");
    }
    assert_eq!(
        store.lookup(&serial(&payment)).await.unwrap(),
        Known::EvidenceOnly
    );
    let Reserve::Reserved(other) = store
        .reserve(serial(&world.book.ticket_at(1, world.spend())))
        .await
        .unwrap()
    else {
        panic!("another serial is absent");
    };
    let token = world.client(1).await;
    let mismatched = Acceptance {
        ticket: verified(&payment),
        account: world.gateway.accounts.by_token(&token, NOON).unwrap().id(),
        received_at: NOON,
        grant_bytes: GRANT,
        expires_at: NOON,
    };
    assert!(matches!(
        store.commit(&other, mismatched).await,
        Err(CommitError::NotCommitted(_))
    ));
    assert_eq!(world.stored_balance().await, 0);
}
