//! The keys of all epochs. A key is held once its file opened and names this member; it is usable once the share that
//! the chain shows verified equals the public part of the file (`dkg.md` 14.1, 15.1).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ecash_scheme::VerificationKey;
use ecash_ticketbook::{EpochId, NodeIndex};

use super::file::Protection;
use super::share::{InstanceId, ShareRecord, file_name};
use super::signing::SigningKey;
use crate::error::{Error, Result};

/// Whether a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Its file opened; the chain has not verified the share.
    Held,
    /// The verified share on chain equals it.
    Usable,
}

/// What a key file must name to be this member's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Chain id.
    pub chain_id: String,
    /// Address of the DKG contract.
    pub contract: String,
    /// The member's account.
    pub address: String,
    /// Id of the member's database.
    pub instance: InstanceId,
}

/// The keys of this process, by epoch. Clones share them.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    protection: Protection,
    owner: Owner,
    keys: RwLock<BTreeMap<EpochId, (Arc<SigningKey>, KeyState)>>,
}

impl KeyRing {
    /// An empty ring over the key directory `dir`.
    #[must_use]
    pub fn new(dir: PathBuf, protection: Protection, owner: Owner) -> Self {
        Self(Arc::new(Inner {
            dir,
            protection,
            owner,
            keys: RwLock::default(),
        }))
    }

    /// The key directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Loads the key of `epoch` if it is not held yet and its file is there. `Ok(None)` without a file.
    ///
    /// # Errors
    /// [`Error::KeyFile`] for a file that does not open or names another chain, contract, account, epoch, node or
    /// database; [`Error::Service`] for a file that others can use.
    pub fn load(&self, epoch: EpochId, index: NodeIndex) -> Result<Option<Arc<SigningKey>>> {
        if let Some(key) = self.held(epoch) {
            return Ok(Some(key));
        }
        let path = self.0.dir.join(file_name(epoch));
        if std::fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        let record = ShareRecord::read(&path, &self.0.protection)?;
        self.check(&path, &record, epoch, index)?;
        let key = Arc::new(SigningKey::new(record));
        self.with(|keys| keys.insert(epoch, (Arc::clone(&key), KeyState::Held)));
        Ok(Some(key))
    }

    /// Marks the key of `epoch` usable if it equals `on_chain`, the verified share of this member.
    ///
    /// # Errors
    /// [`Error::NoKey`] when none is held, [`Error::KeyFile`] when the held one is another: it is dropped.
    pub fn confirm(&self, epoch: EpochId, on_chain: &VerificationKey) -> Result<()> {
        let key = self.held(epoch).ok_or(Error::NoKey(epoch))?;
        if key.verification_key() != on_chain {
            self.with(|keys| keys.remove(&epoch));
            return Err(Error::KeyFile {
                path: self.0.dir.join(file_name(epoch)),
                reason: "its public part is not the share that the chain shows for this member; the key is not used".to_owned(),
            });
        }
        self.with(|keys| keys.insert(epoch, (key, KeyState::Usable)));
        Ok(())
    }

    /// Forgets that the key of `epoch` is usable, because the chain no longer says so.
    pub fn suspend(&self, epoch: EpochId) {
        self.with(|keys| {
            if let Some((_, state)) = keys.get_mut(&epoch) {
                *state = KeyState::Held;
            }
        });
    }

    /// The key of `epoch`, whether usable or not.
    #[must_use]
    pub fn held(&self, epoch: EpochId) -> Option<Arc<SigningKey>> {
        self.with(|keys| keys.get(&epoch).map(|(key, _)| Arc::clone(key)))
    }

    /// The key of `epoch` if it may sign.
    #[must_use]
    pub fn usable(&self, epoch: EpochId) -> Option<Arc<SigningKey>> {
        self.with(|keys| match keys.get(&epoch) {
            Some((key, KeyState::Usable)) => Some(Arc::clone(key)),
            _ => None,
        })
    }

    /// Takes over a key that did not come from a file. For tests.
    pub fn insert(&self, record: ShareRecord, state: KeyState) {
        let epoch = record.epoch;
        self.with(|keys| keys.insert(epoch, (Arc::new(SigningKey::new(record)), state)));
    }

    fn check(
        &self,
        path: &Path,
        record: &ShareRecord,
        epoch: EpochId,
        index: NodeIndex,
    ) -> Result<()> {
        let owner = &self.0.owner;
        let fields = [
            ("chain", record.chain_id.clone(), owner.chain_id.clone()),
            (
                "DKG contract",
                record.contract.clone(),
                owner.contract.clone(),
            ),
            ("account", record.address.clone(), owner.address.clone()),
            ("epoch", record.epoch.to_string(), epoch.to_string()),
            ("node index", record.index.to_string(), index.to_string()),
            (
                "database",
                record.instance.to_string(),
                owner.instance.to_string(),
            ),
        ];
        for (what, found, expected) in fields {
            if found != expected {
                return Err(Error::KeyFile {
                    path: path.to_path_buf(),
                    reason: format!("it is for {what} {found}, this member's is {expected}"),
                });
            }
        }
        Ok(())
    }

    fn with<T>(
        &self,
        change: impl FnOnce(&mut BTreeMap<EpochId, (Arc<SigningKey>, KeyState)>) -> T,
    ) -> T {
        change(&mut self.0.keys.write().unwrap_or_else(PoisonError::into_inner))
    }
}
