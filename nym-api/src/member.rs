//! A Quorum member put together: what its routes work on. Made by [`crate::run()`] over a chain, and by tests over
//! tables, with a clock and keys of their choice.

use std::sync::Arc;
use std::time::Duration;

use ecash_requests::quorum::NetworkDetailsResponse;
use ecash_requests::{IdentitySecret, NetworkIds, ShortText};
use ecash_service::clock::SharedClock;
use ecash_service::http::{Rate, TrustedProxies};

use crate::config::Limits;
use crate::deposits::{Owners, OwnersOptions, OwnersParts};
use crate::epochs::{ConcludedEpoch, EpochWatch};
use crate::error::Error;
use crate::globals::{GlobalParts, Globals, Peers};
use crate::issuance::Issuer;
use crate::issuance::answer::{IssuerOptions, IssuerParts};
use crate::keys::KeyRing;
use crate::mirror::{ChainLookup, Direct, MirrorWatch};
use crate::refusal::Refusal;
use crate::signers::SurveyWatch;
use crate::status::{HeadCache, HeadSource};
use crate::store::Store;
use crate::tickets::{Accepter, AccepterParts};
use crate::workers::Workers;

/// How a member behaves.
#[derive(Clone, Debug, Default)]
pub struct MemberOptions {
    /// Signing is switched on.
    pub signer_enabled: bool,
    /// Requests without envelope are refused.
    pub require_envelope: bool,
    /// Rates and bounds.
    pub limits: Limits,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
}

/// What a member stands on.
pub struct MemberParts {
    /// The names that signed texts carry.
    pub network: NetworkIds,
    /// What `network/details` answers.
    pub details: NetworkDetailsResponse,
    /// Account on the chain; none on a node that only serves global data.
    pub address: Option<ShortText>,
    /// URL that is announced.
    pub announce_address: String,
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// The signing keys.
    pub keys: KeyRing,
    /// The node's identity.
    pub identity: IdentitySecret,
    /// What is known of the epochs.
    pub epochs: EpochWatch,
    /// How recent the mirror is.
    pub mirror: MirrorWatch,
    /// The chain behind the mirror.
    pub chain: Arc<dyn ChainLookup>,
    /// The newest block.
    pub head: Arc<dyn HeadSource>,
    /// What was found when the signers were probed.
    pub survey: SurveyWatch,
    /// The other signers.
    pub peers: Arc<dyn Peers>,
    /// How it behaves.
    pub options: MemberOptions,
}

/// A member. Clones are handles on one.
#[derive(Clone)]
pub struct Member(Arc<Inner>);

struct Inner {
    details: NetworkDetailsResponse,
    address: Option<ShortText>,
    announce_address: String,
    clock: SharedClock,
    started: Duration,
    keys: KeyRing,
    identity: Arc<IdentitySecret>,
    epochs: EpochWatch,
    head: HeadCache,
    survey: SurveyWatch,
    issuer: Issuer,
    owners: Owners,
    accepter: Accepter,
    globals: Globals,
    options: MemberOptions,
}

impl Member {
    /// Puts a member together.
    ///
    /// # Errors
    /// When the system gives no thread for curve arithmetic.
    pub fn new(parts: MemberParts) -> Result<Self, Error> {
        let MemberParts {
            clock,
            store,
            keys,
            epochs,
            mirror,
            chain,
            peers,
            options,
            ..
        } = parts;
        let identity = Arc::new(parts.identity);
        let workers = Workers::new()?;
        let direct = Direct::new(store.clone(), chain, Arc::clone(&clock));
        let globals = Globals::new(GlobalParts {
            clock: Arc::clone(&clock),
            store: store.clone(),
            keys: keys.clone(),
            workers: workers.clone(),
            peers,
        });
        let issuer = Issuer::new(
            IssuerParts {
                network: parts.network.clone(),
                clock: Arc::clone(&clock),
                store: store.clone(),
                deposits: direct.clone(),
                mirror: mirror.clone(),
                epochs: epochs.clone(),
                keys: keys.clone(),
                identity: Arc::clone(&identity),
                workers: workers.clone(),
            },
            IssuerOptions {
                enabled: options.signer_enabled,
                require_envelope: options.require_envelope,
                per_deposit: Rate::per_minute(options.limits.blind_sign_per_deposit),
            },
        );
        let owners = Owners::new(
            OwnersParts {
                network: parts.network,
                clock: Arc::clone(&clock),
                store: store.clone(),
                deposits: direct.clone(),
                epochs: epochs.clone(),
            },
            OwnersOptions {
                enabled: options.signer_enabled,
                status_per_deposit: Rate::per_minute(options.limits.deposit_status_per_deposit),
                refund_per_deposit: Rate::per_hour(options.limits.refund_per_deposit_per_hour),
            },
        );
        let accepter = Accepter::new(AccepterParts {
            clock: Arc::clone(&clock),
            store,
            registry: direct,
            mirror,
            epochs: epochs.clone(),
            globals: globals.clone(),
            workers,
        });
        Ok(Self(Arc::new(Inner {
            details: parts.details,
            address: parts.address,
            announce_address: parts.announce_address,
            started: clock.monotonic(),
            head: HeadCache::new(parts.head, Arc::clone(&clock)),
            survey: parts.survey,
            clock,
            keys,
            identity,
            epochs,
            issuer,
            owners,
            accepter,
            globals,
            options,
        })))
    }

    /// Whether this member signs under `epoch` (gate S of `quorum-api.md` 2).
    ///
    /// # Errors
    /// [`Refusal::SignerDisabled`], [`Refusal::NotASigner`].
    pub fn check_signer(&self, epoch: &ConcludedEpoch) -> Result<(), Refusal> {
        if !self.0.options.signer_enabled {
            return Err(Refusal::SignerDisabled);
        }
        epoch
            .own_share()
            .map(|_| ())
            .ok_or(Refusal::NotASigner(epoch.id))
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    pub(crate) fn owners(&self) -> &Owners {
        &self.0.owners
    }

    pub(crate) fn accepter(&self) -> &Accepter {
        &self.0.accepter
    }

    pub(crate) fn globals(&self) -> &Globals {
        &self.0.globals
    }

    pub(crate) fn epochs(&self) -> &EpochWatch {
        &self.0.epochs
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    pub(crate) fn identity(&self) -> &IdentitySecret {
        &self.0.identity
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    pub(crate) fn started(&self) -> Duration {
        self.0.started
    }

    pub(crate) fn head(&self) -> &HeadCache {
        &self.0.head
    }

    pub(crate) fn survey(&self) -> &SurveyWatch {
        &self.0.survey
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.options.limits
    }

    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0.options.proxies
    }

    pub(crate) fn signer_enabled(&self) -> bool {
        self.0.options.signer_enabled
    }

    pub(crate) fn address(&self) -> Option<&ShortText> {
        self.0.address.as_ref()
    }

    pub(crate) fn announce_address(&self) -> &str {
        &self.0.announce_address
    }

    pub(crate) fn network_details(&self) -> &NetworkDetailsResponse {
        &self.0.details
    }
}
