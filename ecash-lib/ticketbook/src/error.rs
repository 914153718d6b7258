use crate::{EcashDate, EpochId};

/// What was wrong with a value of this crate, with the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TicketbookError {
    /// A byte that is no ticket type.
    #[error("ticket type {0} is unknown, known are 0 to 3")]
    UnknownTicketTypeCode(u64),
    /// A text that is no ticket type.
    #[error(
        "ticket type \"{0}\" is unknown, known are v1-mixnet-entry, v1-mixnet-exit, v1-wireguard-entry, v1-wireguard-exit"
    )]
    UnknownTicketTypeText(String),
    /// A timestamp inside a day where a date was expected.
    #[error("unix time {0} is not a midnight (00:00:00 UTC)")]
    NotMidnight(u64),
    /// A date that cannot be written as a 32-bit unix timestamp.
    #[error("date {0} is outside {first} … {last}", first = EcashDate::FIRST, last = EcashDate::LAST)]
    DateOutOfRange(String),
    /// A text that is no date.
    #[error("\"{0}\" is not a date, expected YYYY-MM-DD")]
    DateText(String),
    /// A text that is no base58.
    #[error("not base58 text: {0}")]
    Base58(String),
    /// Input of the wrong length.
    #[error("{what} has {actual} bytes, expected {expected}")]
    Length {
        /// What was being decoded.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it had.
        actual: usize,
    },
    /// A record of a revision that this version does not read.
    #[error("{record} of revision {actual} cannot be read, expected revision {expected}")]
    Revision {
        /// Name of the record.
        record: &'static str,
        /// The one revision that is read.
        expected: u8,
        /// The revision that was found.
        actual: u8,
    },
    /// Parts that name different epochs or dates were put together.
    #[error("{what} is of {actual}, the ticketbook is of {expected}")]
    Mismatch {
        /// The part that does not belong to the book.
        what: &'static str,
        /// Epoch or date of the book.
        expected: String,
        /// Epoch or date of the part.
        actual: String,
    },
    /// A payment of several tickets where one ticket is expected.
    #[error("payment of {0} tickets where one is expected")]
    SpendValue(usize),
    /// More used tickets than a book has.
    #[error("{0} tickets used, a book has 50")]
    SpentCount(u64),
    /// A book cannot be spent on this date.
    #[error(
        "a ticketbook that expires on {expiration} cannot be spent on {spend_date}, only on the 7 days up to its expiration"
    )]
    OutsideValidity {
        /// Expiration date of the book.
        expiration: EcashDate,
        /// The date wanted.
        spend_date: EcashDate,
    },
    /// All tickets of the book are used.
    #[error("ticketbook of epoch {epoch} that expires on {expiration} has no ticket left")]
    Spent {
        /// Epoch of the book.
        epoch: EpochId,
        /// Expiration date of the book.
        expiration: EcashDate,
    },
    /// Bytes that do not decode, or a value that the scheme refuses.
    #[error(transparent)]
    Codec(#[from] ecash_scheme::Error),
}
