//! Making tickets: the row in the journal is the claim on an index. Only after it is durable any byte leaves the device, and
//! nothing gives an index back (`client.md` 8.2). For a book of the published clients' database its counter is moved
//! first, because that is all those clients look at; a crash between the two costs one ticket and never spends one twice.

use ecash_requests::IdentityKey;
use ecash_scheme::spend::SpendContext;
use ecash_ticketbook::{
    EcashDate, EpochId, IssuedTicketBook, PayInfo, Record, SpendingData, TICKETS_PER_BOOK,
    TicketType, UnixTime, VersionSerialised,
};
use rand::rngs::OsRng;

use crate::domain::spending::{self, TicketState};
use crate::error::WalletError;
use crate::global::GlobalData;
use crate::shelf::Bookshelf;
use crate::store::{BookRow, NewTicket, TicketRow};

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

/// For whom a ticket is made, and how it is journaled.
#[derive(Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) provider: IdentityKey,
    /// Epoch that the ticket is labelled with.
    pub(crate) label: EpochId,
    pub(crate) state: TicketState,
}

/// A book unpacked, with what a payment needs.
#[derive(Clone)]
pub(crate) struct OpenBook {
    pub(crate) issued: IssuedTicketBook,
    pub(crate) global: GlobalData,
}

impl Bookshelf {
    /// Ready books of a type that cover today, earliest expiration first; none while the clock is behind the journal.
    pub(crate) async fn usable_books(
        &self,
        ticket_type: TicketType,
    ) -> Result<Vec<BookRow>, WalletError> {
        let now = self.now();
        if let Some(last) = self.store.last_entry().await?
            && now < last
        {
            return Err(WalletError::ClockBehindJournal {
                now: now.get(),
                last: last.get(),
            });
        }
        let today = EcashDate::of(now)?;
        let books = self.rows().await?;
        Ok(books
            .into_iter()
            .filter(|book| {
                book.is_ready() && book.ticket_type == ticket_type && book.data.is_some()
            })
            .filter(|book| spending::is_spendable(book.expiration, today))
            .collect())
    }

    /// The usable book with the earliest expiration among those with a ticket left.
    pub(crate) async fn next_book(&self, ticket_type: TicketType) -> Result<BookRow, WalletError> {
        let books = self.usable_books(ticket_type).await?;
        books
            .into_iter()
            .find(|book| book.left() > 0)
            .ok_or(WalletError::NoBook(ticket_type))
    }

    /// Book and public signatures, from what is stored here.
    ///
    /// # Errors
    /// [`crate::FileError::Missing`] where public data is not here.
    pub(crate) async fn open_book(&self, book: &BookRow) -> Result<OpenBook, WalletError> {
        let issued = unpacked(book)?;
        let global = self.public_data(&issued).await?;
        Ok(OpenBook { issued, global })
    }

    /// Makes the payment of the lowest free index and claims it; where another task or program was faster, the unsent
    /// payment is thrown away and the next index is tried.
    pub(crate) async fn claim_lowest(
        &self,
        book: &BookRow,
        open: &OpenBook,
        claim: Claim,
    ) -> Result<Ticket, WalletError> {
        for _ in 0..=TICKETS_PER_BOOK {
            let book = self.row(book.id).await?;
            let burned = self.store.burned(book.id).await?;
            let Some(index) = book.lowest_free(&burned) else {
                break;
            };
            if let Some(ticket) = self.claim(&book, open, index, claim).await? {
                return Ok(ticket);
            }
        }
        Err(WalletError::NoBook(book.ticket_type))
    }

    /// Makes the payment of an index and claims it; `None` where it is taken by now.
    pub(crate) async fn claim(
        &self,
        book: &BookRow,
        open: &OpenBook,
        index: u64,
        claim: Claim,
    ) -> Result<Option<Ticket>, WalletError> {
        let now = self.now();
        let (pay_info, bytes, spend_date) =
            make(open.clone(), index, claim.label, claim.provider, now).await?;
        if let (Some(reference), Some(id)) = (&self.reference, book.reference_id)
            && !reference.take(id, index).await?
        {
            return Ok(None);
        }
        let new = NewTicket {
            book: book.id,
            index,
            state: claim.state,
            pay_info: pay_info.to_bytes(),
            provider: *claim.provider.as_bytes(),
            bytes: &bytes,
            spend_date,
        };
        if !self.store.claim_ticket(&new, now).await? {
            return Ok(None);
        }
        Ok(Some(Ticket {
            book: book.id,
            index,
            bytes,
            provider: claim.provider,
            spend_date,
            made_at: now,
        }))
    }
}

/// The record of a row, unpacked.
pub(crate) fn unpacked(book: &BookRow) -> Result<IssuedTicketBook, WalletError> {
    let damaged = |reason: String| WalletError::Damaged {
        what: "book.data",
        reason,
    };
    let data = book
        .data
        .as_ref()
        .ok_or_else(|| damaged("it is empty".to_owned()))?;
    VersionSerialised::<IssuedTicketBook>::from_parts(data.to_vec(), IssuedTicketBook::REVISION)
        .unpack()
        .map_err(|error| damaged(error.to_string()))
}

/// One payment, off the runtime's threads. One instant gives both pay-info time and spend date.
pub(crate) async fn make(
    open: OpenBook,
    index: u64,
    label: EpochId,
    provider: IdentityKey,
    now: UnixTime,
) -> Result<(PayInfo, Vec<u8>, EcashDate), WalletError> {
    let spend_date = EcashDate::of(now)?;
    let pay_info = PayInfo::generate(&mut OsRng, now, *provider.as_bytes());
    let data = tokio::task::spawn_blocking(move || {
        let context = SpendContext {
            master: &open.global.master,
            dates: &open.global.dates,
            coins: &open.global.coins,
        };
        open.issued
            .spend_ticket(index, &context, label, pay_info, spend_date, &mut OsRng)
    })
    .await
    .map_err(|error| WalletError::Http(error.to_string()))??;
    Ok((pay_info, data.to_bytes(), spend_date))
}

pub(crate) fn check_range(book: &BookRow, index: u64) -> Result<(), WalletError> {
    if (book.first_index..book.end_index).contains(&index) {
        return Ok(());
    }
    let why = match book.end_index.checked_sub(1) {
        Some(last) if last >= book.first_index => {
            format!("this device has indices {} to {last}", book.first_index)
        }
        _ => "this device has none of its indices".to_owned(),
    };
    Err(WalletError::TicketNotFree {
        book: book.id,
        index,
        why,
    })
}

pub(crate) fn ticket_of(row: TicketRow) -> Result<Ticket, WalletError> {
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
