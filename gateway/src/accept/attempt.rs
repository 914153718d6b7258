//! Steps 4 to 10 of R1.14: from the lookup of the serial to the commit.

use std::sync::Arc;
use std::time::Duration;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_service::clock::UnixTime;
use ecash_ticketbook::Ticket;
use tokio::time::Instant;

use super::Inner;
use super::reservation::{Reservation, Waiter};
use super::rules::{self, ProviderKeys, Step};
use super::verified::VerifiedTicket;
use super::verifier::NotVerified;
use crate::accounts::Account;
use crate::epochs::EpochKey;
use crate::limits::RESERVATION_WAIT_MS;
use crate::meter::expiry_of_grant;
use crate::spend_store::{
    Acceptance, CommitError, Committed, Evidence, Known, Reserve, SpendStore,
};

/// A verdict on its way to an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) consumed: Consumed,
}

impl From<Verdict> for Ruling {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            consumed: verdict.consumed(),
        }
    }
}

impl From<CommitError> for Ruling {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Locked => Verdict::Busy.into(),
            CommitError::NotCommitted(reason) => {
                tracing::error!(%reason, "a ticket could not be recorded and was not accepted");
                Verdict::StorageUnavailable.into()
            }
            CommitError::Unknown(reason) => {
                tracing::error!(%reason, "it is not known whether a ticket was recorded");
                Self {
                    verdict: Verdict::StorageUnavailable,
                    consumed: Consumed::Unknown,
                }
            }
        }
    }
}

/// Steps 4 to 10 of R1.14 for one ticket.
pub(super) struct Attempt<S> {
    pub(super) inner: Arc<Inner<S>>,
    pub(super) account: Arc<Account>,
    pub(super) ticket: Ticket,
    pub(super) epoch: EpochKey,
    pub(super) received_at: UnixTime,
    /// Until when to wait for other requests with the same serial.
    pub(super) deadline: Instant,
}

/// What one pass over the steps came to.
enum Pass {
    Ruled(Ruling),
    /// Another request has the serial: wait for it, then look again.
    Wait(Waiter),
    /// The serial changed its state in between: look again.
    Again,
}

impl<S: SpendStore> Attempt<S> {
    /// Goes over the steps until there is a ruling. An invalid ticket counts against its account even if the caller has
    /// gone: hanging up early buys no free verifications.
    pub(super) async fn run(self) -> Ruling {
        let ruling = self.rule().await;
        if ruling.verdict == Verdict::InvalidTicket {
            self.account.count_invalid(self.received_at);
        }
        ruling
    }

    async fn rule(&self) -> Ruling {
        loop {
            match self.pass().await {
                Ok(Pass::Ruled(ruling)) => return ruling,
                Ok(Pass::Again) => {}
                Ok(Pass::Wait(waiter)) => {
                    let released = tokio::time::timeout_at(self.deadline, waiter.released());
                    if released.await.is_err() {
                        return Verdict::Busy.into();
                    }
                }
                Err(error) => return error.into(),
            }
        }
    }

    async fn pass(&self) -> Result<Pass, CommitError> {
        let known = self.inner.store.lookup(self.ticket.serial()).await?;
        let step = rules::decide(&self.ticket, self.account.id(), &known);
        if let Step::Answer(verdict) = step {
            return Ok(Pass::Ruled(verdict.into()));
        }
        let keys = match self.provider_keys() {
            Ok(keys) => keys,
            Err(verdict) => return Ok(Pass::Ruled(verdict.into())),
        };
        let reduced_since = self.inner.config.reduced_since;
        if let Err(verdict) =
            rules::check_pay_info(&self.ticket, &keys, reduced_since, self.received_at)
        {
            return Ok(Pass::Ruled(verdict.into()));
        }
        match step {
            Step::Evidence => self.keep_evidence().await,
            _ => self.grant().await,
        }
    }

    /// Whether tickets are taken at all: admitted (R1.25), own clock right (R1.12), room on disk (R4.14).
    fn provider_keys(&self) -> Result<ProviderKeys, Verdict> {
        let Inner {
            situation,
            config,
            store,
            ..
        } = &*self.inner;
        let keys = situation
            .registry
            .get()
            .provider_keys(&config.identity_key, self.received_at)
            .map_err(|reason| busy(&reason.to_string()))?;
        if !situation.clock.get().is_trusted() {
            return Err(busy("the own clock is off or was not compared yet"));
        }
        if !store.has_room() {
            return Err(busy("the disk quota is used up"));
        }
        Ok(keys)
    }

