//! Keys and signatures of an epoch: memory → database → made here, or asked of the other signers and aggregated.

use std::future::Future;
use std::sync::Arc;

use ecash_scheme::{CoinIndexBases, CoinIndexSignatures, DateSignatures, VerificationKey};
use ecash_service::clock::SharedClock;
use ecash_ticketbook::{EcashDate, EpochId, VALIDITY_DAYS};
use futures::StreamExt as _;

use super::flight::Flights;
use super::peers::Peers;
use crate::epochs::{ConcludedEpoch, Signer};
use crate::error::Error;
use crate::keys::KeyRing;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::globals::{EpochKeyRow, Scope};
use crate::today::today;
use crate::workers::Workers;

/// Signers that are asked at once.
const MAX_ASKED_AT_ONCE: usize = 8;

/// What global data stand on.
#[derive(Clone)]
pub struct GlobalParts {
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// This member's keys.
    pub keys: KeyRing,
    /// Where curve arithmetic runs.
    pub workers: Workers,
    /// The other signers.
    pub peers: Arc<dyn Peers>,
}

/// Global data of all epochs. Clones share the caches.
#[derive(Clone)]
pub struct Globals {
    parts: GlobalParts,
    caches: Arc<Caches>,
}

struct Caches {
    masters: Flights<EpochId, VerificationKey>,
    coins: Flights<(EpochId, Scope), CoinIndexSignatures>,
    dates: Flights<(EcashDate, EpochId, Scope), DateSignatures>,
}

impl Globals {
    /// Global data over `parts`.
    #[must_use]
    pub fn new(parts: GlobalParts) -> Self {
        let caches = Caches {
            masters: Flights::new(),
            coins: Flights::new(),
            dates: Flights::new(),
        };
        Self {
            parts,
            caches: Arc::new(caches),
        }
    }

    /// The master key of an epoch: the aggregate of all verified shares (`quorum-api.md` 4.1).
    ///
    /// # Errors
    /// [`Refusal::TooFewSigners`]; [`Refusal::Internal`] when the shares contradict the member's own key file.
    pub async fn master_key(
        &self,
        epoch: &Arc<ConcludedEpoch>,
    ) -> Result<Arc<VerificationKey>, Refusal> {
        self.caches
            .masters
            .get(epoch.id, || self.make_master_key(Arc::clone(epoch)))
            .await
    }

    async fn make_master_key(
        &self,
        epoch: Arc<ConcludedEpoch>,
    ) -> Result<VerificationKey, Refusal> {
        if let Some(key) = self.parts.store.master_key(epoch.id).await? {
            return Ok(key);
        }
        let aggregated = Arc::clone(&epoch);
        let key = self
            .parts
            .workers
            .run(move || {
                let shares: Vec<(u64, &VerificationKey)> = aggregated
                    .signers
                    .iter()
                    .map(|signer| (signer.index.get(), &signer.key))
                    .collect();
                if u64::try_from(shares.len()).unwrap_or(u64::MAX) < aggregated.threshold {
                    return Err(Refusal::TooFewSigners {
                        have: shares.len(),
                        need: aggregated.threshold,
                    });
                }
                VerificationKey::aggregate(&shares, aggregated.threshold)
                    .map_err(|e| Refusal::Internal(e.into()))
            })
            .await??;
        if let Some(own) = self.parts.keys.usable(epoch.id)
            && !own.master().are_of(&key)
        {
            return Err(Refusal::Internal(Error::ChainData {
                what: "aggregate of the verified shares",
                value: format!("epoch {}", epoch.id),
                reason: "it is not the master key of this member's own key file".to_owned(),
            }));
        }
        let identities: Vec<String> = epoch
            .signers
            .iter()
            .map(|signer| format!("{}={}", signer.index, signer.identity))
            .collect();
        let row = EpochKeyRow {
            epoch: epoch.id,
            master: &key,
            dealers: epoch.dealers,
            threshold: epoch.threshold,
            identity_keys: identities.join(","),
            concluded_at: epoch.concluded_at,
        };
        self.parts.store.put_master_key(&row).await?;
        Ok(key)
    }

