//! Handing the tail of a book over to another device (`client.md` 7.5). An index belongs to one device: what this one may
//! still use is durable before the bytes exist, and from then on no ticket is made of the tail here.

use ecash_ticketbook::{
    EcashDate, EpochVerificationKey, ImportableTicketBook, Record as _, TICKETS_PER_BOOK,
};
use zeroize::Zeroizing;

use super::FileError;
use super::examine::{COINS, DATES, KEY};
use crate::error::WalletError;
use crate::shelf::Bookshelf;
use crate::store::{BookRow, HandOver};
use crate::ticket::unpacked;

/// Advice where a part asked for is not here.
const ADVICE: &str = "leave it out, or take it in first with the `import-…` command of its name";

/// Which parts go into a file beside the book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The signatures of its expiration date.
    pub dates: bool,
    /// The coin-index signatures of its epoch.
    pub coins: bool,
    /// The master verification key of its epoch.
    pub key: bool,
}

impl Parts {
    /// Everything a device needs to spend the book.
    pub const ALL: Self = Self {
        dates: true,
        coins: true,
        key: true,
    };
}

/// What to hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    /// The book's number here.
    pub book: i64,
    /// First index to hand over; the lowest from which on no ticket was made, if `None`.
    pub start: Option<u64>,
    /// Make the file of an earlier call again, in place of handing anything over.
    pub again: bool,
    /// What goes into the file beside the book.
    pub parts: Parts,
}

/// A file to be written, and what it means.
pub struct Exported {
    /// Bytes of an importable ticketbook. Whoever has them can spend the tail.
    pub bytes: Zeroizing<Vec<u8>>,
    /// First index that was handed over; the last is 49.
    pub start: u64,
    /// First and last index that this device may still use, if there are any.
    pub kept: Option<(u64, u64)>,
}

impl Bookshelf {
    /// Hands the indices from `start` to 49 over: ends the book here, durably, and returns the file for the other device.
    /// Where the file is lost before it was written, [`Export::again`] makes the same bytes.
    ///
    /// # Errors
    /// [`FileError::NoSuchBook`], [`FileError::NotExportable`], [`FileError::AlreadyExported`],
    /// [`FileError::NeverExported`], [`FileError::Expired`], [`FileError::Missing`] for a part that is not here; nothing
    /// was handed over.
    pub async fn export(&self, export: &Export) -> Result<Exported, WalletError> {
        let row = self.row(export.book).await?;
        let today = EcashDate::of(self.now())?;
        if row.expiration < today {
            let expiration = row.expiration;
            return Err(FileError::Expired { expiration, today }.into());
        }
        let start = match (export.again, row.exported_from) {
            (true, Some(start)) if export.start.is_none_or(|asked| asked == start) => start,
            (true, _) => {
                let (book, start) = (row.id, export.start);
                return Err(FileError::NeverExported { book, start }.into());
            }
            (false, Some(start)) => {
                return Err(FileError::AlreadyExported {
                    book: row.id,
                    start,
                }
                .into());
            }
            (false, None) => export.start.unwrap_or_else(|| first_unused(&row)),
        };
        check(&row, start, export.again)?;
        let bytes = self.packed(&row, start, export.parts).await?;
        if !export.again {
            self.mark(&row, start).await?;
        }
        if let (Some(reference), Some(id)) = (&self.reference, row.reference_id)
            && !reference.end_before(id, start).await?
        {
            return Err(not_exportable(
                &row,
                start,
                "another program used tickets of that tail in the published database meanwhile",
            ));
        }
        let kept = start
            .checked_sub(1)
            .filter(|last| *last >= row.first_index)
            .map(|last| (row.first_index, last));
        Ok(Exported { bytes, start, kept })
    }

    /// The bytes of a file with the indices of a book from `start` on.
    pub(crate) async fn packed(
        &self,
        row: &BookRow,
        start: u64,
        parts: Parts,
    ) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let (epoch, expiration) = (row.epoch, row.expiration);
        let missing = |what| FileError::Missing {
            what,
            epoch,
            expiration: Some(expiration),
            advice: ADVICE,
        };
        let book = unpacked(row)?.with_spent_tickets(start)?;
        let key = match self.known_key(epoch).await? {
            Some(key) => Some(key),
            None if parts == Parts::default() => None,
            None => return Err(missing(KEY).into()),
        };
        let known = match &key {
            Some(key) => self.known_signatures(key, epoch, expiration).await?,
            None => crate::shelf::Verified::default(),
        };
        if parts.coins && known.coins.is_none() {
            return Err(missing(COINS).into());
        }
        if parts.dates && known.dates.is_none() {
            return Err(missing(DATES).into());
        }
        let key = key.map(|key| EpochVerificationKey {
            epoch_id: epoch,
            key,
        });
        let packed = ImportableTicketBook::pack(
            &book,
            known.dates.as_ref().filter(|_| parts.dates),
            known.coins.as_ref().filter(|_| parts.coins),
            key.as_ref().filter(|_| parts.key),
        );
        Ok(Zeroizing::new(packed.to_record().data().to_vec()))
    }

    /// Makes it durable that the tail is not ours any more.
    async fn mark(&self, row: &BookRow, start: u64) -> Result<(), WalletError> {
        match self.store.hand_over(row.id, start).await? {
            HandOver::Done => Ok(()),
            HandOver::Before(start) => Err(FileError::AlreadyExported {
                book: row.id,
                start,
            }
            .into()),
            HandOver::Used(index) => Err(not_exportable(
                row,
                start,
                &format!("a ticket of index {index} was made here"),
            )),
            HandOver::NotWhole => Err(not_exportable(row, start, NOT_WHOLE)),
        }
    }
}

const NOT_WHOLE: &str = "it ends before index 49 here, and the file has no field for an end";

/// The lowest index from which on no ticket was made.
fn first_unused(row: &BookRow) -> u64 {
    row.first_index
        .max(row.journal_end)
        .max(row.counter.unwrap_or(0))
}

fn check(row: &BookRow, start: u64, again: bool) -> Result<(), WalletError> {
    if !row.is_ready() {
        let why = format!("it is {}", row.state);
        return Err(not_exportable(row, start, &why));
    }
    if start >= TICKETS_PER_BOOK {
        return Err(not_exportable(row, start, "no ticket of it is left"));
    }
    if again {
        return Ok(());
    }
    if row.end_index != TICKETS_PER_BOOK {
        return Err(not_exportable(row, start, NOT_WHOLE));
    }
    let lowest = first_unused(row);
    if start < lowest {
        let why = if start < row.first_index {
            format!("this device has it from index {} on", row.first_index)
        } else {
            format!("tickets up to index {} were made here", lowest - 1)
        };
        return Err(not_exportable(row, start, &why));
    }
    Ok(())
}

fn not_exportable(row: &BookRow, start: u64, why: &str) -> WalletError {
    FileError::NotExportable {
        book: row.id,
        start,
        why: why.to_owned(),
    }
    .into()
}
