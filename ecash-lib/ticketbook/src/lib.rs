//! Ticket types, dates, pay info, ticketbooks and their byte forms.
//!
//! The scheme (`ecash-scheme`) knows scalars, points and 32-bit timestamps. This crate gives them the meaning that the
//! network agrees on: a *ticketbook* is a wallet of [`TICKETS_PER_BOOK`] tickets of one [`TicketType`], valid on
//! [`VALIDITY_DAYS`] UTC dates that end with its expiration date; a *ticket* is one payment out of it, bound by its
//! [`PayInfo`] to one provider and instant, and travels as [`SpendingData`].
//!
//! Everything here is a value with a byte form. Nothing reads a clock or draws randomness of its own: time and
//! generators are arguments.
//!
//! | module | concept |
//! |---|---|
//! | [`ids`] | epoch, deposit and node numbers, unix time |
//! | [`ticket_type`] | the four types, their codes, texts and sizes |
//! | [`date`] | UTC dates, spend window of a book |
//! | [`pay_info`] | the 72 bytes that bind a payment to a provider |
//! | [`spending`] | a payment with its context, as bytes and JSON |
//! | [`ticket`] | one ticket as received: the structure gate before any arithmetic |
//! | [`book`] | a book being issued, an issued one, an importable one |
//! | [`global`] | epoch key, aggregated date and coin-index signatures |
//! | [`revision`] | records with their revision numbers |

#![forbid(unsafe_code)]

pub mod book;
pub mod date;
mod error;
pub mod global;
pub mod ids;
pub mod pay_info;
pub mod revision;
pub mod spending;
pub mod ticket;
pub mod ticket_type;
mod wire;

pub use book::{ImportableTicketBook, Imported, IssuanceTicketBook, IssuedTicketBook};
pub use date::EcashDate;
pub use error::TicketbookError;
pub use global::{AggregatedCoinIndexSignatures, AggregatedDateSignatures, EpochVerificationKey};
pub use ids::{DepositId, EpochId, NodeIndex, UnixTime};
pub use pay_info::PayInfo;
pub use revision::{Record, VersionSerialised};
pub use spending::SpendingData;
pub use ticket::{Refused, Ticket};
pub use ticket_type::TicketType;

/// Tickets in one book; ticket indices are 0 … 49 (`ecash-scheme.md` 1.8).
pub const TICKETS_PER_BOOK: u64 = 50;

/// Dates on which a book can be spent, its expiration date included (`ecash-scheme.md` 1.8).
pub const VALIDITY_DAYS: u32 = 7;
