//! Making tickets: the row in the journal is the claim on an index. Only after it is durable any byte leaves the device, and
//! nothing gives an index back (`client.md` 8.2).

use ecash_requests::IdentityKey;
use ecash_scheme::spend::SpendContext;
use ecash_ticketbook::{
    EcashDate, EpochId, IssuedTicketBook, PayInfo, Record, SpendingData, TicketType, UnixTime,
    VersionSerialised,
};
use rand::rngs::OsRng;

use crate::domain::spending::{self, TicketState};
use crate::error::WalletError;
use crate::global::GlobalData;
use crate::signers;
use crate::store::{BookRow, NewTicket, TicketRow};
use crate::wallet::Wallet;

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

impl Wallet {
    /// Ready books of a type that cover today, earliest expiration first; none while the clock is behind the journal.
    pub(crate) async fn usable_books(
        &self,
        ticket_type: TicketType,
    ) -> Result<Vec<BookRow>, WalletError> {
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

    /// The book itself.
    pub(crate) fn issued(&self, book: &BookRow) -> Result<IssuedTicketBook, WalletError> {
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

    /// Book and public signatures, the latter fetched where they are missing.
    pub(crate) async fn open_book(
        &self,
        book: &BookRow,
    ) -> Result<(IssuedTicketBook, GlobalData), WalletError> {
        let issued = self.issued(book)?;
        if let Some(global) = self.stored_global_data(book.epoch, book.expiration).await? {
            return Ok((issued, global));
        }
        let set = signers::load(&self.inner.dkg, book.epoch).await?;
        let global = self.ensure_global_data(&set, book.expiration, &()).await?;
        Ok((issued, global))
    }

    /// Makes the payment of the lowest free index and claims it; where another task was faster, the unsent payment is
    /// thrown away and the next index is tried.
    pub(crate) async fn claim_lowest(
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

    #[expect(clippy::too_many_arguments, reason = "the parts of one payment")]
    pub(crate) async fn claim(
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

/// One payment, off the runtime's threads. One instant gives both pay-info time and spend date.
pub(crate) async fn make(
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

pub(crate) fn lowest_free(book: &BookRow, burned: &[u64]) -> Option<u64> {
    (book.first_index..=book.last_index).find(|index| !burned.contains(index))
}

pub(crate) fn check_range(book: &BookRow, index: u64) -> Result<(), WalletError> {
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
