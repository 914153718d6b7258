//! The whole program: opens what a member stands on, starts its loops, serves until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecash_requests::quorum::NetworkDetailsResponse;
use ecash_requests::{IdentityKey, ShortText, install_crypto_provider};
use ecash_service::clock::SharedClock;
use ecash_service::secret::SecretRef;
use ecash_service::shutdown::Shutdown;
use ecash_service::{files, http as server};
use ecash_ticketbook::UnixTime;
use nyx_client::{Account, QueryClient, Sender, SenderConfig};
use tokio::task::JoinSet;

use crate::config::{AnnounceAddress, Config, DEFAULT_MINIMUM_BALANCE};
use crate::dkg::{Controller, ControllerParts, Follower};
use crate::epochs::{EpochReader, EpochWatch};
use crate::error::{Error, Result};
use crate::globals::HttpPeers;
use crate::http::router;
use crate::keys::ring::Owner;
use crate::keys::{InstanceId, KeyRing, Protection, identity};
use crate::member::{Member, MemberOptions, MemberParts};
use crate::mirror::{MirrorWatch, Poller};
use crate::signers::{SurveyWatch, Surveyor, SurveyorParts};
use crate::store::Store;
use crate::store::outgoing::Journal;
use crate::today;

/// Time between two cleanings of the database.
const CLEAN_EVERY: Duration = Duration::from_secs(2 * 3600);
/// The signers of the epoch in progress are read again after so many looks at the contract, at least every 60 s.
const SIGNERS_REFRESH_LOOKS: u32 = 6;

/// What the surroundings give a running member.
pub struct Runtime {
    /// The clock.
    pub clock: SharedClock,
    /// Told when to stop.
    pub shutdown: Shutdown,
    /// Called once with the bound address when the member serves.
    pub ready: Box<dyn FnOnce(SocketAddr) + Send>,
}

/// What `init` made, or found made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initialised {
    /// Id of the database; key files for this member carry it.
    pub instance: InstanceId,
    /// The node's identity key.
    pub identity: IdentityKey,
    /// The account on the chain, if a mnemonic is configured.
    pub address: Option<String>,
}

/// Makes what a member needs on disk: directories, identity, protection key, database. What is there stays.
///
/// # Errors
/// [`Error::Service`] for files that cannot be made or that others can use; [`Error::Chain`] for a mnemonic that is none.
pub async fn init(config: &Config, now: UnixTime) -> Result<Initialised> {
    if let Some(parent) = config
        .storage
        .path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        files::create_private_dir(parent)?;
    }
    files::create_private_dir(&config.keys.dir)?;
    let identity = identity::load_or_create(&config.keys.dir)?;
    if let SecretRef::File(path) = &config.keys.protection
        && !path.exists()
    {
        Protection::create(path)?;
    }
    Protection::load(&config.keys.protection)?;
    let store = Store::open(&config.storage.path).await?;
    let instance = store.instance(now).await;
    store.close().await;
    let account = account(config)?;
    Ok(Initialised {
        instance: instance?.id,
        identity: identity.public(),
        address: account.map(|account| account.address().to_string()),
    })
}

