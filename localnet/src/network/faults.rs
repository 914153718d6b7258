//! Children killed, ended and started again, one by one: what tests of failure do.

use anyhow::{Context as _, Result, ensure};

use super::{Network, launch};
use crate::process::Process;

impl Network {
    /// SIGKILL to a signer.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_signer(&mut self, number: u16) -> Result<()> {
        let process = self.signers.remove(&number);
        process
            .with_context(|| format!("signer {number} does not run"))?
            .kill()
            .await
    }

    /// Starts a killed or stopped signer again.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_signer(&mut self, number: u16) -> Result<()> {
        ensure!(!self.signers.contains_key(&number), "signer {number} runs");
        self.start_signer(number).await?;
        Ok(())
    }

    /// SIGKILL to a gateway.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_gateway(&mut self, number: u16) -> Result<()> {
        let process = self.gateways.remove(&number);
        process
            .with_context(|| format!("gateway {number} does not run"))?
            .kill()
            .await
    }

    /// Ends a gateway cleanly.
    ///
    /// # Errors
    /// If it does not run, or does not end well.
    pub async fn stop_gateway(&mut self, number: u16) -> Result<()> {
        let process = self.gateways.remove(&number);
        process
            .with_context(|| format!("gateway {number} does not run"))?
            .stop()
            .await
    }

    /// Starts a killed or stopped gateway again.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_gateway(&mut self, number: u16) -> Result<()> {
        ensure!(
            !self.gateways.contains_key(&number),
            "gateway {number} runs"
        );
        self.start_gateway(number).await
    }

    /// SIGKILL to the chain.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_chain(&mut self) -> Result<()> {
        self.chain
            .take()
            .context("the chain does not run")?
            .kill()
            .await
    }

    /// Starts the killed chain again, on its port.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_chain(&mut self) -> Result<()> {
        ensure!(self.chain.is_none(), "the chain runs");
        let chain = launch::chain(
            &self.home,
            &self.program,
            &mut self.description,
            &self.accounts,
        )
        .await?;
        self.chain = Some(chain);
        Ok(())
    }

    /// Process id of a running signer.
    #[must_use]
    pub fn signer_process(&self, number: u16) -> Option<u32> {
        self.signers.get(&number).and_then(Process::id)
    }

    /// Process id of a running gateway.
    #[must_use]
    pub fn gateway_process(&self, number: u16) -> Option<u32> {
        self.gateways.get(&number).and_then(Process::id)
    }
}
