//! Keys and public signatures of an epoch: from the store, else asked of the signers in random order, and verified before
//! they are stored (`client.md` 3.2 step 3).

use std::future::Future;

use ecash_requests::RequestsError;
use ecash_requests::quorum::QuorumClient;
use ecash_scheme::{CoinIndexBases, CoinIndexSignatures, DateSignatures, VerificationKey};
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, Record, VersionSerialised,
};
use rand::rngs::OsRng;
use rand::seq::SliceRandom as _;

use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::clip;
use crate::signers::{self, SignerSet};
use crate::store::Store;
use crate::wallet::Wallet;

/// What a payment of one epoch and expiration date needs beside the book.
#[derive(Clone, Debug)]
pub(crate) struct GlobalData {
    pub(crate) master: VerificationKey,
    pub(crate) dates: DateSignatures,
    pub(crate) coins: CoinIndexSignatures,
}

impl Wallet {
    /// The data of an epoch and expiration date, from the store alone; `None` where something is missing.
    pub(crate) async fn stored_global_data(
        &self,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> Result<Option<GlobalData>, WalletError> {
        stored(&self.inner.store, epoch, expiration).await
    }

    /// The master key of an epoch, from the store alone.
    pub(crate) async fn stored_master(
        &self,
        epoch: EpochId,
    ) -> Result<Option<VerificationKey>, WalletError> {
        stored_key(&self.inner.store, epoch).await
    }

    /// Stores the own aggregate of the chain's shares; a stored key that differs is an error.
    pub(crate) async fn keep_master(&self, set: &SignerSet) -> Result<(), WalletError> {
        match self.stored_master(set.epoch).await? {
            Some(stored) if stored == set.master => Ok(()),
            Some(_) => Err(WalletError::ContradictingKeyShares {
                epoch: set.epoch,
                reason: "they give another master key than before".to_owned(),
            }),
            None => {
                let record = EpochVerificationKey {
                    epoch_id: set.epoch,
                    key: set.master.clone(),
                };
                self.inner
                    .store
                    .put_master_key(set.epoch, record.to_record().data())
                    .await
            }
        }
    }

    /// Makes sure that everything a book of this epoch and date needs is stored and verified.
    ///
    /// # Errors
    /// [`WalletError::NoGlobalData`] naming every signer asked and what it said.
    pub(crate) async fn ensure_global_data(
        &self,
        set: &SignerSet,
        expiration: EcashDate,
        observer: &dyn Observer,
    ) -> Result<GlobalData, WalletError> {
        self.keep_master(set).await?;
        let epoch = set.epoch;
        if self.inner.store.coin_signatures(epoch).await?.is_none() {
            let coins = self
                .ask_in_turn(set, "coin-index signatures", observer, |client| {
                    coins_of(client, set)
                })
                .await?;
            let record = AggregatedCoinIndexSignatures {
                epoch_id: epoch,
                signatures: coins,
            };
            self.inner
                .store
                .put_coin_signatures(epoch, record.to_record().data())
                .await?;
        }
        if self
            .inner
            .store
            .date_signatures(epoch, expiration)
            .await?
            .is_none()
        {
            let dates = self
                .ask_in_turn(set, "date signatures", observer, |client| {
                    dates_of(client, set, expiration)
                })
                .await?;
            let record = AggregatedDateSignatures::new(epoch, dates)?;
            self.inner
                .store
                .put_date_signatures(epoch, expiration, record.to_record().data())
                .await?;
        }
        observer.on(&Event::GlobalData { epoch });
        self.stored_global_data(epoch, expiration)
            .await?
            .ok_or_else(|| WalletError::Damaged {
                what: "global data",
                reason: "what was just stored is not there".to_owned(),
            })
    }

    /// Asks signers one after the other, in random order, until one answers with data that verifies.
    async fn ask_in_turn<T, F>(
        &self,
        set: &SignerSet,
        what: &'static str,
        observer: &dyn Observer,
        ask: impl Fn(QuorumClient) -> F,
    ) -> Result<T, WalletError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut order: Vec<_> = set.signers.iter().collect();
        order.shuffle(&mut OsRng);
        let mut said = Vec::new();
        for signer in order {
            let url = signer.url.to_string();
            match ask(self.signer_client(&url)?).await {
                Ok(data) => return Ok(data),
                Err(Failure::Silent(reason)) => said.push((
                    format!("signer {} ({url})", signer.node_index),
                    clip(&reason),
                )),
                Err(Failure::Bad(reason)) => {
                    observer.on(&Event::BadGlobalData {
                        node_index: signer.node_index,
                        url: url.clone(),
                        reason: clip(&reason),
                    });
                    said.push((
                        format!("signer {} ({url})", signer.node_index),
                        clip(&reason),
                    ));
                }
            }
        }
        Err(WalletError::NoGlobalData {
            what,
            epoch: set.epoch,
            details: signers::listed(&said),
        })
    }
}

