//! Keys and public signatures for the books of a place: from our own database, where they were verified before they came;
//! else from the published clients' database, whose content nobody verified, so that it is done here, once.

use std::path::Path;

use ecash_scheme::VerificationKey;
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, IssuedTicketBook, Record as _,
};

use super::Bookshelf;
use crate::config::database_beside;
use crate::error::WalletError;
use crate::files::FileError;
use crate::files::examine::{COINS, DATES, KEY, verify_coins, verify_dates, verify_key};
use crate::global::{self, GlobalData};
use crate::reference::Reference;
use crate::store::{PublicRecords, Store};

/// What to do about public data that is missing.
const ADVICE: &str = "take it in with the `import-…` command of its name, or try again where the network can be reached";

/// Public signatures of one epoch and expiration date that verify under its key, as far as they are here.
#[derive(Clone, Default)]
pub(crate) struct Verified {
    pub(crate) coins: Option<AggregatedCoinIndexSignatures>,
    pub(crate) dates: Option<AggregatedDateSignatures>,
}

impl Bookshelf {
    /// What a payment of the book needs, all of it here.
    ///
    /// # Errors
    /// [`FileError::Missing`] naming the first that is not here; [`FileError::BadBook`] where the book is not of the key.
    pub(crate) async fn public_data(
        &self,
        book: &IssuedTicketBook,
    ) -> Result<GlobalData, WalletError> {
        let (epoch, expiration) = (book.epoch_id(), book.expiration());
        if let Some(data) = global::stored(&self.store, epoch, expiration).await? {
            return Ok(data);
        }
        let missing = |what| FileError::Missing {
            what,
            epoch,
            expiration: Some(expiration),
            advice: ADVICE,
        };
        let key = self.known_key(epoch).await?.ok_or_else(|| missing(KEY))?;
        let found = self.known_signatures(&key, epoch, expiration).await?;
        let coins = found.coins.ok_or_else(|| missing(COINS))?;
        let dates = found.dates.ok_or_else(|| missing(DATES))?;
        let (book, signer) = (book.clone(), key.clone());
        blocking(move || {
            verify_key(epoch, &signer)?;
            book.signatures()
                .verify(book.user(), &signer)
                .map_err(|source| FileError::BadBook { epoch, source })
        })
        .await?;
        let record = EpochVerificationKey {
            epoch_id: epoch,
            key: key.clone(),
        };
        self.store
            .put_public(PublicRecords {
                key: Some((epoch, record.to_record().data())),
                coins: Some((epoch, coins.to_record().data())),
                dates: Some((epoch, expiration, dates.to_record().data())),
            })
            .await?;
        Ok(GlobalData {
            master: key,
            dates: dates.signatures().clone(),
            coins: coins.signatures,
        })
    }

    /// The master key of an epoch that a place has, read beside whoever uses it.
    ///
    /// # Errors
    /// [`WalletError::NoWallet`] where there is neither a published database nor ours; [`WalletError::Reference`],
    /// [`WalletError::File`], [`WalletError::Database`].
    pub async fn peek_key(
        credentials: &Path,
        epoch: EpochId,
    ) -> Result<Option<VerificationKey>, WalletError> {
        let own = database_beside(credentials);
        let reference = Reference::open_to_read(credentials).await?;
        if !own.exists() && reference.is_none() {
            return Err(WalletError::NoWallet { path: own });
        }
        let mut key = None;
        if own.exists() {
            let store = Store::open_to_read(&own).await?;
            key = global::stored_key(&store, epoch).await?;
            store.close().await;
        }
        if let Some(reference) = &reference {
            if key.is_none() {
                key = reference.key(epoch).await?.map(|record| record.key);
            }
            reference.close().await;
        }
        Ok(key)
    }

    /// The key of an epoch as it is known here; one that only the published clients' database has was never compared with
    /// the chain.
    pub(crate) async fn known_key(
        &self,
        epoch: EpochId,
    ) -> Result<Option<VerificationKey>, WalletError> {
        if let Some(key) = global::stored_key(&self.store, epoch).await? {
            return Ok(Some(key));
        }
        match &self.reference {
            Some(reference) => Ok(reference.key(epoch).await?.map(|record| record.key)),
            None => Ok(None),
        }
    }

    /// Public signatures that are here and verify under `key`. What the published clients' database has and does not verify
    /// counts as missing: it comes from signers that nobody checked.
    pub(crate) async fn known_signatures(
        &self,
        key: &VerificationKey,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> Result<Verified, WalletError> {
        let mut found = Verified {
            coins: global::stored_coins(&self.store, epoch).await?,
            dates: global::stored_dates(&self.store, epoch, expiration).await?,
        };
        let Some(reference) = &self.reference else {
            return Ok(found);
        };
        if found.coins.is_none()
            && let Some(coins) = reference.coins(epoch).await?
        {
            let (key, theirs) = (key.clone(), coins.clone());
            let outcome = blocking(move || verify_coins(&theirs, &key)).await;
            found.coins = if_good(outcome, coins)?;
        }
        if found.dates.is_none()
            && let Some(dates) = reference.dates(epoch, expiration).await?
        {
            let (key, theirs) = (key.clone(), dates.clone());
            let outcome = blocking(move || verify_dates(&theirs, &key)).await;
            found.dates = if_good(outcome, dates)?;
        }
        Ok(found)
    }
}

fn if_good<T>(outcome: Result<(), WalletError>, data: T) -> Result<Option<T>, WalletError> {
    match outcome {
        Ok(()) => Ok(Some(data)),
        Err(WalletError::BookFile(error)) => {
            tracing::warn!(%error, "public data of the published database is not used");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Runs arithmetic off the runtime's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, WalletError> {
    Ok(tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| WalletError::Http(error.to_string()))??)
}
