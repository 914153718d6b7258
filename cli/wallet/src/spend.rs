//! Making and sending tickets (`client.md` 8.2). The row in the journal is the claim on an index; only after it is durable
//! any byte leaves the device, and nothing gives an index back.

use std::time::Duration;

use ecash_requests::gateway::{AccountToken, Consumed, TicketAnswer, Verdict};
use ecash_requests::{IdentityKey, RequestsError};
use ecash_scheme::spend::SpendContext;
use ecash_ticketbook::{
    EcashDate, EpochId, IssuedTicketBook, PayInfo, Record, SpendingData, TicketType, UnixTime,
    VersionSerialised,
};
use rand::rngs::OsRng;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::domain::spending::{self, After, Answer, Labels, TicketState};
use crate::error::WalletError;
use crate::global::GlobalData;
use crate::limits::{MAX_RETRY_AFTER, STRIKES};
use crate::provider::CheckedGateway;
use crate::signers;
use crate::store::{BookRow, NewTicket, TicketRow};
use crate::wallet::Wallet;

/// First pause before the bytes of a ticket are sent again; doubles.
const FIRST_RESEND_PAUSE: Duration = Duration::from_millis(500);

/// A ticket of the journal, burned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Row of its book.
    pub book: i64,
    /// Its index.
    pub index: u64,
    /// The 1278 bytes of its spending data: what a gateway takes.
    pub bytes: Vec<u8>,
    /// For whom it was made.
    pub provider: IdentityKey,
    /// For which day.
    pub spend_date: EcashDate,
    /// When the index was claimed.
    pub made_at: UnixTime,
}

impl Ticket {
    /// The spending data that the bytes are.
    ///
    /// # Errors
    /// [`WalletError::Ticketbook`] cannot happen with a ticket of the journal.
    pub fn spending_data(&self) -> Result<SpendingData, WalletError> {
        Ok(SpendingData::from_bytes(&self.bytes)?)
    }
}

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

