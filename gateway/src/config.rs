//! Configuration: TOML, environment `NYMGATEWAY__SECTION__KEY`, flags; the later wins.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ecash_requests::NetworkIds;
use ecash_service::config::Layers;
use ecash_service::http::{Rate, ServerLimits, TrustedProxies};
use ecash_service::secret::SecretRef;
use ecash_ticketbook::TicketType;
use nyx_client::Address;
use serde::{Deserialize, Serialize};
use url::Url;

pub use ecash_service::announce::AnnounceAddress;
pub use ecash_service::logging::LogConfig;

use crate::error::Error;
use crate::limits::{DEFAULT_DISK_QUOTA_BYTES, DEFAULT_MAX_ACCOUNTS, MAX_TICKETS_IN_FLIGHT};
use crate::store::Quota;

/// Prefix of the environment variables that set keys of the configuration.
pub const ENV_PREFIX: &str = "NYMGATEWAY";
/// The configuration inside the home directory.
pub const CONFIG_FILE: &str = "config.toml";

/// The whole configuration of a gateway.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What it takes and where it is reached.
    pub gateway: GatewayConfig,
    /// The chain's endpoints and the account on it.
    pub chain: ChainConfig,
    /// The network it belongs to.
    pub network: NetworkConfig,
    /// The public listener, for clients.
    #[serde(default)]
    pub http: HttpConfig,
    /// The loopback listener, for the data plane and the operator.
    #[serde(default)]
    pub loopback: LoopbackConfig,
    /// Rates and bounds.
    #[serde(default)]
    pub limits: Limits,
    /// The log.
    #[serde(default)]
    pub log: LogConfig,
}

/// `[gateway]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Directory with identity key, instance id and database, mode 0700.
    pub home: PathBuf,
    /// The ticket types that it takes, as registered.
    pub roles: Vec<TicketType>,
    /// URL under which clients reach it; `bound` = `http://` and the address that the public listener is bound to.
    pub announce_address: AnnounceAddress,
}

/// `[chain]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChainConfig {
    /// RPC endpoints, one or more.
    pub endpoints: Vec<Url>,
    /// Where the mnemonic of the payout account is: `env:NAME` or `file:/path`.
    pub mnemonic: SecretRef,
    /// Register on chain, and again when announce address or roles have changed.
    #[serde(default = "yes")]
    pub register: bool,
}

fn yes() -> bool {
    true
}

/// `[network]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Chain id.
    pub chain_id: String,
    /// Prefix of bech32 addresses.
    #[serde(default = "default_prefix")]
    pub bech32_prefix: String,
    /// Denomination of fees, in base units.
    #[serde(default = "default_fee_denom")]
    pub fee_denom: String,
    /// Address of the ecash contract.
    pub ecash_contract: Address,
    /// Address of the DKG contract.
    pub dkg_contract: Address,
}

fn default_prefix() -> String {
    "n".to_owned()
}

fn default_fee_denom() -> String {
    "unym".to_owned()
}

impl NetworkConfig {
    /// The names that signed texts carry.
    ///
    /// # Errors
    /// [`Error::Requests`] for a chain id that is not 1 … 1024 bytes of visible ASCII.
    pub fn ids(&self) -> Result<NetworkIds, Error> {
        Ok(NetworkIds::new(
            &self.chain_id,
            self.ecash_contract.as_ref(),
            self.dkg_contract.as_ref(),
        )?)
    }
}

/// `[http]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Where clients connect; port 0 lets the system choose.
    pub bind: SocketAddr,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Bounds of both listeners.
    pub server: ServerLimits,
}

impl Default for HttpConfig {
    fn default() -> Self {
        let host = if cfg!(debug_assertions) {
            Ipv4Addr::LOCALHOST
        } else {
            Ipv4Addr::UNSPECIFIED
        };
        Self {
            bind: SocketAddr::from((host, 8080)),
            trusted_proxies: TrustedProxies::default(),
            server: ServerLimits {
                max_requests: MAX_TICKETS_IN_FLIGHT * 2,
                max_connections: 16_384,
                ..ServerLimits::default()
            },
        }
    }
}

/// `[loopback]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoopbackConfig {
    /// Where the data plane and the operator connect; must be a loopback address.
    pub bind: SocketAddr,
}

impl Default for LoopbackConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
        }
    }
}

/// `[limits]`; a rate of 0 is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `POST /v1/accounts` per address and minute.
    pub accounts_per_minute: u32,
    /// `GET /v1/bandwidth` per account and minute.
    pub bandwidth_per_minute: u32,
    /// `GET /v1/info` per address and minute.
    pub info_per_minute: u32,
    /// Ticket requests under way in all.
    pub tickets_in_flight: usize,
    /// Accounts that are kept.
    pub max_accounts: usize,
    /// Disk that the database may use, in bytes; from 90 % on no tickets are taken.
    pub disk_quota_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accounts_per_minute: 10,
            bandwidth_per_minute: 60,
            info_per_minute: 60,
            tickets_in_flight: MAX_TICKETS_IN_FLIGHT,
            max_accounts: DEFAULT_MAX_ACCOUNTS,
            disk_quota_bytes: DEFAULT_DISK_QUOTA_BYTES,
        }
    }
}

