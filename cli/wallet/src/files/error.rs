//! What can be wrong with a file, or with taking it in or handing it over. Nothing was stored or written.

use ecash_ticketbook::{EcashDate, EpochId, TICKETS_PER_BOOK, TicketbookError};

use super::{FileKind, MAX_FILE_BYTES};

/// Why a file is not taken in, or not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A text that is not base58.
    #[error("the text is not base58 ({0}); a binary file is given by its path, not as text")]
    NotBase58(String),
    /// More bytes than any of the files has.
    #[error("{found} bytes; no ticketbook or set of signatures has more than {MAX_FILE_BYTES}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Another kind of file than was said.
    #[error("this is {found}, expected {expected}; {}", found.advice())]
    WrongKind {
        /// What it was said to be.
        expected: FileKind,
        /// What it is.
        found: FileKind,
    },
    /// Bytes that are none of the known kinds, or of an unknown revision.
    #[error("not {kind}: {source}")]
    Malformed {
        /// What it was said to be.
        kind: FileKind,
        /// What was wrong.
        source: TicketbookError,
    },

    /// What is needed to verify or spend is neither in the file nor here.
    #[error(
        "{what} of epoch {epoch}{} is neither in the file nor stored here; {advice}", of_date(*expiration)
    )]
    Missing {
        /// Which data.
        what: &'static str,
        /// Epoch of the book.
        epoch: EpochId,
        /// Expiration date, for data that has one.
        expiration: Option<EcashDate>,
        /// Where to get it.
        advice: &'static str,
    },
    /// The key of the file is not the one that is known.
    #[error(
        "the master verification key of epoch {epoch} in the file is not the one {place}; the file is forged, or of another network"
    )]
    KeyDiffers {
        /// The epoch.
        epoch: EpochId,
        /// Where the other one was found.
        place: &'static str,
    },
    /// The key stored here is not the one on chain.
    #[error(
        "the master verification key of epoch {epoch} stored here is not the one on chain; this store belongs to another network, or a false key was taken in"
    )]
    StoredKeyDiffers {
        /// The epoch.
        epoch: EpochId,
    },
    /// Public data that does not verify.
    #[error("{what} of epoch {epoch} does not verify: {source}")]
    BadPublicData {
        /// Which data.
        what: &'static str,
        /// The epoch.
        epoch: EpochId,
        /// What was wrong.
        source: ecash_scheme::Error,
    },
    /// A book whose signature does not verify under its epoch's key.
    #[error("the ticketbook's signature does not verify under the key of epoch {epoch}: {source}")]
    BadBook {
        /// The epoch.
        epoch: EpochId,
        /// What was wrong.
        source: ecash_scheme::Error,
    },
    /// A book whose last day is over.
    #[error("the ticketbook expired on {expiration}, today is {today} (UTC)")]
    Expired {
        /// Its last day.
        expiration: EcashDate,
        /// Today.
        today: EcashDate,
    },
    /// A range of indices that no book has.
    #[error(
        "indices {start} to {last} are no range of a ticketbook: 0 ≤ start ≤ final ≤ {}", TICKETS_PER_BOOK - 1
    )]
    Range {
        /// First index asked for.
        start: u64,
        /// Last index asked for.
        last: u64,
    },
    /// Indices below the counter of the file.
    #[error(
        "index {start} is below the counter of the ticketbook, {counter}: the tickets before {counter} are used, or belong to the device that made the file"
    )]
    BelowCounter {
        /// First index asked for.
        start: u64,
        /// The counter.
        counter: u64,
    },
    /// A book that has no ticket left.
    #[error("all tickets of the ticketbook are used")]
    UsedUp,
    /// A book that is here already.
    #[error(
        "this ticketbook is here already, as book {book}, with the indices {}; a book is taken in once", range(*first_index, *last_index)
    )]
    AlreadyHere {
        /// Its row.
        book: i64,
        /// First index of this device.
        first_index: i64,
        /// Last index of this device; one less than the first where all were handed over.
        last_index: i64,
    },

    /// No book of this number.
    #[error("there is no ticketbook {0} here; `list --all` shows those that are")]
    NoSuchBook(i64),
    /// A book that cannot be handed over, or not from there on.
    #[error("ticketbook {book} cannot be handed over from index {start} on: {why}")]
    NotExportable {
        /// Its row.
        book: i64,
        /// The index.
        start: u64,
        /// Why.
        why: String,
    },
    /// The tail was handed over before.
    #[error(
        "ticketbook {book} was handed over from index {start} on; `--again` writes the same file again"
    )]
    AlreadyExported {
        /// Its row.
        book: i64,
        /// The first index that was handed over.
        start: u64,
    },
    /// Nothing was handed over that could be written again.
    #[error("ticketbook {book} was not handed over{}; leave `--again` out", from_index(*start))]
    NeverExported {
        /// Its row.
        book: i64,
        /// The first index asked for.
        start: Option<u64>,
    },
}

fn of_date(expiration: Option<EcashDate>) -> String {
    expiration.map_or(String::new(), |date| format!(" and expiration date {date}"))
}

fn from_index(start: Option<u64>) -> String {
    start.map_or(String::new(), |start| format!(" from index {start} on"))
}

fn range(first: i64, last: i64) -> String {
    if first > last {
        "none (all were handed over)".to_owned()
    } else {
        format!("{first} to {last}")
    }
}
