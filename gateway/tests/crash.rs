//! F1 to F4 and F6 with a real kill −9: the test runs itself as a child that stops at an injected point, says so and is
//! killed there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use ecash_requests::gateway::Verdict;
use ecash_scheme::SerialNumber;
use ecash_service::clock::{Clock as _, UnixTime};
use ecash_service::shutdown::{Shutdown, ShutdownTrigger};
use nym_gateway::accept::reservation::Reservation;
use nym_gateway::epochs::Signer;
use nym_gateway::gateway::Gateway;
use nym_gateway::outbox::{Deliverer, Members, Outcome, deliver_to_all};
use nym_gateway::spend_store::{
    Acceptance, CommitError, Committed, Evidence, Known, Reserve, SpendStore,
};
use nym_gateway::store::{Delivery, Store};
use support::*;
use tokio::task::JoinHandle;

const HOME: &str = "GATEWAY_CRASH_HOME";
const POINT: &str = "GATEWAY_CRASH_POINT";
const REACHED: &str = "reached the point";

/// A store that stops for ever around its commit.
struct Stopping {
    store: Store,
    point: String,
}

impl Stopping {
    async fn stop_at(&self, point: &str) {
        if self.point == point {
            println!("{REACHED}");
            std::future::pending::<()>().await;
        }
    }
}

impl SpendStore for Stopping {
    async fn lookup(&self, serial: &SerialNumber) -> Result<Known, CommitError> {
        self.store.lookup(serial).await
    }

    async fn reserve(&self, serial: SerialNumber) -> Result<Reserve, CommitError> {
        self.store.reserve(serial).await
    }

    async fn commit(
        &self,
        reservation: &Reservation,
        acceptance: Acceptance,
    ) -> Result<Committed, CommitError> {
        self.stop_at("before the commit").await;
        let committed = self.store.commit(reservation, acceptance).await;
        self.stop_at("after the commit").await;
        committed
    }

    async fn evidence(&self, evidence: Evidence) -> Result<bool, CommitError> {
        self.store.evidence(evidence).await
    }

    fn has_room(&self) -> bool {
        self.store.has_room()
    }
}

/// Only run by the tests below, in a process of its own.
#[tokio::test]
#[ignore = "the child of the tests in this file"]
async fn child() {
    let (Ok(home), Ok(point)) = (std::env::var(HOME), std::env::var(POINT)) else {
        return;
    };
    let home = PathBuf::from(home);
    let options = Options::default();
    let store = open_store(&home, &options).await;
    let stopping = Stopping {
        store: store.clone(),
        point: point.clone(),
    };
    let world = World::over(stopping, store, options).await;
    let token = world.client(1).await;
    for number in 0.. {
        let Ok(ticket) = std::fs::read(home.join(format!("ticket-{number}"))) else {
            break;
        };
        let answer = world.send(&token, &ticket).await;
        assert_eq!(answer.verdict, Verdict::Accepted);
        println!("accepted {number}");
    }
    if point.ends_with("a delivery") {
        deliver(&world, &point).await;
    }
    if point == "after a flush" {
        let account = world.gateway.accounts.by_token(&token, NOON).unwrap();
        world
            .gateway
            .accounts
            .consume(&account, 1_000, NOON)
            .unwrap();
        world.gateway.accounts.flush().await.unwrap();
        world.gateway.accounts.consume(&account, 50, NOON).unwrap();
        println!("{REACHED}");
        std::future::pending::<()>().await;
    }
}

/// Delivers to one member that says it was reached and then never answers.
async fn deliver(world: &World<Stopping>, point: &str) {
    let members = Arc::new(HangingMember {
        gets_it: point == "after a delivery",
    });
    let (_running, _task) = start_delivery(&world.gateway, members);
    std::future::pending::<()>().await;
}

/// A member that got the ticket (or is just about to) when the gateway dies.
struct HangingMember {
    gets_it: bool,
}

impl Members for HangingMember {
    async fn deliver(&self, _: &Signer, delivery: &Delivery) -> Outcome {
        if self.gets_it {
            println!("delivered {}", hex::encode(&delivery.bytes));
        }
        println!("{REACHED}");
        std::future::pending().await
    }
}

/// A member that takes everything and remembers it.
#[derive(Default)]
struct RecordingMember(Mutex<Vec<Vec<u8>>>);

impl Members for RecordingMember {
    async fn deliver(&self, _: &Signer, delivery: &Delivery) -> Outcome {
        self.0.lock().unwrap().push(delivery.bytes.clone());
        Outcome::Accepted
    }
}

fn start_delivery<S: SpendStore, M: Members>(
    gateway: &Arc<Gateway<S>>,
    members: Arc<M>,
) -> (ShutdownTrigger, JoinHandle<()>) {
    let deliverer = Deliverer {
        store: gateway.store.clone(),
        members,
        clock: Arc::clone(&gateway.clock),
        board: gateway.board.clone(),
    };
    let (trigger, shutdown) = Shutdown::new();
    let epochs = gateway.situation.epochs.clone();
    (
        trigger,
        tokio::spawn(deliver_to_all(deliverer, epochs, shutdown)),
    )
}

/// Runs the child until `enough` of its lines were seen, then kills it with SIGKILL.
fn kill_child(home: &Path, point: &str, enough: impl Fn(&str) -> bool) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(HOME, home)
        .env(POINT, point)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let last = enough(&line);
        lines.push(line);
        if last {
            break;
        }
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(
        !status.success(),
        "the child ended before it was killed: {lines:?}"
    );
    lines
}

