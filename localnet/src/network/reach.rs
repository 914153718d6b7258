//! How the parts of a network are reached: clients, accounts, and what each says of itself.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cosmwasm_std::Coin;
use ecash_requests::{
    IdentityKey,
    gateway::GatewayClient,
    quorum::{QuorumClient, SignerStatusBody},
};
use nyx_client::{Account, Address, Included, Msg, QueryClient};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{FEE_DENOM, Network};
use crate::{
    setup::LOOK_AGAIN,
    status::{gateway_status, signer_status},
};

impl Network {
    /// A client of its chain.
    #[must_use]
    pub fn chain(&self) -> &QueryClient {
        &self.chain_client
    }

    /// The contracts.
    ///
    /// # Errors
    /// Never with a started network.
    pub fn contracts(&self) -> Result<&crate::home::Contracts> {
        self.description.contracts.as_ref().context("no contracts")
    }

    /// The network as a wallet takes it.
    ///
    /// # Errors
    /// Never with a started network.
    pub fn wallet_network(&self) -> Result<ecash_wallet::NetworkConfig> {
        let contracts = self.contracts()?;
        Ok(ecash_wallet::NetworkConfig {
            chain_id: Some(self.description.chain_id.clone()),
            rpc: self.description.rpc.iter().cloned().collect(),
            ecash_contract: contracts.ecash.to_string(),
            dkg_contract: contracts.dkg.to_string(),
            denom: FEE_DENOM.to_owned(),
        })
    }

    /// A funded account of `accounts.json`: `admin`, `alice`, `bob`, `signer-1`, `gateway-1`, …
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn account(&self, name: &str) -> Result<Account> {
        self.accounts.account(name)
    }

    /// Sends coins of [`FEE_DENOM`] from the admin's account.
    ///
    /// # Errors
    /// If the transaction fails.
    pub async fn fund(&self, to: &Address, amount: u128) -> Result<Included> {
        let coins = vec![Coin::new(amount, FEE_DENOM)];
        self.admin.send(vec![Msg::send(to, coins)]).await
    }

    /// Executes a contract message from the admin's account.
    ///
    /// # Errors
    /// If the transaction fails.
    pub async fn admin_executes(
        &self,
        contract: &Address,
        message: &impl serde::Serialize,
    ) -> Result<Included> {
        let message = Msg::execute(contract, message, Vec::new())?;
        self.admin.send(vec![message]).await
    }

    /// A client of a signer.
    ///
    /// # Errors
    /// If there is no such signer.
    pub fn signer_client(&self, number: u16) -> Result<QuorumClient> {
        let url = base(self.signer(number)?.url.as_ref())?;
        Ok(QuorumClient::new(self.http.clone(), &url)?)
    }

    /// A client of a gateway's public listener.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_client(&self, number: u16) -> Result<GatewayClient> {
        let url = base(self.gateway(number)?.url.as_ref())?;
        Ok(GatewayClient::new(self.http.clone(), &url)?)
    }

    /// A client of a gateway's loopback listener.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_loopback_client(&self, number: u16) -> Result<GatewayClient> {
        let url = base(self.gateway(number)?.loopback_url.as_ref())?;
        Ok(GatewayClient::new(self.http.clone(), &url)?)
    }

    /// A gateway's identity key.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_identity(&self, number: u16) -> Result<IdentityKey> {
        let gateway = self.gateway(number)?;
        let key = gateway
            .identity_key
            .as_ref()
            .context("it has not started yet")?;
        Ok(IdentityKey::from_base58(key)?)
    }

    /// What a signer says of itself, signed with its identity key.
    ///
    /// # Errors
    /// If it does not answer, or the signature is not its own.
    pub async fn signer_status(&self, number: u16) -> Result<SignerStatusBody> {
        signer_status(&self.http, self.signer(number)?).await
    }

    /// What a gateway says of itself to its operator.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn gateway_status(&self, number: u16) -> Result<nym_gateway::http::Status> {
        gateway_status(self.gateway(number)?).await
    }

    /// Waits until a signer holds a key and signs.
    ///
    /// # Errors
    /// If it does not within `patience`; says what it last said.
    pub async fn await_signer(&self, number: u16, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let status = self.signer_status(number).await;
            if status
                .as_ref()
                .is_ok_and(|status| status.has_signing_keys && !status.signer_disabled)
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                let said =
                    status.map_or_else(|error| format!("{error:#}"), |body| format!("{body:?}"));
                bail!("signer {number} holds no key after {patience:?}: {said}");
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until a gateway accepts tickets.
    ///
    /// # Errors
    /// If it does not within `patience`; says what it last said.
    pub async fn await_gateway(&self, number: u16, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let status = self.gateway_status(number).await;
            if status.as_ref().is_ok_and(|status| status.accepting) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let said = status.map_or_else(
                    |error| format!("{error:#}"),
                    |status| format!("registry {:?}, epochs {:?}", status.registry, status.epochs),
                );
                bail!("gateway {number} accepts nothing after {patience:?}: {said}");
            }
            sleep(LOOK_AGAIN).await;
        }
    }
}

fn base(url: Option<&Url>) -> Result<String> {
    let url = url.context("it has not started yet")?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
