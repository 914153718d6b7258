//! Spending at a gateway (`client.md` 8.2): the next ticket, its verdict, and the identical bytes again while that can help.

use std::time::Duration;

use ecash_requests::gateway::{AccountToken, Consumed, TicketAnswer, Verdict};
use ecash_requests::{IdentityKey, RequestsError};
use ecash_ticketbook::{EpochId, TicketType, UnixTime};
use tokio::time::{Instant, sleep};

use crate::domain::spending::{self, After, Answer, Labels, TicketState};
use crate::error::WalletError;
use crate::limits::{MAX_RETRY_AFTER, STRIKES};
use crate::provider::CheckedGateway;
use crate::store::{BookRow, TicketRow};
use crate::ticket::{Claim, Ticket, ticket_of};
use crate::wallet::Wallet;

/// First pause before the bytes of a ticket are sent again; doubles.
const FIRST_RESEND_PAUSE: Duration = Duration::from_millis(500);

/// What became of a ticket after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Accepted.
    Accepted,
    /// Refused for good.
    Refused,
    /// Given up without a verdict.
    Abandoned,
    /// The same bytes may go to the same gateway again until then.
    SendAgainUntil(UnixTime),
}

/// A ticket that was sent, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The ticket.
    pub ticket: Ticket,
    /// The last verdict, if there was one.
    pub answer: Option<TicketAnswer>,
    /// How it ended.
    pub fate: Fate,
    /// How often the bytes went out.
    pub sendings: u32,
}

/// One spending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Type of the ticket.
    pub ticket_type: TicketType,
    /// Make a ticket even after two in a row that this gateway did not accept.
    pub insist: bool,
}

impl Spending {
    /// A ticket of this type, not insisting.
    #[must_use]
    pub const fn of(ticket_type: TicketType) -> Self {
        Self {
            ticket_type,
            insist: false,
        }
    }
}

impl Wallet {
    /// Makes the next ticket for a checked gateway. When it returns, the index is burned: handing the bytes to any
    /// transport is up to the caller, who then tells [`Self::report`] what came back.
    ///
    /// # Errors
    /// Before anything is burned: [`WalletError::WrongRole`], [`WalletError::NoBook`], [`WalletError::TwoStrikes`],
    /// [`WalletError::ClockBehindJournal`], [`WalletError::UnknownEpochThere`], those of fetching public signatures.
    pub async fn next_ticket(
        &self,
        at: &CheckedGateway,
        spending: Spending,
    ) -> Result<Ticket, WalletError> {
        at.check_role(spending.ticket_type)?;
        let provider = at.gateway().identity;
        if !spending.insist {
            self.check_strikes(&provider).await?;
        }
        let shelf = self.shelf();
        let book = shelf.next_book(spending.ticket_type).await?;
        let claim = Claim {
            provider,
            label: self.label(&book, at).await?,
            state: TicketState::Sent,
        };
        let open = self.with_public_data(|| shelf.open_book(&book)).await?;
        shelf.claim_lowest(&book, &open, claim).await
    }

    /// Stores what came back for a ticket. A final state never changes again.
    ///
    /// # Errors
    /// [`WalletError::UnknownTicket`], [`WalletError::Database`].
    pub async fn report(
        &self,
        book: i64,
        index: u64,
        answer: Option<(Verdict, Consumed)>,
    ) -> Result<Fate, WalletError> {
        let row = self.journal_row(book, index).await?;
        let now = self.now();
        let said = answer.map_or(Answer::None, |(verdict, consumed)| {
            Answer::Verdict(verdict, consumed)
        });
        let verdict = answer.map(|(verdict, _)| verdict);
        match spending::after_answer(row.state, said, row.sent_at, now) {
            After::Final(state) => {
                self.inner
                    .store
                    .settle_ticket(book, index, state, verdict, now)
                    .await?;
                Ok(Fate::of(state))
            }
            After::SendAgainUntil(until) => {
                self.inner
                    .store
                    .settle_ticket(book, index, row.state, verdict, now)
                    .await?;
                Ok(Fate::SendAgainUntil(until))
            }
        }
    }

