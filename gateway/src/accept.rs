//! The acceptance of tickets (`gateway.md` 1.8): one function for every transport, without HTTP.
//!
//! Cheap and local checks come first. Nothing is written before a proof has verified, nothing is granted before it is
//! durable, and no step asks the network.

mod attempt;
pub mod reservation;
pub mod rules;
pub mod verified;
pub mod verifier;

use std::sync::Arc;
use std::time::Duration;

use ecash_requests::gateway::{Consumed, Verdict};
use ecash_scheme::SerialNumber;
use ecash_service::clock::{SharedClock, UnixTime};
use ecash_service::workers::WorkerPool;
use ecash_ticketbook::ticket::Refused;
use ecash_ticketbook::{Ticket, TicketType};
use tokio::time::Instant;

use crate::accounts::{Account, Accounts};
use crate::epochs::KnownEpochs;
use crate::limits::{RESERVATION_WAIT_MS, VERIFY_QUEUE_PER_THREAD};
use crate::registry::Registry;
use crate::shared::Shared;
use crate::skew::ClockState;
use crate::spend_store::SpendStore;
use attempt::{Attempt, Ruling};
use reservation::Reservations;
use verifier::Verifier;

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
    verifier: Verifier,
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
        pool: Arc<WorkerPool>,
        clock: SharedClock,
        config: AcceptorConfig,
    ) -> Self {
        let evidence = Reservations::default();
        Self {
            inner: Arc::new(Inner {
                store,
                accounts,
                situation,
                verifier: Verifier::new(pool, VERIFY_QUEUE_PER_THREAD),
                clock,
                config,
                evidence,
            }),
        }
    }

    /// Tickets whose verification has begun so far.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.inner.verifier.begun()
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
                Ruling {
                    verdict: Verdict::StorageUnavailable,
                    consumed: Consumed::Unknown,
                }
            }
        }
    }
}
