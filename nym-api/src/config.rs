//! Configuration (`quorum-api.md` 9.3): TOML, environment `NYMAPI__SECTION__KEY`, flags; the later wins.

mod limits;
mod network;

pub use ecash_service::announce::AnnounceAddress;
pub use ecash_service::logging::LogConfig;
pub use limits::Limits;
pub use network::NetworkConfig;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ecash_service::config::Layers;
use ecash_service::http::TrustedProxies;
use ecash_service::secret::SecretRef;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, Result};

/// Prefix of the environment variables that set keys of the configuration.
pub const ENV_PREFIX: &str = "NYMAPI";
/// Variable of the published program that holds the account's mnemonic itself.
pub const MNEMONIC_VARIABLE: &str = "NYMAPI_MNEMONIC_ARG";

/// The whole configuration of a Quorum member.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The signer.
    #[serde(default)]
    pub signer: SignerConfig,
    /// The chain's endpoints and the account on it.
    pub chain: ChainConfig,
    /// The network this member belongs to.
    pub network: NetworkConfig,
    /// The HTTP server.
    #[serde(default)]
    pub http: HttpConfig,
    /// Rates and bounds.
    #[serde(default)]
    pub limits: Limits,
    /// The database.
    pub storage: StorageConfig,
    /// Key files.
    pub keys: KeysConfig,
    /// The controller of distributed keys.
    #[serde(default)]
    pub dkg: DkgConfig,
    /// The log.
    #[serde(default)]
    pub log: LogConfig,
}

/// `[signer]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignerConfig {
    /// Register, hold a key and sign.
    pub enabled: bool,
    /// URL under which others reach this member; `bound` = `http://` and the address that the server is bound to.
    pub announce_address: Option<AnnounceAddress>,
    /// Refuse blind-sign without an envelope.
    pub require_envelope: bool,
    /// Base units that the account must hold at start.
    pub minimum_balance: Option<u64>,
}

/// Base units that a signer's account must hold at start, unless configured otherwise (100 NYM).
pub const DEFAULT_MINIMUM_BALANCE: u64 = 100_000_000;

/// `[chain]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChainConfig {
    /// RPC endpoints, one or more.
    pub endpoints: Vec<Url>,
    /// The single endpoint is the operator's own; without it voting needs two that agree.
    #[serde(default)]
    pub own_node: bool,
    /// Where the account's mnemonic is: `env:NAME` or `file:/path`.
    #[serde(default)]
    pub mnemonic: Option<SecretRef>,
    /// Seconds between two looks at the contracts' lists.
    #[serde(default = "default_mirror_poll_secs")]
    pub mirror_poll_secs: u64,
}

/// Seconds between two looks at the contracts' lists, unless configured otherwise.
pub const DEFAULT_MIRROR_POLL_SECS: u64 = 5;

fn default_mirror_poll_secs() -> u64 {
    DEFAULT_MIRROR_POLL_SECS
}

/// `[http]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address to listen on; port 0 lets the system choose.
    pub bind: SocketAddr,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Fetch announced URLs at loopback, private and link-local addresses. For test networks.
    pub allow_private_targets: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        let address = if cfg!(debug_assertions) {
            [127, 0, 0, 1]
        } else {
            [0, 0, 0, 0]
        };
        Self {
            bind: SocketAddr::from((address, 8000)),
            trusted_proxies: TrustedProxies::default(),
            allow_private_targets: false,
        }
    }
}

/// `[storage]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// The database file.
    pub path: PathBuf,
}

/// `[keys]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Directory of key files, mode 0700.
    pub dir: PathBuf,
    /// Where the key that encrypts key files is: `file:/path` (32 bytes) or `env:NAME` (64 hexadecimal digits).
    pub protection: SecretRef,
}

/// `[dkg]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DkgConfig {
    /// Seconds between two looks at the DKG contract, 1 … 60.
    pub poll_secs: u64,
}

impl Default for DkgConfig {
    fn default() -> Self {
        Self { poll_secs: 10 }
    }
}

/// What flags set; each overrides file and environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Overrides {
    /// Register, hold a key and sign.
    #[arg(long = "enable-zk-nym", env = "NYMAPI_ENABLE_ZK_NYM_ARG")]
    pub enable_signer: Option<bool>,
    /// URL under which others reach this member, or `bound`.
    #[arg(long, env = "NYMAPI_ANNOUNCE_ADDRESS_ARG")]
    pub announce_address: Option<String>,
    /// Where the account's mnemonic is: `env:NAME` or `file:/path`, never the words themselves.
    #[arg(long)]
    pub mnemonic: Option<String>,
    /// RPC endpoint of the chain; replaces all configured ones.
    #[arg(long, env = "NYMAPI_NYXD_VALIDATOR_ARG")]
    pub nyxd_validator: Option<String>,
    /// Address to listen on.
    #[arg(long)]
    pub bind: Option<SocketAddr>,
}

