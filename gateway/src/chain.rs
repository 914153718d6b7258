//! What the gateway follows and does on chain, in the background: epochs and keys, its own registration, and the time.
//! Nothing here is awaited by the acceptance of a ticket; a chain out of reach leaves what was known in force.

mod epochs;
mod registration;
mod skew;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ecash_requests::{IdentitySecret, NetworkIds, ShortText};
use ecash_service::clock::{SharedClock, UnixTime};
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::TicketType;
use nyx_client::{Dkg, Ecash, QueryClient, Sender};

use crate::accept::Situation;
use crate::limits::{
    EPOCH_INTERVAL_SECS, MAX_WAITING_LOOKS, REGISTRY_INTERVAL_SECS, SKEW_ALARM_SECS,
    SKEW_INTERVAL_SECS, WAITING_INTERVAL_SECS,
};
use crate::store::Store;

/// What the registry shall say of this gateway.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its payout account.
    pub account: nyx_client::Address,
    /// Where clients reach it.
    pub announce_address: String,
    /// The ticket types it takes, ascending.
    pub roles: Vec<TicketType>,
}

/// Follows the chain for one gateway.
pub struct Follower {
    /// The chain.
    pub client: QueryClient,
    /// The DKG contract.
    pub dkg: Dkg,
    /// The ecash contract.
    pub ecash: Ecash,
    /// Names that signed texts carry.
    pub network: NetworkIds,
    /// Where readings are kept.
    pub store: Store,
    /// What the acceptance of tickets reads.
    pub situation: Situation,
    /// The own clock.
    pub clock: SharedClock,
    /// The own key.
    pub identity: IdentitySecret,
    /// What to register.
    pub registration: Registration,
    /// Signs for the payout account; `None`: somebody else registers.
    pub sender: Option<Sender>,
}

/// Why a look at the chain came to nothing. Logged, and tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    #[error(transparent)]
    Chain(#[from] nyx_client::Error),
    #[error(transparent)]
    Key(#[from] crate::epochs::KeyError),
    #[error("the {what} from the chain is malformed: {reason}")]
    Malformed { what: &'static str, reason: String },
    #[error("the RPC endpoint follows chain {found}, not {expected}; correct chain.endpoints")]
    OtherChain { found: String, expected: String },
    #[error("it cannot be stored: {0}")]
    Store(#[from] crate::spend_store::CommitError),
    #[error(transparent)]
    Requests(#[from] ecash_requests::RequestsError),
}

impl Follower {
    /// Starts from what an earlier run stored.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn restore(&self) -> Result<(), crate::Error> {
        self.restore_epochs().await?;
        let registry = self
            .store
            .registry()
            .await
            .map_err(|error| crate::Error::store("read the registry entry", &error))?;
        self.situation.registry.set(registry);
        Ok(())
    }

    /// Looks again and again until `shutdown`. What is missing for taking tickets at all is asked for every few seconds.
    pub async fn follow(self: Arc<Self>, shutdown: Shutdown) {
        let epochs = repeat(&shutdown, EPOCH_INTERVAL_SECS, || async {
            log("epochs", self.refresh_epochs().await);
            self.situation.epochs.get().in_service().is_some()
        });
        let registry = repeat(&shutdown, REGISTRY_INTERVAL_SECS, || async {
            log("registry", self.refresh_registry().await);
            let key = *self.identity.public().as_bytes();
            self.situation
                .registry
                .get()
                .provider_keys(&key, self.clock.now())
                .is_ok()
        });
        let skew = repeat(&shutdown, SKEW_INTERVAL_SECS, || async {
            self.refresh_skew().await;
            self.situation.clock.get().offset_secs().is_some()
        });
        tokio::join!(epochs, registry, skew);
    }

    /// Believes no answer of a node of another chain.
    async fn check_chain(&self) -> Result<(), FollowError> {
        let found = self.client.status().await?.chain_id;
        let expected = self.network.chain_id.as_str();
        if found == expected {
            return Ok(());
        }
        Err(FollowError::OtherChain {
            found,
            expected: expected.to_owned(),
        })
    }

    async fn refresh_skew(&self) {
        let now = self.clock.now();
        match self.estimate_skew().await {
            Some(state) => {
                if !state.is_trusted() {
                    tracing::error!(offset_secs = ?state.offset_secs(), "the own clock is off: no tickets are taken; set the clock");
                }
                self.situation.clock.set(state);
            }
            None if self.situation.clock.get().is_overdue(now) => {
                tracing::warn!(
                    limit_secs = SKEW_ALARM_SECS,
                    "ALARM: the own clock could not be compared for long; the last estimate stands"
                );
            }
            None if self.situation.clock.get().offset_secs().is_none() => {
                tracing::debug!("the own clock was not compared yet: no tickets are taken");
            }
            None => {}
        }
    }
}

fn log(what: &'static str, outcome: Result<(), FollowError>) {
    match outcome {
        Ok(()) => {
            metrics::counter!("gateway_chain_readings_total", "what" => what, "outcome" => "ok")
                .increment(1)
        }
        Err(error) => {
            metrics::counter!("gateway_chain_readings_total", "what" => what, "outcome" => "failed").increment(1);
            tracing::warn!(what, %error, "the chain could not be followed; what was known stays in force");
        }
    }
}

/// Looks every `interval_secs`; while `look` says that something is missing, every few seconds instead, for some time.
async fn repeat<F: Future<Output = bool>>(
    shutdown: &Shutdown,
    interval_secs: u64,
    mut look: impl FnMut() -> F,
) {
    let mut quick_looks = MAX_WAITING_LOOKS;
    loop {
        let complete = tokio::select! {
            () = shutdown.requested() => return,
            complete = look() => complete,
        };
        quick_looks = if complete {
            MAX_WAITING_LOOKS
        } else {
            quick_looks.saturating_sub(1)
        };
        let is_waiting = !complete && quick_looks > 0;
        let wait_secs = if is_waiting {
            WAITING_INTERVAL_SECS
        } else {
            interval_secs
        };
        tokio::select! {
            () = shutdown.requested() => return,
            () = tokio::time::sleep(Duration::from_secs(wait_secs)) => {}
        }
    }
}

/// A block time in whole seconds.
fn unix_time(timestamp: cosmwasm_std::Timestamp) -> UnixTime {
    UnixTime::from_secs(timestamp.seconds())
}

/// A text of the chain that signed texts carry.
fn short(text: &impl ToString) -> Result<ShortText, ecash_requests::RequestsError> {
    ShortText::new(text.to_string())
}
