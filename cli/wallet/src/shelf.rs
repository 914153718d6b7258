//! The ticketbooks of one place, without seed and without network: what lists them, takes them in, hands them over and
//! makes tickets of them. A wallet has one; a program that only handles files opens one by itself.
//!
//! A place is named by the path of the published clients' credential database, whether or not there is one. Our own
//! database lies beside it ([`database_beside`]). Where the published one exists, books live there (home `reference`):
//! our own has a row for each that points to it, and the journal of their tickets.

mod issued;
mod public;

use std::path::Path;
use std::sync::Arc;

use ecash_service::clock::SharedClock;
use ecash_ticketbook::{EcashDate, IssuedTicketBook, TICKETS_PER_BOOK, UnixTime};

use crate::config::database_beside;
use crate::domain::clock;
use crate::error::WalletError;
use crate::files::FileError;
use crate::reference::{HeldBook, Reference};
use crate::report::Book;
use crate::store::{BookOrigin, BookRow, Home, NewBook, Store};
use crate::witness::Watch;

pub(crate) use public::{Verified, blocking};

/// Why a book of the published database is not spent any more.
const STALE: &str =
    "its counter in the published database is behind the journal: that file is an old copy";
/// Why a book of the published database cannot be spent.
const GONE: &str = "it is not in the published database any more";

/// The books of one place. Clones share it; every method may be called from several tasks.
#[derive(Clone)]
pub struct Bookshelf {
    pub(crate) store: Arc<Store>,
    pub(crate) reference: Option<Arc<Reference>>,
    clock: SharedClock,
    correction_secs: i64,
}

impl Bookshelf {
    /// Opens the place and keeps other processes of ours out until it is dropped.
    ///
    /// # Errors
    /// [`WalletError::NoWallet`] where there is neither a published database nor ours; [`WalletError::InUse`],
    /// [`WalletError::Reference`], [`WalletError::File`].
    pub async fn open(credentials: &Path, clock: SharedClock) -> Result<Self, WalletError> {
        let own = database_beside(credentials);
        if !credentials.exists() && !own.exists() {
            return Err(WalletError::NoWallet { path: own });
        }
        Self::open_or_create(credentials, clock).await
    }

    /// [`Self::open`] that makes our own database where there is none. It belongs to no seed until a wallet is opened with
    /// one. A published database is never made.
    ///
    /// # Errors
    /// Those of [`Self::open`] but [`WalletError::NoWallet`].
    pub async fn open_or_create(
        credentials: &Path,
        clock: SharedClock,
    ) -> Result<Self, WalletError> {
        let reference = Reference::open(credentials, Watch::default()).await?;
        let store = Store::open(&database_beside(credentials), Watch::default()).await?;
        let correction_secs = clock::correction(store.clock_offset().await?);
        let shelf = Self::new(
            Arc::new(store),
            reference.map(Arc::new),
            clock,
            correction_secs,
        );
        shelf.store.abandon_old_tickets(shelf.now()).await?;
        Ok(shelf)
    }

    pub(crate) const fn new(
        store: Arc<Store>,
        reference: Option<Arc<Reference>>,
        clock: SharedClock,
        correction_secs: i64,
    ) -> Self {
        Self {
            store,
            reference,
            clock,
            correction_secs,
        }
    }

    /// The books of a place, read beside whoever uses it. Only where the published database has a book that is not taken up
    /// yet the place is opened for that; while another process has it, such a book has number 0.
    ///
    /// # Errors
    /// Those of [`Self::open`] but [`WalletError::InUse`].
    pub async fn list(credentials: &Path, clock: SharedClock) -> Result<Vec<Book>, WalletError> {
        if database_beside(credentials).exists() {
            let books = Self::peek(credentials, clock.clone()).await?;
            if books.iter().all(|book| book.id != 0) {
                return Ok(books);
            }
        }
        match Self::open(credentials, clock.clone()).await {
            Ok(shelf) => {
                let books = shelf.books().await;
                shelf.close().await;
                books
            }
            Err(WalletError::InUse { .. }) => Self::peek(credentials, clock).await,
            Err(error) => Err(error),
        }
    }

