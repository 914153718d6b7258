//! `nym-gateway init | run | config check`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use ecash_service::clock::{Clock as _, SystemClock};
use ecash_service::logging;
use ecash_service::secret::SecretRef;
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::TicketType;
use nym_gateway::config::{
    AnnounceAddress, CONFIG_FILE, ChainConfig, Config, GatewayConfig, HttpConfig, Limits,
    LogConfig, LoopbackConfig, NetworkConfig, Overrides,
};
use nym_gateway::{Runtime, init, run};
use nyx_client::Address;
use url::Url;

/// A gateway of the zk-nym network: takes tickets, grants bandwidth, hands the tickets to the Quorum.
#[derive(Parser)]
#[command(name = "nym-gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a home directory: identity key, instance id, database and configuration.
    Init(InitArgs),
    /// Runs the gateway until SIGINT or SIGTERM.
    Run(ConfigArgs),
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Reads the configuration as `run` does and says what is wrong with it.
    Check(ConfigArgs),
}

#[derive(Args)]
struct InitArgs {
    /// Directory to make.
    #[arg(long)]
    home: PathBuf,
    /// A ticket type to take; may be given several times.
    #[arg(long = "role", required = true)]
    roles: Vec<TicketType>,
    /// URL under which clients reach this gateway, or `bound`.
    #[arg(long)]
    announce_address: String,
    /// Where the mnemonic of the payout account is: `env:NAME` or `file:/path`, never the words themselves.
    #[arg(long)]
    mnemonic: SecretRef,
    /// RPC endpoint of the chain; may be given several times.
    #[arg(long = "nyxd", env = "NYXD", required = true)]
    endpoints: Vec<Url>,
    /// Chain id.
    #[arg(long)]
    chain_id: String,
    /// Address of the ecash contract.
    #[arg(long, env = "ECASH_CONTRACT_ADDRESS")]
    ecash_contract: Address,
    /// Address of the DKG contract.
    #[arg(long, env = "COCONUT_DKG_CONTRACT_ADDRESS")]
    dkg_contract: Address,
    /// Prefix of addresses.
    #[arg(long, env = "BECH32_PREFIX", default_value = "n")]
    bech32_prefix: String,
    /// Denomination of fees, in base units.
    #[arg(long, env = "MIX_DENOM", default_value = "unym")]
    fee_denom: String,
}

#[derive(Args)]
struct ConfigArgs {
    /// Home directory of the gateway; its `config.toml` is read.
    #[arg(long, conflicts_with = "config")]
    home: Option<PathBuf>,
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    #[command(flatten)]
    overrides: Overrides,
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        match cli.command {
            Command::Init(args) => make_home(args).await,
            Command::Run(args) => serve(load(&args)?).await,
            Command::Config(ConfigCommand::Check(args)) => {
                load(&args)?;
                println!("the configuration is complete and consistent");
                Ok(())
            }
        }
    })
}

async fn make_home(args: InitArgs) -> anyhow::Result<()> {
    let config = Config {
        gateway: GatewayConfig {
            home: args.home.clone(),
            roles: args.roles,
            announce_address: AnnounceAddress::try_from(args.announce_address)
                .map_err(anyhow::Error::msg)?,
        },
        chain: ChainConfig {
            endpoints: args.endpoints,
            mnemonic: args.mnemonic,
            register: true,
        },
        network: NetworkConfig {
            chain_id: args.chain_id,
            bech32_prefix: args.bech32_prefix,
            fee_denom: args.fee_denom,
            ecash_contract: args.ecash_contract,
            dkg_contract: args.dkg_contract,
        },
        http: HttpConfig::default(),
        loopback: LoopbackConfig::default(),
        limits: Limits::default(),
        log: LogConfig::default(),
    };
    let identity_key = init(&config, SystemClock::new().now()).await?;
    println!("home:         {}", args.home.display());
    println!("identity key: {identity_key}");
    println!(
        "Keep a copy of the identity key; start with: nym-gateway run --home {}",
        args.home.display()
    );
    Ok(())
}

fn load(args: &ConfigArgs) -> anyhow::Result<Config> {
    let file = match (&args.config, &args.home) {
        (Some(file), _) => file.clone(),
        (None, Some(home)) => home.join(CONFIG_FILE),
        (None, None) => {
            anyhow::bail!("name the home directory (--home) or the configuration file (--config)")
        }
    };
    Ok(Config::load(&file, std::env::vars(), &args.overrides)?)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    logging::init(&config.log.filter, config.log.format)?;
    let runtime = Runtime {
        clock: SystemClock::shared(),
        shutdown: Shutdown::on_signals()?,
        ready: Box::new(|ready| {
            tracing::info!(
                identity_key = %ready.identity_key,
                account = %ready.account,
                public = %ready.public,
                loopback = %ready.loopback,
                announce_address = %ready.announce_address,
                "ready"
            );
        }),
    };
    run(config, runtime).await?;
    Ok(())
}
