//! Taking files in (`cli.md` 2.3, 2.5): everything in a file is verified first, then stored in one transaction of the
//! database that it goes to, or not at all.
//!
//! Where the published clients' database exists, a book and what it needs go there in one transaction; our own row and
//! copies follow in another. A crash between the two leaves a book that the next opening takes up.

use ecash_scheme::VerificationKey;
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, Record as _, TICKETS_PER_BOOK, TicketType,
};

use super::examine::{
    self, COINS, DATES, Finding, KEY, Known, verify_coins, verify_dates, verify_key,
};
use super::{BookFile, FileError};
use crate::error::WalletError;
use crate::reference::{NewReferenceBook, normalised};
use crate::shelf::{Bookshelf, blocking};
use crate::store::{BookOrigin, Home, NewBook, PublicRecords};

/// Advice where a key is missing.
const KEY_ADVICE: &str = "take it in first with `import-master-verification-key`";

/// Which indices of a book to take, both ends included: 0 ≤ start ≤ last ≤ 49. An index belongs to one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexRange {
    start: Option<u64>,
    last: u64,
}

impl IndexRange {
    /// From the book's own counter to its end.
    pub const WHOLE: Self = Self {
        start: None,
        last: TICKETS_PER_BOOK - 1,
    };

    /// From `start`, or the book's own counter, to `last`.
    ///
    /// # Errors
    /// [`FileError::Range`].
    pub fn new(start: Option<u64>, last: u64) -> Result<Self, FileError> {
        let first = start.unwrap_or(0);
        if first <= last && last < TICKETS_PER_BOOK {
            return Ok(Self { start, last });
        }
        Err(FileError::Range { start: first, last })
    }

    /// First index and end (one more than the last) of a book whose tickets before `counter` are not ours to use.
    fn of_book(self, counter: u64) -> Result<(u64, u64), FileError> {
        let start = self.start.unwrap_or(counter);
        if counter >= TICKETS_PER_BOOK {
            return Err(FileError::UsedUp);
        }
        if start < counter {
            return Err(FileError::BelowCounter { start, counter });
        }
        if start > self.last {
            return Err(FileError::Range {
                start,
                last: self.last,
            });
        }
        Ok((start, self.last + 1))
    }
}

/// With what the key of a file was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTrust {
    /// With the chain.
    Chain,
    /// With the key that was stored here already.
    Stored,
    /// With nothing: it is the file's own word.
    FileOnly,
}

/// A book that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedBook {
    /// Its number here.
    pub id: i64,
    /// Its type.
    pub ticket_type: TicketType,
    /// Last day on which it can be spent.
    pub expiration: EcashDate,
    /// Epoch of the key that signed it.
    pub epoch: EpochId,
    /// First index that this device may use.
    pub first_index: u64,
    /// Last index that this device may use.
    pub last_index: u64,
    /// Whether it went to the published clients' database.
    pub in_reference: bool,
    /// With what the key was compared.
    pub key: KeyTrust,
}

impl Bookshelf {
    /// Takes a ticketbook in: the indices of `range`, which no other device may use. `on_chain` is the key of the book's
    /// epoch, where the chain was asked.
    ///
    /// # Errors
    /// [`WalletError::BookFile`]: whatever does not verify, is missing, expired, or here already; nothing was stored.
    pub async fn import(
        &self,
        file: &BookFile,
        range: IndexRange,
        on_chain: Option<VerificationKey>,
    ) -> Result<ImportedBook, WalletError> {
        let parts = &file.0;
        let (epoch, expiration) = (parts.book.epoch_id(), parts.book.expiration());
        let stored = self.known_key(epoch).await?;
        let trust = match (&on_chain, &stored) {
            (Some(_), _) => KeyTrust::Chain,
            (None, Some(_)) => KeyTrust::Stored,
            (None, None) => KeyTrust::FileOnly,
        };
        for finding in self.examine(file, on_chain.clone()).await? {
            finding.found?;
        }
        let missing = |what, advice| FileError::Missing {
            what,
            epoch,
            expiration: Some(expiration),
            advice,
        };
        let in_file = parts.key.as_ref().map(|record| record.key.clone());
        let key = on_chain
            .or(stored)
            .or(in_file)
            .ok_or_else(|| missing(KEY, KEY_ADVICE))?;
        let (first_index, end_index) = range.of_book(parts.book.spent_tickets())?;
        let (data, digest) = normalised(&parts.book)?;
        let rows = self.rows().await?;
        if let Some(row) = rows.iter().find(|row| row.digest == digest) {
            return Err(row.already_here().into());
        }
        let known = self.known_signatures(&key, epoch, expiration).await?;
        let coins = parts.coins.clone().or(known.coins).ok_or_else(|| {
            missing(
                COINS,
                "take them in first with `import-coin-index-signatures`",
            )
        })?;
        let dates = parts.dates.clone().or(known.dates).ok_or_else(|| {
            missing(
                DATES,
                "take them in first with `import-expiration-date-signatures`",
            )
        })?;
        let key = EpochVerificationKey {
            epoch_id: epoch,
            key,
        };
        let records = (key.to_record(), coins.to_record(), dates.to_record());
        let public = PublicRecords {
            key: Some((epoch, records.0.data())),
            coins: Some((epoch, records.1.data())),
            dates: Some((epoch, expiration, records.2.data())),
        };
        let home = match &self.reference {
            None => Home::Own(&data),
            Some(reference) => {
                let record = parts.book.to_record();
                let new = NewReferenceBook {
                    data: record.data(),
                    revision: record.revision(),
                    ticket_type: parts.book.ticket_type().text(),
                    expiration,
                    epoch,
                    total: end_index,
                    used: first_index,
                };
                match reference.insert(public, &new).await? {
                    Some(id) => Home::Reference(id),
                    None => return Err(self.lately_taken_up(digest).await),
                }
            }
        };
        let new = NewBook {
            origin: BookOrigin::Imported,
            home,
            digest,
            ticket_type: parts.book.ticket_type(),
            expiration,
            epoch,
            first_index,
            end_index,
        };
        let id = self.store.take_in(public, &new).await?;
        Ok(ImportedBook {
            id,
            ticket_type: new.ticket_type,
            expiration,
            epoch,
            first_index,
            last_index: end_index - 1,
            in_reference: self.reference.is_some(),
            key: trust,
        })
    }

