//! The kinds of files, read from bytes or base58. A file holds the payload of a record without its revision; the revision
//! is the current one unless the caller knows better.

use std::fmt;

use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EpochVerificationKey,
    ImportableTicketBook, Imported, IssuedTicketBook, Record, VersionSerialised,
};
use zeroize::Zeroizing;

use super::FileError;

/// Most bytes of a file that is read. The largest one, a ticketbook with everything, has about 7 KiB.
pub const MAX_FILE_BYTES: usize = 16 * 1024;

/// Longest base58 text that is read: 1.38 characters for a byte.
const MAX_TEXT_CHARS: usize = MAX_FILE_BYTES * 138 / 100 + 1;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A bare issued ticketbook.
    Standalone,
    /// A ticketbook with what it needs, as far as the sender had it.
    Full,
    /// The master verification key of an epoch.
    MasterKey,
    /// The coin-index signatures of an epoch.
    CoinSignatures,
    /// The signatures of one expiration date.
    DateSignatures,
}

impl FileKind {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::Standalone,
        Self::MasterKey,
        Self::CoinSignatures,
        Self::DateSignatures,
    ];

    /// How a file of this kind is taken in.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Standalone => "take it in with `import-ticket-book --standalone`",
            Self::Full => "take it in with `import-ticket-book --full`",
            Self::MasterKey => "take it in with `import-master-verification-key`",
            Self::CoinSignatures => "take them in with `import-coin-index-signatures`",
            Self::DateSignatures => "take them in with `import-expiration-date-signatures`",
        }
    }

    /// The kind that `bytes` decode as, each under its current revision.
    fn of(bytes: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| match kind {
            Self::Standalone => unpack::<IssuedTicketBook>(bytes, None).is_ok(),
            Self::Full => unpack::<ImportableTicketBook>(bytes, None)
                .and_then(|packed| packed.unpack())
                .is_ok(),
            Self::MasterKey => unpack::<EpochVerificationKey>(bytes, None).is_ok(),
            Self::CoinSignatures => unpack::<AggregatedCoinIndexSignatures>(bytes, None).is_ok(),
            Self::DateSignatures => unpack::<AggregatedDateSignatures>(bytes, None).is_ok(),
        })
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standalone => "a bare ticketbook",
            Self::Full => "a ticketbook file with all its parts",
            Self::MasterKey => "a master verification key",
            Self::CoinSignatures => "a set of coin-index signatures",
            Self::DateSignatures => "a set of expiration-date signatures",
        })
    }
}

/// The bytes of a base58 text; white space around it is ignored.
///
/// # Errors
/// [`FileError::TooLong`], [`FileError::NotBase58`].
pub fn from_base58(text: &str) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let text = text.trim();
    if text.len() > MAX_TEXT_CHARS {
        return Err(FileError::TooLong { found: text.len() });
    }
    bs58::decode(text)
        .into_vec()
        .map(Zeroizing::new)
        .map_err(|error| FileError::NotBase58(error.to_string()))
}

/// A ticketbook file, decoded; nothing about it is verified but that its parts belong together.
#[derive(Clone)]
pub struct BookFile(pub(crate) Imported);

impl BookFile {
    /// Reads a bare issued ticketbook.
    ///
    /// # Errors
    /// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
    pub fn standalone(bytes: &[u8], revision: Option<u8>) -> Result<Self, FileError> {
        let book = read::<IssuedTicketBook>(FileKind::Standalone, bytes, revision)?;
        Ok(Self(Imported {
            book,
            dates: None,
            coins: None,
            key: None,
        }))
    }

    /// Reads a ticketbook with what it needs.
    ///
    /// # Errors
    /// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
    pub fn full(bytes: &[u8], revision: Option<u8>) -> Result<Self, FileError> {
        let packed = read::<ImportableTicketBook>(FileKind::Full, bytes, revision)?;
        packed
            .unpack()
            .map(Self)
            .map_err(|source| named(FileKind::Full, bytes, source))
    }

    /// Reads a ticketbook of either kind.
    ///
    /// # Errors
    /// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
    pub fn any(bytes: &[u8]) -> Result<Self, FileError> {
        match Self::full(bytes, None) {
            Err(FileError::WrongKind {
                found: FileKind::Standalone,
                ..
            }) => Self::standalone(bytes, None),
            other => other,
        }
    }

    /// The book.
    #[must_use]
    pub const fn book(&self) -> &IssuedTicketBook {
        &self.0.book
    }
}

/// Reads a master verification key.
///
/// # Errors
/// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
pub fn read_master_key(
    bytes: &[u8],
    revision: Option<u8>,
) -> Result<EpochVerificationKey, FileError> {
    read(FileKind::MasterKey, bytes, revision)
}

/// Reads a set of coin-index signatures.
///
/// # Errors
/// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
pub fn read_coin_signatures(
    bytes: &[u8],
    revision: Option<u8>,
) -> Result<AggregatedCoinIndexSignatures, FileError> {
    read(FileKind::CoinSignatures, bytes, revision)
}

/// Reads the signatures of an expiration date.
///
/// # Errors
/// [`FileError::TooLong`], [`FileError::WrongKind`], [`FileError::Malformed`].
pub fn read_date_signatures(
    bytes: &[u8],
    revision: Option<u8>,
) -> Result<AggregatedDateSignatures, FileError> {
    read(FileKind::DateSignatures, bytes, revision)
}

/// Reads a record of a kind; bytes of another kind are named as such.
pub(crate) fn read<T: Record>(
    kind: FileKind,
    bytes: &[u8],
    revision: Option<u8>,
) -> Result<T, FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLong { found: bytes.len() });
    }
    unpack(bytes, revision).map_err(|source| named(kind, bytes, source))
}

fn named(expected: FileKind, bytes: &[u8], source: ecash_ticketbook::TicketbookError) -> FileError {
    match FileKind::of(bytes).filter(|found| *found != expected) {
        Some(found) => FileError::WrongKind { expected, found },
        None => FileError::Malformed {
            kind: expected,
            source,
        },
    }
}

fn unpack<T: Record>(
    bytes: &[u8],
    revision: Option<u8>,
) -> Result<T, ecash_ticketbook::TicketbookError> {
    let revision = revision.unwrap_or(T::REVISION);
    VersionSerialised::<T>::from_parts(bytes.to_vec(), revision).unpack()
}
