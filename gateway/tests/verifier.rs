//! The verification stream over its pool: batches under load, a verdict for each, a bounded queue. When a batch is due is
//! tested beside the stream itself, on a clock of the test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::{Arc, Barrier};

use ecash_service::workers::WorkerPool;
use ecash_ticketbook::Ticket;
use futures::future::join_all;
use futures::poll;
use nym_gateway::accept::verifier::{NotVerified, Verifier};
use support::*;

fn spend() -> Spend {
    Spend {
        provider: [1; 32],
        time: i64::try_from(NOON.as_secs()).unwrap(),
        date: date_of(NOON),
        epoch: EPOCH,
    }
}

fn ticket() -> Ticket {
    let bytes = Mint::shared().book(TYPE).ticket_at(0, spend());
    Ticket::parse(&bytes).unwrap()
}

/// A ticket with another pay info than it was made for.
fn bad_ticket() -> Ticket {
    let mut bytes = Mint::shared().book(TYPE).ticket_at(0, spend());
    bytes[1194] ^= 1;
    Ticket::parse(&bytes).unwrap()
}

/// A pool of one thread that does nothing until the gate is opened.
async fn closed_pool() -> (Arc<WorkerPool>, Arc<Barrier>) {
    let pool = Arc::new(WorkerPool::with(1, 8).unwrap());
    let gate = Arc::new(Barrier::new(2));
    let (inside, entered) = tokio::sync::oneshot::channel();
    tokio::spawn({
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
    (pool, gate)
}

#[tokio::test]
async fn tickets_that_arrive_while_the_pool_is_busy_share_a_batch_and_each_has_its_own_verdict() {
    let (pool, gate) = closed_pool().await;
    let verifier = Verifier::new(Arc::clone(&pool), 64);
    let key = &Mint::shared().verifying;
    let tickets: Vec<Ticket> = (0..12)
        .map(|i| if i % 4 == 3 { bad_ticket() } else { ticket() })
        .collect();
    let mut verifying: Vec<_> = tickets
        .iter()
        .map(|ticket| Box::pin(verifier.verify(ticket.clone(), key)))
        .collect();
    for waiting in &mut verifying {
        assert!(poll!(waiting.as_mut()).is_pending());
    }
    gate.wait();
    let verdicts = join_all(verifying).await;
    for (position, (verdict, ticket)) in verdicts.iter().zip(&tickets).enumerate() {
        if position % 4 == 3 {
            let refused = NotVerified::Refused(ecash_scheme::Error::PaymentProof);
            assert_eq!(verdict.as_ref().unwrap_err(), &refused);
        } else {
            let verified = verdict.as_ref().unwrap().ticket();
            assert_eq!(verified.serial(), ticket.serial());
        }
    }
    assert_eq!(verifier.begun(), 12);
    assert_eq!(pool.done(), 1 + 1, "the gate, and one batch");
}

#[tokio::test]
async fn a_single_ticket_is_verified_without_others() {
    let verifier = Verifier::new(Arc::new(WorkerPool::with(1, 1).unwrap()), 1);
    let ticket = ticket();
    let verified = verifier.verify(ticket.clone(), &Mint::shared().verifying);
    assert_eq!(verified.await.unwrap().ticket().serial(), ticket.serial());
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_serves_again_when_it_has_room() {
    let verifier = Verifier::new(Arc::new(WorkerPool::with(1, 1).unwrap()), 2);
    let key = &Mint::shared().verifying;
    let mut first = Box::pin(verifier.verify(ticket(), key));
    let mut second = Box::pin(verifier.verify(ticket(), key));
    assert!(poll!(first.as_mut()).is_pending());
    assert!(poll!(second.as_mut()).is_pending());
    let refused = verifier.verify(ticket(), key).await.unwrap_err();
    assert!(matches!(refused, NotVerified::Full(full) if full.capacity == 2));
    assert!(first.await.is_ok() && second.await.is_ok());
    assert!(verifier.verify(ticket(), key).await.is_ok());
}

#[tokio::test]
async fn a_ticket_whose_caller_has_gone_before_its_batch_left_costs_nothing() {
    let verifier = Verifier::new(Arc::new(WorkerPool::with(1, 1).unwrap()), 8);
    let key = &Mint::shared().verifying;
    let mut gone = Box::pin(verifier.verify(ticket(), key));
    let mut waits = Box::pin(verifier.verify(ticket(), key));
    assert!(poll!(gone.as_mut()).is_pending());
    assert!(poll!(waits.as_mut()).is_pending());
    drop(gone);
    assert!(waits.await.is_ok());
    assert_eq!(verifier.begun(), 1);
}

#[tokio::test]
async fn a_pool_without_room_gives_tickets_up_and_a_dropped_verifier_lets_its_pool_go() {
    let (pool, gate) = closed_pool().await;
    let fill: Vec<_> = (0..8)
        .map(|_| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.run(|| {}).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let verifier = Verifier::new(Arc::clone(&pool), 8);
    let given_up = verifier.verify(ticket(), &Mint::shared().verifying).await;
    assert_eq!(given_up.unwrap_err(), NotVerified::GivenUp);
    gate.wait();
    for job in fill {
        job.await.unwrap().unwrap();
    }
    drop(verifier);
    while Arc::strong_count(&pool) > 1 {
        tokio::task::yield_now().await;
    }
}
