//! `nym-api init | run | config check`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use ecash_service::clock::SystemClock;
use ecash_service::secret::SecretRef;
use ecash_service::shutdown::Shutdown;
use ecash_service::{files, logging};
use nyx_client::{Address, parse_address};
use url::Url;

use crate::config::{
    ChainConfig, Config, DkgConfig, HttpConfig, KeysConfig, Limits, LogConfig, NetworkConfig,
    Overrides, SignerConfig, StorageConfig,
};
use crate::run::{Runtime, init, run};
use crate::status::API_VERSION;
use crate::today;

/// Permission bits of the configuration file; it holds no secret.
const CONFIG_MODE: u32 = 0o644;
/// Name of the directory for database and keys, unless one is given.
const HOME_NAME: &str = "nym-api";

/// The Quorum member: checks deposits, issues ticketbooks, verifies tickets.
#[derive(Debug, Parser)]
#[command(name = "nym-api", version = API_VERSION)]
pub struct Cli {
    /// Configuration file.
    #[arg(long, short, global = true, default_value = "nym-api.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make configuration, identity, protection key and database; what is there stays.
    Init(Box<InitArgs>),
    /// Run until SIGINT or SIGTERM.
    Run {
        #[command(flatten)]
        overrides: Overrides,
    },
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Read file, environment and flags, and name the first key that is wrong.
    Check {
        #[command(flatten)]
        overrides: Overrides,
    },
}

#[derive(Debug, Args)]
struct InitArgs {
    /// Directory for database and keys; default: `nym-api` beside the configuration file.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Name of the network.
    #[arg(long, default_value = "mainnet")]
    network_name: String,
    /// Chain id.
    #[arg(long, required_unless_present = "existing")]
    chain_id: Option<String>,
    /// RPC endpoint of the chain; may be given more than once.
    #[arg(long = "endpoint")]
    endpoints: Vec<Url>,
    /// The single endpoint is the operator's own.
    #[arg(long)]
    own_node: bool,
    /// Address of the ecash contract.
    #[arg(long, value_parser = address, required_unless_present = "existing")]
    ecash_contract: Option<Address>,
    /// Address of the DKG contract.
    #[arg(long, value_parser = address, required_unless_present = "existing")]
    dkg_contract: Option<Address>,
    /// Address of the group contract.
    #[arg(long, value_parser = address, required_unless_present = "existing")]
    group_contract: Option<Address>,
    /// Address of the multisig contract.
    #[arg(long, value_parser = address, required_unless_present = "existing")]
    multisig_contract: Option<Address>,
    /// Where the account's mnemonic is: `env:NAME` or `file:/path`, never the words themselves.
    // As text, because the parser of arguments repeats what it refuses.
    #[arg(long)]
    mnemonic: Option<String>,
    /// Use the configuration file that is there.
    #[arg(long)]
    existing: bool,
}

fn address(text: &str) -> Result<Address, String> {
    parse_address(text).map_err(|e| e.to_string())
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What went wrong, with its causes.
    pub async fn execute(self) -> anyhow::Result<()> {
        match self.command {
            Command::Init(args) => {
                let config = args.config(&self.config)?;
                let made = init(&config, today::now(&SystemClock::new())).await?;
                println!("configuration {}", self.config.display());
                println!("identity      {}", made.identity);
                println!("instance      {}", made.instance);
                println!(
                    "account       {}",
                    made.address
                        .as_deref()
                        .unwrap_or("none (set chain.mnemonic to sign)")
                );
                Ok(())
            }
            Command::Run { overrides } => {
                let config = Config::load(&self.config, std::env::vars(), &overrides)?;
                logging::init(&config.log.filter, config.log.format)?;
                let runtime = Runtime {
                    clock: SystemClock::shared(),
                    shutdown: Shutdown::on_signals()?,
                    ready: Box::new(|_| {}),
                };
                run(config, runtime).await.context("nym-api stopped")
            }
            Command::Config {
                command: ConfigCommand::Check { overrides },
            } => {
                Config::load(&self.config, std::env::vars(), &overrides)?;
                println!("{} is in order", self.config.display());
                Ok(())
            }
        }
    }
}

impl InitArgs {
    fn config(self, path: &Path) -> anyhow::Result<Config> {
        if path.exists() {
            return Ok(Config::load(path, std::env::vars(), &Overrides::default())?);
        }
        if self.existing {
            anyhow::bail!("{} does not exist", path.display());
        }
        let home = self.home.unwrap_or_else(|| path.with_file_name(HOME_NAME));
        let mnemonic = self.mnemonic.as_deref().map(str::parse).transpose()?;
        let needed = |flag: &str| format!("--{flag} is needed to write {}", path.display());
        let config = Config {
            signer: SignerConfig::default(),
            chain: ChainConfig {
                endpoints: self.endpoints,
                own_node: self.own_node,
                mnemonic,
                mirror_poll_secs: crate::config::DEFAULT_MIRROR_POLL_SECS,
            },
            network: NetworkConfig {
                name: self.network_name,
                chain_id: self.chain_id.with_context(|| needed("chain-id"))?,
                bech32_prefix: "n".to_owned(),
                mix_denom: "unym".to_owned(),
                stake_denom: "unyx".to_owned(),
                ecash_contract: self
                    .ecash_contract
                    .with_context(|| needed("ecash-contract"))?,
                dkg_contract: self.dkg_contract.with_context(|| needed("dkg-contract"))?,
                group_contract: self
                    .group_contract
                    .with_context(|| needed("group-contract"))?,
                multisig_contract: self
                    .multisig_contract
                    .with_context(|| needed("multisig-contract"))?,
                nym_api_urls: Vec::new(),
            },
            http: HttpConfig::default(),
            limits: Limits::default(),
            storage: StorageConfig {
                path: home.join("nym-api.sqlite"),
            },
            keys: KeysConfig {
                dir: home.join("keys"),
                protection: SecretRef::File(home.join("protection.key")),
            },
            dkg: DkgConfig::default(),
            log: LogConfig::default(),
        };
        config.check()?;
        files::write_atomic(path, config.to_toml()?.as_bytes(), CONFIG_MODE)?;
        Ok(config)
    }
}
