//! What every HTTP server of ours does alike.
//!
//! A server builds its routes, wraps them with [`protect`], binds with [`bind`] and runs [`serve`].

mod client;
mod date;
mod error;
mod metrics;
mod protect;
mod rate;
mod serve;

pub use client::{ClientAddress, TrustedProxies};
pub use date::http_date;
pub use error::HttpError;
pub use metrics::Metrics;
pub use protect::{ServerLimits, protect};
pub use rate::{Rate, RetryAfter, TokenBuckets};
pub use serve::{PeerAddress, bind, serve};
