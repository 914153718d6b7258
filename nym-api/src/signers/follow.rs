//! Probing the signers again and again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ecash_requests::IdentitySecret;
use ecash_requests::http::{HttpClient, HttpOptions, TargetPolicy};
use ecash_requests::quorum::{
    DealerInformation, DetailedSignersStatusResponse, SignedMessage, SignerProbe,
    SignersStatusResponse,
};
use ecash_service::clock::SharedClock;
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::{EpochId, NodeIndex};
use futures::StreamExt as _;
use nyx_client::Dkg;

use super::probe::probe;
use super::survey::{Listed, Survey};
use crate::error::Result;

/// Time from the start to the first survey.
const FIRST_AFTER: Duration = Duration::from_secs(30);
/// Time between two surveys.
const EVERY: Duration = Duration::from_secs(600);
/// Time to the next survey where one failed, or found too few signers.
const SOON: Duration = Duration::from_secs(60);
/// Signers that are probed at once.
const AT_ONCE: usize = 8;
/// Time for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Time to a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A survey as it is served.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) brief: SignersStatusResponse,
    pub(crate) detailed: DetailedSignersStatusResponse,
}

/// Where the latest survey is found. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SurveyWatch(Arc<RwLock<Option<Arc<Signed>>>>);

impl SurveyWatch {
    /// Signs a survey and puts it in the place of the one before.
    ///
    /// # Errors
    /// [`crate::Error::Requests`] if it has no JSON form.
    pub fn set(&self, survey: Survey, identity: &IdentitySecret) -> Result<()> {
        let signed = Signed {
            brief: SignedMessage::sign(survey.brief, identity)?,
            detailed: SignedMessage::sign(survey.detailed, identity)?,
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(signed));
        Ok(())
    }

    pub(crate) fn latest(&self) -> Option<Arc<Signed>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What a surveyor stands on.
pub struct SurveyorParts {
    /// The list of signers.
    pub dkg: Dkg,
    /// The clock.
    pub clock: SharedClock,
    /// The identity that signs what was found.
    pub identity: IdentitySecret,
    /// Where it goes.
    pub watch: SurveyWatch,
    /// Probe signers at loopback, private and link-local addresses too.
    pub allow_private: bool,
}

/// Probes the signers in the background.
pub struct Surveyor {
    parts: SurveyorParts,
    http: HttpClient,
}

impl Surveyor {
    /// A surveyor over `parts`.
    ///
    /// # Errors
    /// [`crate::Error::Requests`] if there is no HTTP client to be had.
    pub fn new(parts: SurveyorParts) -> Result<Self> {
        let targets = if parts.allow_private {
            TargetPolicy::Any
        } else {
            TargetPolicy::Public
        };
        let http = HttpClient::new(HttpOptions {
            connect_timeout: CONNECT_TIMEOUT,
            call_timeout: ANSWER_TIMEOUT,
            targets,
        })?;
        Ok(Self { parts, http })
    }

    /// Surveys until told to stop.
    pub async fn run(self, shutdown: Shutdown) {
        let mut pause = FIRST_AFTER;
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let surveyed = tokio::select! {
                () = shutdown.requested() => return,
                surveyed = self.survey() => surveyed,
            };
            pause = match surveyed {
                Ok(true) => EVERY,
                Ok(false) => SOON,
                Err(error) => {
                    tracing::warn!(%error, "the signers could not be probed");
                    SOON
                }
            };
        }
    }

    /// Surveys once; tells whether enough signers work.
    async fn survey(&self) -> Result<bool> {
        let listed = self.listed().await?;
        let mut probes: Vec<SignerProbe> = futures::stream::iter(listed.dealers)
            .map(|information| async {
                SignerProbe {
                    dkg_epoch_id: listed.epoch,
                    status: probe(&self.http, &information).await,
                    information,
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        probes.sort_by_key(|probe| probe.information.node_index);
        let as_at = self.parts.clock.now().to_datetime();
        let survey = Survey::of(listed.epoch, listed.threshold, probes, as_at);
        let enough = survey.brief.overview.threshold_available == Some(true);
        self.parts.watch.set(survey, &self.parts.identity)?;
        Ok(enough)
    }

    async fn listed(&self) -> Result<Listed> {
        let dkg = &self.parts.dkg;
        let current = dkg.current_epoch().await?;
        let epoch = current.issuing_epoch().unwrap_or(current.epoch_id);
        let threshold = dkg.epoch_threshold(epoch).await?;
        let shares = dkg.key_shares(epoch).await?;
        let dealers = dkg.epoch_dealers(epoch).await?;
        Ok(Listed {
            epoch: EpochId(epoch),
            threshold,
            dealers: dealers
                .into_iter()
                .map(|dealer| {
                    let share = shares
                        .iter()
                        .find(|share| share.node_index == dealer.assigned_index);
                    DealerInformation {
                        announce_address: dealer.announce_address,
                        owner_address: dealer.address.to_string(),
                        node_index: NodeIndex(dealer.assigned_index),
                        public_key: dealer.ed25519_identity,
                        verification_key_share: share.map(|share| share.share.clone()),
                        share_verified: share.is_some_and(|share| share.verified),
                    }
                })
                .collect(),
        })
    }
}
