//! `[network]`: which chain and contracts this member belongs to.

use ecash_requests::NetworkIds;
use ecash_requests::quorum::{
    ApiUrl, ChainDetails, DenomDetails, NetworkContracts, NetworkDetails, NetworkEndpoint,
};
use nyx_client::Address;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::Result;

/// `[network]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Name of the network.
    pub name: String,
    /// Chain id.
    pub chain_id: String,
    /// Prefix of bech32 addresses.
    #[serde(default = "default_prefix")]
    pub bech32_prefix: String,
    /// Denomination of deposits and fees, in base units.
    #[serde(default = "default_mix_denom")]
    pub mix_denom: String,
    /// Denomination of stake, in base units.
    #[serde(default = "default_stake_denom")]
    pub stake_denom: String,
    /// Address of the ecash contract.
    pub ecash_contract: Address,
    /// Address of the DKG contract.
    pub dkg_contract: Address,
    /// Address of the group contract.
    pub group_contract: Address,
    /// Address of the multisig contract.
    pub multisig_contract: Address,
    /// URLs of members that clients can start from.
    #[serde(default)]
    pub nym_api_urls: Vec<Url>,
}

/// Decimals of the shown unit of both denominations.
const DENOM_EXPONENT: u32 = 6;

fn default_prefix() -> String {
    "n".to_owned()
}

fn default_mix_denom() -> String {
    "unym".to_owned()
}

fn default_stake_denom() -> String {
    "unyx".to_owned()
}

impl NetworkConfig {
    /// The names that signed texts carry.
    ///
    /// # Errors
    /// [`crate::Error::Requests`] for a chain id that is not 1 … 1024 bytes of visible ASCII.
    pub fn ids(&self) -> Result<NetworkIds> {
        Ok(NetworkIds::new(
            &self.chain_id,
            self.ecash_contract.as_ref(),
            self.dkg_contract.as_ref(),
        )?)
    }

    /// What `network/details` says.
    #[must_use]
    pub fn details(&self, endpoints: &[Url]) -> NetworkDetails {
        let denom = |base: &String| DenomDetails {
            base: base.clone(),
            display: base.strip_prefix('u').unwrap_or(base).to_owned(),
            display_exponent: DENOM_EXPONENT,
        };
        let address = |account: &Address| Some(account.to_string());
        NetworkDetails {
            network_name: self.name.clone(),
            chain_details: ChainDetails {
                bech32_account_prefix: self.bech32_prefix.clone(),
                mix_denom: denom(&self.mix_denom),
                stake_denom: denom(&self.stake_denom),
            },
            endpoints: endpoints
                .iter()
                .map(|url| NetworkEndpoint {
                    nyxd_url: url.to_string(),
                    websocket_url: None,
                    api_url: self.nym_api_urls.first().map(Url::to_string),
                })
                .collect(),
            contracts: NetworkContracts {
                ecash_contract_address: address(&self.ecash_contract),
                group_contract_address: address(&self.group_contract),
                multisig_contract_address: address(&self.multisig_contract),
                coconut_dkg_contract_address: address(&self.dkg_contract),
                ..NetworkContracts::default()
            },
            nym_api_urls: Some(
                self.nym_api_urls
                    .iter()
                    .map(|url| ApiUrl {
                        url: url.to_string(),
                        front_hosts: None,
                    })
                    .collect(),
            ),
            nym_vpn_api_urls: None,
            nym_vpn_api_url: None,
        }
    }
}