/// Which index a printed ticket takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintIndex {
    /// The lowest free one.
    LowestFree,
    /// This one: burned if free, printed again if it was printed for the same provider.
    Exactly(u64),
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
        let book = self.choose_book(spending.ticket_type).await?;
        let label = self.label(&book, at).await?;
        self.claim_lowest(&book, label, provider, TicketState::Sent)
            .await
    }

    /// Makes a ticket to be handed out as bytes, for a provider key that the caller answers for. Its row is `printed`.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], [`WalletError::TicketNotFree`], [`WalletError::ClockBehindJournal`].
    pub async fn print_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<Ticket, WalletError> {
        let books = self.usable_books(ticket_type).await?;
        if let PrintIndex::Exactly(index) = index {
            let book = match books.into_iter().next() {
                Some(book) => book,
                None => return Err(WalletError::NoBook(ticket_type)),
            };
            return self.print_exactly(&book, provider, index).await;
        }
        let book = books
            .into_iter()
            .find(|book| book.left() > 0)
            .ok_or(WalletError::NoBook(ticket_type))?;
        let label = book.epoch;
        self.claim_lowest(&book, label, provider, TicketState::Printed)
            .await
    }

    /// The payment of an index without burning it: any other payment of the same index is a double spend once both are
    /// spent. Nothing is written. Also says whether the index is burned already.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], [`WalletError::TicketNotFree`] for an index of no ticket.
    pub async fn preview_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<(Ticket, bool), WalletError> {
        let book = self
            .usable_books(ticket_type)
            .await?
            .into_iter()
            .next()
            .ok_or(WalletError::NoBook(ticket_type))?;
        let burned = self.inner.store.burned(book.id).await?;
        let index = match index {
            PrintIndex::Exactly(index) => index,
            PrintIndex::LowestFree => {
                lowest_free(&book, &burned).ok_or(WalletError::NoBook(ticket_type))?
            }
        };
        check_range(&book, index)?;
        let (issued, data) = self.open_book(&book).await?;
        let now = self.now();
        let (_, bytes, spend_date) = make(issued, data, index, book.epoch, provider, now).await?;
        let ticket = Ticket {
            book: book.id,
            index,
            bytes,
            provider,
            spend_date,
            made_at: now,
        };
        Ok((ticket, burned.contains(&index)))
    }

    /// The indices of the book that [`Self::print_ticket`] would use, and whether each is burned; with the packed book.
    ///
    /// # Errors
    /// [`WalletError::NoBook`].
    pub async fn book_indices(
        &self,
        ticket_type: TicketType,
    ) -> Result<(i64, Vec<(u64, bool)>), WalletError> {
        let book = self
            .usable_books(ticket_type)
            .await?
            .into_iter()
            .next()
            .ok_or(WalletError::NoBook(ticket_type))?;
        let burned = self.inner.store.burned(book.id).await?;
        let indices = (book.first_index..=book.last_index)
            .map(|index| (index, burned.contains(&index)))
            .collect();
        Ok((book.id, indices))
    }

    /// The packed record of a book, with its present counter as published programs know it. It holds the book's secrets.
    ///
    /// # Errors
    /// [`WalletError::NoBook`] for a book that does not live here.
    pub async fn book_record(
        &self,
        book: i64,
        ticket_type: TicketType,
    ) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let rows = self.inner.store.books().await?;
        let row = rows
            .iter()
            .find(|row| row.id == book)
            .ok_or(WalletError::NoBook(ticket_type))?;
        let (issued, _) = self.open_book(row).await?;
        let burned = self.inner.store.burned(book).await?;
        let spent = burned.last().map_or(row.first_index, |last| last + 1);
        Ok(Zeroizing::new(
            issued
                .with_spent_tickets(spent)?
                .to_record()
                .data()
                .to_vec(),
        ))
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
            let (answer, retry_after) = match at
                .client()
                .send_ticket_bytes(token, ticket.bytes.clone())
                .await
            {
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

    async fn journal_row(&self, book: i64, index: u64) -> Result<TicketRow, WalletError> {
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

    /// Ready books of a type that cover today, earliest expiration first; none while the clock is behind the journal.
    async fn usable_books(&self, ticket_type: TicketType) -> Result<Vec<BookRow>, WalletError> {
        let now = self.now();
        if let Some(last) = self.inner.store.last_entry().await?
            && now < last
        {
            return Err(WalletError::ClockBehindJournal {
                now: now.get(),
                last: last.get(),
            });
        }
        let today = EcashDate::of(now)?;
        let books = self.inner.store.books().await?;
        Ok(books
            .into_iter()
            .filter(|book| {
                book.is_ready() && book.ticket_type == ticket_type && book.data.is_some()
            })
            .filter(|book| spending::is_spendable(book.expiration, today))
            .collect())
    }

    async fn choose_book(&self, ticket_type: TicketType) -> Result<BookRow, WalletError> {
        let books = self.usable_books(ticket_type).await?;
        books
            .into_iter()
            .find(|book| book.left() > 0)
            .ok_or(WalletError::NoBook(ticket_type))
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

    /// Book and public signatures, the latter fetched where they are missing.
    async fn open_book(
        &self,
        book: &BookRow,
    ) -> Result<(IssuedTicketBook, GlobalData), WalletError> {
        let damaged = |reason: String| WalletError::Damaged {
            what: "book.data",
            reason,
        };
        let data = book
            .data
            .as_ref()
            .ok_or_else(|| damaged("it is empty".to_owned()))?;
        let issued = VersionSerialised::<IssuedTicketBook>::from_parts(
            data.to_vec(),
            IssuedTicketBook::REVISION,
        )
        .unpack()
        .map_err(|error| damaged(error.to_string()))?;
        if let Some(global) = self.stored_global_data(book.epoch, book.expiration).await? {
            return Ok((issued, global));
        }
        let set = signers::load(&self.inner.dkg, book.epoch).await?;
        let global = self.ensure_global_data(&set, book.expiration, &()).await?;
        Ok((issued, global))
    }

    /// Makes the payment of the lowest free index and claims it; where another task was faster, the unsent payment is
    /// thrown away and the next index is tried.
    async fn claim_lowest(
        &self,
        book: &BookRow,
        label: EpochId,
        provider: IdentityKey,
        state: TicketState,
    ) -> Result<Ticket, WalletError> {
        let (issued, global) = self.open_book(book).await?;
        for _ in 0..=book.total() {
            let burned = self.inner.store.burned(book.id).await?;
            let Some(index) = lowest_free(book, &burned) else {
                break;
            };
            if let Some(ticket) = self
                .claim(book, &issued, &global, index, label, provider, state)
                .await?
            {
                return Ok(ticket);
            }
        }
        Err(WalletError::NoBook(book.ticket_type))
    }

    async fn print_exactly(
        &self,
        book: &BookRow,
        provider: IdentityKey,
        index: u64,
    ) -> Result<Ticket, WalletError> {
        check_range(book, index)?;
        if let Some(row) = self.inner.store.ticket(book.id, index).await? {
            return printed_before(row, provider);
        }
        let (issued, global) = self.open_book(book).await?;
        let claimed = self
            .claim(
                book,
                &issued,
                &global,
                index,
                book.epoch,
                provider,
                TicketState::Printed,
            )
            .await?;
        match claimed {
            Some(ticket) => Ok(ticket),
            None => printed_before(self.journal_row(book.id, index).await?, provider),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one payment")]
    async fn claim(
        &self,
        book: &BookRow,
        issued: &IssuedTicketBook,
        global: &GlobalData,
        index: u64,
        label: EpochId,
        provider: IdentityKey,
        state: TicketState,
    ) -> Result<Option<Ticket>, WalletError> {
        let now = self.now();
        let (pay_info, bytes, spend_date) =
            make(issued.clone(), global.clone(), index, label, provider, now).await?;
        let new = NewTicket {
            book: book.id,
            index,
            state,
            pay_info: pay_info.to_bytes(),
            provider: *provider.as_bytes(),
            bytes: &bytes,
            spend_date,
        };
        if !self.inner.store.claim_ticket(&new, now).await? {
            return Ok(None);
        }
        Ok(Some(Ticket {
            book: book.id,
            index,
            bytes,
            provider,
            spend_date,
            made_at: now,
        }))
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

/// One payment, off the runtime's threads. One instant gives both pay-info time and spend date.
async fn make(
    issued: IssuedTicketBook,
    global: GlobalData,
    index: u64,
    label: EpochId,
    provider: IdentityKey,
    now: UnixTime,
) -> Result<(PayInfo, Vec<u8>, EcashDate), WalletError> {
    let spend_date = EcashDate::of(now)?;
    let pay_info = PayInfo::generate(&mut OsRng, now, *provider.as_bytes());
    let data = tokio::task::spawn_blocking(move || {
        let context = SpendContext {
            master: &global.master,
            dates: &global.dates,
            coins: &global.coins,
        };
        issued.spend_ticket(index, &context, label, pay_info, spend_date, &mut OsRng)
    })
    .await
    .map_err(|error| WalletError::Http(error.to_string()))??;
    Ok((pay_info, data.to_bytes(), spend_date))
}

fn lowest_free(book: &BookRow, burned: &[u64]) -> Option<u64> {
    (book.first_index..=book.last_index).find(|index| !burned.contains(index))
}

fn check_range(book: &BookRow, index: u64) -> Result<(), WalletError> {
    if (book.first_index..=book.last_index).contains(&index) {
        return Ok(());
    }
    Err(WalletError::TicketNotFree {
        book: book.id,
        index,
        why: format!(
            "this device has indices {} to {}",
            book.first_index, book.last_index
        ),
    })
}

/// What was printed for the same provider is printed again; anything else that is burned is refused.
fn printed_before(row: TicketRow, provider: IdentityKey) -> Result<Ticket, WalletError> {
    let why = if row.state != TicketState::Printed {
        format!("it is burned ({})", row.state.text())
    } else if row.provider != *provider.as_bytes() {
        "it was printed for another provider".to_owned()
    } else {
        return ticket_of(row);
    };
    Err(WalletError::TicketNotFree {
        book: row.book,
        index: row.index,
        why,
    })
}

fn ticket_of(row: TicketRow) -> Result<Ticket, WalletError> {
    Ok(Ticket {
        book: row.book,
        index: row.index,
        provider: IdentityKey::from_bytes(&row.provider).map_err(|error| WalletError::Damaged {
            what: "ticket.provider",
            reason: error.to_string(),
        })?,
        bytes: row.bytes,
        spend_date: row.spend_date,
        made_at: row.sent_at,
    })
}
