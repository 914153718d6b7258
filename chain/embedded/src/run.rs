//! A chain as a process: open, listen, serve.

use std::future::Future;
use std::net::SocketAddr;

use crate::config::RunConfig;
use crate::error::ChainError;

/// Opens the chain of `config`, listens, tells `ready` the bound address, and serves until `shutdown` completes.
///
/// # Errors
/// Those of [`EmbeddedChain::open`](crate::EmbeddedChain::open) and [`EmbeddedChain::serve`](crate::EmbeddedChain::serve).
pub async fn run(
    config: RunConfig,
    ready: impl FnOnce(SocketAddr) + Send,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ChainError> {
    let _ = (config, ready, shutdown);
    todo!()
}
