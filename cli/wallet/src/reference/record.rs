//! What the rows of the credential database hold. Public data of revision 1 (before November 2024) is read here, and only
//! here: the bare value without epoch and date, which the row's columns have.

use ecash_scheme::codec::Decode as _;
use ecash_scheme::{CoinIndexSignatures, DateSignatures, VerificationKey};
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, IssuedTicketBook, Record, VersionSerialised,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Reference, ReferenceError, Stored};

/// Revision of bare public data.
const BARE: u8 = 1;

/// A book of the file, decoded.
pub(crate) struct HeldBook {
    /// Its row there.
    pub(crate) id: i64,
    pub(crate) book: IssuedTicketBook,
    /// Its record with no ticket used.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// SHA-256 of `data`: what a book is recognised by, however far it is used.
    pub(crate) digest: [u8; 32],
    /// One more than the last index.
    pub(crate) total: u64,
    /// The next index.
    pub(crate) used: u64,
}

/// The record of a book with no ticket used, and its digest.
///
/// # Errors
/// None in practice: zero tickets are a valid count.
pub(crate) fn normalised(
    book: &IssuedTicketBook,
) -> Result<(Zeroizing<Vec<u8>>, [u8; 32]), ecash_ticketbook::TicketbookError> {
    let record = book.clone().with_spent_tickets(0)?.to_record();
    let data = Zeroizing::new(record.data().to_vec());
    let digest = Sha256::digest(&*data).into();
    Ok((data, digest))
}

impl Reference {
    /// All books that decode, earliest expiration first; one that does not is logged and left alone.
    pub(crate) async fn held_books(&self) -> Result<Vec<HeldBook>, ReferenceError> {
        let mut held = Vec::new();
        for record in self.books().await? {
            match unpack::<IssuedTicketBook>(record.book)
                .and_then(|book| Ok((normalised(&book)?, book)))
            {
                Ok(((data, digest), book)) => held.push(HeldBook {
                    id: record.id,
                    book,
                    data,
                    digest,
                    total: record.total,
                    used: record.used,
                }),
                Err(error) => {
                    let (path, row) = (self.path().display(), record.id);
                    tracing::warn!(%path, row, %error, "a ticketbook cannot be read and is left alone");
                }
            }
        }
        Ok(held)
    }

    /// The key of an epoch as the file has it, of either revision.
    pub(crate) async fn key(
        &self,
        epoch: EpochId,
    ) -> Result<Option<EpochVerificationKey>, ReferenceError> {
        let Some(stored) = self.master_key(epoch).await? else {
            return Ok(None);
        };
        let key = if stored.revision == BARE {
            VerificationKey::from_bytes(&stored.data)
                .map(|key| EpochVerificationKey {
                    epoch_id: epoch,
                    key,
                })
                .map_err(|error| error.to_string())
        } else {
            unpack::<EpochVerificationKey>(stored).map_err(|error| error.to_string())
        };
        self.belonging(key, "master_verification_key", epoch, |key| key.epoch_id)
    }

    /// The coin-index signatures of an epoch as the file has them, of either revision.
    pub(crate) async fn coins(
        &self,
        epoch: EpochId,
    ) -> Result<Option<AggregatedCoinIndexSignatures>, ReferenceError> {
        let Some(stored) = self.coin_signatures(epoch).await? else {
            return Ok(None);
        };
        let coins = if stored.revision == BARE {
            CoinIndexSignatures::from_bin(&stored.data)
                .map(|signatures| AggregatedCoinIndexSignatures {
                    epoch_id: epoch,
                    signatures,
                })
                .map_err(|error| error.to_string())
        } else {
            unpack::<AggregatedCoinIndexSignatures>(stored).map_err(|error| error.to_string())
        };
        self.belonging(coins, "coin_indices_signatures", epoch, |coins| {
            coins.epoch_id
        })
    }

    /// The date signatures of an epoch and expiration date as the file has them, of either revision. `None` also where the
    /// row holds those of another epoch or date: an update of the published programs overwrites too many rows.
    pub(crate) async fn dates(
        &self,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> Result<Option<AggregatedDateSignatures>, ReferenceError> {
        let Some(stored) = self.date_signatures(epoch, expiration).await? else {
            return Ok(None);
        };
        let dates = if stored.revision == BARE {
            DateSignatures::from_bin(&stored.data)
                .map_err(|error| error.to_string())
                .and_then(|dates| {
                    AggregatedDateSignatures::new(epoch, dates).map_err(|error| error.to_string())
                })
        } else {
            unpack::<AggregatedDateSignatures>(stored).map_err(|error| error.to_string())
        };
        let dates = dates.map_err(|reason| {
            self.damaged(
                format!("expiration_date_signatures of {expiration}"),
                reason,
            )
        })?;
        Ok(Some(dates)
            .filter(|dates| dates.epoch_id() == epoch && dates.expiration() == expiration))
    }

    fn belonging<T>(
        &self,
        value: Result<T, String>,
        table: &str,
        epoch: EpochId,
        epoch_of: impl Fn(&T) -> EpochId,
    ) -> Result<Option<T>, ReferenceError> {
        let what = format!("{table} of epoch {epoch}");
        match value {
            Ok(value) if epoch_of(&value) == epoch => Ok(Some(value)),
            Ok(value) => Err(self.damaged(what, format!("it is about epoch {}", epoch_of(&value)))),
            Err(reason) => Err(self.damaged(what, reason)),
        }
    }

    fn damaged(&self, what: String, reason: String) -> ReferenceError {
        ReferenceError::Damaged {
            path: self.path().to_path_buf(),
            what,
            reason,
        }
    }
}

fn unpack<T: Record>(stored: Stored) -> Result<T, ecash_ticketbook::TicketbookError> {
    let Stored { data, revision } = stored;
    VersionSerialised::<T>::from_parts(data.to_vec(), revision).unpack()
}
