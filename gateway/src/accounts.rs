//! Client accounts: all of them in memory, each change of money or token on disk first.
//!
//! An account is a client key, used at this gateway only. It holds a bearer token (known here by its hash) and a
//! [`Meter`].

mod table;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ecash_requests::gateway::AccountToken;
use ecash_service::clock::UnixTime;
use tokio::sync::Notify;

use crate::error::Error;
use crate::limits::{
    FLUSH_CHUNK, IDLE_ACCOUNT_SECS, INVALID_LIMIT, INVALID_PAUSE_SECS, INVALID_WINDOW_SECS,
    LAST_SEEN_GRAIN_SECS, UNUSED_ACCOUNT_SECS,
};
use crate::meter::{Insufficient, Meter, Pending};
use crate::spend_store::{AccountId, CommitError};
use crate::store::{AccountRow, BalanceDelta, Registered, Store};
use table::Table;

/// One account.
#[derive(Debug)]
pub struct Account {
    id: AccountId,
    client_key: [u8; 32],
    created_at: UnixTime,
    registration: Mutex<Registration>,
    had_ticket: AtomicBool,
    last_seen: AtomicU64,
    stored_last_seen: AtomicU64,
    meter: Meter,
    invalid: Mutex<InvalidTickets>,
}

#[derive(Clone, Copy, Debug)]
struct Registration {
    token_hash: [u8; 32],
    time: UnixTime,
}

/// Times of the tickets that failed verification (R1.23).
#[derive(Debug, Default)]
struct InvalidTickets {
    recent: VecDeque<UnixTime>,
    closed_until: Option<UnixTime>,
}

impl Account {
    fn from_row(row: &AccountRow) -> Self {
        Self {
            id: row.id,
            client_key: row.client_key,
            created_at: row.created_at,
            registration: Mutex::new(Registration {
                token_hash: row.token_hash,
                time: row.registered_time,
            }),
            had_ticket: AtomicBool::new(row.first_accept_at.is_some()),
            last_seen: AtomicU64::new(row.last_seen.as_secs()),
            stored_last_seen: AtomicU64::new(row.last_seen.as_secs()),
            meter: Meter::new(row.available, row.expires_at),
            invalid: Mutex::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Its balance.
    #[must_use]
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Notes a ticket that failed verification. After 16 within 60 s the account is closed for 60 s.
    pub fn count_invalid(&self, now: UnixTime) {
        let mut invalid = self.invalid.lock().unwrap_or_else(PoisonError::into_inner);
        invalid.recent.push_back(now);
        while invalid.recent.len() > INVALID_LIMIT {
            invalid.recent.pop_front();
        }
        let oldest = invalid.recent.front().copied().unwrap_or(now);
        if invalid.recent.len() == INVALID_LIMIT && now.secs_since(oldest) <= INVALID_WINDOW_SECS {
            invalid.closed_until = Some(now.plus_secs(INVALID_PAUSE_SECS));
            invalid.recent.clear();
        }
    }

    /// Whether the account is closed for its invalid tickets: for how many seconds more.
    #[must_use]
    pub fn closed_for_secs(&self, now: UnixTime) -> Option<u64> {
        let invalid = self.invalid.lock().unwrap_or_else(PoisonError::into_inner);
        let left = invalid.closed_until?.secs_since(now);
        (left > 0).then_some(left)
    }

    /// Adds a grant that is on disk.
    pub(crate) fn apply_grant(&self, bytes: i64, expires_at: UnixTime, now: UnixTime) {
        self.had_ticket.store(true, Ordering::Release);
        self.meter.grant(bytes, expires_at, now);
    }

    fn touch(&self, now: UnixTime) {
        self.last_seen.fetch_max(now.as_secs(), Ordering::Relaxed);
    }

    fn registration(&self) -> Registration {
        *self
            .registration
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn had_ticket(&self) -> bool {
        self.had_ticket.load(Ordering::Acquire)
    }

    /// What a flush has to write.
    fn delta(&self) -> Option<(BalanceDelta, Pending)> {
        let seen = self.last_seen.load(Ordering::Relaxed);
        let stale = seen.saturating_sub(self.stored_last_seen.load(Ordering::Relaxed))
            > LAST_SEEN_GRAIN_SECS;
        let pending = match self.meter.pending() {
            Some(pending) => pending,
            None if stale => Pending {
                spent: 0,
                expired: None,
            },
            None => return None,
        };
        let delta = BalanceDelta {
            account: self.id,
            spent: pending.spent,
            expired: pending.expired,
            last_seen: UnixTime::from_secs(seen),
        };
        Some((delta, pending))
    }

    /// Whether R1.21 lets it be deleted at `now`.
    fn is_deletable(&self, now: UnixTime) -> bool {
        let last_seen = UnixTime::from_secs(self.last_seen.load(Ordering::Relaxed));
        let age = now.secs_since(self.created_at.max(self.registration().time.min(now)));
        let idle = now.secs_since(last_seen);
        if self.had_ticket() {
            self.meter.available(now) == 0 && idle > IDLE_ACCOUNT_SECS
        } else {
            age > UNUSED_ACCOUNT_SECS && self.meter.available(now) == 0
        }
    }
}

/// Why a client is not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// A registration of this key with this time or a later one was accepted before.
    #[error(
        "a registration of this key with this time or a later one was accepted before; sign one with the present time"
    )]
    NotLater,
    /// The bound on accounts is reached and all of them have had a ticket accepted.
    #[error("this gateway has all the accounts it may have; try again later")]
    Full,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] CommitError),
}