    /// Date signatures of an epoch and expiration date.
    ///
    /// # Errors
    /// [`Refusal::ExpirationDate`] for a date that nothing is stored for and that is not today … today + 7;
    /// [`Refusal::KeyNotHeld`] for partial ones of an epoch whose key is not held; [`Refusal::TooFewSigners`] for
    /// aggregated ones.
    pub async fn dates(
        &self,
        scope: Scope,
        epoch: &Arc<ConcludedEpoch>,
        issuing: EpochId,
        expiration: EcashDate,
    ) -> Result<Arc<DateSignatures>, Refusal> {
        self.check_date(scope, epoch.id, expiration).await?;
        self.caches
            .dates
            .get((expiration, epoch.id, scope), || {
                self.make_dates(scope, Arc::clone(epoch), issuing, expiration)
            })
            .await
    }

    /// A date outside the usual range is served if its signatures are stored; it makes no entry in the cache otherwise.
    async fn check_date(
        &self,
        scope: Scope,
        epoch: EpochId,
        asked: EcashDate,
    ) -> Result<(), Refusal> {
        let first = today(&*self.parts.clock)?;
        let last = first.plus_days(VALIDITY_DAYS).unwrap_or(EcashDate::LAST);
        if first <= asked && asked <= last {
            return Ok(());
        }
        match self
            .parts
            .store
            .date_signatures(scope, epoch, asked)
            .await?
        {
            Some(_) => Ok(()),
            None => Err(Refusal::ExpirationDate { asked, first, last }),
        }
    }

    async fn make_dates(
        &self,
        scope: Scope,
        epoch: Arc<ConcludedEpoch>,
        issuing: EpochId,
        expiration: EcashDate,
    ) -> Result<DateSignatures, Refusal> {
        let parts = &self.parts;
        if let Some(stored) = parts
            .store
            .date_signatures(scope, epoch.id, expiration)
            .await?
        {
            return Ok(stored);
        }
        let made = match scope {
            Scope::Partial => {
                let key = parts.keys.usable(epoch.id).ok_or(Refusal::KeyNotHeld {
                    asked: epoch.id,
                    issuing,
                })?;
                parts
                    .workers
                    .run(move || key.sign_dates(expiration))
                    .await??
            }
            Scope::Aggregated => {
                let master = self.master_key(&epoch).await?;
                let ask = |signer: Signer| {
                    let (globals, epoch) = (self.clone(), Arc::clone(&epoch));
                    async move { globals.checked_dates(&epoch, &signer, expiration).await }
                };
                let shares = self.collect(&epoch, ask).await?;
                let threshold = epoch.threshold;
                parts
                    .workers
                    .run(move || {
                        let shares: Vec<_> = shares
                            .iter()
                            .map(|(signer, set)| (signer.index.get(), &signer.key, set))
                            .collect();
                        DateSignatures::aggregate(
                            &shares,
                            threshold,
                            &master,
                            &mut rand::rngs::OsRng,
                        )
                    })
                    .await?
                    .map_err(Error::from)?
            }
        };
        parts
            .store
            .put_date_signatures(scope, epoch.id, expiration, &made)
            .await?;
        Ok(made)
    }

    /// Coin-index signatures of an epoch.
    ///
    /// # Errors
    /// As [`Self::dates`], without those about dates.
    pub async fn coins(
        &self,
        scope: Scope,
        epoch: &Arc<ConcludedEpoch>,
        issuing: EpochId,
    ) -> Result<Arc<CoinIndexSignatures>, Refusal> {
        self.caches
            .coins
            .get((epoch.id, scope), || {
                self.make_coins(scope, Arc::clone(epoch), issuing)
            })
            .await
    }

