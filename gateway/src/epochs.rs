//! Epochs whose tickets are taken, and their keys (`gateway.md` 1.11).

use std::collections::BTreeMap;
use std::sync::Arc;

use ecash_scheme::{VerificationKey, VerifyingKey};
use ecash_service::clock::UnixTime;
use ecash_ticketbook::{EpochId, NodeIndex};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::limits::EPOCH_KEEP_SECS;

/// A dealer registered for an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Its index, the point of its key share.
    pub node_index: NodeIndex,
    /// Its account.
    pub owner: String,
    /// Its identity key, base58.
    pub identity_key: String,
    /// Where its API answers.
    pub announce_address: String,
}

/// A concluded epoch as the chain tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Its number.
    pub epoch: EpochId,
    /// Names its master key; epochs with one master key are interchangeable labels.
    pub master_epoch: EpochId,
    /// The epoch concluded last before it.
    pub predecessor: Option<EpochId>,
    /// When it came into progress (block time).
    pub in_progress_since: UnixTime,
    /// Whether its master key is revoked.
    pub revoked: bool,
    /// Its key threshold t.
    pub threshold: u64,
    /// All registered dealers; their number is n.
    pub signers: Vec<Signer>,
}

impl EpochRecord {
    /// F(n) = floor((n − 1) / 3): how many faulty signers are tolerated.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.signers.len().saturating_sub(1) / 3
    }
}

/// An epoch with its key, ready for verifying.
#[derive(Clone, Debug)]
pub struct EpochKey {
    /// What the chain tells of it.
    pub record: EpochRecord,
    /// The key that its tickets are verified under.
    pub key: Arc<VerifyingKey>,
}

/// Why an epoch's shares make no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Shares that do not combine.
    #[error("the verified shares of epoch {epoch} make no key: {source}")]
    Shares {
        /// The epoch.
        epoch: EpochId,
        /// Why not.
        source: ecash_scheme::Error,
    },
    /// All shares together make another key than the lowest t of them (R1.28).
    #[error(
        "epoch {epoch}: all {all} verified shares make another key than the {threshold} with the lowest indices; the epoch is not used"
    )]
    Disagree {
        /// The epoch.
        epoch: EpochId,
        /// Shares on chain.
        all: usize,
        /// t.
        threshold: u64,
    },
}

/// Aggregates an epoch's key from its verified shares (R1.28). All of them and the t with the lowest indices must make
/// the same key, and the key must be consistent (`ecash-scheme.md` 2.5).
///
/// # Errors
/// [`KeyError`]; the epoch must not be used then.
pub fn aggregate_key<R: RngCore + CryptoRng>(
    epoch: EpochId,
    threshold: u64,
    shares: &BTreeMap<NodeIndex, VerificationKey>,
    rng: &mut R,
) -> Result<VerificationKey, KeyError> {
    let bad = |source| KeyError::Shares { epoch, source };
    let all: Vec<(u64, &VerificationKey)> = shares
        .iter()
        .map(|(index, share)| (index.get(), share))
        .collect();
    let lowest = all
        .get(..usize::try_from(threshold).unwrap_or(usize::MAX))
        .unwrap_or(&all);
    let key = VerificationKey::aggregate(&all, threshold).map_err(bad)?;
    if VerificationKey::aggregate(lowest, threshold).map_err(bad)? != key {
        return Err(KeyError::Disagree {
            epoch,
            all: all.len(),
            threshold,
        });
    }
    key.check_consistency(rng).map_err(bad)?;
    Ok(key)
}

/// The epochs of R1.27 with their keys.
#[derive(Clone, Debug, Default)]
pub struct KnownEpochs {
    in_service: Option<EpochId>,
    epochs: BTreeMap<EpochId, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    epoch: EpochKey,
    /// When it ceases to be known: 8 days after its successor came into service.
    until: Option<UnixTime>,
}

impl KnownEpochs {
    /// Chooses from `epochs`, all of them concluded, those that are in service or were until less than 8 days ago, and
    /// whose master key is not revoked in any record.
    #[must_use]
    pub fn new(epochs: Vec<EpochKey>, in_service: Option<EpochId>) -> Self {
        Self::beside(epochs, &[], in_service)
    }