    /// Takes the master verification key of an epoch in. `on_chain` gives the chain's, where it was asked.
    ///
    /// # Errors
    /// [`WalletError::BookFile`]; nothing was stored.
    pub async fn import_master_key(
        &self,
        key: &EpochVerificationKey,
        on_chain: Option<VerificationKey>,
    ) -> Result<KeyTrust, WalletError> {
        let epoch = key.epoch_id;
        let known = Known {
            stored: self.known_key(epoch).await?,
            on_chain,
        };
        examine::key_of(epoch, Some(&key.key), &known)?;
        let checked = key.key.clone();
        blocking(move || verify_key(epoch, &checked)).await?;
        let record = key.to_record();
        self.put_public(PublicRecords {
            key: Some((epoch, record.data())),
            ..PublicRecords::default()
        })
        .await?;
        Ok(match known {
            Known {
                on_chain: Some(_), ..
            } => KeyTrust::Chain,
            Known {
                stored: Some(_), ..
            } => KeyTrust::Stored,
            Known { .. } => KeyTrust::FileOnly,
        })
    }

    /// Takes the coin-index signatures of an epoch in; they must verify under its key, which is here already or is the
    /// chain's.
    ///
    /// # Errors
    /// [`WalletError::BookFile`]; nothing was stored.
    pub async fn import_coin_signatures(
        &self,
        coins: &AggregatedCoinIndexSignatures,
        on_chain: Option<VerificationKey>,
    ) -> Result<(), WalletError> {
        let epoch = coins.epoch_id;
        let key = self.key_for_signatures(epoch, on_chain).await?;
        let checked = coins.clone();
        blocking(move || verify_coins(&checked, &key)).await?;
        let record = coins.to_record();
        self.put_public(PublicRecords {
            coins: Some((epoch, record.data())),
            ..PublicRecords::default()
        })
        .await
    }

    /// Takes the signatures of an expiration date in; they must verify under the key of their epoch, which is here already
    /// or is the chain's.
    ///
    /// # Errors
    /// [`WalletError::BookFile`]; nothing was stored.
    pub async fn import_date_signatures(
        &self,
        dates: &AggregatedDateSignatures,
        on_chain: Option<VerificationKey>,
    ) -> Result<(), WalletError> {
        let (epoch, expiration) = (dates.epoch_id(), dates.expiration());
        let key = self.key_for_signatures(epoch, on_chain).await?;
        let checked = dates.clone();
        blocking(move || verify_dates(&checked, &key)).await?;
        let record = dates.to_record();
        self.put_public(PublicRecords {
            dates: Some((epoch, expiration, record.data())),
            ..PublicRecords::default()
        })
        .await
    }

    async fn examine(
        &self,
        file: &BookFile,
        on_chain: Option<VerificationKey>,
    ) -> Result<Vec<Finding>, WalletError> {
        let known = Known {
            stored: self.known_key(file.book().epoch_id()).await?,
            on_chain,
        };
        let today = EcashDate::of(self.now())?;
        let file = file.clone();
        blocking(move || Ok(examine::examine(&file, &known, today))).await
    }

    async fn key_for_signatures(
        &self,
        epoch: EpochId,
        on_chain: Option<VerificationKey>,
    ) -> Result<VerificationKey, WalletError> {
        let known = Known {
            stored: self.known_key(epoch).await?,
            on_chain,
        };
        Ok(examine::key_of(epoch, None, &known)?.0.clone())
    }

    async fn put_public(&self, public: PublicRecords<'_>) -> Result<(), WalletError> {
        if let Some(reference) = &self.reference {
            reference.put(public).await?;
        }
        self.store.put_public(public).await
    }

    /// The answer where another program stored the same bytes a moment ago.
    async fn lately_taken_up(&self, digest: [u8; 32]) -> WalletError {
        match self.rows().await {
            Ok(rows) => rows.iter().find(|row| row.digest == digest).map_or(
                WalletError::Damaged {
                    what: "ecash_ticketbook",
                    reason: "it has the bytes of a book that it does not show".to_owned(),
                },
                |row| row.already_here().into(),
            ),
            Err(error) => error,
        }
    }
}
