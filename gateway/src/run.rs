//! The service: everything put together and kept going until it is asked to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ecash_requests::{IdentityKey, ShortText};
use ecash_service::clock::SharedClock;
use ecash_service::http::{Metrics, bind, serve};
use ecash_service::shutdown::Shutdown;
use nyx_client::{Account, QueryClient, Sender, SenderConfig};

use crate::accept::Situation;
use crate::chain::{Follower, Registration};
use crate::config::Config;
use crate::error::Error;
use crate::gateway::{Gateway, Profile};
use crate::home::{HomeLock, forget_unfinished_init, identity};
use crate::http::{loopback_router, public_router};
use crate::limits::{FLUSH_INTERVAL_MS, HOUSEKEEPING_INTERVAL_SECS, SHUTDOWN_FLUSH_SECS};
use crate::outbox::{Deliverer, QuorumMembers, deliver_to_all};
use crate::store::Store;
use crate::time::date_of;

/// What a gateway is run with.
pub struct Runtime {
    /// Its clock.
    pub clock: SharedClock,
    /// When to stop.
    pub shutdown: Shutdown,
    /// Called once, when both listeners take connections.
    pub ready: Box<dyn FnOnce(Ready) + Send>,
}

/// A gateway that takes connections.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its identity key.
    pub identity_key: IdentityKey,
    /// Its payout account.
    pub account: String,
    /// Where clients connect.
    pub public: SocketAddr,
    /// Where operator and data plane connect.
    pub loopback: SocketAddr,
    /// The URL that it announces.
    pub announce_address: String,
}

/// Runs a gateway from its home until `runtime.shutdown`. A chain or Quorum out of reach does not keep it from starting:
/// it takes tickets as soon as it knows keys, admission and time.
///
/// # Errors
/// Whatever keeps it from starting: configuration, home, keys, database, listeners.
pub async fn run(config: Config, runtime: Runtime) -> Result<(), Error> {
    config.check()?;
    let Runtime {
        clock,
        shutdown,
        ready,
    } = runtime;
    let home = config.gateway.home.as_path();
    let identity = identity(home)?;
    let _lock = HomeLock::take(home)?;
    forget_unfinished_init(home);
    let metrics = Metrics::install()?;
    let network = config.network.ids()?;
    let store = Store::open(home, &network, config.limits.quota(), clock.now()).await?;
    let account = Account::from_mnemonic(
        config.chain.mnemonic.load()?.expose(),
        &config.network.bech32_prefix,
    )?;
    let address = account.address().clone();
    let client = QueryClient::new(&config.chain.endpoints)?;
    let situation = Situation::default();
    let short_account = ShortText::new(address.to_string())?;
    let profile = Profile {
        identity: identity.clone(),
        account: short_account.clone(),
        network: network.clone(),
        roles: config.roles(),
    };
    let limits = config.limits.clone();
    let gateway = Gateway::new(
        profile,
        store.clone(),
        situation.clone(),
        Arc::clone(&clock),
        limits,
    )
    .await?;

    let public = bind(config.http.bind).await?;
    let loopback = bind(config.loopback.bind).await?;
    let public_address = local_address(&public)?;
    let announce_address = config.gateway.announce_address.resolve(public_address);
    let sender = config.chain.register.then(|| {
        let journal = store.journal(Arc::clone(&clock));
        Sender::start(
            client.clone(),
            account,
            journal,
            SenderConfig::new(&config.network.fee_denom),
        )
    });
    let follower = Arc::new(Follower {
        dkg: client.dkg(&config.network.dkg_contract),
        ecash: client.ecash(&config.network.ecash_contract),
        client,
        network,
        store: store.clone(),
        situation: situation.clone(),
        clock: Arc::clone(&clock),
        identity: identity.clone(),
        registration: Registration {
            account: address.clone(),
            announce_address: announce_address.clone(),
            roles: config.roles(),
        },
        sender,
    });
    follower.restore().await?;
    let deliverer = Deliverer {
        store: store.clone(),
        members: Arc::new(QuorumMembers::new(short_account)),
        clock: Arc::clone(&clock),
        board: gateway.board.clone(),
    };
    let background = [
        tokio::spawn(Arc::clone(&follower).follow(shutdown.clone())),
        tokio::spawn(deliver_to_all(
            deliverer,
            situation.epochs.clone(),
            shutdown.clone(),
        )),
        tokio::spawn(flush(Arc::clone(&gateway), shutdown.clone())),
        tokio::spawn(keep_house(Arc::clone(&gateway), shutdown.clone())),
    ];
    drop(follower);

    ready(Ready {
        identity_key: identity.public(),
        account: address.to_string(),
        public: public_address,
        loopback: local_address(&loopback)?,
        announce_address,
    });
    let public_routes = public_router(&gateway, &config.http);
    let loopback_routes = loopback_router(&gateway, &config.http, metrics);
    tokio::join!(
        serve(public, public_routes, &config.http.server, shutdown.clone()),
        serve(
            loopback,
            loopback_routes,
            &config.http.server,
            shutdown.clone()
        ),
    );
    for task in background {
        if let Err(error) = task.await {
            tracing::error!(%error, "a background task ended early");
        }
    }
    flush_last(&gateway).await;
    drop(gateway);
    store.close().await;
    Ok(())
}

