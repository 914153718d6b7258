//! Tickets as bytes to be handed out by hand: printing is leaving the device, so the index is burned first (`cli.md` 2.4).
//! A [`Bookshelf`] does so from what is stored; a wallet fetches public signatures that are missing.

use std::future::Future;

use ecash_requests::IdentityKey;
use ecash_ticketbook::{Record as _, TicketType};
use zeroize::Zeroizing;

use crate::domain::spending::TicketState;
use crate::error::WalletError;
use crate::files::FileError;
use crate::shelf::Bookshelf;
use crate::store::{BookRow, TicketRow};
use crate::ticket::{Claim, Ticket, check_range, make, ticket_of, unpacked};
use crate::wallet::Wallet;

/// Which index a printed ticket takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintIndex {
    /// The lowest free one.
    LowestFree,
    /// This one: burned if free, printed again if it was printed for the same provider.
    Exactly(u64),
}

impl Bookshelf {
    /// Makes a ticket to be handed out as bytes, for a provider key that the caller answers for. Its row is `printed`.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], [`WalletError::TicketNotFree`], [`WalletError::ClockBehindJournal`],
    /// [`FileError::Missing`] where public signatures are not stored here.
    pub async fn print_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<Ticket, WalletError> {
        let claim = |book: &BookRow| Claim {
            provider,
            label: book.epoch,
            state: TicketState::Printed,
        };
        match index {
            PrintIndex::Exactly(index) => {
                let book = self.book_to_print(ticket_type).await?;
                self.print_exactly(&book, claim(&book), index).await
            }
            PrintIndex::LowestFree => {
                let book = self.next_book(ticket_type).await?;
                let open = self.open_book(&book).await?;
                self.claim_lowest(&book, &open, claim(&book)).await
            }
        }
    }

    /// The payment of an index without burning it: any other payment of the same index is a double spend once both are
    /// spent. Nothing is written. Also says whether the index is burned already.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], [`WalletError::TicketNotFree`] for an index of no ticket, [`FileError::Missing`].
    pub async fn preview_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<(Ticket, bool), WalletError> {
        let book = self.book_to_print(ticket_type).await?;
        let burned = self.store.burned(book.id).await?;
        let index = match index {
            PrintIndex::Exactly(index) => index,
            PrintIndex::LowestFree => book
                .lowest_free(&burned)
                .ok_or(WalletError::NoBook(ticket_type))?,
        };
        check_range(&book, index)?;
        let open = self.open_book(&book).await?;
        let now = self.now();
        let (_, bytes, spend_date) = make(open, index, book.epoch, provider, now).await?;
        let ticket = Ticket {
            book: book.id,
            index,
            bytes,
            provider,
            spend_date,
            made_at: now,
        };
        Ok((ticket, book.is_used(index, &burned)))
    }

    /// The indices of the book that [`Self::print_ticket`] would use, and whether each is burned; with the book's number.
    ///
    /// # Errors
    /// [`WalletError::NoBook`].
    pub async fn book_indices(
        &self,
        ticket_type: TicketType,
    ) -> Result<(i64, Vec<(u64, bool)>), WalletError> {
        let book = self.book_to_print(ticket_type).await?;
        let burned = self.store.burned(book.id).await?;
        let indices = (book.first_index..book.end_index)
            .map(|index| (index, book.is_used(index, &burned)))
            .collect();
        Ok((book.id, indices))
    }