    /// The same beside concluded epochs that have no usable key: these are not known, but they end their predecessors.
    #[must_use]
    pub fn beside(
        epochs: Vec<EpochKey>,
        without_key: &[EpochRecord],
        in_service: Option<EpochId>,
    ) -> Self {
        let records: Vec<&EpochRecord> = epochs
            .iter()
            .map(|epoch| &epoch.record)
            .chain(without_key)
            .collect();
        let is_revoked = |master: EpochId| {
            records
                .iter()
                .any(|record| record.revoked && record.master_epoch == master)
        };
        let until = |id: EpochId| {
            if in_service == Some(id) {
                return None;
            }
            let successor = records.iter().find(|record| record.predecessor == Some(id));
            let since = successor.map(|record| record.in_progress_since.plus_secs(EPOCH_KEEP_SECS));
            Some(since.unwrap_or(UnixTime::EPOCH))
        };
        let known = epochs
            .iter()
            .filter(|epoch| !is_revoked(epoch.record.master_epoch))
            .map(|epoch| {
                let id = epoch.record.epoch;
                (
                    id,
                    Known {
                        epoch: epoch.clone(),
                        until: until(id),
                    },
                )
            })
            .collect();
        Self {
            in_service,
            epochs: known,
        }
    }

    /// The epoch `id` if tickets of it are taken at `now`.
    #[must_use]
    pub fn get(&self, id: EpochId, now: UnixTime) -> Option<&EpochKey> {
        let known = self.epochs.get(&id)?;
        known
            .until
            .is_none_or(|until| now < until)
            .then_some(&known.epoch)
    }

    /// The epoch `id` if its key is at hand, whether its tickets are taken or not any more.
    #[must_use]
    pub fn any(&self, id: EpochId) -> Option<&EpochKey> {
        self.epochs.get(&id).map(|known| &known.epoch)
    }

    /// All epochs whose tickets are taken at `now`, ascending.
    #[must_use]
    pub fn ids(&self, now: UnixTime) -> Vec<EpochId> {
        self.epochs
            .keys()
            .copied()
            .filter(|id| self.get(*id, now).is_some())
            .collect()
    }

    /// The epoch whose keys issue, if it is known.
    #[must_use]
    pub fn in_service(&self) -> Option<&EpochKey> {
        self.in_service
            .and_then(|id| self.epochs.get(&id))
            .map(|known| &known.epoch)
    }