impl Limits {
    /// No rates, everything else as by default. For test networks.
    #[must_use]
    pub fn without_rates() -> Self {
        Self {
            accounts_per_minute: 0,
            bandwidth_per_minute: 0,
            info_per_minute: 0,
            ..Self::default()
        }
    }

    /// The quota of the database.
    #[must_use]
    pub fn quota(&self) -> Quota {
        Quota {
            disk_bytes: self.disk_quota_bytes,
            max_pages: None,
        }
    }

    pub(crate) fn accounts(&self) -> Rate {
        Rate::per_minute(self.accounts_per_minute)
    }

    pub(crate) fn bandwidth(&self) -> Rate {
        Rate::per_minute(self.bandwidth_per_minute)
    }

    pub(crate) fn info(&self) -> Rate {
        Rate::per_minute(self.info_per_minute)
    }
}

/// What flags set; each overrides file and environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Overrides {
    /// URL under which clients reach this gateway, or `bound`.
    #[arg(long)]
    pub announce_address: Option<String>,
    /// Address of the public listener.
    #[arg(long)]
    pub bind: Option<SocketAddr>,
    /// Address of the loopback listener.
    #[arg(long)]
    pub loopback_bind: Option<SocketAddr>,
    /// RPC endpoint of the chain; replaces all configured ones.
    #[arg(long)]
    pub nyxd: Option<Url>,
}

impl Config {
    /// Reads `file`, then the environment, then `flags`, and checks what belongs together.
    ///
    /// # Errors
    /// [`Error::Service`] for a file that cannot be read, or an unknown, missing or mistyped key; [`Error::Config`] for
    /// values that cannot be.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Overrides,
    ) -> Result<Self, Error> {
        let address = |address: Option<SocketAddr>| address.map(|address| address.to_string());
        let config: Self = Layers::new()
            .file(file)?
            .env(ENV_PREFIX, environment)?
            .set("gateway.announce_address", flags.announce_address.clone())?
            .set("http.bind", address(flags.bind))?
            .set("loopback.bind", address(flags.loopback_bind))?
            .set(
                "chain.endpoints",
                flags.nyxd.as_ref().map(|url| vec![url.to_string()]),
            )?
            .read()?;
        config.check()?;
        Ok(config)
    }

    /// Checks values that belong together, without touching anything outside.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first key that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |key, problem: String| Err(Error::Config { key, problem });
        let mut roles = self.gateway.roles.clone();
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() || roles.len() != self.gateway.roles.len() {
            return wrong("gateway.roles", "names no ticket type, or one twice; give one to four of v1-mixnet-entry, v1-mixnet-exit, v1-wireguard-entry, v1-wireguard-exit".to_owned());
        }
        if self.chain.endpoints.is_empty() {
            return wrong(
                "chain.endpoints",
                "is empty; name at least one RPC URL".to_owned(),
            );
        }
        if !self.loopback.bind.ip().is_loopback() {
            return wrong(
                "loopback.bind",
                format!(
                    "{} is no loopback address; whoever reaches this listener reads balances and uses them up",
                    self.loopback.bind
                ),
            );
        }
        if self.gateway.announce_address == AnnounceAddress::Bound
            && self.http.bind.ip().is_unspecified()
        {
            return wrong(
                "gateway.announce_address",
                format!(
                    "is `bound` and the public listener is bound to {}, which nobody can connect to; name a URL",
                    self.http.bind
                ),
            );
        }
        if self.limits.max_accounts == 0 {
            return wrong(
                "limits.max_accounts",
                "is 0; a gateway without accounts takes no tickets".to_owned(),
            );
        }
        if self.limits.tickets_in_flight == 0 {
            return wrong(
                "limits.tickets_in_flight",
                "is 0; a gateway takes at least one ticket at a time".to_owned(),
            );
        }
        self.network.ids()?;
        Ok(())
    }

    /// The configuration as TOML, as `init` writes it.
    ///
    /// # Errors
    /// [`Error::Config`] when it has no TOML form.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|source| Error::Config {
            key: "(all)",
            problem: format!("cannot be written: {source}"),
        })
    }

    /// The roles in ascending order.
    #[must_use]
    pub fn roles(&self) -> Vec<TicketType> {
        let mut roles = self.gateway.roles.clone();
        roles.sort_unstable();
        roles
    }
}
