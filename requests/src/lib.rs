//! What travels over HTTP: routes, bodies, signed statements, clients.
//!
//! Two interfaces: [`quorum`], that of a Quorum member, and [`gateway`], that of a gateway. A statement that somebody
//! signs is a value of this crate with one function that builds its text, so that the signer and every verifier sign
//! and check the same bytes.
//!
//! | module | concept |
//! |---|---|
//! | [`bytes`] | fixed-length bytes with one text form each |
//! | [`text`] | signed texts: tag ‖ fields of fixed or prefixed length |
//! | [`identity`] | strict ed25519 |
//! | [`network`] | which chain and contracts a statement is about |
//! | [`limits`] | every bound on a body, an answer, a page, an age |
//! | [`quorum`] | routes, bodies and statements of a Quorum member |
//! | [`gateway`] | routes, bodies and statements of a gateway |
#![cfg_attr(
    feature = "client",
    doc = "| [`http`] | the bounded HTTP call both clients stand on |"
)]
#![forbid(unsafe_code)]

pub mod bytes;
mod error;
mod freshness;
pub mod gateway;
#[cfg(feature = "client")]
pub mod http;
pub mod identity;
pub mod limits;
pub mod network;
pub mod quorum;
pub mod text;

pub use error::RequestsError;
pub use identity::{IdentityKey, IdentitySecret, Signature};
pub use network::{NetworkIds, ShortText};

#[cfg(feature = "client")]
pub use http::install_crypto_provider;
