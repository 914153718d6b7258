//! Deliveries to the Quorum: independent cursors, restarts, refusals (R4.3).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecash_requests::gateway::Verdict;
use ecash_service::shutdown::{Shutdown, ShutdownTrigger};
use nym_gateway::epochs::{KnownEpochs, Signer};
use nym_gateway::http::{OutboxStatus, Status};
use nym_gateway::outbox::{Deliverer, Members, Outcome, deliver_to_all};
use nym_gateway::store::Delivery;
use support::*;
use tokio::task::JoinHandle;

/// Members that answer as told and remember what they were sent.
#[derive(Default)]
struct FakeMembers {
    down: Mutex<BTreeSet<String>>,
    refusing: Mutex<BTreeSet<String>>,
    received: Mutex<BTreeMap<String, Vec<i64>>>,
}

impl Members for FakeMembers {
    async fn deliver(&self, signer: &Signer, delivery: &Delivery) -> Outcome {
        if self.down.lock().unwrap().contains(&signer.owner) {
            return Outcome::Later {
                reason: "connection refused".to_owned(),
                retry_after_secs: None,
            };
        }
        self.received
            .lock()
            .unwrap()
            .entry(signer.owner.clone())
            .or_default()
            .push(delivery.position);
        if self.refusing.lock().unwrap().contains(&signer.owner) {
            return Outcome::Refused {
                status: "InvalidTicket".to_owned(),
                detail: "it does not verify".to_owned(),
            };
        }
        Outcome::Accepted
    }
}

fn start(
    world: &World,
    members: &Arc<FakeMembers>,
    signers: u64,
) -> (ShutdownTrigger, JoinHandle<()>) {
    let mut epoch = epoch_key(Mint::shared(), EPOCH, NOON.minus_secs(30 * DAY));
    epoch.record.signers = (1..=signers)
        .map(|index| signer(index, "http://127.0.0.1:1"))
        .collect();
    world
        .gateway
        .situation
        .epochs
        .set(KnownEpochs::new(vec![epoch], Some(EPOCH)));
    let deliverer = Deliverer {
        store: world.gateway.store.clone(),
        members: Arc::clone(members),
        clock: Arc::clone(&world.gateway.clock),
        board: world.gateway.board.clone(),
    };
    let (trigger, shutdown) = Shutdown::new();
    (
        trigger,
        tokio::spawn(deliver_to_all(
            deliverer,
            world.gateway.situation.epochs.clone(),
            shutdown,
        )),
    )
}

async fn outbox(world: &World) -> OutboxStatus {
    call(&world.loopback, get("/v1/status", None))
        .await
        .json::<Status>()
        .outbox
}

/// Waits until the outbox looks as `enough` says.
async fn until(world: &World, enough: impl Fn(&OutboxStatus) -> bool) -> OutboxStatus {
    let waiting = async {
        loop {
            let status = outbox(world).await;
            if enough(&status) {
                return status;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap()
}

fn at_head(status: &OutboxStatus, member: &str) -> bool {
    status
        .members
        .iter()
        .any(|state| state.member == member && state.at_head && state.cursor == status.head)
}

async fn spend(world: &World, count: usize) {
    let token = world.client(1).await;
    for _ in 0..count {
        assert_eq!(
            world.send(&token, &world.ticket()).await.verdict,
            Verdict::Accepted
        );
    }
    world.clock.advance_secs(1);
}

#[tokio::test]
async fn a_member_that_is_down_delays_nobody_and_gets_everything_in_order_when_it_is_back() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let members = Arc::new(FakeMembers::default());
    members.down.lock().unwrap().insert("n1signer2".to_owned());
    let (trigger, task) = start(&world, &members, 3);
    spend(&world, 12).await;
    let status = until(&world, |status| {
        at_head(status, "n1signer1")
            && at_head(status, "n1signer3")
            && status
                .members
                .iter()
                .any(|member| member.last_error.is_some())
    })
    .await;
    let down = status
        .members
        .iter()
        .find(|member| member.member == "n1signer2")
        .unwrap();
    assert_eq!((down.cursor, down.at_head), (0, false));
    assert_eq!(down.last_error.as_deref(), Some("connection refused"));
    members.down.lock().unwrap().clear();
    until(&world, |status| at_head(status, "n1signer2")).await;
    let received = members.received.lock().unwrap().clone();
    for member in ["n1signer1", "n1signer2", "n1signer3"] {
        assert_eq!(received[member], (1..=12).collect::<Vec<i64>>(), "{member}");
    }
    trigger.request();
    task.await.unwrap();
}

#[tokio::test]
async fn a_restart_goes_on_at_the_cursor_and_a_member_that_joins_gets_everything() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let members = Arc::new(FakeMembers::default());
    let (trigger, task) = start(&world, &members, 1);
    spend(&world, 3).await;
    until(&world, |status| at_head(status, "n1signer1")).await;
    trigger.request();
    task.await.unwrap();
    world.gateway.store.clone().close().await;
    drop(world);

    let world = World::with(
        home.path(),
        Options {
            now: NOON.plus_secs(30),
            ..Options::default()
        },
    )
    .await;
    let after = Arc::new(FakeMembers::default());
    let (trigger, task) = start(&world, &after, 2);
    spend(&world, 1).await;
    until(&world, |status| {
        at_head(status, "n1signer1") && at_head(status, "n1signer2")
    })
    .await;
    let received = after.received.lock().unwrap().clone();
    assert_eq!(received["n1signer1"], [4]);
    assert_eq!(received["n1signer2"], [1, 2, 3, 4]);
    trigger.request();
    task.await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_recorded_and_shown_and_evidence_stays_for_batches() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let members = Arc::new(FakeMembers::default());
    members
        .refusing
        .lock()
        .unwrap()
        .insert("n1signer1".to_owned());
    let (trigger, task) = start(&world, &members, 2);
    spend(&world, 2).await;
    let token = world.client(1).await;
    assert_eq!(
        world
            .send(&token, &world.book.ticket_at(0, world.spend()))
            .await
            .verdict,
        Verdict::DoubleSpend
    );
    assert_eq!(
        world.send(&token, &world.ticket()).await.verdict,
        Verdict::Accepted
    );
    let status = until(&world, |status| {
        at_head(status, "n1signer1") && at_head(status, "n1signer2")
    })
    .await;
    assert_eq!((status.payments, status.evidence, status.head), (3, 1, 4));
    assert_eq!(status.refusals.len(), 3);
    let latest = &status.refusals[0];
    assert_eq!(
        (latest.member.as_str(), latest.status.as_str()),
        ("n1signer1", "InvalidTicket")
    );
    let refused: Vec<u64> = status.members.iter().map(|member| member.refused).collect();
    assert_eq!(refused, [3, 0]);
    for received in members.received.lock().unwrap().values() {
        assert_eq!(received, &[1, 2, 4], "evidence is not sent as a ticket");
    }
    trigger.request();
    task.await.unwrap();
}