fn local_address(listener: &tokio::net::TcpListener) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(Error::Listener)
}

/// Writes consumption to disk every second, or when one client has used much (R2.3).
async fn flush(gateway: Arc<Gateway<Store>>, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            () = tokio::time::sleep(Duration::from_millis(FLUSH_INTERVAL_MS)) => {}
            () = gateway.accounts.flush_is_urgent() => {}
        }
        if let Err(error) = gateway.accounts.flush().await {
            metrics::counter!("gateway_flush_failures_total").increment(1);
            tracing::warn!(%error, "consumption could not be written; it stays pending");
        }
    }
}

async fn flush_last(gateway: &Gateway<Store>) {
    let limit = Duration::from_secs(SHUTDOWN_FLUSH_SECS);
    match tokio::time::timeout(limit, gateway.accounts.flush()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::error!(%error, "the last consumption was not written; clients keep it")
        }
        Err(_) => tracing::error!(
            limit_secs = SHUTDOWN_FLUSH_SECS,
            "the last consumption was not written in time; clients keep it"
        ),
    }
}

/// Ends balances, drops old days and idle accounts, shows gauges.
async fn keep_house(gateway: Arc<Gateway<Store>>, shutdown: Shutdown) {
    loop {
        tidy(&gateway).await;
        tokio::select! {
            () = shutdown.requested() => return,
            () = tokio::time::sleep(Duration::from_secs(HOUSEKEEPING_INTERVAL_SECS)) => {}
        }
    }
}

/// One round of housekeeping. Nothing is dropped by a clock that is not known to be right: a serial that disappears
/// early could be spent again.
async fn tidy(gateway: &Gateway<Store>) {
    let now = gateway.clock.now();
    if gateway.situation.clock.get().is_trusted() {
        gateway.accounts.expire(now);
        if let Err(error) = gateway.store.drop_old_days(date_of(now)).await {
            tracing::warn!(%error, "old days could not be dropped yet");
        }
        if let Err(error) = gateway.accounts.delete_idle(now).await {
            tracing::warn!(%error, "idle accounts could not be deleted yet");
        }
    }
    let (used_bytes, _) = gateway.store.usage();
    metrics::gauge!("gateway_database_bytes").set(used_bytes as f64);
    metrics::gauge!("gateway_reduced_mode")
        .set(f64::from(u8::from(gateway.store.instance().reduced)));
    metrics::gauge!("gateway_accounts").set(gateway.accounts.len() as f64);
}
