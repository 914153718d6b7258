//! A new book goes to the published clients' database, where that exists, so that those clients find it.

use ecash_ticketbook::{IssuedTicketBook, Record as _, TICKETS_PER_BOOK};

use super::Bookshelf;
use crate::error::WalletError;
use crate::reference::{NewReferenceBook, normalised};
use crate::store::PublicRecords;

impl Bookshelf {
    /// Stores a new book there, with what it is spent with; its row, or `None` where there is no such database. Repeating
    /// it changes nothing: a book has one row.
    pub(crate) async fn put_issued(
        &self,
        book: &IssuedTicketBook,
    ) -> Result<Option<i64>, WalletError> {
        let Some(reference) = &self.reference else {
            return Ok(None);
        };
        let (epoch, expiration) = (book.epoch_id(), book.expiration());
        let (key, coins, dates) = (
            self.store.master_key(epoch).await?,
            self.store.coin_signatures(epoch).await?,
            self.store.date_signatures(epoch, expiration).await?,
        );
        let public = PublicRecords {
            key: key.as_deref().map(|data| (epoch, data)),
            coins: coins.as_deref().map(|data| (epoch, data)),
            dates: dates.as_deref().map(|data| (epoch, expiration, data)),
        };
        let record = book.to_record();
        let new = NewReferenceBook {
            data: record.data(),
            revision: record.revision(),
            ticket_type: book.ticket_type().text(),
            expiration,
            epoch,
            total: TICKETS_PER_BOOK,
            used: book.spent_tickets(),
        };
        if let Some(id) = reference.insert(public, &new).await? {
            return Ok(Some(id));
        }
        let (_, digest) = normalised(book)?;
        let held = reference.held_books().await?;
        held.iter()
            .find(|held| held.digest == digest)
            .map(|held| Some(held.id))
            .ok_or(WalletError::Damaged {
                what: "ecash_ticketbook",
                reason: "it has the bytes of a book that it does not show".to_owned(),
            })
    }
}