    async fn make_coins(
        &self,
        scope: Scope,
        epoch: Arc<ConcludedEpoch>,
        issuing: EpochId,
    ) -> Result<CoinIndexSignatures, Refusal> {
        let parts = &self.parts;
        if let Some(stored) = parts.store.coin_signatures(scope, epoch.id).await? {
            return Ok(stored);
        }
        let master = self.master_key(&epoch).await?;
        let made = match scope {
            Scope::Partial => {
                let key = parts.keys.usable(epoch.id).ok_or(Refusal::KeyNotHeld {
                    asked: epoch.id,
                    issuing,
                })?;
                parts
                    .workers
                    .run(move || key.sign_coin_indices(&CoinIndexBases::new(&master)))
                    .await?
            }
            Scope::Aggregated => {
                let bases = Arc::new(CoinIndexBases::new(&master));
                let ask = |signer: Signer| {
                    let (globals, epoch) = (self.clone(), Arc::clone(&epoch));
                    let bases = Arc::clone(&bases);
                    async move { globals.checked_coins(&epoch, &signer, bases).await }
                };
                let shares = self.collect(&epoch, ask).await?;
                let threshold = epoch.threshold;
                parts
                    .workers
                    .run(move || {
                        let shares: Vec<_> = shares
                            .iter()
                            .map(|(signer, set)| (signer.index.get(), &signer.key, set))
                            .collect();
                        CoinIndexSignatures::aggregate(
                            &shares,
                            threshold,
                            &master,
                            &bases,
                            &mut rand::rngs::OsRng,
                        )
                    })
                    .await?
                    .map_err(Error::from)?
            }
        };
        parts
            .store
            .put_coin_signatures(scope, epoch.id, &made)
            .await?;
        Ok(made)
    }

    /// Asks the signers of an epoch, at most eight at once, until a threshold of them has answered with valid
    /// signatures. Failures are logged with the signer and skipped.
    async fn collect<T, F>(
        &self,
        epoch: &ConcludedEpoch,
        ask: impl Fn(Signer) -> F,
    ) -> Result<Vec<(Signer, T)>, Refusal>
    where
        F: Future<Output = Result<T, String>>,
    {
        let need = usize::try_from(epoch.threshold).unwrap_or(usize::MAX);
        let questions: Vec<_> = epoch
            .signers
            .iter()
            .cloned()
            .map(|signer| {
                let answer = ask(signer.clone());
                async move { (signer, answer.await) }
            })
            .collect();
        let mut answers = futures::stream::iter(questions).buffer_unordered(MAX_ASKED_AT_ONCE);
        let mut good = Vec::new();
        while good.len() < need {
            match answers.next().await {
                Some((signer, Ok(set))) => good.push((signer, set)),
                Some((signer, Err(reason))) => {
                    tracing::warn!(node_index = %signer.index, url = signer.announce_address, reason, "a signer's global signatures are not used");
                }
                None => {
                    return Err(Refusal::TooFewSigners {
                        have: good.len(),
                        need: epoch.threshold,
                    });
                }
            }
        }
        Ok(good)
    }

    async fn checked_dates(
        &self,
        epoch: &ConcludedEpoch,
        signer: &Signer,
        expiration: EcashDate,
    ) -> Result<DateSignatures, String> {
        let set = match self.own_key(epoch, signer) {
            Some(key) => self
                .parts
                .workers
                .run(move || key.sign_dates(expiration))
                .await
                .map_err(text)?
                .map_err(text)?,
            None => self
                .parts
                .peers
                .dates(signer, epoch.id, expiration)
                .await
                .map_err(text)?,
        };
        let key = signer.key.clone();
        self.parts
            .workers
            .run(move || set.verify(&key, &mut rand::rngs::OsRng).map(|()| set))
            .await
            .map_err(text)?
            .map_err(text)
    }

    async fn checked_coins(
        &self,
        epoch: &ConcludedEpoch,
        signer: &Signer,
        bases: Arc<CoinIndexBases>,
    ) -> Result<CoinIndexSignatures, String> {
        let set = match self.own_key(epoch, signer) {
            Some(key) => {
                let bases = Arc::clone(&bases);
                self.parts
                    .workers
                    .run(move || key.sign_coin_indices(&bases))
                    .await
                    .map_err(text)?
            }
            None => self
                .parts
                .peers
                .coins(signer, epoch.id)
                .await
                .map_err(text)?,
        };
        let key = signer.key.clone();
        self.parts
            .workers
            .run(move || {
                set.verify(&key, &bases, &mut rand::rngs::OsRng)
                    .map(|()| set)
            })
            .await
            .map_err(text)?
            .map_err(text)
    }

    fn own_key(
        &self,
        epoch: &ConcludedEpoch,
        signer: &Signer,
    ) -> Option<Arc<crate::keys::SigningKey>> {
        (epoch.own_index == Some(signer.index))
            .then(|| self.parts.keys.usable(epoch.id))
            .flatten()
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
