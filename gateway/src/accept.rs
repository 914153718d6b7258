//! The acceptance of tickets (`gateway.md` 1.8): one function for every transport, without HTTP.
//!
//! Cheap and local checks come first. Nothing is written before a proof has verified, nothing is granted before it is
//! durable, and no step asks the network.

pub mod pool;
pub mod reservation;
pub mod rules;

use std::sync::Arc;
use std::time::Duration;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_scheme::{Payment, SerialNumber, Verified, VerifyingKey};
use ecash_service::clock::{SharedClock, UnixTime};
use ecash_ticketbook::ticket::Refused;
use ecash_ticketbook::{Ticket, TicketType, TicketbookError};
use tokio::time::Instant;

use crate::accounts::{Account, Accounts};
use crate::epochs::{EpochKey, KnownEpochs};
use crate::limits::RESERVATION_WAIT_MS;
use crate::meter::expiry_of_grant;
use crate::registry::Registry;
use crate::shared::Shared;
use crate::skew::ClockState;
use crate::spend_store::{
    Acceptance, CommitError, Committed, Evidence, Known, Reserve, SpendStore,
};
use pool::VerificationPool;
use reservation::{Reservation, Reservations, Waiter};
use rules::{ProviderKeys, Step};

/// What the gateway knows of the world, renewed in the background.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// Epochs and their keys.
    pub epochs: Shared<KnownEpochs>,
    /// The own registration.
    pub registry: Shared<Registry>,
    /// How far the own clock is off.
    pub clock: Shared<ClockState>,
}

/// By which way a ticket came; a label of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `POST /v1/tickets`.
    Http,
}

impl Transport {
    const fn label(self) -> &'static str {
        match self {
            Self::Http => "http",
        }
    }
}

/// The answer to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was decided.
    pub verdict: Verdict,
    /// Whether sending the same bytes again can help.
    pub consumed: Consumed,
    /// The ticket's serial, if it could be read.
    pub serial: Option<SerialNumber>,
    /// The account's balance after the verdict, in bytes.
    pub available: i64,
}

/// An account that sent too many invalid tickets is not listened to (R1.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many invalid tickets; this account is closed for {retry_after_secs} s")]
pub struct Closed {
    /// When to come back, in seconds.
    pub retry_after_secs: u64,
}

/// A verdict on its way to an answer.
#[derive(Clone, Copy, Debug)]
struct Ruling {
    verdict: Verdict,
    consumed: Consumed,
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

/// How a gateway is set up for accepting.
pub struct AcceptorConfig {
    /// The identity key that tickets must name as provider.
    pub identity_key: [u8; 32],
    /// Since when the database is in reduced mode, if it is.
    pub reduced_since: Option<UnixTime>,
}

/// Accepts tickets into a store. Clones share everything.
pub struct Acceptor<S> {
    inner: Arc<Inner<S>>,
}

impl<S> Clone for Acceptor<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

struct Inner<S> {
    store: S,
    accounts: Arc<Accounts>,
    situation: Situation,
    pool: Arc<VerificationPool>,
    clock: SharedClock,
    config: AcceptorConfig,
    /// Serials of which a second payment is being verified.
    evidence: Reservations,
}

impl<S: SpendStore> Acceptor<S> {
    /// Puts the parts together.
    pub fn new(
        store: S,
        accounts: Arc<Accounts>,
        situation: Situation,
        pool: Arc<VerificationPool>,
        clock: SharedClock,
        config: AcceptorConfig,
    ) -> Self {
        let evidence = Reservations::default();
        Self {
            inner: Arc::new(Inner {
                store,
                accounts,
                situation,
                pool,
                clock,
                config,
                evidence,
            }),
        }
    }

    /// Verifications made so far.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.inner.pool.done()
    }

    /// Takes one ticket from `account`, if it is of one of `roles` (R1.14).
    ///
    /// What was begun is finished even if the caller stops waiting: the ticket is then accepted or not, and the same bytes
    /// sent again get a definite answer.
    ///
    /// # Errors
    /// [`Closed`], before anything is read, for an account with too many invalid tickets.
    pub async fn accept(
        &self,
        account: &Arc<Account>,
        bytes: &[u8],
        roles: &[TicketType],
        transport: Transport,
    ) -> Result<Answer, Closed> {
        let received_at = self.inner.clock.now();
        if let Some(retry_after_secs) = account.closed_for_secs(received_at) {
            return Err(Closed { retry_after_secs });
        }
        let (serial, ruling) = match Ticket::parse(bytes) {
            Err(Refused::OlderForm) => (None, Verdict::UnsupportedFormat.into()),
            Err(reason) => {
                tracing::debug!(%reason, "malformed ticket");
                (None, Verdict::Malformed.into())
            }
            Ok(ticket) => (
                Some(*ticket.serial()),
                self.judge(account, ticket, roles, received_at).await,
            ),
        };
        if ruling.verdict == Verdict::InvalidTicket {
            account.count_invalid(received_at);
        }
        metrics::counter!("gateway_tickets_total", "verdict" => ruling.verdict.name(), "transport" => transport.label())
            .increment(1);
        Ok(Answer {
            verdict: ruling.verdict,
            consumed: ruling.consumed,
            serial,
            available: account.meter().available(self.inner.clock.now()),
        })
    }

