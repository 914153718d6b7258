//! The interface of a gateway: accounts, tickets, bandwidth (`gateway.md` 1.8–1.10).

mod account;
mod bandwidth;
#[cfg(feature = "client")]
mod client;
mod info;
mod registration;
pub mod routes;
mod verdict;

pub use account::{AccountBody, AccountCreated, AccountToken};
pub use bandwidth::{BandwidthResponse, ErrorBody, UsageBody, UsageResponse};
#[cfg(feature = "client")]
pub use client::{GatewayClient, TicketVerdict, UsageOutcome};
pub use info::{GatewayInfo, INFO_VERSION, InfoNonce};
pub use registration::RegistrationProof;
pub use verdict::{Consumed, TicketAnswer, Verdict};
