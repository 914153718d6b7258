//! How each kind of child is configured and started. A port, once chosen by the system, is kept.

use std::{net::SocketAddr, path::Path};

use anyhow::{Context as _, Result};
use ecash_service::{files, secret::SecretRef};
use ecash_ticketbook::TicketType;
use nym_api::config as member;
use nym_gateway::config as verifier;
use url::Url;

use super::{ADMIN, FEE_DENOM, NYM, Network, STAKE_DENOM, describe::genesis_amount};
use crate::{
    child::Program,
    dealer::Recipient,
    env_file::NETWORK_NAME,
    home::{Accounts, Description, Home},
    process::{Launch, Process},
};

/// A port that the system chooses.
const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// Longest time between two blocks, in milliseconds.
const EMPTY_BLOCK_MS: u64 = 1_000;
/// Seconds between a member's looks at the chain.
const MEMBER_POLL_SECS: u64 = 1;
/// Stake of the admin in the genesis, for balances in two denominations.
const ADMIN_STAKE: u128 = 1_000 * NYM;

pub(super) fn signer_account(number: u16) -> String {
    format!("signer-{number}")
}

pub(super) fn gateway_account(number: u16) -> String {
    format!("gateway-{number}")
}

/// Every gateway takes entry tickets; exit tickets of the mixnet and of WireGuard are taken by every second one each.
pub(super) fn roles(number: u16) -> Vec<TicketType> {
    let exit = if number % 2 == 1 {
        TicketType::WireguardExit
    } else {
        TicketType::MixnetExit
    };
    vec![TicketType::MixnetEntry, TicketType::WireguardEntry, exit]
}

pub(super) async fn chain(
    home: &Home,
    binary: &Path,
    description: &mut Description,
    accounts: &Accounts,
) -> Result<Process> {
    let config_path = home.path().join("chain.json");
    let mut config = nyx_embedded::RunConfig {
        home: home.chain_dir(),
        listen: address_of(description.rpc.as_ref())?,
        empty_interval_ms: EMPTY_BLOCK_MS,
        genesis: genesis(description, accounts)?,
    };
    let write = |config: &nyx_embedded::RunConfig| -> Result<()> {
        files::write_private(&config_path, &serde_json::to_vec_pretty(config)?)?;
        Ok(())
    };
    write(&config)?;
    let (process, ready) = Process::start(Launch {
        name: "the chain".to_owned(),
        binary,
        program: Program::Chain,
        config: config_path.clone(),
        log: home.path().join("chain.log"),
        lock: home.children_lock(),
    })
    .await?;
    config.listen = ready.address;
    write(&config)?;
    description.rpc = Some(url(ready.address)?);
    home.save(description)?;
    Ok(process)
}

fn genesis(description: &Description, accounts: &Accounts) -> Result<nyx_embedded::Genesis> {
    let admin = accounts.entry(ADMIN)?.address.to_string();
    let mut genesis = nyx_embedded::Genesis::new(&description.chain_id, admin.clone())?;
    for entry in &accounts.accounts {
        genesis = genesis.with_balance(entry.address.to_string(), genesis_amount(&entry.name));
    }
    if let Some(balance) = genesis
        .balances
        .iter_mut()
        .find(|balance| balance.address == admin)
    {
        balance.coins.push(nyx_embedded::GenesisCoin {
            denom: STAKE_DENOM.to_owned(),
            amount: ADMIN_STAKE,
        });
    }
    Ok(genesis)
}

pub(super) async fn signer(
    home: &Home,
    binary: &Path,
    description: &mut Description,
    accounts: &Accounts,
    number: u16,
) -> Result<(Process, Recipient)> {
    let dir = home.signer_dir(number);
    home.make_dir(&dir)?;
    let mnemonic = mnemonic_file(&dir, accounts, &signer_account(number))?;
    let rpc = description
        .rpc
        .clone()
        .context("the chain has not started")?;
    let contracts = description.contracts.clone().context("no contracts")?;
    let first_url = description
        .signers
        .first()
        .and_then(|signer| signer.url.clone());
    let entry = description
        .signers
        .iter_mut()
        .find(|signer| signer.number == number)
        .context("no such signer")?;
    let mut config = nym_api::Config {
        signer: member::SignerConfig {
            enabled: true,
            announce_address: Some(member::AnnounceAddress::Bound),
            ..member::SignerConfig::default()
        },
        chain: member::ChainConfig {
            endpoints: vec![rpc],
            own_node: true,
            mnemonic: Some(mnemonic),
            mirror_poll_secs: MEMBER_POLL_SECS,
        },
        network: member::NetworkConfig {
            name: NETWORK_NAME.to_owned(),
            chain_id: description.chain_id.clone(),
            bech32_prefix: super::ADDRESS_PREFIX.to_owned(),
            mix_denom: FEE_DENOM.to_owned(),
            stake_denom: STAKE_DENOM.to_owned(),
            ecash_contract: contracts.ecash,
            dkg_contract: contracts.dkg,
            group_contract: contracts.group,
            multisig_contract: contracts.multisig,
            nym_api_urls: first_url.into_iter().collect(),
        },
        http: member::HttpConfig {
            bind: address_of(entry.url.as_ref())?,
            allow_private_targets: true,
            ..member::HttpConfig::default()
        },
        limits: member::Limits::without_rates(),
        storage: member::StorageConfig {
            path: dir.join("nym-api.sqlite"),
        },
        keys: member::KeysConfig {
            dir: dir.join("keys"),
            protection: SecretRef::File(dir.join("protection.key")),
        },
        dkg: member::DkgConfig {
            poll_secs: MEMBER_POLL_SECS,
        },
        log: member::LogConfig::default(),
    };
    let made = nym_api::init(&config, Network::now())
        .await
        .with_context(|| format!("signer {number} cannot be set up in {}", dir.display()))?;
    let config_path = dir.join("nym-api.toml");
    let write = |config: &nym_api::Config| -> Result<()> {
        files::write_private(&config_path, toml::to_string_pretty(config)?.as_bytes())?;
        Ok(())
    };
    write(&config)?;
    let (process, ready) = Process::start(Launch {
        name: format!("signer {number}"),
        binary,
        program: Program::Member,
        config: config_path.clone(),
        log: dir.join("nym-api.log"),
        lock: home.children_lock(),
    })
    .await?;
    config.http.bind = ready.address;
    write(&config)?;
    entry.url = Some(url(ready.address)?);
    entry.identity_key = Some(made.identity.to_string());
    let recipient = Recipient {
        address: entry.address.clone(),
        instance: made.instance,
        keys_dir: config.keys.dir,
        protection: config.keys.protection,
    };
    home.save(description)?;
    Ok((process, recipient))
}

