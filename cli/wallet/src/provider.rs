//! Gateways as the holder meets them (`client.md` 8.2, "before a ticket is made"): the key comes from the chain's
//! registry, never from the connection, and everything that can be wrong is found before a ticket exists.

use std::time::Duration;

use ecash_contract_messages::ecash::GatewayState;
use ecash_requests::gateway::GatewayClient;
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::QuorumClient;
use ecash_requests::{IdentityKey, RequestsError};
use ecash_ticketbook::{EpochId, TicketType, UnixTime};
use nyx_client::Ecash;
use rand::rngs::OsRng;

use crate::error::WalletError;
use crate::limits::{GATEWAY_CLOCK_TOLERANCE_SECS, REGISTRY_SECS};
use crate::wallet::Wallet;

/// One admitted gateway of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its registered identity key: the provider key of tickets.
    pub identity: IdentityKey,
    /// Where it is reached.
    pub announce_address: String,
    /// Its account on chain.
    pub account: String,
    /// Ticket types it registered for.
    pub roles: Vec<TicketType>,
}

/// A gateway whose signed information agreed with the registry a moment ago. Only for such a one tickets are made.
#[derive(Clone, Debug)]
pub struct CheckedGateway {
    gateway: Gateway,
    roles: Vec<TicketType>,
    epochs: Vec<EpochId>,
    client: GatewayClient,
}

impl CheckedGateway {
    /// The registry's entry.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// A client for it.
    #[must_use]
    pub const fn client(&self) -> &GatewayClient {
        &self.client
    }

    /// Epochs it accepts tickets of.
    #[must_use]
    pub fn epochs(&self) -> &[EpochId] {
        &self.epochs
    }

    /// Whether it takes tickets of this type.
    ///
    /// # Errors
    /// [`WalletError::WrongRole`].
    pub fn check_role(&self, ticket_type: TicketType) -> Result<(), WalletError> {
        if self.gateway.roles.contains(&ticket_type) && self.roles.contains(&ticket_type) {
            return Ok(());
        }
        Err(WalletError::WrongRole {
            gateway: self.gateway.announce_address.clone(),
            ticket_type,
        })
    }
}

/// The registry, and when it was read.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    read_at: UnixTime,
    gateways: Vec<Gateway>,
}

impl Wallet {
    /// All admitted gateways, from a registry read whole at most an hour ago.
    ///
    /// # Errors
    /// [`WalletError::Chain`].
    pub async fn gateways(&self) -> Result<Vec<Gateway>, WalletError> {
        let mut registry = self.inner.registry.lock().await;
        if let Some(known) = &*registry
            && self.now().abs_diff(known.read_at) < REGISTRY_SECS
        {
            return Ok(known.gateways.clone());
        }
        let gateways = read_registry(&self.inner.ecash).await?;
        *registry = Some(Registry {
            read_at: self.now(),
            gateways: gateways.clone(),
        });
        Ok(gateways)
    }

    /// The admitted gateway with this key; the registry is read anew once where it is not there.
    ///
    /// # Errors
    /// [`WalletError::UnknownGateway`], [`WalletError::Chain`].
    pub async fn gateway(&self, identity: &IdentityKey) -> Result<Gateway, WalletError> {
        let find = |gateways: Vec<Gateway>| {
            gateways
                .into_iter()
                .find(|gateway| gateway.identity == *identity)
        };
        if let Some(gateway) = find(self.gateways().await?) {
            return Ok(gateway);
        }
        *self.inner.registry.lock().await = None;
        find(self.gateways().await?)
            .ok_or_else(|| WalletError::UnknownGateway(identity.to_string()))
    }

    /// Asks a gateway who it is, and compares with the registry, the network and the clock. Nothing is burned by this.
    ///
    /// # Errors
    /// [`WalletError::UnknownGateway`], [`WalletError::GatewayUnreachable`], [`WalletError::BadGatewayInfo`],
    /// [`WalletError::GatewayClock`], [`WalletError::Chain`].
    pub async fn check_gateway(
        &self,
        identity: &IdentityKey,
    ) -> Result<CheckedGateway, WalletError> {
        let gateway = self.gateway(identity).await?;
        let client = GatewayClient::new(self.inner.http.clone(), &gateway.announce_address)
            .map_err(|error| bad(&gateway, &error))?;
        let (key, info) = client
            .info(&self.inner.network, &mut OsRng)
            .await
            .map_err(|error| match error {
                RequestsError::Unreachable { .. }
                | RequestsError::TimedOut { .. }
                | RequestsError::Broken { .. }
                | RequestsError::Refused { .. } => WalletError::GatewayUnreachable {
                    gateway: gateway.announce_address.clone(),
                    reason: error.to_string(),
                },
                other => bad(&gateway, &other),
            })?
            .value;
        if key != gateway.identity {
            // It may have rotated its key: the next call reads the registry anew.
            *self.inner.registry.lock().await = None;
            return Err(WalletError::BadGatewayInfo {
                gateway: gateway.announce_address,
                reason: format!("it is signed by {key}, registered is {identity}"),
            });
        }
        if info.account.as_str() != gateway.account {
            return Err(WalletError::BadGatewayInfo {
                gateway: gateway.announce_address,
                reason: format!(
                    "it names account {}, registered is {}",
                    info.account, gateway.account
                ),
            });
        }
        let off_secs = info.time.abs_diff(self.now());
        if off_secs > GATEWAY_CLOCK_TOLERANCE_SECS {
            return Err(WalletError::GatewayClock {
                gateway: gateway.announce_address,
                off_secs,
                allowed_secs: GATEWAY_CLOCK_TOLERANCE_SECS,
            });
        }
        Ok(CheckedGateway {
            roles: info.roles,
            epochs: info.epochs,
            gateway,
            client,
        })
    }

    pub(crate) fn signer_client(&self, url: &str) -> Result<QuorumClient, WalletError> {
        QuorumClient::new(self.inner.http.clone(), url)
            .map_err(|error| WalletError::Http(error.to_string()))
    }
}

/// The admitted gateways of the registry, read whole.
pub(crate) async fn read_registry(ecash: &Ecash) -> Result<Vec<Gateway>, WalletError> {
    let entries = ecash.gateways().await?;
    Ok(entries
        .into_iter()
        .filter(|entry| entry.state == GatewayState::Admitted)
        .filter_map(|entry| {
            Some(Gateway {
                identity: IdentityKey::from_base58(&entry.identity_key).ok()?,
                announce_address: entry.announce_address,
                account: entry.address.to_string(),
                roles: entry
                    .roles
                    .iter()
                    .filter_map(|role| role.as_str().parse().ok())
                    .collect(),
            })
        })
        .collect())
}

/// The HTTP client of a wallet.
pub(crate) fn http_client(call_timeout: Duration) -> Result<HttpClient, WalletError> {
    HttpClient::new(HttpOptions {
        call_timeout,
        ..HttpOptions::default()
    })
    .map_err(|error| WalletError::Http(error.to_string()))
}

fn bad(gateway: &Gateway, error: &RequestsError) -> WalletError {
    WalletError::BadGatewayInfo {
        gateway: gateway.announce_address.clone(),
        reason: error.to_string(),
    }
}
