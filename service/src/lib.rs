//! What every server of ours shares, and nothing that knows about tickets.
//!
//! Without the feature `http`: [`clock`], [`config`], [`files`], [`pem`], [`secret`], [`shutdown`], [`sqlite`].
//! With it (the default) also [`http`]: error bodies, body limits, token buckets, the `Date` header, metrics and a
//! server with bounds on everything that a stranger can make it hold; and [`announce`], [`logging`], [`workers`].

#[cfg(feature = "http")]
pub mod announce;
pub mod clock;
pub mod config;
mod error;
pub mod files;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub mod logging;
pub mod pem;
pub mod secret;
pub mod shutdown;
pub mod sqlite;
#[cfg(feature = "http")]
pub mod workers;

pub use error::Error;