/// Runs a member until its runtime says stop.
///
/// # Errors
/// [`Error::NotInitialised`], [`Error::AlreadyRunning`], [`Error::TooPoor`], and what opening files, database, chain client
/// and address returns. Once it serves, failures are answered and logged, and it goes on.
pub async fn run(config: Config, runtime: Runtime) -> Result<()> {
    config.check()?;
    install_crypto_provider();
    if !config.storage.path.exists() {
        return Err(Error::NotInitialised {
            path: config.storage.path.clone(),
        });
    }
    let _lock = lock(&config.lock_path())?;
    files::check_private_dir(&config.keys.dir)?;
    let identity = identity::load(&config.keys.dir)?;
    let protection = Protection::load(&config.keys.protection)?;
    let account = account(&config)?;
    let Runtime {
        clock,
        shutdown,
        ready,
    } = runtime;
    let store = Store::open(&config.storage.path).await?;
    let instance = store.instance(today::now(&*clock)).await?;
    if instance.restored {
        tracing::warn!(
            "this database was announced as restored; until lists are merged it is behind"
        );
    }
    let chain = QueryClient::new(&config.chain.endpoints)?;
    if let Some(account) = account.as_ref().filter(|_| config.signer.enabled) {
        check_balance(&config, &chain, account).await?;
    }
    let own_address = account
        .as_ref()
        .map(|account| account.address().to_string());
    let keys = KeyRing::new(
        config.keys.dir.clone(),
        protection,
        Owner {
            chain_id: config.network.chain_id.clone(),
            contract: config.network.dkg_contract.to_string(),
            address: own_address.clone().unwrap_or_default(),
            instance: instance.id,
        },
    );
    let listener = server::bind(config.http.bind).await?;
    let bound = listener
        .local_addr()
        .map_err(|source| ecash_service::Error::Bind {
            address: config.http.bind,
            source,
        })?;
    let announce_address = config
        .signer
        .announce_address
        .as_ref()
        .map(|address| AnnounceAddress::resolve(address, bound))
        .unwrap_or_default();

    let epochs = EpochWatch::default();
    let mirror = MirrorWatch::default();
    let ecash = chain.ecash(&config.network.ecash_contract);
    let mut tasks = JoinSet::new();
    let poll = Duration::from_secs(config.dkg.poll_secs);
    let reader = EpochReader::new(
        chain.clone(),
        chain.dkg(&config.network.dkg_contract),
        own_address.clone(),
        poll.saturating_mul(SIGNERS_REFRESH_LOOKS),
    );
    let follower = Follower::new(
        reader,
        epochs.clone(),
        keys.clone(),
        Arc::clone(&clock),
        poll,
    );
    tasks.spawn(follower.run(shutdown.clone()));
    let mirror_poll = Duration::from_secs(config.chain.mirror_poll_secs);
    let poller = Poller::new(
        ecash.clone(),
        store.clone(),
        Arc::clone(&clock),
        mirror.clone(),
        mirror_poll,
    );
    tasks.spawn(poller.run(shutdown.clone()));
    let survey = SurveyWatch::default();
    let surveyor = Surveyor::new(SurveyorParts {
        dkg: chain.dkg(&config.network.dkg_contract),
        clock: Arc::clone(&clock),
        identity: identity.clone(),
        watch: survey.clone(),
        allow_private: config.http.allow_private_targets,
    })?;
    tasks.spawn(surveyor.run(shutdown.clone()));
    tasks.spawn(clean(store.clone(), Arc::clone(&clock), shutdown.clone()));

    if let Some(account) = account.filter(|_| config.signer.enabled) {
        let journal = Journal::new(store.clone(), Arc::clone(&clock));
        let fees = SenderConfig::new(&config.network.mix_denom);
        let controller = Controller::new(ControllerParts {
            chain: chain.clone(),
            dkg: config.network.dkg_contract.clone(),
            group: config.network.group_contract.clone(),
            multisig: config.network.multisig_contract.clone(),
            sender: Sender::start(chain.clone(), account, journal, fees),
            identity: identity.public(),
            announce_address: announce_address.clone(),
            own_node: config.chain.own_node,
            keys: keys.clone(),
            store: store.clone(),
            clock: Arc::clone(&clock),
            every: poll,
        });
        tasks.spawn(controller.run(shutdown.clone()));
    }

    let member = Member::new(MemberParts {
        network: config.network.ids()?,
        details: NetworkDetailsResponse {
            connected_nyxd: config
                .chain
                .endpoints
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            network: config.network.details(&config.chain.endpoints),
        },
        address: own_address.map(ShortText::new).transpose()?,
        announce_address,
        clock,
        store: store.clone(),
        keys,
        identity,
        epochs,
        mirror,
        chain: Arc::new(ecash),
        head: Arc::new(chain),
        survey,
        peers: Arc::new(HttpPeers::new(config.http.allow_private_targets)?),
        options: MemberOptions {
            signer_enabled: config.signer.enabled,
            require_envelope: config.signer.require_envelope,
            limits: config.limits,
            proxies: config.http.trusted_proxies.clone(),
        },
    })?;
    tracing::info!(%bound, signer = config.signer.enabled, "serving");
    ready(bound);
    server::serve(listener, router(member), &config.limits.server, shutdown).await;
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a task ended abnormally");
        }
    }
    store.close().await;
    Ok(())
}

/// The account of the configured mnemonic, whose addresses have the network's prefix.
fn account(config: &Config) -> Result<Option<Account>> {
    let Some(reference) = &config.chain.mnemonic else {
        return Ok(None);
    };
    let mnemonic = reference.load()?;
    Ok(Some(Account::from_mnemonic(
        mnemonic.expose(),
        &config.network.bech32_prefix,
    )?))
}

/// A chain that does not answer does not keep a member from starting: it has stored answers to give.
async fn check_balance(config: &Config, chain: &QueryClient, account: &Account) -> Result<()> {
    let need = u128::from(
        config
            .signer
            .minimum_balance
            .unwrap_or(DEFAULT_MINIMUM_BALANCE),
    );
    let denom = &config.network.mix_denom;
    match chain.balance(account.address(), denom).await {
        Ok(coin) if coin.amount.u128() < need => Err(Error::TooPoor {
            address: account.address().to_string(),
            have: coin.amount.u128(),
            need,
            denom: denom.clone(),
        }),
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::warn!(%error, "the balance of the account could not be read");
            Ok(())
        }
    }
}

/// Keeps a second instance from running over the same state.
fn lock(path: &Path) -> Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |source| ecash_service::Error::Io {
        action: "open",
        path: path.to_path_buf(),
        source,
    };
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(files::PRIVATE_FILE_MODE)
        .open(path)
        .map_err(failed)?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(
        |_| Error::AlreadyRunning {
            path: path.to_path_buf(),
        },
    )?;
    Ok(file)
}

async fn clean(store: Store, clock: SharedClock, shutdown: Shutdown) {
    loop {
        match store.clean(today::now(&*clock)).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "expired rows were deleted"),
            Err(error) => tracing::warn!(%error, "expired rows could not be deleted"),
        }
        tokio::select! {
            () = shutdown.requested() => return,
            () = tokio::time::sleep(CLEAN_EVERY) => {}
        }
    }
}
