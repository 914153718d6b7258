//! Reads the epochs of R1.27 and makes their keys (R1.28).

use std::collections::BTreeMap;
use std::sync::Arc;

use ecash_contract_messages::dkg::{CeremonyOutcome, CeremonyResponse, EpochState};
use ecash_scheme::{VerificationKey, VerifyingKey};
use ecash_ticketbook::{EpochId, NodeIndex};

use super::{FollowError, Follower, unix_time};
use crate::epochs::{EpochKey, EpochRecord, KnownEpochs, Signer, aggregate_key};
use crate::limits::{MAX_PREDECESSORS, MAX_SIGNERS};
use crate::store::StoredEpoch;

impl Follower {
    /// Makes the stored epochs known, so that a restart without the chain goes on.
    pub(super) async fn restore_epochs(&self) -> Result<(), crate::Error> {
        let stored = self
            .store
            .epochs()
            .await
            .map_err(|error| crate::Error::store("read the epochs", &error))?;
        let in_service = stored
            .iter()
            .max_by_key(|epoch| epoch.record.in_progress_since)
            .map(|epoch| epoch.record.epoch);
        let epochs = stored
            .into_iter()
            .filter_map(|epoch| match VerificationKey::from_bytes(&epoch.key) {
                Ok(key) => Some(EpochKey { record: epoch.record, key: Arc::new(VerifyingKey::new(&key)) }),
                Err(error) => {
                    tracing::warn!(epoch = %epoch.record.epoch, %error, "a stored key is malformed; it is read from the chain again");
                    None
                }
            })
            .collect();
        self.situation
            .epochs
            .set(KnownEpochs::new(epochs, in_service));
        Ok(())
    }

    /// Reads the epoch in service and those before it, as far back as tickets of them are taken.
    pub(super) async fn refresh_epochs(&self) -> Result<(), FollowError> {
        self.check_chain().await?;
        let current = self.dkg.current_epoch().await?;
        let in_service = match current.state {
            EpochState::InProgress => Some(current.epoch_id),
            _ => current.keys_in_service,
        };
        let Some(in_service) = in_service else {
            return Ok(());
        };
        let now = self.clock.now();
        let mut epochs: Vec<EpochKey> = Vec::new();
        let mut without_key: Vec<EpochRecord> = Vec::new();
        let mut next = Some(in_service);
        while let Some(id) = next {
            let ceremony = self.dkg.ceremony(Some(id)).await?;
            let record = self.read_record(&ceremony).await?;
            let steps = epochs.len() + without_key.len() + 1;
            let is_last = KnownEpochs::is_over(&record, now) || steps >= MAX_PREDECESSORS;
            next = if is_last { None } else { ceremony.predecessor };
            match self.read_key(&record).await? {
                Some(key) => epochs.push(EpochKey { record, key }),
                None => without_key.push(record),
            }
        }
        let stored = epochs
            .iter()
            .map(|epoch| StoredEpoch {
                record: epoch.record.clone(),
                key: epoch.key.key().to_bytes(),
            })
            .collect();
        let known = KnownEpochs::beside(epochs, &without_key, Some(EpochId(in_service)));
        self.situation.epochs.set(known);
        self.store.replace_epochs(stored, now).await?;
        Ok(())
    }

    /// The key of a concluded epoch; `None` (and an alarm) if its shares make none.
    async fn read_key(
        &self,
        record: &EpochRecord,
    ) -> Result<Option<Arc<VerifyingKey>>, FollowError> {
        let known = self.situation.epochs.get();
        if let Some(known) = known.any(record.epoch)
            && known.record.threshold == record.threshold
        {
            return Ok(Some(Arc::clone(&known.key)));
        }
        let shares = self.read_shares(record.epoch).await?;
        match aggregate_key(
            record.epoch,
            record.threshold,
            &shares,
            &mut rand::rngs::OsRng,
        ) {
            Ok(key) => Ok(Some(Arc::new(VerifyingKey::new(&key)))),
            Err(error) => {
                metrics::counter!("gateway_epoch_alarms_total").increment(1);
                tracing::error!(%error, "ALARM: an epoch on chain has no usable key; its tickets are refused");
                Ok(None)
            }
        }
    }

    async fn read_record(&self, ceremony: &CeremonyResponse) -> Result<EpochRecord, FollowError> {
        let malformed = |reason: String| FollowError::Malformed {
            what: "ceremony",
            reason,
        };
        let id = ceremony.epoch_id;
        if ceremony.outcome != CeremonyOutcome::Concluded {
            return Err(malformed(format!(
                "epoch {id} is in service and not concluded"
            )));
        }
        let in_progress = ceremony
            .phases
            .iter()
            .rev()
            .find(|phase| phase.state == EpochState::InProgress);
        let in_progress =
            in_progress.ok_or_else(|| malformed(format!("epoch {id} never came into progress")))?;
        let threshold = self.dkg.epoch_threshold(id).await?;
        let threshold =
            threshold.ok_or_else(|| malformed(format!("epoch {id} has no threshold")))?;
        let dealers = self.dkg.epoch_dealers(id).await?;
        if dealers.is_empty() || dealers.len() > MAX_SIGNERS {
            return Err(malformed(format!(
                "epoch {id} has {} dealers; 1 to {MAX_SIGNERS} are possible",
                dealers.len()
            )));
        }
        Ok(EpochRecord {
            epoch: EpochId(id),
            master_epoch: EpochId(ceremony.master_epoch),
            predecessor: ceremony.predecessor.map(EpochId),
            in_progress_since: unix_time(in_progress.time),
            revoked: ceremony.revoked.is_some(),
            threshold,
            signers: dealers
                .into_iter()
                .map(|dealer| Signer {
                    node_index: NodeIndex(dealer.assigned_index),
                    owner: dealer.address.into_string(),
                    identity_key: dealer.ed25519_identity,
                    announce_address: dealer.announce_address,
                })
                .collect(),
        })
    }

    /// The verified shares of a concluded epoch, by node index.
    async fn read_shares(
        &self,
        epoch: EpochId,
    ) -> Result<BTreeMap<NodeIndex, VerificationKey>, FollowError> {
        let shares = self.dkg.key_shares(epoch.get()).await?;
        shares
            .into_iter()
            .filter(|share| share.verified)
            .map(|share| {
                let key = VerificationKey::from_base58(&share.share).map_err(|error| {
                    FollowError::Malformed {
                        what: "key share",
                        reason: format!(
                            "that of node {} in epoch {epoch}: {error}",
                            share.node_index
                        ),
                    }
                })?;
                Ok((NodeIndex(share.node_index), key))
            })
            .collect()
    }
}
