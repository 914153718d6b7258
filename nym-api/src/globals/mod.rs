//! What everybody needs to use a ticketbook: master key, date signatures, coin-index signatures. Made once per epoch (and
//! date), kept in memory and in the database, and only for epochs that concluded (`quorum-api.md` 2, 3.2 – 4.3).

mod data;
mod flight;
pub(crate) mod http;
mod peers;

pub use data::{GlobalParts, Globals};
pub use peers::{HttpPeers, PeerFuture, Peers};
