//! Direct questions to the chain, for ids that the mirror does not have: bounded in number, one at a time for each id,
//! and an unknown answer is kept for a while, so that nobody can make this member ask for nothing again and again.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ecash_service::clock::SharedClock;
use ecash_service::http::{Rate, RetryAfter, TokenBuckets};
use ecash_ticketbook::DepositId;
use nyx_client::{Ecash, parse_address};

use super::convert::{deposit_row, gateway_row};
use crate::error::Result;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::deposits::DepositRow;
use crate::store::gateways::{GatewayRow, GatewayState};

/// How long it is remembered that the chain does not know an id.
const UNKNOWN_KEPT: Duration = Duration::from_secs(5);
/// Direct questions per second, all callers together.
const QUESTIONS_PER_SECOND: u32 = 20;
/// Unknown ids that are remembered.
const MAX_UNKNOWN: usize = 4096;

/// A pending direct question.
pub type LookupFuture<'a, T> = Pin<Box<dyn Future<Output = Result<Option<T>>> + Send + 'a>>;

/// What can be asked of the chain directly. Implemented by the chain client; by a table in tests.
pub trait ChainLookup: Send + Sync {
    /// A deposit by its id.
    fn deposit(&self, id: DepositId) -> LookupFuture<'_, DepositRow>;

    /// A gateway by its account.
    fn gateway<'a>(&'a self, account: &'a str) -> LookupFuture<'a, GatewayRow>;
}

impl ChainLookup for Ecash {
    fn deposit(&self, id: DepositId) -> LookupFuture<'_, DepositRow> {
        Box::pin(async move {
            let Some(info) = self.deposit_info(id.get()).await? else {
                return Ok(None);
            };
            let Some(deposit) = Ecash::deposit(self, id.get()).await? else {
                return Ok(None);
            };
            deposit_row(id.get(), &deposit.bs58_encoded_ed25519_pubkey, &info).map(Some)
        })
    }

    fn gateway<'a>(&'a self, account: &'a str) -> LookupFuture<'a, GatewayRow> {
        Box::pin(async move {
            let Ok(account) = parse_address(account) else {
                return Ok(None);
            };
            let gateway = Ecash::gateway(self, &account).await?;
            gateway.map(|gateway| gateway_row(&gateway)).transpose()
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Id {
    Deposit(DepositId),
    Gateway(String),
}

/// The mirror, and the chain behind it.
#[derive(Clone)]
pub struct Direct {
    store: Store,
    chain: Arc<dyn ChainLookup>,
    clock: SharedClock,
    questions: Arc<TokenBuckets<()>>,
    unknown: Arc<Mutex<HashMap<Id, Duration>>>,
    turns: Arc<Mutex<HashMap<Id, Weak<Turn>>>>,
}

/// Held by the one who asks for an id.
type Turn = tokio::sync::Mutex<()>;

impl Direct {
    /// Looks in `store` first, then asks `chain`.
    #[must_use]
    pub fn new(store: Store, chain: Arc<dyn ChainLookup>, clock: SharedClock) -> Self {
        Self {
            store,
            chain,
            clock,
            questions: Arc::new(TokenBuckets::new(Rate::per_second(QUESTIONS_PER_SECOND))),
            unknown: Arc::default(),
            turns: Arc::default(),
        }
    }

    /// A deposit; `None` when the chain does not know it.
    ///
    /// # Errors
    /// [`Refusal::ChainUnreachable`], [`Refusal::Overloaded`], [`Refusal::Internal`] for the database.
    pub async fn deposit(&self, id: DepositId) -> std::result::Result<Option<DepositRow>, Refusal> {
        if let Some(row) = self.store.deposit(id).await? {
            return Ok(Some(row));
        }
        let turn = self.turn(Id::Deposit(id));
        let _mine = turn.lock().await;
        if let Some(row) = self.store.deposit(id).await? {
            return Ok(Some(row));
        }
        let Some(row) = self.ask(Id::Deposit(id), self.chain.deposit(id)).await? else {
            return Ok(None);
        };
        self.store
            .mirror_deposits(std::slice::from_ref(&row), None)
            .await?;
        Ok(Some(row))
    }

    /// A gateway; `None` when the registry does not know it.
    ///
    /// # Errors
    /// As [`Self::deposit`].
    pub async fn gateway(&self, account: &str) -> std::result::Result<Option<GatewayRow>, Refusal> {
        if let Some(row) = self.store.gateway(account).await? {
            return Ok(Some(row));
        }
        let id = Id::Gateway(account.to_owned());
        let turn = self.turn(id.clone());
        let _mine = turn.lock().await;
        if let Some(row) = self.store.gateway(account).await? {
            return Ok(Some(row));
        }
        let Some(row) = self.ask(id.clone(), self.chain.gateway(account)).await? else {
            return Ok(None);
        };
        // The log of changes speaks of a gateway from its first admission on; before that the mirror must not hold it.
        match row.state {
            GatewayState::Admitted => self.store.mirror_gateway(&row).await?,
            _ => self.remember_unknown(id, self.clock.monotonic()),
        }
        Ok(Some(row))
    }

    async fn ask<T>(
        &self,
        id: Id,
        question: LookupFuture<'_, T>,
    ) -> std::result::Result<Option<T>, Refusal> {
        let now = self.clock.monotonic();
        if self.is_unknown(&id, now) {
            return Ok(None);
        }
        self.questions
            .take((), now)
            .map_err(|_: RetryAfter| Refusal::Overloaded)?;
        match question.await {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) => {
                self.remember_unknown(id, now);
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(%error, "a direct question to the chain failed");
                Err(Refusal::ChainUnreachable)
            }
        }
    }

    /// The place in front of the chain for `id`; those who ask for one id stand behind each other.
    fn turn(&self, id: Id) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&id).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::new(()));
        turns.insert(id, Arc::downgrade(&turn));
        turn
    }

    fn is_unknown(&self, id: &Id, now: Duration) -> bool {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown
            .get(id)
            .is_some_and(|at| now.saturating_sub(*at) < UNKNOWN_KEPT)
    }

    fn remember_unknown(&self, id: Id, now: Duration) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() >= MAX_UNKNOWN {
            unknown.retain(|_, at| now.saturating_sub(*at) < UNKNOWN_KEPT);
        }
        if unknown.len() < MAX_UNKNOWN {
            unknown.insert(id, now);
        }
    }
}
