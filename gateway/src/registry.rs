//! The own entry in the chain's registry of gateways (`gateway.md` 1.10).

use ecash_service::clock::UnixTime;
use ecash_ticketbook::TicketType;
use serde::{Deserialize, Serialize};

use crate::accept::rules::ProviderKeys;
use crate::limits::REGISTRY_STALE_SECS;

/// Whether a gateway takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Registered, never admitted.
    Pending,
    /// Takes part.
    Admitted,
    /// No longer.
    Suspended,
}

/// A gateway as registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryEntry {
    /// Its present identity key.
    pub identity_key: [u8; 32],
    /// Where it answers.
    pub announce_address: String,
    /// The ticket types it takes, ascending.
    pub roles: Vec<TicketType>,
    /// Its state.
    pub state: EntryState,
    /// The key before the last rotation, and until when tickets for it are taken.
    pub previous: Option<([u8; 32], UnixTime)>,
}

/// What is known about the own registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    reading: Option<(Option<RegistryEntry>, UnixTime)>,
}

/// Why no tickets are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// The registry has not been read yet.
    #[error("the registry of gateways has not been read yet")]
    Unread,
    /// The last reading is too old.
    #[error("the registry of gateways could not be read for 24 hours")]
    Stale,
    /// There is no entry.
    #[error("this gateway is not registered")]
    Unregistered,
    /// The entry has another key.
    #[error("the registry shows another identity key for this gateway")]
    OtherKey,
    /// Waiting for the admin of the contract.
    #[error("this gateway is registered and not admitted yet")]
    Pending,
    /// Suspended by the admin of the contract.
    #[error("this gateway is suspended")]
    Suspended,
}

impl Registry {
    /// What a reading at `read_at` showed.
    #[must_use]
    pub const fn read(entry: Option<RegistryEntry>, read_at: UnixTime) -> Self {
        Self {
            reading: Some((entry, read_at)),
        }
    }

    /// The entry of the last reading.
    #[must_use]
    pub fn entry(&self) -> Option<&RegistryEntry> {
        self.reading.as_ref().and_then(|(entry, _)| entry.as_ref())
    }

    /// The keys that tickets may name, if the gateway with `identity_key` may take tickets at `now` (R1.25, R1.26).
    ///
    /// A gateway whose key was rotated on chain goes on with the key it has for as long as the registry lets it.
    ///
    /// # Errors
    /// Why it may not.
    pub fn provider_keys(
        &self,
        identity_key: &[u8; 32],
        now: UnixTime,
    ) -> Result<ProviderKeys, NotAdmitted> {
        let (entry, read_at) = self.reading.as_ref().ok_or(NotAdmitted::Unread)?;
        if now.secs_since(*read_at) > REGISTRY_STALE_SECS {
            return Err(NotAdmitted::Stale);
        }
        let entry = entry.as_ref().ok_or(NotAdmitted::Unregistered)?;
        match entry.state {
            EntryState::Pending => return Err(NotAdmitted::Pending),
            EntryState::Suspended => return Err(NotAdmitted::Suspended),
            EntryState::Admitted => {}
        }
        let is_previous = entry
            .previous
            .is_some_and(|(key, until)| key == *identity_key && now < until);
        if entry.identity_key != *identity_key && !is_previous {
            return Err(NotAdmitted::OtherKey);
        }
        Ok(ProviderKeys {
            current: entry.identity_key,
            previous: entry.previous,
        })
    }
}