/// The data of an epoch and expiration date, all of it or nothing.
pub(crate) async fn stored(
    store: &Store,
    epoch: EpochId,
    expiration: EcashDate,
) -> Result<Option<GlobalData>, WalletError> {
    let (Some(master), Some(coins), Some(dates)) = (
        stored_key(store, epoch).await?,
        stored_coins(store, epoch).await?,
        stored_dates(store, epoch, expiration).await?,
    ) else {
        return Ok(None);
    };
    Ok(Some(GlobalData {
        master,
        coins: coins.signatures,
        dates: dates.signatures().clone(),
    }))
}

/// The master key of an epoch.
pub(crate) async fn stored_key(
    store: &Store,
    epoch: EpochId,
) -> Result<Option<VerificationKey>, WalletError> {
    let data = store.master_key(epoch).await?;
    let record = data.map(unpack::<EpochVerificationKey>).transpose()?;
    Ok(record.map(|record| record.key))
}

/// The coin-index signatures of an epoch.
pub(crate) async fn stored_coins(
    store: &Store,
    epoch: EpochId,
) -> Result<Option<AggregatedCoinIndexSignatures>, WalletError> {
    let data = store.coin_signatures(epoch).await?;
    data.map(unpack).transpose()
}

/// The date signatures of an epoch and expiration date.
pub(crate) async fn stored_dates(
    store: &Store,
    epoch: EpochId,
    expiration: EcashDate,
) -> Result<Option<AggregatedDateSignatures>, WalletError> {
    let data = store.date_signatures(epoch, expiration).await?;
    data.map(unpack).transpose()
}

/// Why a signer's answer is not used.
enum Failure {
    /// None, or a refusal.
    Silent(String),
    /// One that does not verify.
    Bad(String),
}

impl From<RequestsError> for Failure {
    fn from(error: RequestsError) -> Self {
        match error {
            RequestsError::NotUnderstood { .. } | RequestsError::AnswerTooLong { .. } => {
                Self::Bad(error.to_string())
            }
            _ => Self::Silent(error.to_string()),
        }
    }
}

async fn coins_of(client: QuorumClient, set: &SignerSet) -> Result<CoinIndexSignatures, Failure> {
    let answer = client
        .aggregated_coin_indices_signatures(Some(set.epoch))
        .await?
        .value;
    if answer.epoch_id != set.epoch {
        return Err(Failure::Bad(format!(
            "it answered for epoch {}",
            answer.epoch_id
        )));
    }
    let master = set.master.clone();
    verified(answer.signatures, move |signatures| {
        signatures.verify(&master, &CoinIndexBases::new(&master), &mut OsRng)
    })
    .await
}

async fn dates_of(
    client: QuorumClient,
    set: &SignerSet,
    expiration: EcashDate,
) -> Result<DateSignatures, Failure> {
    let answer = client
        .aggregated_expiration_date_signatures(Some(set.epoch), Some(expiration))
        .await?
        .value;
    if answer.epoch_id != set.epoch {
        return Err(Failure::Bad(format!(
            "it answered for epoch {}",
            answer.epoch_id
        )));
    }
    if answer.expiration_date != expiration || answer.signatures.expiration() != expiration.unix() {
        return Err(Failure::Bad(format!(
            "it answered for expiration date {}",
            answer.expiration_date
        )));
    }
    let master = set.master.clone();
    verified(answer.signatures, move |signatures| {
        signatures.verify(&master, &mut OsRng)
    })
    .await
}

async fn verified<T: Send + 'static>(
    data: T,
    verify: impl FnOnce(&T) -> ecash_scheme::Result<()> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(move || verify(&data).map(|()| data))
        .await
        .map_err(|error| Failure::Silent(error.to_string()))?
        .map_err(|error| Failure::Bad(error.to_string()))
}

fn unpack<T: Record>(data: Vec<u8>) -> Result<T, WalletError> {
    Ok(VersionSerialised::<T>::from_parts(data, T::REVISION).unpack()?)
}
