//! What a member says of itself: signed status, health, build, identity, network.

pub(crate) mod http;
mod version;

pub use version::{API_VERSION, build_information};
