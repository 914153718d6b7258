//! A gateway put together: what both listeners serve from. Needs no network; the situation is whatever it is told.

use std::sync::Arc;

use ecash_requests::{IdentitySecret, NetworkIds, ShortText};
use ecash_service::clock::SharedClock;
use ecash_service::workers::WorkerPool;
use ecash_ticketbook::TicketType;

use crate::accept::{Acceptor, AcceptorConfig, Situation};
use crate::accounts::Accounts;
use crate::config::Limits;
use crate::error::Error;
use crate::limits::POOL_QUEUE_PER_CORE;
use crate::outbox::Board;
use crate::spend_store::SpendStore;
use crate::store::Store;

/// Who a gateway is.
pub struct Profile {
    /// Its key: the provider that tickets name.
    pub identity: IdentitySecret,
    /// Its payout account.
    pub account: ShortText,
    /// The network it belongs to.
    pub network: NetworkIds,
    /// The ticket types it takes, ascending.
    pub roles: Vec<TicketType>,
}

/// A gateway over the store `S` of spent serials.
pub struct Gateway<S> {
    /// Who it is.
    pub profile: Profile,
    /// Takes tickets.
    pub acceptor: Acceptor<S>,
    /// Its clients and their balances.
    pub accounts: Arc<Accounts>,
    /// What it knows of the world.
    pub situation: Situation,
    /// Its database.
    pub store: Store,
    /// How its deliveries stand.
    pub board: Board,
    /// Its clock.
    pub clock: SharedClock,
    /// Rates and bounds.
    pub limits: Limits,
}

impl Gateway<Store> {
    /// A gateway over its database.
    ///
    /// # Errors
    /// [`Error::Store`] if the accounts cannot be read; [`Error::Pool`].
    pub async fn new(
        profile: Profile,
        store: Store,
        situation: Situation,
        clock: SharedClock,
        limits: Limits,
    ) -> Result<Arc<Self>, Error> {
        Self::over(store.clone(), profile, store, situation, clock, limits).await
    }
}

impl<S: SpendStore> Gateway<S> {
    /// A gateway whose spends go to `spends`, and everything else to `store`. For stores that wrap the database.
    ///
    /// # Errors
    /// As [`Gateway::new`].
    pub async fn over(
        spends: S,
        profile: Profile,
        store: Store,
        situation: Situation,
        clock: SharedClock,
        limits: Limits,
    ) -> Result<Arc<Self>, Error> {
        let accounts = Accounts::load(store.clone(), limits.max_accounts).await?;
        let acceptor = Acceptor::new(
            spends,
            Arc::clone(&accounts),
            situation.clone(),
            Arc::new(WorkerPool::of_this_machine(POOL_QUEUE_PER_CORE).map_err(Error::Pool)?),
            Arc::clone(&clock),
            AcceptorConfig {
                identity_key: *profile.identity.public().as_bytes(),
                reduced_since: store.instance().reduced_since(),
            },
        );
        let board = Board::default();
        Ok(Arc::new(Self {
            profile,
            acceptor,
            accounts,
            situation,
            store,
            board,
            clock,
            limits,
        }))
    }
}
