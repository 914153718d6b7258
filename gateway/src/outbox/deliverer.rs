//! The tasks that deliver: one per member of the epoch in service, and one that keeps them in step with the chain.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ecash_service::clock::SharedClock;
use ecash_service::shutdown::Shutdown;
use futures::future::join_all;
use tokio::task::JoinHandle;

use super::board::{Board, MemberState};
use super::{Backoff, Members, Outcome, rows, settle};
use crate::epochs::{KnownEpochs, Signer};
use crate::limits::{DELIVERY_IDLE_SECS, DELIVERY_WINDOW};
use crate::shared::Shared;
use crate::store::{Delivery, Store};

/// What one member's deliveries need.
pub struct Deliverer<M> {
    /// Where tickets and cursors are.
    pub store: Store,
    /// How members are reached.
    pub members: Arc<M>,
    /// The time of day.
    pub clock: SharedClock,
    /// What the operator sees.
    pub board: Board,
}

impl<M> Clone for Deliverer<M> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            members: Arc::clone(&self.members),
            clock: Arc::clone(&self.clock),
            board: self.board.clone(),
        }
    }
}

/// What one round came to.
enum Round {
    /// There may be more to deliver.
    More,
    /// All is delivered.
    Idle,
    /// The member gave no answer to the next ticket.
    Failed {
        /// When it asked to be asked again, in seconds.
        retry_after_secs: Option<u64>,
        /// Whether it answered others before: then it is slow, not down.
        progressed: bool,
    },
}

impl<M: Members> Deliverer<M> {
    /// Delivers to `signer` for ever; to be ended by dropping it at any await.
    async fn run(self, signer: Signer) {
        let mut growth = self.store.outbox_growth();
        let mut backoff = Backoff::default();
        loop {
            growth.borrow_and_update();
            let (round, state) = self.round(&signer).await;
            if let Some(state) = state {
                self.board.put(state);
            }
            match round {
                Round::More => backoff.reset(),
                Round::Idle => {
                    backoff.reset();
                    let idle = Duration::from_secs(DELIVERY_IDLE_SECS);
                    let _ = tokio::time::timeout(idle, growth.changed()).await; // either way: look again
                }
                Round::Failed {
                    retry_after_secs,
                    progressed,
                } => {
                    if progressed {
                        backoff.reset();
                    }
                    let wait = backoff.next(retry_after_secs, &mut rand::thread_rng());
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Sends the next window and moves the cursor over what was answered.
    async fn round(&self, signer: &Signer) -> (Round, Option<MemberState>) {
        match self.try_round(signer).await {
            Ok((round, state)) => (round, Some(state)),
            Err(reason) => {
                tracing::warn!(member = %signer.owner, %reason, "the outbox cannot be read or written");
                let failed = Round::Failed {
                    retry_after_secs: None,
                    progressed: false,
                };
                (failed, None)
            }
        }
    }

    async fn try_round(&self, signer: &Signer) -> Result<(Round, MemberState), String> {
        let cursor = self
            .store
            .cursor(&signer.owner)
            .await
            .map_err(|error| error.to_string())?;
        let window = self
            .store
            .deliveries_after(cursor, DELIVERY_WINDOW)
            .await
            .map_err(|error| error.to_string())?;
        let state = |cursor, last_error| MemberState {
            signer: signer.clone(),
            cursor,
            last_error,
        };
        if window.is_empty() {
            return Ok((Round::Idle, state(cursor, None)));
        }
        let answers: Vec<(Delivery, Outcome)> =
            join_all(window.into_iter().map(|delivery| async {
                let outcome = self.members.deliver(signer, &delivery).await;
                (delivery, outcome)
            }))
            .await;
        let now = self.clock.now();
        let progress = settle(&answers, now);
        for (position, status, detail) in &progress.refusals {
            metrics::counter!("gateway_refusals_total").increment(1);
            tracing::warn!(member = %signer.owner, position, status, detail, "a Quorum member refused a ticket");
        }
        let mut reached = cursor;
        if let Some(position) = progress.position {
            self.store
                .advance_cursor(
                    signer.owner.clone(),
                    position,
                    rows(&signer.owner, progress.refusals, now),
                    now,
                )
                .await
                .map_err(|error| error.to_string())?;
            reached = position;
        }
        match progress.stopped {
            None => Ok((Round::More, state(reached, None))),
            Some((reason, retry_after_secs)) => {
                metrics::counter!("gateway_delivery_failures_total").increment(1);
                tracing::info!(member = %signer.owner, %reason, "a Quorum member did not take a ticket yet");
                let progressed = reached > cursor;
                let failed = Round::Failed {
                    retry_after_secs,
                    progressed,
                };
                Ok((failed, state(reached, Some(reason))))
            }
        }
    }
}

/// Keeps one delivery task per signer of the epoch in service, until `shutdown`. A member whose address changed gets a
/// new task; a cursor stays whatever happens to its member.
pub async fn deliver_to_all<M: Members>(
    deliverer: Deliverer<M>,
    epochs: Shared<KnownEpochs>,
    shutdown: Shutdown,
) {
    let mut tasks: BTreeMap<String, (Signer, JoinHandle<()>)> = BTreeMap::new();
    loop {
        let wanted: BTreeMap<String, Signer> = epochs
            .get()
            .in_service()
            .map(|epoch| {
                epoch
                    .record
                    .signers
                    .iter()
                    .map(|signer| (signer.owner.clone(), signer.clone()))
                    .collect()
            })
            .unwrap_or_default();
        tasks.retain(|owner, (signer, task)| {
            let keep = wanted.get(owner) == Some(signer) && !task.is_finished();
            if !keep {
                task.abort();
                deliverer.board.remove(owner);
            }
            keep
        });
        for (owner, signer) in wanted {
            tasks.entry(owner).or_insert_with(|| {
                let task = tokio::spawn(deliverer.clone().run(signer.clone()));
                (signer, task)
            });
        }
        tokio::select! {
            () = shutdown.requested() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    for (_, task) in tasks.into_values() {
        task.abort();
    }
}
