//! Every check of a ticketbook file, from the key to the last day. Import ends at the first that fails; `verify` shows all.

use ecash_scheme::{CoinIndexBases, VerificationKey};
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId, TICKETS_PER_BOOK,
};
use rand::rngs::OsRng;

use super::{BookFile, FileError};

/// Names of public data in messages.
pub(crate) const KEY: &str = "the master verification key";
pub(crate) const COINS: &str = "the set of coin-index signatures";
pub(crate) const DATES: &str = "the set of expiration-date signatures";

/// One check and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub check: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

/// What is known about the epoch of a file from elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// The key that is stored here.
    pub(crate) stored: Option<VerificationKey>,
    /// The key on chain, where it was asked for.
    pub(crate) on_chain: Option<VerificationKey>,
}

/// A check under way: its name, and what it found.
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    pub(crate) found: Result<String, FileError>,
}

impl Finding {
    fn new(check: &'static str, found: Result<String, FileError>) -> Self {
        Self { check, found }
    }

    /// For people.
    pub(crate) fn shown(self) -> Check {
        let (ok, detail) = match self.found {
            Ok(detail) => (true, detail),
            Err(error) => (false, error.to_string()),
        };
        Check {
            check: self.check,
            ok,
            detail,
        }
    }
}

impl BookFile {
    /// Every check of the file, without a store: `stored` and `on_chain` are what is known of the key of its epoch. Blocks
    /// for about ten milliseconds.
    #[must_use]
    pub fn examine(
        &self,
        stored: Option<VerificationKey>,
        on_chain: Option<VerificationKey>,
        today: EcashDate,
    ) -> Vec<Check> {
        let findings = examine(self, &Known { stored, on_chain }, today);
        findings.into_iter().map(Finding::shown).collect()
    }
}

/// All checks of a ticketbook file, in the order in which they build on each other; without a key, those that need none.
/// Blocks for about ten milliseconds.
pub(crate) fn examine(file: &BookFile, known: &Known, today: EcashDate) -> Vec<Finding> {
    let parts = &file.0;
    let epoch = parts.book.epoch_id();
    let mut findings = Vec::new();
    let in_file = parts.key.as_ref().map(|record| &record.key);
    let key = match key_of(epoch, in_file, known) {
        Ok((key, detail)) => {
            findings.push(Finding::new("master verification key", Ok(detail)));
            Some(key)
        }
        Err(error) => {
            findings.push(Finding::new("master verification key", Err(error)));
            None
        }
    };
    if let Some(key) = key {
        if let Some(coins) = &parts.coins {
            let found = verify_coins(coins, key).map(|()| "all 50 verify".to_owned());
            findings.push(Finding::new("coin-index signatures", found));
        }
        if let Some(dates) = &parts.dates {
            let found = verify_dates(dates, key).map(|()| "all 7 verify".to_owned());
            findings.push(Finding::new("expiration-date signatures", found));
        }
        let found = parts
            .book
            .signatures()
            .verify(parts.book.user(), key)
            .map(|()| format!("verifies under the key of epoch {epoch}"))
            .map_err(|source| FileError::BadBook { epoch, source });
        findings.push(Finding::new("ticketbook signature", found));
    }
    let found = match parts.book.spent_tickets() {
        TICKETS_PER_BOOK.. => Err(FileError::UsedUp),
        counter => Ok(format!("{counter} to {}", TICKETS_PER_BOOK - 1)),
    };
    findings.push(Finding::new("indices", found));
    let expiration = parts.book.expiration();
    let found = if expiration < today {
        Err(FileError::Expired { expiration, today })
    } else {
        Ok(format!(
            "{} tickets until {expiration}",
            parts.book.ticket_type()
        ))
    };
    findings.push(Finding::new("expiration", found));
    findings
}

/// The key to verify under: the chain's, else the one stored here, else the file's own. A key of the file must be one of
/// those, where there are any.
pub(crate) fn key_of<'a>(
    epoch: EpochId,
    in_file: Option<&'a VerificationKey>,
    known: &'a Known,
) -> Result<(&'a VerificationKey, String), FileError> {
    let trusted = [
        (known.on_chain.as_ref(), "on chain"),
        (known.stored.as_ref(), "stored here"),
    ];
    for (key, place) in trusted {
        if let (Some(key), Some(in_file)) = (key, in_file)
            && key != in_file
        {
            return Err(FileError::KeyDiffers { epoch, place });
        }
    }
    if let (Some(chain), Some(stored)) = (&known.on_chain, &known.stored)
        && chain != stored
    {
        return Err(FileError::StoredKeyDiffers { epoch });
    }
    for (key, place) in trusted {
        if let Some(key) = key {
            return Ok((key, format!("epoch {epoch}, the one {place}")));
        }
    }
    let Some(key) = in_file else {
        return Err(FileError::Missing {
            what: KEY,
            epoch,
            expiration: None,
            advice: "take it in first with `import-master-verification-key`, or give NYXD or --nyxd-url to read it from the chain",
        });
    };
    verify_key(epoch, key)?;
    Ok((
        key,
        format!(
            "epoch {epoch}, from the file; not compared with the chain (give NYXD or --nyxd-url)"
        ),
    ))
}

/// Whether a key is one at all.
pub(crate) fn verify_key(epoch: EpochId, key: &VerificationKey) -> Result<(), FileError> {
    key.check_consistency(&mut OsRng)
        .map_err(|source| FileError::BadPublicData {
            what: KEY,
            epoch,
            source,
        })
}

pub(crate) fn verify_coins(
    coins: &AggregatedCoinIndexSignatures,
    key: &VerificationKey,
) -> Result<(), FileError> {
    coins
        .signatures
        .verify(key, &CoinIndexBases::new(key), &mut OsRng)
        .map_err(|source| FileError::BadPublicData {
            what: COINS,
            epoch: coins.epoch_id,
            source,
        })
}

pub(crate) fn verify_dates(
    dates: &AggregatedDateSignatures,
    key: &VerificationKey,
) -> Result<(), FileError> {
    dates
        .signatures()
        .verify(key, &mut OsRng)
        .map_err(|source| FileError::BadPublicData {
            what: DATES,
            epoch: dates.epoch_id(),
            source,
        })
}
