//! What this member knows of the epochs of distributed keys: read from the chain by one loop, looked at by everybody.
//!
//! Every decision takes an [`Epochs`] value, which is what the contract said at one time; nothing here asks the chain.

mod handover;
mod reader;

pub use handover::{Placement, is_old, place};
pub use reader::EpochReader;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ecash_contract_messages::dkg::EpochState;
use ecash_requests::IdentityKey;
use ecash_scheme::VerificationKey;
use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};

use crate::refusal::Refusal;

/// Seconds after which what was read of the chain decides nothing any more.
pub const STALE_SECS: u64 = 60;

/// A signer of a concluded epoch: a dealer whose share the chain verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Its node index.
    pub index: NodeIndex,
    /// Its account.
    pub address: String,
    /// URL that it announces.
    pub announce_address: String,
    /// Its identity key.
    pub identity: IdentityKey,
    /// Its share of the verification key.
    pub key: VerificationKey,
}

/// An epoch that concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcludedEpoch {
    /// Its id.
    pub id: EpochId,
    /// Shares that make its key.
    pub threshold: u64,
    /// Dealers registered for it, n.
    pub dealers: u64,
    /// Its signers, ascending by node index. Entries that do not decode are left out.
    pub signers: Vec<Signer>,
    /// This member's node index, if it was registered as a dealer.
    pub own_index: Option<NodeIndex>,
    /// When it came into progress, T.
    pub concluded_at: UnixTime,
    /// The epoch concluded before it.
    pub predecessor: Option<EpochId>,
    /// Whether its master key was revoked.
    pub revoked: bool,
}

impl ConcludedEpoch {
    /// This member's verified share, if it has one.
    #[must_use]
    pub fn own_share(&self) -> Option<&Signer> {
        self.own_index
            .and_then(|own| self.signers.iter().find(|signer| signer.index == own))
    }
}

/// What the DKG contract said when it was read last.
#[derive(Clone, Debug)]
pub struct Epochs {
    /// When it was read, on the monotonic clock.
    pub read_at: Duration,
    /// Height of the newest block then.
    pub block_height: u64,
    /// Time of the newest block then.
    pub block_time: UnixTime,
    /// The contract's current epoch.
    pub current: EpochId,
    /// Its phase.
    pub state: EpochState,
    /// The epoch whose keys issue (`dkg.md` 14.1).
    pub issuing: Option<EpochId>,
    /// The issuing epoch and those before it, by id.
    pub concluded: BTreeMap<EpochId, Arc<ConcludedEpoch>>,
}

impl Epochs {
    /// The epoch that issues.
    ///
    /// # Errors
    /// [`Refusal::NoIssuingEpoch`].
    pub fn issuing(&self) -> Result<&Arc<ConcludedEpoch>, Refusal> {
        self.issuing
            .and_then(|id| self.concluded.get(&id))
            .filter(|epoch| !epoch.revoked)
            .ok_or(Refusal::NoIssuingEpoch {
                current: self.current,
            })
    }

    /// The epoch that a request names, or else the issuing one.
    ///
    /// # Errors
    /// [`Refusal::NoIssuingEpoch`], which passes; [`Refusal::EpochNotServed`] for an epoch that never concluded or whose
    /// key was revoked.
    pub fn named_or_issuing(
        &self,
        named: Option<EpochId>,
    ) -> Result<&Arc<ConcludedEpoch>, Refusal> {
        let issuing = self.issuing()?;
        match named {
            None => Ok(issuing),
            Some(id) => self
                .concluded
                .get(&id)
                .filter(|epoch| !epoch.revoked)
                .ok_or(Refusal::EpochNotServed {
                    asked: id,
                    issuing: issuing.id,
                }),
        }
    }

    /// Whether this member is registered as a dealer of the issuing epoch or of its predecessor (gate Q of
    /// `quorum-api.md` 2).
    #[must_use]
    pub fn is_registered(&self) -> bool {
        let Ok(issuing) = self.issuing() else {
            return false;
        };
        let predecessor = issuing.predecessor.and_then(|id| self.concluded.get(&id));
        issuing.own_index.is_some() || predecessor.is_some_and(|epoch| epoch.own_index.is_some())
    }
}

/// Where the latest [`Epochs`] is found. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct EpochWatch(Arc<RwLock<Option<Arc<Epochs>>>>);

impl EpochWatch {
    /// Replaces what is known.
    pub fn set(&self, epochs: Epochs) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(epochs));
    }

    /// The latest reading, however old.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Epochs>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The latest reading, if it is recent enough to decide from at `now` (monotonic).
    ///
    /// # Errors
    /// [`Refusal::ChainStale`].
    pub fn fresh(&self, now: Duration) -> Result<Arc<Epochs>, Refusal> {
        self.latest()
            .filter(|epochs| now.saturating_sub(epochs.read_at) <= Duration::from_secs(STALE_SECS))
            .ok_or(Refusal::ChainStale { what: "epochs" })
    }
}
