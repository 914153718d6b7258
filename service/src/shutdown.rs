//! One request to stop, seen by every task.

use std::sync::Arc;

use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::Error;

/// Told to every task of a program; clones see the same request.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Makes the request. When the last clone is dropped the request counts as made.
#[derive(Clone, Debug)]
pub struct ShutdownTrigger(Arc<watch::Sender<bool>>);

impl ShutdownTrigger {
    /// Asks every task to end. Asking again changes nothing.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// A request that has not been made yet, and the means to make it.
    #[must_use]
    pub fn new() -> (ShutdownTrigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (ShutdownTrigger(Arc::new(sender)), Self(receiver))
    }

    /// A request that SIGINT and SIGTERM make. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Setup`] when the handlers cannot be installed.
    pub fn on_signals() -> Result<Self, Error> {
        let (trigger, shutdown) = Self::new();
        let failed = |source: std::io::Error| Error::Setup {
            what: "signal handlers",
            reason: source.to_string(),
        };
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            trigger.request();
        });
        Ok(shutdown)
    }

    /// A request that is made when standard input closes, or by SIGTERM: for children whose parent holds the other
    /// end of the pipe. SIGINT is ignored, because a terminal sends it to the parent too, which then closes the pipe.
    ///
    /// # Errors
    /// [`Error::Setup`] when the handlers cannot be installed.
    pub fn on_stdin_closed() -> Result<Self, Error> {
        let (trigger, shutdown) = Self::new();
        let failed = |source: std::io::Error| Error::Setup {
            what: "signal handlers",
            reason: source.to_string(),
        };
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::spawn(async move { while interrupt.recv().await.is_some() {} });
        tokio::spawn(async move {
            let mut stdin = tokio::io::stdin();
            let mut ignored = [0_u8; 64];
            let closed =
                async { while !matches!(stdin.read(&mut ignored).await, Ok(0) | Err(_)) {} };
            tokio::select! {
                () = closed => {}
                _ = terminate.recv() => {}
            }
            trigger.request();
        });
        Ok(shutdown)
    }

    /// Returns once the request has been made.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        let _ = receiver.wait_for(|requested| *requested).await; // an error says that nobody can ask any more
    }

    /// Whether the request has been made.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_sees_the_request() {
        let (trigger, shutdown) = Shutdown::new();
        let other = shutdown.clone();
        assert!(!other.is_requested());
        trigger.request();
        other.requested().await;
        shutdown.requested().await;
        assert!(other.is_requested());
    }

    #[tokio::test]
    async fn losing_the_trigger_counts_as_a_request() {
        let (trigger, shutdown) = Shutdown::new();
        drop(trigger);
        shutdown.requested().await;
        assert!(shutdown.is_requested());
    }
}