/// All accounts of a gateway.
pub struct Accounts {
    store: Store,
    max_accounts: usize,
    table: Table,
    /// One registration or deletion at a time, so that the bound holds.
    changing: tokio::sync::Mutex<()>,
    /// One flush at a time: what is pending is written once.
    flushing: tokio::sync::Mutex<()>,
    urgent: Notify,
}

impl Accounts {
    /// Reads all accounts of `store`; at most `max_accounts` will be kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(store: Store, max_accounts: usize) -> Result<Arc<Self>, Error> {
        let rows = store
            .accounts()
            .await
            .map_err(|error| Error::store("read the accounts", &error))?;
        let table = Table::default();
        for row in &rows {
            table.insert(Arc::new(Account::from_row(row)));
        }
        Ok(Arc::new(Self {
            store,
            max_accounts,
            table,
            changing: tokio::sync::Mutex::default(),
            flushing: tokio::sync::Mutex::default(),
            urgent: Notify::new(),
        }))
    }

    /// Number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account that a token belongs to, which counts as seen.
    #[must_use]
    pub fn by_token(&self, token: &AccountToken, now: UnixTime) -> Option<Arc<Account>> {
        let account = self.table.by_token(&token.digest())?;
        account.touch(now);
        Some(account)
    }

    /// Registers `client_key`, or gives its account the new `token`. `signed_at` is the time inside the registration, whose
    /// signature the caller has checked. When the bound is reached, the oldest account that never had a ticket accepted
    /// gives way.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(
        &self,
        client_key: [u8; 32],
        signed_at: UnixTime,
        token: &AccountToken,
        now: UnixTime,
    ) -> Result<Arc<Account>, RegisterError> {
        let _one_at_a_time = self.changing.lock().await;
        let known = self.table.by_key(&client_key);
        if known
            .as_ref()
            .is_some_and(|account| account.registration().time >= signed_at)
        {
            return Err(RegisterError::NotLater);
        }
        if known.is_none() && self.table.len() >= self.max_accounts {
            let oldest = self
                .table
                .oldest_without_ticket()
                .ok_or(RegisterError::Full)?;
            self.delete(&oldest).await?;
        }
        let token_hash = token.digest();
        let id = match self
            .store
            .register_account(client_key, token_hash, signed_at, now)
            .await?
        {
            Registered::Account(id) => id,
            Registered::NotLater => return Err(RegisterError::NotLater),
        };
        if let Some(account) = known {
            let old = {
                let mut registration = account
                    .registration
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                std::mem::replace(
                    &mut *registration,
                    Registration {
                        token_hash,
                        time: signed_at,
                    },
                )
            };
            account.touch(now);
            self.table
                .replace_token(&old.token_hash, token_hash, &account);
            return Ok(account);
        }
        let account = Arc::new(Account::from_row(&AccountRow {
            id,
            client_key,
            token_hash,
            registered_time: signed_at,
            created_at: now,
            last_seen: now,
            first_accept_at: None,
            available: 0,
            expires_at: None,
        }));
        self.table.insert(Arc::clone(&account));
        Ok(account)
    }

    /// Subtracts used bytes from an account's balance, if it covers them, and returns what is left.
    ///
    /// # Errors
    /// [`Insufficient`]; nothing is subtracted.
    pub fn consume(
        &self,
        account: &Account,
        bytes: u64,
        now: UnixTime,
    ) -> Result<i64, Insufficient> {
        let outcome = account.meter.consume(bytes, now);
        if account.meter.is_flush_urgent() {
            self.urgent.notify_one();
        }
        outcome
    }

    /// Returns when one client has used so much that a flush should not wait for its time.
    pub async fn flush_is_urgent(&self) {
        self.urgent.notified().await;
    }

    /// Writes what is pending of all accounts, and how many accounts that were.
    ///
    /// # Errors
    /// The first error of the store; what it could not write stays pending.
    pub async fn flush(&self) -> Result<usize, CommitError> {
        let accounts = self.table.all();
        self.flush_some(&accounts).await
    }

    /// Brings the expiry of one balance to disk before a grant comes on top of it.
    pub(crate) async fn settle_expiry(
        &self,
        account: &Arc<Account>,
        now: UnixTime,
    ) -> Result<(), CommitError> {
        if account.meter.is_due(now) {
            account.meter.expire(now);
            self.flush_some(std::slice::from_ref(account)).await?;
        }
        Ok(())
    }

    async fn flush_some(&self, accounts: &[Arc<Account>]) -> Result<usize, CommitError> {
        let _one_at_a_time = self.flushing.lock().await;
        let mut written = 0;
        for chunk in accounts.chunks(FLUSH_CHUNK) {
            let due: Vec<(&Arc<Account>, BalanceDelta, Pending)> = chunk
                .iter()
                .filter_map(|account| {
                    account
                        .delta()
                        .map(|(delta, pending)| (account, delta, pending))
                })
                .collect();
            if due.is_empty() {
                continue;
            }
            let deltas = due.iter().map(|(_, delta, _)| *delta).collect();
            match self.store.flush_balances(deltas).await {
                // An unknown outcome counts as written: if it was not, the client keeps what it used.
                Ok(()) | Err(CommitError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
            for (account, delta, pending) in &due {
                account.meter.flushed(pending);
                account
                    .stored_last_seen
                    .store(delta.last_seen.as_secs(), Ordering::Relaxed);
            }
            written += due.len();
        }
        Ok(written)
    }

    /// Ends all balances whose time is over.
    pub fn expire(&self, now: UnixTime) {
        for account in self.table.all() {
            account.meter.expire(now);
        }
    }

    /// Deletes accounts that R1.21 lets go, and returns how many.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn delete_idle(&self, now: UnixTime) -> Result<usize, CommitError> {
        let _one_at_a_time = self.changing.lock().await;
        let idle: Vec<_> = self
            .table
            .all()
            .into_iter()
            .filter(|account| account.is_deletable(now))
            .collect();
        for account in &idle {
            self.delete(account).await?;
        }
        Ok(idle.len())
    }

    async fn delete(&self, account: &Arc<Account>) -> Result<(), CommitError> {
        self.store.delete_account(account.id).await?;
        self.table
            .remove(&account.client_key, &account.registration().token_hash);
        Ok(())
    }
}
