//! Finds accounts by client key and by token.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Account;

/// Both indices change together.
#[derive(Debug, Default)]
pub(super) struct Table(RwLock<Indices>);

#[derive(Debug, Default)]
struct Indices {
    by_key: HashMap<[u8; 32], Arc<Account>>,
    by_token: HashMap<[u8; 32], Arc<Account>>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.read().by_key.len()
    }

    pub(super) fn by_key(&self, client_key: &[u8; 32]) -> Option<Arc<Account>> {
        self.read().by_key.get(client_key).cloned()
    }

    pub(super) fn by_token(&self, token_hash: &[u8; 32]) -> Option<Arc<Account>> {
        self.read().by_token.get(token_hash).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Account>> {
        self.read().by_key.values().cloned().collect()
    }

    pub(super) fn oldest_without_ticket(&self) -> Option<Arc<Account>> {
        self.read()
            .by_key
            .values()
            .filter(|account| !account.had_ticket())
            .min_by_key(|account| (account.created_at, account.id))
            .cloned()
    }

    pub(super) fn insert(&self, account: Arc<Account>) {
        let mut indices = self.write();
        indices
            .by_token
            .insert(account.registration().token_hash, Arc::clone(&account));
        indices.by_key.insert(account.client_key, account);
    }

    pub(super) fn replace_token(&self, old: &[u8; 32], new: [u8; 32], account: &Arc<Account>) {
        let mut indices = self.write();
        indices.by_token.remove(old);
        indices.by_token.insert(new, Arc::clone(account));
    }

    pub(super) fn remove(&self, client_key: &[u8; 32], token_hash: &[u8; 32]) {
        let mut indices = self.write();
        indices.by_key.remove(client_key);
        indices.by_token.remove(token_hash);
    }

    fn read(&self) -> RwLockReadGuard<'_, Indices> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Indices> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
