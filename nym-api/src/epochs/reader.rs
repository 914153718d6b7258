//! Reads the DKG contract into [`Epochs`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ecash_contract_messages::dkg::{CeremonyOutcome, CeremonyResponse, EpochState, KeyShare};
use ecash_requests::IdentityKey;
use ecash_scheme::VerificationKey;
use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};
use nyx_client::{Dkg, QueryClient};

use super::{ConcludedEpoch, Epochs, Signer};
use crate::error::{Error, Result};
use crate::keys::share::KEY_ELEMENTS;

/// Epochs that are followed back from the issuing one.
const MAX_PREDECESSORS: usize = 64;
/// How often the signers of the epoch in progress are read again, because late shares can still be verified.
const REFRESH: Duration = Duration::from_secs(60);

/// Reads the contract, and remembers of concluded epochs what does not change any more.
#[derive(Debug)]
pub struct EpochReader {
    chain: QueryClient,
    dkg: Dkg,
    own_address: Option<String>,
    refresh: Duration,
    last_height: u64,
    known: BTreeMap<EpochId, (Duration, Arc<ConcludedEpoch>)>,
}

impl EpochReader {
    /// A reader for the member with account `own_address`. The signers of the epoch in progress are read again every
    /// `refresh`, at most 60 s.
    #[must_use]
    pub fn new(
        chain: QueryClient,
        dkg: Dkg,
        own_address: Option<String>,
        refresh: Duration,
    ) -> Self {
        Self {
            chain,
            dkg,
            own_address,
            refresh: refresh.min(REFRESH),
            last_height: 0,
            known: BTreeMap::new(),
        }
    }

    /// Reads everything anew at `now` (monotonic).
    ///
    /// # Errors
    /// [`Error::Chain`]; [`Error::ChainData`] for an answer from below a height that was seen before.
    pub async fn read(&mut self, now: Duration) -> Result<Epochs> {
        let status = self.chain.status().await?;
        if status.latest_height < self.last_height || status.catching_up {
            return Err(Error::ChainData {
                what: "height",
                value: status.latest_height.to_string(),
                reason: format!(
                    "the node is behind: height {} was seen before",
                    self.last_height
                ),
            });
        }
        let epoch = self.dkg.current_epoch().await?;
        let issuing = epoch.issuing_epoch().map(EpochId);
        let in_progress = matches!(epoch.state, EpochState::InProgress);
        let mut concluded = BTreeMap::new();
        let mut next = issuing;
        for _ in 0..MAX_PREDECESSORS {
            let Some(id) = next else { break };
            let may_change = in_progress && id.get() == epoch.epoch_id;
            let found = self.concluded(id, may_change, now).await?;
            next = found.predecessor.filter(|earlier| *earlier < id);
            concluded.insert(id, found);
        }
        self.last_height = status.latest_height;
        Ok(Epochs {
            read_at: now,
            block_height: status.latest_height,
            block_time: UnixTime(status.latest_time.seconds()),
            current: EpochId(epoch.epoch_id),
            state: epoch.state,
            issuing,
            concluded,
        })
    }

    /// Forgets what was read of the epoch in progress, so that the next reading asks again.
    pub fn expire(&mut self, id: EpochId) {
        self.known.remove(&id);
    }

    async fn concluded(
        &mut self,
        id: EpochId,
        may_change: bool,
        now: Duration,
    ) -> Result<Arc<ConcludedEpoch>> {
        let ceremony = self.dkg.ceremony(Some(id.get())).await?;
        let revoked = ceremony.revoked.is_some();
        if let Some((read_at, known)) = self.known.get(&id)
            && (!may_change || now.saturating_sub(*read_at) < self.refresh)
            && known.revoked == revoked
        {
            return Ok(Arc::clone(known));
        }
        let epoch = Arc::new(self.read_concluded(id, &ceremony).await?);
        self.known.insert(id, (now, Arc::clone(&epoch)));
        Ok(epoch)
    }

    async fn read_concluded(
        &self,
        id: EpochId,
        ceremony: &CeremonyResponse,
    ) -> Result<ConcludedEpoch> {
        if ceremony.outcome != CeremonyOutcome::Concluded {
            return Err(Error::ChainData {
                what: "issuing epoch",
                value: id.to_string(),
                reason: "its ceremony has not concluded".to_owned(),
            });
        }
        let missing = |what| Error::ChainData {
            what,
            value: "null".to_owned(),
            reason: format!("epoch {id} has concluded"),
        };
        let threshold = match ceremony.threshold {
            Some(threshold) => threshold,
            None => self
                .dkg
                .epoch_threshold(id.get())
                .await?
                .ok_or_else(|| missing("threshold"))?,
        };
        let dealers = self.dkg.epoch_dealers(id.get()).await?;
        let shares = self.dkg.key_shares(id.get()).await?;
        let identities: BTreeMap<u64, &str> = dealers
            .iter()
            .map(|dealer| (dealer.assigned_index, dealer.ed25519_identity.as_str()))
            .collect();
        let mut signers: Vec<Signer> = shares
            .iter()
            .filter(|share| share.verified)
            .filter_map(|share| signer(share, identities.get(&share.node_index).copied()))
            .collect();
        signers.sort_by_key(|signer| signer.index);
        let own = self.own_address.as_deref();
        let concluded_at = ceremony
            .phases
            .iter()
            .rev()
            .find(|phase| matches!(phase.state, EpochState::InProgress))
            .map(|phase| UnixTime(phase.time.seconds()))
            .ok_or_else(|| missing("time of conclusion"))?;
        Ok(ConcludedEpoch {
            id,
            threshold,
            dealers: u64::try_from(dealers.len()).unwrap_or(u64::MAX),
            signers,
            own_index: dealers
                .iter()
                .find(|dealer| Some(dealer.address.as_str()) == own)
                .map(|dealer| NodeIndex(dealer.assigned_index)),
            concluded_at,
            predecessor: ceremony.predecessor.map(EpochId),
            revoked: ceremony.revoked.is_some(),
        })
    }
}

/// The signer of a share on chain, unless something of it does not decode: then it is left out and named in the log.
fn signer(share: &KeyShare, identity: Option<&str>) -> Option<Signer> {
    let reason = match decode(share, identity) {
        Ok(signer) => return Some(signer),
        Err(reason) => reason,
    };
    tracing::warn!(node_index = share.node_index, owner = %share.owner, reason, "a signer is left out");
    None
}

fn decode(share: &KeyShare, identity: Option<&str>) -> std::result::Result<Signer, String> {
    let key = VerificationKey::from_base58(&share.share).map_err(|e| e.to_string())?;
    if key.elements() != KEY_ELEMENTS {
        return Err(format!(
            "its key has {} elements, expected {KEY_ELEMENTS}",
            key.elements()
        ));
    }
    let identity = identity.ok_or("it is not registered as a dealer")?;
    let url = url::Url::parse(&share.announce_address)
        .map_err(|e| format!("its announce address is no URL: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("its announce address is no web URL".to_owned());
    }
    Ok(Signer {
        index: NodeIndex(share.node_index),
        address: share.owner.to_string(),
        announce_address: share.announce_address.clone(),
        identity: IdentityKey::from_base58(identity).map_err(|e| e.to_string())?,
        key,
    })
}
