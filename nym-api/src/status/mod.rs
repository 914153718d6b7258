//! What a member says of itself: signed status, health, build, identity, network.

mod chain_head;
pub(crate) mod http;
mod version;

pub(crate) use chain_head::HeadCache;
pub use chain_head::{HeadFuture, HeadSource};
pub use version::{API_VERSION, build_information};
