//! What is checked before anything is paid (`client.md` 3.2 steps 2 and 3). A failure here costs nothing.

use ecash_requests::RequestsError;
use ecash_requests::http::{Answered, HttpClient};
use ecash_requests::quorum::{QuorumClient, SignerStatusResponse};
use ecash_ticketbook::{EpochId, UnixTime};
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use crate::domain::clock::median_offset;
use crate::domain::epoch::Issuing;
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::{EPOCH_REREAD, clip};
use crate::signers::{self, Signer, SignerSet};
use crate::wallet::Wallet;

/// How the network stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkHealth {
    /// The issuing epoch.
    pub epoch: EpochId,
    /// Shares that a book needs.
    pub threshold: u64,
    /// Signers with a usable key share.
    pub signers: usize,
    /// Those that can issue now, by their own signed word.
    pub signers_up: usize,
    /// The others by name, and what is wrong.
    pub ailing: Vec<(String, String)>,
}

impl NetworkHealth {
    pub(crate) fn of(set: &SignerSet, ailing: Vec<(String, String)>) -> Self {
        Self {
            epoch: set.epoch,
            threshold: set.threshold,
            signers: set.signers.len(),
            signers_up: set.signers.len().saturating_sub(ailing.len()),
            ailing,
        }
    }
}

impl Wallet {
    /// Asks the chain for the issuing epoch and all its signers for their status.
    ///
    /// # Errors
    /// [`WalletError::NoIssuingEpoch`], [`WalletError::TooFewKeyShares`], [`WalletError::Chain`].
    pub async fn network_health(
        &self,
        observer: &dyn Observer,
    ) -> Result<NetworkHealth, WalletError> {
        let issuing = signers::issuing_epoch(&self.inner.dkg).await?;
        let set = self.signer_set(&issuing, observer).await?;
        let health = self.ask_health(&set, observer).await?;
        Ok(NetworkHealth::of(&set, health.ailing))
    }

    /// Measures the own clock by the signers' and stores the correction that [`Self::now`] applies: network − own in seconds,
    /// or `None` where too few signers told their time. Paying measures by itself; an app calls this from time to time and
    /// after the device's clock was set, but not because of a spend, which it would tell the signers about.
    ///
    /// # Errors
    /// [`WalletError::NoIssuingEpoch`], [`WalletError::TooFewKeyShares`], [`WalletError::Chain`].
    pub async fn check_clock(&self, observer: &dyn Observer) -> Result<Option<i64>, WalletError> {
        let issuing = signers::issuing_epoch(&self.inner.dkg).await?;
        let set = self.signer_set(&issuing, observer).await?;
        Ok(self.ask_health(&set, observer).await?.offset_secs)
    }

    /// Checks everything that can be checked before paying.
    pub(crate) async fn preflight(&self, observer: &dyn Observer) -> Result<(), WalletError> {
        let issuing = signers::issuing_epoch(&self.inner.dkg).await?;
        let set = self.signer_set(&issuing, observer).await?;
        self.check_clock_and_health(&set, observer).await?;
        self.check_blacklist().await?;
        let expiration = self.today()?.default_expiration()?;
        self.ensure_global_data(&set, expiration, observer).await?;
        Ok(())
    }

    /// [`Self::preflight`]; where the network has no epoch under which books are issued, it is waited for until `deadline`.
    pub(crate) async fn preflight_until(
        &self,
        deadline: Instant,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        loop {
            match self.preflight(observer).await {
                Err(error @ (WalletError::NoIssuingEpoch | WalletError::RevokedEpoch { .. }))
                    if Instant::now() + EPOCH_REREAD <= deadline =>
                {
                    observer.on(&Event::Waiting {
                        reason: error.to_string(),
                    });
                    sleep(EPOCH_REREAD).await;
                }
                other => return other,
            }
        }
    }

    /// The signers of the issuing epoch, told to the observer and remembered.
    pub(crate) async fn signer_set(
        &self,
        issuing: &Issuing,
        observer: &dyn Observer,
    ) -> Result<SignerSet, WalletError> {
        let set = signers::load(&self.inner.dkg, issuing.epoch).await?;
        for (owner, reason) in &set.dropped {
            observer.on(&Event::ShareDropped {
                owner: owner.clone(),
                reason: reason.clone(),
            });
        }
        observer.on(&Event::Signers {
            epoch: set.epoch,
            usable: set.signers.len(),
            threshold: set.threshold,
        });
        self.keep_master(&set).await?;
        self.inner.store.set_issuing_epoch(issuing.epoch).await?;
        Ok(set)
    }