    /// The identical bytes of a ticket, to be sent to the same gateway again, for ten minutes after the first sending.
    ///
    /// # Errors
    /// [`WalletError::UnknownTicket`], [`WalletError::TooLateToResend`], [`WalletError::TicketNotFree`] where the verdict is
    /// final.
    pub async fn same_ticket(&self, book: i64, index: u64) -> Result<Ticket, WalletError> {
        let row = self.journal_row(book, index).await?;
        if !matches!(row.state, TicketState::Sent | TicketState::Printed) {
            return Err(WalletError::TicketNotFree {
                book,
                index,
                why: format!("its verdict is final ({})", row.state.text()),
            });
        }
        let now = self.now();
        match spending::waiting(row.sent_at, now) {
            After::SendAgainUntil(_) => ticket_of(row),
            After::Final(_) => Err(WalletError::TooLateToResend {
                book,
                index,
                age_secs: now.abs_diff(row.sent_at),
                allowed_secs: crate::limits::RESEND_SECS,
            }),
        }
    }

    /// Checks the gateway, makes one ticket for it and sends it under the account's token; the identical bytes again while
    /// that can help, until the waiting time of the configuration is over.
    ///
    /// # Errors
    /// Those of [`Self::check_gateway`] and [`Self::next_ticket`], before anything is burned; [`WalletError::Database`].
    pub async fn spend_at(
        &self,
        gateway: &IdentityKey,
        token: &AccountToken,
        spending: Spending,
    ) -> Result<Spent, WalletError> {
        let at = self.check_gateway(gateway).await?;
        let ticket = self.next_ticket(&at, spending).await?;
        let deadline = Instant::now() + self.inner.config.wait;
        let mut pause = FIRST_RESEND_PAUSE;
        let mut sendings = 0;
        let mut last = None;
        loop {
            sendings += 1;
            let sending = at.client().send_ticket_bytes(token, ticket.bytes.clone());
            let (answer, retry_after) = match self.inner.watch.send("ticket", sending).await {
                Ok(answered) => (Some(answered.value.answer), answered.value.retry_after),
                Err(RequestsError::Refused { retry_after, .. }) => (None, retry_after),
                Err(error) => {
                    tracing::debug!(%error, "no verdict for a ticket");
                    (None, None)
                }
            };
            let said = answer
                .as_ref()
                .map(|answer| (answer.verdict, answer.consumed));
            let fate = self.report(ticket.book, ticket.index, said).await?;
            last = answer.or(last);
            pause = retry_after.unwrap_or(pause).min(MAX_RETRY_AFTER);
            if !matches!(fate, Fate::SendAgainUntil(_)) || Instant::now() + pause > deadline {
                return Ok(Spent {
                    ticket,
                    answer: last,
                    fate,
                    sendings,
                });
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }

    pub(crate) async fn journal_row(
        &self,
        book: i64,
        index: u64,
    ) -> Result<TicketRow, WalletError> {
        self.inner
            .store
            .ticket(book, index)
            .await?
            .ok_or(WalletError::UnknownTicket { book, index })
    }

    /// Two tickets in a row without acceptance: no further one for a day.
    async fn check_strikes(&self, provider: &IdentityKey) -> Result<(), WalletError> {
        let past = self.inner.store.past_tickets(provider.as_bytes()).await?;
        match spending::struck_until(&past, self.now()) {
            None => Ok(()),
            Some(until) => Err(WalletError::TwoStrikes {
                gateway: provider.to_string(),
                strikes: STRIKES,
                until: until.get(),
            }),
        }
    }

    /// The epoch to label a ticket with, from what is known without asking the chain because of a spend.
    async fn label(&self, book: &BookRow, at: &CheckedGateway) -> Result<EpochId, WalletError> {
        let in_service_same_key = match self.inner.store.issuing_epoch().await? {
            Some(epoch) if epoch == book.epoch => Some(epoch),
            Some(epoch) => {
                let (theirs, own) = (
                    self.stored_master(epoch).await?,
                    self.stored_master(book.epoch).await?,
                );
                (theirs.is_some() && theirs == own).then_some(epoch)
            }
            None => None,
        };
        let labels = Labels {
            own: book.epoch,
            in_service_same_key,
            listed: at.epochs(),
        };
        spending::label(&labels).ok_or_else(|| WalletError::UnknownEpochThere {
            gateway: at.gateway().announce_address.clone(),
            epoch: book.epoch,
        })
    }
}

impl Fate {
    const fn of(state: TicketState) -> Self {
        match state {
            TicketState::Accepted => Self::Accepted,
            TicketState::Refused => Self::Refused,
            TicketState::Abandoned | TicketState::Sent | TicketState::Printed => Self::Abandoned,
        }
    }
}