    /// The packed record of a book, with its present counter as published programs know it. It holds the book's secrets.
    ///
    /// # Errors
    /// [`FileError::NoSuchBook`], [`WalletError::Damaged`].
    pub async fn book_record(&self, book: i64) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let row = self.row(book).await?;
        let burned = self.store.burned(book).await?;
        let spent = burned
            .last()
            .map_or(row.first_index, |last| last + 1)
            .max(row.counter.unwrap_or(0));
        let record = unpacked(&row)?.with_spent_tickets(spent)?.to_record();
        Ok(Zeroizing::new(record.data().to_vec()))
    }

    /// Whether everything is here that a ticket of this type needs. Nothing is made.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], [`FileError::Missing`].
    pub async fn check_public_data(&self, ticket_type: TicketType) -> Result<(), WalletError> {
        let book = self.book_to_print(ticket_type).await?;
        self.open_book(&book).await.map(drop)
    }

    /// The usable book with the earliest expiration: one with tickets left, where there is one.
    async fn book_to_print(&self, ticket_type: TicketType) -> Result<BookRow, WalletError> {
        let books = self.usable_books(ticket_type).await?;
        books
            .iter()
            .find(|book| book.left() > 0)
            .or(books.first())
            .cloned()
            .ok_or(WalletError::NoBook(ticket_type))
    }

    async fn print_exactly(
        &self,
        book: &BookRow,
        claim: Claim,
        index: u64,
    ) -> Result<Ticket, WalletError> {
        check_range(book, index)?;
        if let Some(row) = self.store.ticket(book.id, index).await? {
            return printed_before(row, claim.provider);
        }
        if let Some(counter) = book.counter.filter(|counter| *counter != index) {
            return Err(WalletError::TicketNotFree {
                book: book.id,
                index,
                why: format!(
                    "the published database can give out its next ticket only, which is {counter}"
                ),
            });
        }
        let open = self.open_book(book).await?;
        match self.claim(book, &open, index, claim).await? {
            Some(ticket) => Ok(ticket),
            None => match self.store.ticket(book.id, index).await? {
                Some(row) => printed_before(row, claim.provider),
                None => Err(WalletError::TicketNotFree {
                    book: book.id,
                    index,
                    why: "another program took it just now".to_owned(),
                }),
            },
        }
    }
}

impl Wallet {
    /// [`Bookshelf::print_ticket`], with public signatures fetched where they are missing.
    ///
    /// # Errors
    /// Those of [`Bookshelf::print_ticket`], and of fetching.
    pub async fn print_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<Ticket, WalletError> {
        let shelf = self.shelf();
        self.with_public_data(|| shelf.print_ticket(provider, ticket_type, index))
            .await
    }

    /// [`Bookshelf::preview_ticket`], with public signatures fetched where they are missing.
    ///
    /// # Errors
    /// Those of [`Bookshelf::preview_ticket`], and of fetching.
    pub async fn preview_ticket(
        &self,
        provider: IdentityKey,
        ticket_type: TicketType,
        index: PrintIndex,
    ) -> Result<(Ticket, bool), WalletError> {
        let shelf = self.shelf();
        self.with_public_data(|| shelf.preview_ticket(provider, ticket_type, index))
            .await
    }

    /// Fetches the public signatures that a ticket of this type needs, where they are missing.
    ///
    /// # Errors
    /// [`WalletError::NoBook`], and those of fetching.
    pub async fn fetch_public_data(&self, ticket_type: TicketType) -> Result<(), WalletError> {
        let shelf = self.shelf();
        self.with_public_data(|| shelf.check_public_data(ticket_type))
            .await
    }

    /// [`Bookshelf::book_indices`].
    ///
    /// # Errors
    /// [`WalletError::NoBook`].
    pub async fn book_indices(
        &self,
        ticket_type: TicketType,
    ) -> Result<(i64, Vec<(u64, bool)>), WalletError> {
        self.shelf().book_indices(ticket_type).await
    }

    /// [`Bookshelf::book_record`].
    ///
    /// # Errors
    /// [`FileError::NoSuchBook`], [`WalletError::Damaged`].
    pub async fn book_record(&self, book: i64) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        self.shelf().book_record(book).await
    }

    /// Does something that needs public signatures; where some are not here, they are fetched and it is done once more.
    /// What is missing is found out before anything is burned.
    pub(crate) async fn with_public_data<T, F>(
        &self,
        work: impl Fn() -> F,
    ) -> Result<T, WalletError>
    where
        F: Future<Output = Result<T, WalletError>>,
    {
        match work().await {
            Err(WalletError::BookFile(FileError::Missing {
                epoch,
                expiration: Some(expiration),
                ..
            })) => {
                let set = crate::signers::load(&self.inner.dkg, epoch).await?;
                self.ensure_global_data(&set, expiration, &()).await?;
                work().await
            }
            done => done,
        }
    }
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