    /// Refuses where fewer than the threshold can issue.
    async fn check_clock_and_health(
        &self,
        set: &SignerSet,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        let ailing = self.ask_health(set, observer).await?.ailing;
        let healthy = set.signers.len().saturating_sub(ailing.len());
        if healthy >= set.needed() {
            return Ok(());
        }
        Err(WalletError::TooFewSigners {
            healthy,
            asked: set.signers.len(),
            threshold: set.threshold,
            details: signers::listed(&ailing),
        })
    }

    /// Asks all signers for their status at once, and corrects the clock by their `Date` headers.
    pub(crate) async fn ask_health(
        &self,
        set: &SignerSet,
        observer: &dyn Observer,
    ) -> Result<Health, WalletError> {
        let answers = ask_all(&self.inner.http, set, || self.own_time()).await?;
        let offsets = answers
            .iter()
            .filter_map(|(answer, own)| Some(offset(date_of(answer)?, *own)))
            .collect();
        let offset_secs = median_offset(offsets, set.faulty);
        if let Some(offset_secs) = offset_secs
            && self.set_offset(offset_secs).await?
        {
            observer.on(&Event::ClockCorrected { offset_secs });
        }
        Ok(Health {
            ailing: ailing(set, &answers),
            offset_secs,
        })
    }

    /// Reads the blacklist whole: asking for the own key would tell the node whose it is.
    pub(crate) async fn check_blacklist(&self) -> Result<(), WalletError> {
        let own = self.inner.user.public_key().to_base58();
        if self
            .inner
            .ecash
            .blacklist()
            .await?
            .iter()
            .any(|entry| entry.public_key == own)
        {
            return Err(WalletError::Blacklisted);
        }
        Ok(())
    }
}

/// What the signers' status told.
pub(crate) struct Health {
    /// Those that cannot issue now, and why.
    pub(crate) ailing: Vec<(String, String)>,
    /// Network − own clock in seconds, where enough signers told their time.
    pub(crate) offset_secs: Option<i64>,
}

pub(crate) type StatusAnswer = Result<Answered<SignerStatusResponse>, RequestsError>;

/// Asks all signers of a set for their status at once; each answer, in the order of the set, with the own time at which
/// it came.
pub(crate) async fn ask_all(
    http: &HttpClient,
    set: &SignerSet,
    own_time: impl Fn() -> UnixTime,
) -> Result<Vec<(StatusAnswer, UnixTime)>, WalletError> {
    let clients: Vec<QuorumClient> = set
        .signers
        .iter()
        .map(|signer| {
            QuorumClient::new(http.clone(), signer.url.as_str())
                .map_err(|error| WalletError::Http(error.to_string()))
        })
        .collect::<Result<_, WalletError>>()?;
    Ok(join_all(clients.iter().map(async |client| {
        let answer = client.signer_status().await;
        (answer, own_time())
    }))
    .await)
}

/// Those that cannot issue now by their own signed word, and why.
pub(crate) fn ailing(
    set: &SignerSet,
    answers: &[(StatusAnswer, UnixTime)],
) -> Vec<(String, String)> {
    set.signers
        .iter()
        .zip(answers)
        .filter_map(|(signer, (answer, _))| {
            let reason = healthy(set, signer, answer).err()?;
            Some((
                format!("signer {} ({})", signer.node_index, signer.url),
                clip(&reason),
            ))
        })
        .collect()
}

/// The `Date` header of an answer, whatever else it is.
fn date_of(answer: &StatusAnswer) -> Option<UnixTime> {
    match answer {
        Ok(answered) => answered.date,
        Err(RequestsError::Refused { date, .. }) => *date,
        Err(_) => None,
    }
}

fn offset(network: UnixTime, own: UnixTime) -> i64 {
    let apart = i64::try_from(network.abs_diff(own)).unwrap_or(i64::MAX);
    if network < own { -apart } else { apart }
}

fn healthy(set: &SignerSet, signer: &Signer, answer: &StatusAnswer) -> Result<(), String> {
    let answered = answer.as_ref().map_err(ToString::to_string)?;
    let status = answered
        .value
        .verify("signer status", &signer.identity)
        .map_err(|error| error.to_string())?;
    if status.dkg_ecash_epoch_id != set.epoch {
        return Err(format!(
            "it speaks of epoch {}, not {}",
            status.dkg_ecash_epoch_id, set.epoch
        ));
    }
    if status.signer_disabled {
        return Err("its operator switched signing off".to_owned());
    }
    if !status.is_ecash_signer || !status.has_signing_keys {
        return Err("it holds no key of this epoch".to_owned());
    }
    Ok(())
}