    /// Whether an epoch's successor came into service 8 days before `now` or earlier: no epoch before it is known.
    #[must_use]
    pub fn is_over(successor: &EpochRecord, now: UnixTime) -> bool {
        now >= successor.in_progress_since.plus_secs(EPOCH_KEEP_SECS)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ecash_scheme::deal;

    use super::*;

    const SINCE: UnixTime = UnixTime::from_secs(1_773_144_000);

    fn shares(
        threshold: u64,
        indices: &[u64],
    ) -> (VerificationKey, BTreeMap<NodeIndex, VerificationKey>) {
        let (master, secrets) = deal(threshold, indices, &mut rand::thread_rng()).unwrap();
        let shares = secrets
            .into_iter()
            .map(|(index, secret)| (NodeIndex(index), secret.verification_key()))
            .collect();
        (master, shares)
    }

    fn aggregate(
        threshold: u64,
        shares: &BTreeMap<NodeIndex, VerificationKey>,
    ) -> Result<VerificationKey, KeyError> {
        aggregate_key(EpochId(7), threshold, shares, &mut rand::thread_rng())
    }

    fn record(
        epoch: u64,
        master_epoch: u64,
        predecessor: Option<u64>,
        since: UnixTime,
    ) -> EpochRecord {
        EpochRecord {
            epoch: EpochId(epoch),
            master_epoch: EpochId(master_epoch),
            predecessor: predecessor.map(EpochId),
            in_progress_since: since,
            revoked: false,
            threshold: 1,
            signers: Vec::new(),
        }
    }

    fn known(records: Vec<EpochRecord>, in_service: u64) -> KnownEpochs {
        let (master, _) = shares(1, &[1]);
        let key = Arc::new(VerifyingKey::new(&master));
        let epochs = records
            .into_iter()
            .map(|record| EpochKey {
                record,
                key: Arc::clone(&key),
            })
            .collect();
        KnownEpochs::new(epochs, Some(EpochId(in_service)))
    }

    #[test]
    fn the_key_of_an_epoch_is_made_from_its_shares_whoever_is_missing_beyond_the_threshold() {
        let (master, mut shares) = shares(3, &[1, 2, 4, 7, 9]);
        assert_eq!(aggregate(3, &shares).unwrap(), master);
        shares.remove(&NodeIndex(2));
        assert_eq!(aggregate(3, &shares).unwrap(), master);
        shares.remove(&NodeIndex(9));
        assert_eq!(aggregate(3, &shares).unwrap(), master);
        shares.remove(&NodeIndex(1));
        assert!(matches!(
            aggregate(3, &shares),
            Err(KeyError::Shares { .. })
        ));
    }

    #[test]
    fn an_epoch_with_a_share_of_another_key_is_not_used() {
        let (_, mut honest) = shares(3, &[1, 2, 4, 7, 9]);
        let (_, mut other) = shares(3, &[7, 8, 9]);
        honest.extend(other.remove_entry(&NodeIndex(9)));
        let error = aggregate(3, &honest).unwrap_err();
        assert!(
            matches!(
                error,
                KeyError::Disagree {
                    all: 5,
                    threshold: 3,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn the_epochs_before_the_one_in_service_are_known_for_eight_days() {
        let day = 86_400;
        let records = vec![
            record(1, 1, None, SINCE),
            record(2, 1, Some(1), SINCE.plus_secs(day)),
            record(5, 5, Some(2), SINCE.plus_secs(3 * day)),
        ];
        let known = known(records, 5);
        let ids = |at: UnixTime| known.ids(at).iter().map(|id| id.get()).collect::<Vec<_>>();
        assert_eq!(ids(SINCE.plus_secs(9 * day - 1)), [1, 2, 5]);
        assert_eq!(ids(SINCE.plus_secs(9 * day)), [2, 5]);
        assert_eq!(ids(SINCE.plus_secs(11 * day)), [5]);
        assert_eq!(ids(UnixTime::MAX), [5]);
    }

    #[test]
    fn an_epoch_without_a_usable_key_is_not_known_and_ends_its_predecessor_all_the_same() {
        let broken = record(2, 2, Some(1), SINCE);
        let (master, _) = shares(1, &[1]);
        let first = EpochKey {
            record: record(1, 1, None, SINCE),
            key: Arc::new(VerifyingKey::new(&master)),
        };
        let known = KnownEpochs::beside(vec![first], &[broken], Some(EpochId(2)));
        assert_eq!(known.ids(SINCE), [EpochId(1)]);
        assert!(known.ids(SINCE.plus_secs(EPOCH_KEEP_SECS)).is_empty());
        assert!(known.in_service().is_none());
    }

    #[test]
    fn a_revoked_master_key_takes_every_epoch_with_it_out() {
        let mut records = vec![
            record(1, 1, None, SINCE),
            record(2, 1, Some(1), SINCE),
            record(3, 3, Some(2), SINCE),
        ];
        if let Some(first) = records.first_mut() {
            first.revoked = true;
        }
        let known = known(records, 3);
        assert_eq!(known.ids(SINCE), [EpochId(3)]);
        assert!(known.get(EpochId(2), SINCE).is_none());
    }

    #[test]
    fn an_epoch_that_no_other_names_as_predecessor_is_not_known_unless_it_is_in_service() {
        let known = known(
            vec![record(1, 1, None, SINCE), record(3, 3, None, SINCE)],
            3,
        );
        assert_eq!(known.ids(SINCE), [EpochId(3)]);
    }
}
