//! The library without HTTP: stores that do not know what they did, and a pool that is full.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_scheme::SerialNumber;
use ecash_service::clock::Clock as _;
use ecash_service::workers::WorkerPool;
use nym_gateway::accept::reservation::Reservation;
use nym_gateway::accept::{Acceptor, AcceptorConfig, Transport};
use nym_gateway::spend_store::{
    Acceptance, CommitError, Committed, Evidence, Known, Reserve, SpendStore,
};
use nym_gateway::store::Store;
use support::*;
use tokio::sync::oneshot;

/// A store that writes its first spend and then does not know whether it did.
struct Forgetful {
    store: Store,
    writes: bool,
    forgot: AtomicBool,
}

impl SpendStore for Forgetful {
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
        if self.forgot.swap(true, Ordering::Relaxed) {
            return self.store.commit(reservation, acceptance).await;
        }
        if self.writes {
            self.store.commit(reservation, acceptance).await?;
        }
        Err(CommitError::Unknown("disk I/O error".to_owned()))
    }

    async fn evidence(&self, evidence: Evidence) -> Result<bool, CommitError> {
        self.store.evidence(evidence).await
    }

    fn has_room(&self) -> bool {
        self.store.has_room()
    }
}

#[tokio::test]
async fn a_commit_of_unknown_result_is_told_as_such_and_ends_in_exactly_one_grant() {
    for writes in [true, false] {
        let home = private_home();
        let options = Options::default();
        let store = open_store(home.path(), &options).await;
        let forgetful = Forgetful {
            store: store.clone(),
            writes,
            forgot: AtomicBool::new(false),
        };
        let world = World::over(forgetful, store, options).await;
        let token = world.client(1).await;
        let ticket = world.ticket();
        let answer = world.send(&token, &ticket).await;
        assert_eq!(
            (answer.verdict, answer.consumed),
            (Verdict::StorageUnavailable, Consumed::Unknown)
        );
        let settled = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let answer = world.send(&token, &ticket).await;
                if answer.verdict.is_granted() && answer.available == GRANT {
                    return answer.verdict;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(
            settled,
            if writes {
                Verdict::AlreadyAccepted
            } else {
                Verdict::Accepted
            }
        );
        assert_eq!(world.stored_balance().await, GRANT);
    }
}

#[tokio::test]
async fn a_full_verification_queue_is_busy_and_paying_clients_are_metered_all_the_same() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    world.send(&token, &world.ticket()).await;
    let gateway = &world.gateway;
    let pool = Arc::new(WorkerPool::with(1, 1).unwrap());
    let gate = Arc::new(Barrier::new(2));
    let (inside, entered) = oneshot::channel();
    let blocked = tokio::spawn({
        let (pool, gate) = (Arc::clone(&pool), Arc::clone(&gate));
        async move {
            pool.run(move || {
                let _ = inside.send(());
                gate.wait();
            })
            .await
        }
    });
    entered.await.unwrap();
    let queued = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.run(|| {}).await }
    });
    tokio::task::yield_now().await;
    let acceptor = Acceptor::new(
        gateway.store.clone(),
        Arc::clone(&gateway.accounts),
        gateway.situation.clone(),
        Arc::clone(&pool),
        world.clock.shared(),
        AcceptorConfig {
            identity_key: world.key(),
            reduced_since: None,
        },
    );
    let account = gateway
        .accounts
        .by_token(&token, world.clock.now())
        .unwrap();
    let ticket = world.ticket();
    let answer = acceptor
        .accept(&account, &ticket, &[TYPE], Transport::Http)
        .await
        .unwrap();
    assert_eq!(
        (answer.verdict, answer.consumed),
        (Verdict::Busy, Consumed::No)
    );
    assert_eq!(
        gateway.accounts.consume(&account, 1_000, world.clock.now()),
        Ok(GRANT - 1_000)
    );
    gate.wait();
    blocked.await.unwrap().unwrap();
    queued.await.unwrap().unwrap();
    let answer = acceptor
        .accept(&account, &ticket, &[TYPE], Transport::Http)
        .await
        .unwrap();
    assert_eq!(
        (answer.verdict, answer.available),
        (Verdict::Accepted, 2 * GRANT - 1_000)
    );
}
