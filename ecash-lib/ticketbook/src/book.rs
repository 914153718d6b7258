//! Ticketbooks: one whose shares are still being collected, an issued one, and one packed up for another device.

mod importable;
mod issuance;
mod issued;

pub use importable::{ImportableTicketBook, Imported};
pub use issuance::IssuanceTicketBook;
pub use issued::IssuedTicketBook;
