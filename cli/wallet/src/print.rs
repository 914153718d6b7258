//! Tickets as bytes to be handed out by hand: printing is leaving the device, so the index is burned first (`cli.md` 2.4).

use ecash_requests::IdentityKey;
use ecash_ticketbook::{Record as _, TicketType};
use zeroize::Zeroizing;

use crate::domain::spending::TicketState;
use crate::error::WalletError;
use crate::store::{BookRow, TicketRow};
use crate::ticket::{Ticket, check_range, lowest_free, make, ticket_of};
use crate::wallet::Wallet;

/// Which index a printed ticket takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintIndex {
    /// The lowest free one.
    LowestFree,
    /// This one: burned if free, printed again if it was printed for the same provider.
    Exactly(u64),
}

impl Wallet {
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