    async fn judge(
        &self,
        account: &Arc<Account>,
        ticket: Ticket,
        roles: &[TicketType],
        received_at: UnixTime,
    ) -> Ruling {
        if !roles.contains(&ticket.ticket_type()) {
            return Verdict::WrongType.into();
        }
        let Some(epoch) = self
            .inner
            .situation
            .epochs
            .get()
            .get(ticket.epoch_id(), received_at)
            .cloned()
        else {
            return Verdict::UnknownEpoch.into();
        };
        let task = Attempt {
            inner: Arc::clone(&self.inner),
            account: Arc::clone(account),
            ticket,
            epoch,
            received_at,
            deadline: Instant::now() + Duration::from_millis(RESERVATION_WAIT_MS),
        };
        match tokio::spawn(task.run()).await {
            Ok(ruling) => ruling,
            Err(error) => {
                tracing::error!(%error, "the acceptance of a ticket broke off");
                Verdict::Busy.into()
            }
        }
    }
}

/// Steps 4 to 10 of R1.14 for one ticket.
struct Attempt<S> {
    inner: Arc<Inner<S>>,
    account: Arc<Account>,
    ticket: Ticket,
    epoch: EpochKey,
    received_at: UnixTime,
    /// Until when to wait for other requests with the same serial.
    deadline: Instant,
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
    async fn run(self) -> Ruling {
        loop {
            match self.pass().await {
                Ok(Pass::Ruled(ruling)) => return ruling,
                Ok(Pass::Again) => {}
                Ok(Pass::Wait(waiter)) => {
                    if tokio::time::timeout_at(self.deadline, waiter.released())
                        .await
                        .is_err()
                    {
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
        if let Err(verdict) = self.verify().await {
            return Ok(Pass::Ruled(verdict.into()));
        }
        self.inner
            .accounts
            .settle_expiry(&self.account, self.received_at)
            .await?;
        let acceptance = self.acceptance();
        let (bytes, expires_at) = (acceptance.grant_bytes, acceptance.expires_at);
        match self.inner.store.commit(&reservation, acceptance).await {
            Ok(Committed::Granted) => {
                self.account
                    .apply_grant(bytes, expires_at, self.received_at);
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

    fn acceptance(&self) -> Acceptance {
        let ticket_type = self.ticket.ticket_type();
        Acceptance {
            serial: *self.ticket.serial(),
            pay_info: *self.ticket.pay_info(),
            account: self.account.id(),
            ticket_type,
            epoch: self.ticket.epoch_id(),
            spend_date: self.ticket.spend_date(),
            received_at: self.received_at,
            bytes: self.ticket.as_bytes().to_vec(),
            grant_bytes: i64::try_from(ticket_type.bandwidth_bytes()).unwrap_or(i64::MAX),
            expires_at: expiry_of_grant(self.received_at),
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
        if let Err(verdict) = self.verify().await {
            return Ok(Pass::Ruled(verdict.into()));
        }
        let evidence = Evidence {
            serial,
            pay_info: *self.ticket.pay_info(),
            spend_date: self.ticket.spend_date(),
            received_at: self.received_at,
            bytes: self.ticket.as_bytes().to_vec(),
        };
        if self.inner.store.evidence(evidence).await? {
            metrics::counter!("gateway_evidence_total").increment(1);
        }
        Ok(Pass::Ruled(Verdict::DoubleSpend.into()))
    }

    /// Step 7: points, proof, signatures, on the pool.
    async fn verify(&self) -> Result<(), Verdict> {
        let ticket = self.ticket.clone();
        let key = Arc::clone(&self.epoch.key);
        let outcome = self.inner.pool.run(move || verify(&key, &ticket)).await;
        match outcome {
            Ok(Ok(_verified)) => Ok(()),
            Ok(Err(reason)) => {
                tracing::debug!(%reason, "a ticket did not verify");
                Err(Verdict::InvalidTicket)
            }
            Err(no_result) => Err(busy(&no_result.to_string())),
        }
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

fn verify(key: &VerifyingKey, ticket: &Ticket) -> Result<Verified<Payment>, TicketbookError> {
    let data = ticket.decode()?;
    let pay_info = data.pay_info.to_bytes();
    Ok(key.verify(
        data.payment,
        &pay_info,
        data.spend_date.unix(),
        &mut rand::thread_rng(),
    )?)
}

fn busy(reason: &str) -> Verdict {
    tracing::debug!(reason, "no tickets are taken now");
    Verdict::Busy
}
