use serde::{Deserialize, Serialize};

/// Answer of `GET network/details` (`quorum-api.md` 5.3, `published-2.0.0.md` 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkDetailsResponse {
    /// RPC endpoint that the node uses.
    pub connected_nyxd: String,
    /// The network.
    pub network: NetworkDetails,
}

/// Names, addresses and endpoints of a network; fields in the order of the published interface, whose binary form is
/// their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkDetails {
    /// Name of the network.
    pub network_name: String,
    /// Address prefix and denominations.
    pub chain_details: ChainDetails,
    /// RPC and REST endpoints.
    pub endpoints: Vec<NetworkEndpoint>,
    /// Contract addresses.
    pub contracts: NetworkContracts,
    /// REST endpoints.
    pub nym_api_urls: Option<Vec<ApiUrl>>,
    /// REST endpoints of the VPN service.
    pub nym_vpn_api_urls: Option<Vec<ApiUrl>>,
    /// REST endpoint of the VPN service.
    pub nym_vpn_api_url: Option<String>,
}

/// Address prefix and denominations of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainDetails {
    /// Prefix of bech32 addresses.
    pub bech32_account_prefix: String,
    /// Denomination of deposits and fees.
    pub mix_denom: DenomDetails,
    /// Denomination of stake.
    pub stake_denom: DenomDetails,
}

/// One denomination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DenomDetails {
    /// Base unit, as on chain.
    pub base: String,
    /// Unit shown.
    pub display: String,
    /// One shown unit is 10 to this power base units.
    pub display_exponent: u32,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkEndpoint {
    /// RPC over HTTP.
    pub nyxd_url: String,
    /// RPC over websocket.
    pub websocket_url: Option<String>,
    /// REST.
    pub api_url: Option<String>,
}

/// One REST endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiUrl {
    /// The URL.
    pub url: String,
    /// Hosts that front for it.
    pub front_hosts: Option<Vec<String>>,
}

/// Contract addresses, bech32; `None` where the network has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkContracts {
    /// Mixnet contract.
    pub mixnet_contract_address: Option<String>,
    /// Vesting contract.
    pub vesting_contract_address: Option<String>,
    /// Performance contract.
    pub performance_contract_address: Option<String>,
    /// Network-monitors contract.
    pub network_monitors_contract_address: Option<String>,
    /// Node-families contract.
    pub node_families_contract_address: Option<String>,
    /// Directory contract.
    pub directory_contract_address: Option<String>,
    /// Geolocation contract.
    pub geolocation_contract_address: Option<String>,
    /// Ecash contract.
    pub ecash_contract_address: Option<String>,
    /// Group contract.
    pub group_contract_address: Option<String>,
    /// Multisig contract.
    pub multisig_contract_address: Option<String>,
    /// DKG contract.
    pub coconut_dkg_contract_address: Option<String>,
}
