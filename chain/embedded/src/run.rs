//! A chain as a process: open, listen, serve.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::chain::EmbeddedChain;
use crate::config::{ChainConfig, RunConfig};
use crate::error::ChainError;

/// Opens the chain of `config`, listens, tells `ready` the bound address, and serves until `shutdown` completes.
///
/// # Errors
/// Those of [`EmbeddedChain::open`] and [`EmbeddedChain::serve`]; [`ChainError::Listen`] when the address is taken.
pub async fn run(
    config: RunConfig,
    ready: impl FnOnce(SocketAddr) + Send,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ChainError> {
    let RunConfig {
        home,
        listen,
        empty_interval_ms,
        genesis,
    } = config;
    let failed = |source| ChainError::Listen {
        address: listen.to_string(),
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let config =
        ChainConfig::new(genesis).with_empty_interval(Duration::from_millis(empty_interval_ms));
    let opened = tokio::task::spawn_blocking(move || EmbeddedChain::open(home, config)).await;
    let chain = opened.map_err(|error| ChainError::Internal(error.to_string()))??;
    ready(bound);
    chain.serve(listener, shutdown).await
}
