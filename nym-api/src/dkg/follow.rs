//! The loop that reads the epochs for everybody, and makes keys usable once the chain confirms them.

use std::collections::BTreeMap;
use std::time::Duration;

use ecash_service::clock::SharedClock;
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::EpochId;

use crate::epochs::{ConcludedEpoch, EpochReader, EpochWatch};
use crate::error::Result;
use crate::keys::KeyRing;

/// Follows the epochs.
pub struct Follower {
    reader: EpochReader,
    watch: EpochWatch,
    keys: KeyRing,
    clock: SharedClock,
    every: Duration,
    /// The last trouble with each epoch's key, so that it is logged once and not every second.
    troubles: BTreeMap<EpochId, String>,
}

impl Follower {
    /// A follower that reads every `every`.
    #[must_use]
    pub fn new(
        reader: EpochReader,
        watch: EpochWatch,
        keys: KeyRing,
        clock: SharedClock,
        every: Duration,
    ) -> Self {
        Self {
            reader,
            watch,
            keys,
            clock,
            every,
            troubles: BTreeMap::new(),
        }
    }

    /// Runs until `shutdown`. A failure is logged and tried again at the next round.
    pub async fn run(mut self, shutdown: Shutdown) {
        loop {
            let round = async {
                if let Err(error) = self.round().await {
                    tracing::warn!(%error, "the epochs could not be read");
                }
                tokio::time::sleep(self.every).await;
            };
            tokio::select! {
                () = shutdown.requested() => return,
                () = round => {}
            }
        }
    }

    /// Reads once.
    ///
    /// # Errors
    /// [`crate::Error::Chain`], [`crate::Error::ChainData`].
    pub async fn round(&mut self) -> Result<()> {
        let epochs = self.reader.read(self.clock.monotonic()).await?;
        for epoch in epochs.concluded.values() {
            self.confirm(epoch);
        }
        self.watch.set(epochs);
        Ok(())
    }

    fn confirm(&mut self, epoch: &ConcludedEpoch) {
        let Some(own) = epoch.own_share().filter(|_| !epoch.revoked) else {
            self.keys.suspend(epoch.id);
            return;
        };
        let outcome = match self.keys.load(epoch.id, own.index) {
            Ok(None) => Err(format!(
                "its file is missing in {}",
                self.keys.dir().display()
            )),
            Ok(Some(_)) => self
                .keys
                .confirm(epoch.id, &own.key)
                .map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(()) => {
                self.troubles.remove(&epoch.id);
            }
            Err(reason) => {
                if self.troubles.insert(epoch.id, reason.clone()).as_ref() != Some(&reason) {
                    tracing::error!(epoch = %epoch.id, reason, "the key of an epoch cannot be used");
                }
            }
        }
    }
}