impl Config {
    /// Reads `file`, then the environment, then `flags`, and checks what belongs together.
    ///
    /// # Errors
    /// [`Error::Service`] for a file that cannot be read or an unknown, missing or mistyped key;
    /// [`Error::Config`] for values that contradict each other.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Overrides,
    ) -> Result<Self> {
        let environment: Vec<(String, String)> = environment.into_iter().collect();
        let published_mnemonic = environment
            .iter()
            .any(|(name, value)| name == MNEMONIC_VARIABLE && !value.is_empty())
            .then(|| format!("env:{MNEMONIC_VARIABLE}"));
        let mnemonic = flags.mnemonic.clone().or(published_mnemonic);
        let endpoints = flags.nyxd_validator.clone().map(|url| vec![url]);
        let config: Self = Layers::new()
            .file(file)?
            .env(ENV_PREFIX, environment)?
            .set("signer.enabled", flags.enable_signer)?
            .set("signer.announce_address", flags.announce_address.clone())?
            .set("chain.mnemonic", mnemonic)?
            .set("chain.endpoints", endpoints)?
            .set("http.bind", flags.bind.map(|address| address.to_string()))?
            .read()?;
        config.check()?;
        Ok(config)
    }

    /// Checks values that belong together, without touching anything outside.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first key that is wrong.
    pub fn check(&self) -> Result<()> {
        let wrong = |key, reason: String| Err(Error::Config { key, reason });
        if !(1..=60).contains(&self.dkg.poll_secs) {
            return wrong(
                "dkg.poll_secs",
                format!("is {}, it must be 1 … 60", self.dkg.poll_secs),
            );
        }
        if !(1..=30).contains(&self.chain.mirror_poll_secs) {
            return wrong(
                "chain.mirror_poll_secs",
                format!("is {}, it must be 1 … 30", self.chain.mirror_poll_secs),
            );
        }
        if self.chain.endpoints.is_empty() {
            return wrong(
                "chain.endpoints",
                "is empty; name at least one RPC URL".to_owned(),
            );
        }
        if self.chain.own_node && self.chain.endpoints.len() != 1 {
            return wrong(
                "chain.own_node",
                "marks a single endpoint, but there are several".to_owned(),
            );
        }
        if self.signer.enabled && self.chain.mnemonic.is_none() {
            return wrong(
                "chain.mnemonic",
                "is missing; a signer needs an account (`env:NAME` or `file:/path`)".to_owned(),
            );
        }
        if self.signer.enabled && self.signer.announce_address.is_none() {
            return wrong(
                "signer.announce_address",
                "is missing; a signer announces a URL, or `bound`".to_owned(),
            );
        }
        if self.signer.enabled && !self.chain.own_node && self.chain.endpoints.len() < 2 {
            return wrong("chain.own_node", "is false and there is one endpoint; a signer votes only on what two endpoints agree on, or its own node says".to_owned());
        }
        self.network.ids()?;
        Ok(())
    }

    /// The configuration as TOML, as `init` writes it.
    ///
    /// # Errors
    /// [`Error::Config`] when it has no TOML form.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|source| Error::Config {
            key: "(all)",
            reason: format!("cannot be written: {source}"),
        })
    }

    /// Path of the lock that keeps a second instance from running.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.storage.path.with_extension("lock")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const EXAMPLE: &str = r#"
        [signer]
        enabled = true
        announce_address = "https://signer.example/api/"
        [chain]
        endpoints = ["http://127.0.0.1:26657"]
        own_node = true
        mnemonic = "env:SIGNER_MNEMONIC"
        [network]
        name = "test"
        chain_id = "test-1"
        ecash_contract = "n1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpg0hcf"
        dkg_contract = "n1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpg0hcf"
        group_contract = "n1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpg0hcf"
        multisig_contract = "n1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpg0hcf"
        [storage]
        path = "state/db.sqlite"
        [keys]
        dir = "state/keys"
        protection = "file:state/protection.key"
    "#;

    fn example() -> String {
        let address = nyx_client::Address::new("n", &[0; 20]).unwrap().to_string();
        EXAMPLE.replace("n1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpg0hcf", &address)
    }

    fn load(text: &str, environment: &[(&str, &str)], flags: &Overrides) -> Result<Config> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(
            &path,
            environment
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
            flags,
        )
    }

    #[test]
    fn what_init_writes_is_read_back_as_the_same_configuration() {
        let config = load(&example(), &[], &Overrides::default()).unwrap_or_else(|e| panic!("{e}"));
        let again = load(&config.to_toml().unwrap(), &[], &Overrides::default())
            .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config, again);
    }

    #[test]
    fn flags_win_over_the_environment_and_the_environment_over_the_file() {
        let flags = Overrides {
            bind: Some("127.0.0.1:1".parse().unwrap()),
            ..Overrides::default()
        };
        let environment = [
            ("NYMAPI__HTTP__BIND", "127.0.0.1:2"),
            ("NYMAPI__DKG__POLL_SECS", "1"),
        ];
        let config = load(&example(), &environment, &flags).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.http.bind.port(), 1);
        assert_eq!(config.dkg.poll_secs, 1);
    }

    #[test]
    fn the_published_variable_holds_the_mnemonic_and_a_flag_may_only_point_at_it() {
        let config = load(
            &example(),
            &[(MNEMONIC_VARIABLE, "some words")],
            &Overrides::default(),
        )
        .unwrap();
        assert_eq!(
            config.chain.mnemonic,
            Some(SecretRef::Env(MNEMONIC_VARIABLE.to_owned()))
        );
        let flags = Overrides {
            mnemonic: Some("some words".to_owned()),
            ..Overrides::default()
        };
        assert!(load(&example(), &[], &flags).is_err());
    }

    #[test]
    fn a_signer_without_account_url_or_trustworthy_endpoint_is_refused_by_key() {
        for (from, to, key) in [
            ("mnemonic = ", "# ", "chain.mnemonic"),
            ("announce_address = ", "# ", "signer.announce_address"),
            ("own_node = true", "", "chain.own_node"),
            (
                "endpoints = [\"http://127.0.0.1:26657\"]",
                "endpoints = []",
                "chain.endpoints",
            ),
        ] {
            let error = load(&example().replace(from, to), &[], &Overrides::default()).unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
        }
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = load(
            &example().replace("own_node", "own_nod"),
            &[],
            &Overrides::default(),
        )
        .unwrap_err();
        assert!(error.to_string().contains("own_nod"), "{error}");
    }
}