    async fn peek(credentials: &Path, clock: SharedClock) -> Result<Vec<Book>, WalletError> {
        let reference = Reference::open_to_read(credentials).await?;
        let store = Store::open_to_read(&database_beside(credentials)).await?;
        let correction_secs = clock::correction(store.clock_offset().await?);
        let shelf = Self::new(
            Arc::new(store),
            reference.map(Arc::new),
            clock,
            correction_secs,
        );
        let (mut rows, held) = shelf.read().await?;
        let new: Vec<BookRow> = new_of(&rows, &held)
            .map(|held| BookRow::new(&taken_up(held)))
            .collect();
        rows.extend(new);
        rows = merged(rows, held);
        rows.sort_by_key(|row| (row.expiration, row.id));
        shelf.close().await;
        let today = EcashDate::of(shelf.now())?;
        Ok(rows.iter().map(|row| Book::of(row, today)).collect())
    }

    /// All books, earliest expiration first.
    ///
    /// # Errors
    /// [`WalletError::Database`], [`WalletError::Damaged`], [`WalletError::Reference`].
    pub async fn books(&self) -> Result<Vec<Book>, WalletError> {
        let today = EcashDate::of(self.now())?;
        let rows = self.rows().await?;
        Ok(rows.iter().map(|row| Book::of(row, today)).collect())
    }

    /// The clock, corrected by the network's as last measured.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        clock::corrected(UnixTime(self.clock.now().as_secs()), self.correction_secs)
    }

    /// Closes the databases. Without it the next start reads the write-ahead log, which is as safe.
    pub async fn close(&self) {
        self.store.close().await;
        if let Some(reference) = &self.reference {
            reference.close().await;
        }
    }

    /// All rows. Books that came to the published database by another program are taken up first; one whose counter went
    /// backwards is discarded.
    pub(crate) async fn rows(&self) -> Result<Vec<BookRow>, WalletError> {
        let (mut rows, mut held) = self.read().await?;
        let new: Vec<NewBook<'_>> = new_of(&rows, &held).map(taken_up).collect();
        if !new.is_empty() {
            self.store.take_up(&new).await?;
            (rows, held) = self.read().await?;
        }
        let ready: Vec<i64> = rows
            .iter()
            .filter(|row| row.is_ready())
            .map(|row| row.id)
            .collect();
        let rows = merged(rows, held);
        for row in &rows {
            if row.is_stale() && ready.contains(&row.id) {
                self.store.discard(row.id, STALE).await?;
            }
        }
        Ok(rows)
    }

    /// One row.
    pub(crate) async fn row(&self, id: i64) -> Result<BookRow, WalletError> {
        let rows = self.rows().await?;
        rows.into_iter()
            .find(|row| row.id == id)
            .ok_or_else(|| FileError::NoSuchBook(id).into())
    }

    /// What both databases have. The journal is read before the counters, which are moved before it: read the other way
    /// round, a ticket that another task makes in between would make a counter look older than the journal.
    async fn read(&self) -> Result<(Vec<BookRow>, Vec<HeldBook>), WalletError> {
        let rows = self.store.books().await?;
        let held = match &self.reference {
            Some(reference) => reference.held_books().await?,
            None => Vec::new(),
        };
        Ok((rows, held))
    }
}

/// Books of the published database that have no row yet.
fn new_of<'a>(rows: &'a [BookRow], held: &'a [HeldBook]) -> impl Iterator<Item = &'a HeldBook> {
    held.iter()
        .filter(|held| !rows.iter().any(|row| row.digest == held.digest))
}

/// Rows with what the published database says about theirs: one whose counter went backwards, or that is gone, is not
/// spent from any more.
fn merged(rows: Vec<BookRow>, mut held: Vec<HeldBook>) -> Vec<BookRow> {
    rows.into_iter()
        .map(|row| {
            if !row.is_in_reference() {
                return row;
            }
            match held.iter().position(|held| held.digest == row.digest) {
                Some(position) => {
                    let held = held.swap_remove(position);
                    let row = row.with_counter(held.id, held.data, held.total, held.used);
                    if row.is_ready() && row.is_stale() {
                        row.discarded(STALE)
                    } else {
                        row
                    }
                }
                None if row.is_ready() => row.discarded(GONE),
                None => row,
            }
        })
        .collect()
}

/// The row of a book that another program brought: all its indices, as far as they are not used.
fn taken_up(held: &HeldBook) -> NewBook<'_> {
    let book: &IssuedTicketBook = &held.book;
    NewBook {
        origin: BookOrigin::Imported,
        home: Home::Reference(held.id),
        digest: held.digest,
        ticket_type: book.ticket_type(),
        expiration: book.expiration(),
        epoch: book.epoch_id(),
        first_index: 0,
        end_index: held.total.min(TICKETS_PER_BOOK),
    }
}
