//! Who answers.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use ecash_requests::{
    IdentityKey,
    http::{HttpClient, HttpOptions},
    quorum::{QuorumClient, SignerStatusBody},
};
use nyx_client::QueryClient;
use serde::Serialize;
use url::Url;

use crate::home::{self, GatewayEntry, SignerEntry};

/// Longest wait for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest status of a gateway that is read, in bytes.
const MAX_STATUS_BYTES: usize = 256 * 1024;

/// How a network stands.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The chain's name.
    pub chain_id: String,
    /// Its RPC.
    pub rpc: Option<String>,
    /// Its latest height; `None` if it does not answer.
    pub height: Option<u64>,
    /// The Quorum.
    pub signers: Vec<SignerStatus>,
    /// The gateways.
    pub gateways: Vec<GatewayStatus>,
}

/// How a signer stands.
#[derive(Debug, Serialize)]
pub struct SignerStatus {
    /// Its number.
    pub number: u16,
    /// Its URL.
    pub url: Option<String>,
    /// Its identity key, base58.
    pub identity_key: Option<String>,
    /// Its account.
    pub address: String,
    /// Whether it answers.
    pub running: bool,
    /// The epoch it knows of.
    pub epoch: Option<u64>,
    /// Whether it holds a key and signs.
    pub signing: bool,
}

/// How a gateway stands.
#[derive(Debug, Serialize)]
pub struct GatewayStatus {
    /// Its number.
    pub number: u16,
    /// Its URL.
    pub url: Option<String>,
    /// Its identity key, base58.
    pub identity_key: Option<String>,
    /// Its payout account.
    pub address: String,
    /// Where data plane and operator reach it.
    pub loopback_url: Option<String>,
    /// Whether it answers.
    pub running: bool,
    /// Whether it takes tickets.
    pub accepting: bool,
    /// Ticket types it takes.
    pub roles: Vec<String>,
}

/// Asks everybody of the network in `home`.
///
/// # Errors
/// If there is no network, or its description is damaged. Who does not answer is no error.
pub async fn read(home: &Path) -> Result<Status> {
    let Some(network) = home::read_description(home)? else {
        bail!(
            "there is no network in {}; `localnet up --home {}` makes one",
            home.display(),
            home.display()
        );
    };
    let http = HttpClient::new(HttpOptions {
        call_timeout: ANSWER_TIMEOUT,
        ..HttpOptions::default()
    })?;
    let height = match &network.rpc {
        Some(rpc) => QueryClient::with_timeout(std::slice::from_ref(rpc), ANSWER_TIMEOUT)?
            .status()
            .await
            .ok()
            .map(|status| status.latest_height),
        None => None,
    };
    let mut signers = Vec::new();
    for signer in &network.signers {
        let said = signer_status(&http, signer).await.ok();
        signers.push(SignerStatus {
            number: signer.number,
            url: signer.url.as_ref().map(text),
            identity_key: signer.identity_key.clone(),
            address: signer.address.to_string(),
            running: said.is_some(),
            epoch: said.as_ref().map(|said| said.dkg_ecash_epoch_id.get()),
            signing: said.is_some_and(|said| said.has_signing_keys && !said.signer_disabled),
        });
    }
    let mut gateways = Vec::new();
    for gateway in &network.gateways {
        let said = gateway_status(gateway).await.ok();
        gateways.push(GatewayStatus {
            number: gateway.number,
            url: gateway.url.as_ref().map(text),
            identity_key: gateway.identity_key.clone(),
            address: gateway.address.to_string(),
            loopback_url: gateway.loopback_url.as_ref().map(text),
            running: said.is_some(),
            accepting: said.is_some_and(|said| said.accepting),
            roles: gateway.roles.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(Status {
        chain_id: network.chain_id,
        rpc: network.rpc.as_ref().map(text),
        height,
        signers,
        gateways,
    })
}

impl Status {
    /// Whether the chain answers, every signer signs and every gateway takes tickets.
    #[must_use]
    pub fn all_up(&self) -> bool {
        self.height.is_some()
            && self.signers.iter().all(|signer| signer.signing)
            && self.gateways.iter().all(|gateway| gateway.accepting)
    }

    /// As a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["who", "url", "identity key", "state"]);
        let chain = self.height.map_or_else(
            || "does not answer".to_owned(),
            |height| format!("height {height}"),
        );
        table.add_row([
            "chain",
            self.rpc.as_deref().unwrap_or("-"),
            self.chain_id.as_str(),
            chain.as_str(),
        ]);
        for signer in &self.signers {
            let state = match (signer.running, signer.signing) {
                (false, _) => "does not answer",
                (true, false) => "holds no key",
                (true, true) => "signs",
            };
            let who = format!("signer {}", signer.number);
            let key = signer.identity_key.as_deref().unwrap_or("-");
            table.add_row([
                who.as_str(),
                signer.url.as_deref().unwrap_or("-"),
                key,
                state,
            ]);
        }
        for gateway in &self.gateways {
            let state = match (gateway.running, gateway.accepting) {
                (false, _) => "does not answer",
                (true, false) => "takes no tickets",
                (true, true) => "takes tickets",
            };
            let who = format!("gateway {}", gateway.number);
            let key = gateway.identity_key.as_deref().unwrap_or("-");
            table.add_row([
                who.as_str(),
                gateway.url.as_deref().unwrap_or("-"),
                key,
                state,
            ]);
        }
        table.to_string()
    }
}

/// A URL as it is announced: without a slash at its end.
fn text(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// What a signer says of itself, under its own signature.
pub(crate) async fn signer_status(
    http: &HttpClient,
    signer: &SignerEntry,
) -> Result<SignerStatusBody> {
    let url = signer.url.as_ref().context("it has not started yet")?;
    let client = QuorumClient::new(http.clone(), url.as_str().trim_end_matches('/'))?;
    let answer = client.signer_status().await?.value;
    let key = signer
        .identity_key
        .as_ref()
        .context("its key is not known yet")?;
    Ok(answer
        .verify("signer status", &IdentityKey::from_base58(key)?)?
        .clone())
}

/// What a gateway says to its operator.
pub(crate) async fn gateway_status(gateway: &GatewayEntry) -> Result<nym_gateway::http::Status> {
    let url = gateway
        .loopback_url
        .as_ref()
        .context("it has not started yet")?;
    ecash_requests::http::install_crypto_provider();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_TIMEOUT)
        .build()?;
    let mut answer = client
        .get(url.join(nym_gateway::http::STATUS_ROUTE)?)
        .send()
        .await?
        .error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_STATUS_BYTES {
            bail!(
                "the status of gateway {} is longer than {MAX_STATUS_BYTES} bytes",
                gateway.number
            );
        }
    }
    Ok(serde_json::from_slice(&body)?)
}