pub(super) async fn gateway(
    home: &Home,
    binary: &Path,
    description: &mut Description,
    accounts: &Accounts,
    number: u16,
) -> Result<Process> {
    let dir = home.gateway_dir(number);
    home.make_dir(&dir)?;
    let mnemonic = mnemonic_file(&dir, accounts, &gateway_account(number))?;
    let rpc = description
        .rpc
        .clone()
        .context("the chain has not started")?;
    let contracts = description.contracts.clone().context("no contracts")?;
    let chain_id = description.chain_id.clone();
    let entry = description
        .gateways
        .iter_mut()
        .find(|gateway| gateway.number == number)
        .context("no such gateway")?;
    let mut config = nym_gateway::Config {
        gateway: verifier::GatewayConfig {
            home: dir.join("home"),
            roles: entry.roles.clone(),
            announce_address: verifier::AnnounceAddress::Bound,
        },
        chain: verifier::ChainConfig {
            endpoints: vec![rpc],
            mnemonic,
            register: true,
        },
        network: verifier::NetworkConfig {
            chain_id,
            bech32_prefix: super::ADDRESS_PREFIX.to_owned(),
            fee_denom: FEE_DENOM.to_owned(),
            ecash_contract: contracts.ecash,
            dkg_contract: contracts.dkg,
        },
        http: verifier::HttpConfig {
            bind: address_of(entry.url.as_ref())?,
            ..verifier::HttpConfig::default()
        },
        loopback: verifier::LoopbackConfig {
            bind: address_of(entry.loopback_url.as_ref())?,
        },
        limits: verifier::Limits::without_rates(),
        log: verifier::LogConfig::default(),
    };
    match nym_gateway::init(
        &config,
        ecash_service::clock::Clock::now(&ecash_service::clock::SystemClock::new()),
    )
    .await
    {
        Ok(_) | Err(nym_gateway::Error::AlreadyInitialised { .. }) => {}
        Err(error) => {
            return Err(error).with_context(|| {
                format!("gateway {number} cannot be set up in {}", dir.display())
            });
        }
    }
    let config_path = config.gateway.home.join(verifier::CONFIG_FILE);
    let write = |config: &nym_gateway::Config| -> Result<()> {
        files::write_private(&config_path, config.to_toml()?.as_bytes())?;
        Ok(())
    };
    write(&config)?;
    let (process, ready) = Process::start(Launch {
        name: format!("gateway {number}"),
        binary,
        program: Program::Gateway,
        config: config_path.clone(),
        log: dir.join("nym-gateway.log"),
        lock: home.children_lock(),
    })
    .await?;
    let loopback = ready
        .loopback
        .context("the gateway named no loopback address")?;
    config.http.bind = ready.address;
    config.loopback.bind = loopback;
    write(&config)?;
    entry.url = Some(url(ready.address)?);
    entry.loopback_url = Some(url(loopback)?);
    entry.identity_key = ready.identity_key;
    home.save(description)?;
    Ok(process)
}

fn mnemonic_file(dir: &Path, accounts: &Accounts, name: &str) -> Result<SecretRef> {
    let path = dir.join("mnemonic");
    files::write_private(&path, accounts.entry(name)?.mnemonic.as_bytes())?;
    Ok(SecretRef::File(path))
}

/// The address that a URL of this network names; any port where there is none yet.
fn address_of(url: Option<&Url>) -> Result<SocketAddr> {
    let Some(url) = url else { return Ok(ANY_PORT) };
    url.socket_addrs(|| None)?
        .into_iter()
        .next()
        .with_context(|| format!("{url} names no address"))
}

fn url(address: SocketAddr) -> Result<Url> {
    Ok(format!("http://{address}").parse()?)
}