/// A ticket for the gateway of `home`, put where the child finds it.
fn put_ticket(home: &Path, book: &Book, number: u64) -> Vec<u8> {
    let provider = *identity([7; 32]).public().as_bytes();
    let spend = Spend {
        provider,
        time: NOON.as_i64(),
        date: date_of(NOON),
        epoch: EPOCH,
    };
    let ticket = book.ticket_at(number, spend);
    std::fs::write(home.join(format!("ticket-{number}")), &ticket).unwrap();
    ticket
}

async fn restarted(home: &Path, now: UnixTime) -> World {
    World::with(
        home,
        Options {
            now,
            ..Options::default()
        },
    )
    .await
}

#[tokio::test]
async fn a_gateway_killed_between_verification_and_commit_accepts_the_ticket_once_afterwards() {
    let home = private_home();
    let ticket = put_ticket(home.path(), &Mint::shared().book(TYPE), 0);
    kill_child(home.path(), "before the commit", |line| {
        line.contains(REACHED)
    });
    let world = restarted(home.path(), NOON.plus_secs(60)).await;
    assert_eq!(world.stored_balance().await, 0);
    assert_eq!(world.gateway.store.outbox_counts().await.unwrap(), (0, 0));
    let token = world.client(1).await;
    let answer = world.send(&token, &ticket).await;
    assert_eq!(
        (answer.verdict, answer.available),
        (Verdict::Accepted, GRANT)
    );
    assert_eq!(
        world.send(&token, &ticket).await.verdict,
        Verdict::AlreadyAccepted
    );
    assert_eq!(world.stored_balance().await, GRANT);
}

#[tokio::test]
async fn a_gateway_killed_between_commit_and_reply_answers_the_same_on_retry_days_later() {
    let home = private_home();
    let ticket = put_ticket(home.path(), &Mint::shared().book(TYPE), 0);
    kill_child(home.path(), "after the commit", |line| {
        line.contains(REACHED)
    });
    let world = restarted(home.path(), NOON.plus_secs(3 * DAY)).await;
    assert_eq!(world.stored_balance().await, GRANT);
    let token = world.client(1).await;
    let answer = world.send(&token, &ticket).await;
    assert_eq!(
        (answer.verdict, answer.available),
        (Verdict::AlreadyAccepted, GRANT)
    );
    assert_eq!(
        world
            .gateway
            .store
            .deliveries_after(0, 10)
            .await
            .unwrap()
            .len(),
        1,
        "the Quorum still gets it"
    );
    assert_eq!(world.stored_balance().await, GRANT);
}

#[tokio::test]
async fn whenever_a_gateway_is_killed_every_accepted_ticket_has_exactly_one_grant() {
    for kill_after in [0, 1, 3, 6] {
        let home = private_home();
        let book = Mint::shared().book(TYPE);
        let tickets: Vec<Vec<u8>> = (0..12)
            .map(|number| put_ticket(home.path(), &book, number))
            .collect();
        let lines = kill_child(home.path(), "none", |line| {
            line.contains(&format!("accepted {kill_after}"))
        });
        let accepted = lines
            .iter()
            .filter(|line| line.contains("accepted "))
            .count();
        let world = restarted(home.path(), NOON.plus_secs(60)).await;
        let (granted, _) = world.gateway.store.outbox_counts().await.unwrap();
        assert!(
            granted as usize >= accepted,
            "{granted} of {accepted} acknowledged tickets survived"
        );
        assert_eq!(
            world.stored_balance().await,
            i64::try_from(granted).unwrap() * GRANT
        );
        let token = world.client(1).await;
        let mut repeated = 0;
        for ticket in &tickets {
            match world.send(&token, ticket).await.verdict {
                Verdict::AlreadyAccepted => repeated += 1,
                verdict => assert_eq!(verdict, Verdict::Accepted),
            }
        }
        assert_eq!(repeated, granted);
        assert_eq!(world.available(&token).await, 12 * GRANT);
        assert_eq!(world.stored_balance().await, 12 * GRANT);
        drop(world);
    }
}

#[tokio::test]
async fn a_kill_forgives_what_was_not_flushed_and_loses_no_grant() {
    let home = private_home();
    put_ticket(home.path(), &Mint::shared().book(TYPE), 0);
    kill_child(home.path(), "after a flush", |line| line.contains(REACHED));
    let world = restarted(home.path(), NOON.plus_secs(60)).await;
    let token = world.client(1).await;
    assert_eq!(world.available(&token).await, GRANT - 1_000);
    assert_eq!(world.clock.now(), NOON.plus_secs(60));
}

#[tokio::test]
async fn a_gateway_killed_around_a_delivery_sends_the_same_bytes_again_and_then_never_more() {
    for point in ["before a delivery", "after a delivery"] {
        let home = private_home();
        let ticket = put_ticket(home.path(), &Mint::shared().book(TYPE), 0);
        let lines = kill_child(home.path(), point, |line| line.contains(REACHED));
        let delivered = lines
            .iter()
            .any(|line| line.contains(&hex::encode(&ticket)));
        assert_eq!(delivered, point == "after a delivery");
        for (restart, expected) in [(1, vec![ticket.clone()]), (2, Vec::new())] {
            let world = restarted(home.path(), NOON.plus_secs(60 * restart)).await;
            let member = Arc::new(RecordingMember::default());
            let (trigger, task) = start_delivery(&world.gateway, Arc::clone(&member));
            while world.gateway.store.cursor("n1signer1").await.unwrap() < 1
                || world.gateway.board.all().is_empty()
            {
                tokio::task::yield_now().await;
            }
            trigger.request();
            task.await.unwrap();
            assert_eq!(*member.0.lock().unwrap(), expected, "restart {restart}");
            world.gateway.store.clone().close().await;
        }
    }
}