    async fn grant(&self) -> Result<Pass, CommitError> {
        let reservation = match self.inner.store.reserve(*self.ticket.serial()).await? {
            Reserve::Reserved(reservation) => reservation,
            Reserve::InFlight(waiter) => return Ok(Pass::Wait(waiter)),
            Reserve::Known(_) => return Ok(Pass::Again),
        };
        let ticket = match self.verify().await {
            Ok(ticket) => ticket,
            Err(verdict) => return Ok(Pass::Ruled(verdict.into())),
        };
        let (accounts, received_at) = (&self.inner.accounts, self.received_at);
        accounts.settle_expiry(&self.account, received_at).await?;
        let bytes = i64::try_from(self.ticket.ticket_type().bandwidth_bytes()).unwrap_or(i64::MAX);
        let expires_at = expiry_of_grant(received_at);
        let acceptance = Acceptance {
            ticket,
            account: self.account.id(),
            received_at,
            grant_bytes: bytes,
            expires_at,
        };
        match self.inner.store.commit(&reservation, acceptance).await {
            Ok(Committed::Granted) => {
                self.account.apply_grant(bytes, expires_at, received_at);
                Ok(Pass::Ruled(Verdict::Accepted.into()))
            }
            Ok(Committed::AlreadySpent) => Ok(Pass::Again),
            Err(error) => {
                if matches!(error, CommitError::Unknown(_)) {
                    self.resolve_later(reservation, bytes, expires_at);
                }
                Err(error)
            }
        }
    }

    async fn keep_evidence(&self) -> Result<Pass, CommitError> {
        let serial = *self.ticket.serial();
        let _slot = match self.inner.evidence.take(serial) {
            Ok(slot) => slot,
            Err(waiter) => return Ok(Pass::Wait(waiter)),
        };
        let known = self.inner.store.lookup(&serial).await?;
        if let Step::Answer(verdict) = rules::decide(&self.ticket, self.account.id(), &known) {
            return Ok(Pass::Ruled(verdict.into()));
        }
        let ticket = match self.verify().await {
            Ok(ticket) => ticket,
            Err(verdict) => return Ok(Pass::Ruled(verdict.into())),
        };
        let received_at = self.received_at;
        if self
            .inner
            .store
            .evidence(Evidence {
                ticket,
                received_at,
            })
            .await?
        {
            metrics::counter!("gateway_evidence_total").increment(1);
        }
        Ok(Pass::Ruled(Verdict::DoubleSpend.into()))
    }

    /// Step 7, together with other tickets.
    async fn verify(&self) -> Result<VerifiedTicket, Verdict> {
        let verifying = self
            .inner
            .verifier
            .verify(self.ticket.clone(), &self.epoch.key);
        verifying.await.map_err(|reason| match reason {
            NotVerified::Refused(reason) => {
                tracing::debug!(%reason, "a ticket did not verify");
                Verdict::InvalidTicket
            }
            NotVerified::Full(_) | NotVerified::GivenUp => busy(&reason.to_string()),
        })
    }

    /// After a commit whose result is unknown: holds the serial until the store can be read, and if the spend is there
    /// adds the grant to the balance in memory, as the disk has it.
    fn resolve_later(&self, reservation: Reservation, bytes: i64, expires_at: UnixTime) {
        let (inner, account) = (Arc::clone(&self.inner), Arc::clone(&self.account));
        let pay_info = *self.ticket.pay_info();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(RESERVATION_WAIT_MS)).await;
                match inner.store.lookup(reservation.serial()).await {
                    Ok(Known::Spent {
                        pay_info: stored,
                        account: owner,
                        ..
                    }) => {
                        if stored == pay_info && owner == Some(account.id()) {
                            account.apply_grant(bytes, expires_at, inner.clock.now());
                        }
                        return;
                    }
                    Ok(_) => return,
                    Err(error) => {
                        tracing::warn!(%error, "a spend of unknown outcome cannot be looked up yet")
                    }
                }
            }
        });
    }
}

fn busy(reason: &str) -> Verdict {
    tracing::debug!(reason, "no tickets are taken now");
    Verdict::Busy
}
