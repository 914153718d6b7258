//! What the operator sees of the deliveries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::epochs::Signer;

/// One member as seen by its deliverer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberState {
    /// The member.
    pub signer: Signer,
    /// Everything up to here has its answer.
    pub cursor: i64,
    /// Why the last attempt failed; `None` when it did not.
    pub last_error: Option<String>,
}

/// The members that are delivered to, by account. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<String, MemberState>>>);

impl Board {
    /// All members.
    #[must_use]
    pub fn all(&self) -> Vec<MemberState> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    pub(super) fn put(&self, state: MemberState) {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members.insert(state.signer.owner.clone(), state);
    }

    pub(super) fn remove(&self, owner: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(owner);
    }
}
