use super::IssuedTicketBook;
use crate::revision::{Record, VersionSerialised};
use crate::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EpochVerificationKey, TicketbookError,
};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};

/// A book on its way to another device or program, with what is needed to spend it as far as the sender has it. Record
/// revision 1: the book's record, then three optional records.
#[derive(Clone)]
pub struct ImportableTicketBook {
    book: VersionSerialised<IssuedTicketBook>,
    dates: Option<VersionSerialised<AggregatedDateSignatures>>,
    coins: Option<VersionSerialised<AggregatedCoinIndexSignatures>>,
    key: Option<VersionSerialised<EpochVerificationKey>>,
}

/// What an importable book holds, decoded; every part belongs to the book's epoch and expiration date.
#[derive(Clone)]
pub struct Imported {
    /// The book.
    pub book: IssuedTicketBook,
    /// Date signatures of the book's expiration date.
    pub dates: Option<AggregatedDateSignatures>,
    /// Coin-index signatures of the book's epoch.
    pub coins: Option<AggregatedCoinIndexSignatures>,
    /// Key of the book's epoch.
    pub key: Option<EpochVerificationKey>,
}

impl ImportableTicketBook {
    /// Packs a book up.
    #[must_use]
    pub fn pack(
        book: &IssuedTicketBook,
        dates: Option<&AggregatedDateSignatures>,
        coins: Option<&AggregatedCoinIndexSignatures>,
        key: Option<&EpochVerificationKey>,
    ) -> Self {
        Self {
            book: book.to_record(),
            dates: dates.map(Record::to_record),
            coins: coins.map(Record::to_record),
            key: key.map(Record::to_record),
        }
    }

    /// Decodes every part and checks that they belong together. Whether signatures verify is for the caller to check.
    ///
    /// # Errors
    /// [`TicketbookError::Revision`], [`TicketbookError::Codec`] for a part; [`TicketbookError::Mismatch`] for a part of
    /// another epoch or date.
    pub fn unpack(&self) -> Result<Imported, TicketbookError> {
        let book = self.book.unpack()?;
        let dates = self
            .dates
            .as_ref()
            .map(VersionSerialised::unpack)
            .transpose()?;
        let coins = self
            .coins
            .as_ref()
            .map(VersionSerialised::unpack)
            .transpose()?;
        let key = self
            .key
            .as_ref()
            .map(VersionSerialised::unpack)
            .transpose()?;
        let epochs = [
            (
                AggregatedDateSignatures::NAME,
                dates.as_ref().map(AggregatedDateSignatures::epoch_id),
            ),
            (
                AggregatedCoinIndexSignatures::NAME,
                coins.as_ref().map(|coins| coins.epoch_id),
            ),
            (
                EpochVerificationKey::NAME,
                key.as_ref().map(|key| key.epoch_id),
            ),
        ];
        for (what, epoch) in epochs {
            if let Some(epoch) = epoch.filter(|epoch| *epoch != book.epoch_id()) {
                let (expected, actual) = (
                    format!("epoch {}", book.epoch_id()),
                    format!("epoch {epoch}"),
                );
                return Err(TicketbookError::Mismatch {
                    what,
                    expected,
                    actual,
                });
            }
        }
        if let Some(dates) = dates
            .as_ref()
            .filter(|dates| dates.expiration() != book.expiration())
        {
            return Err(TicketbookError::Mismatch {
                what: AggregatedDateSignatures::NAME,
                expected: book.expiration().to_string(),
                actual: dates.expiration().to_string(),
            });
        }
        Ok(Imported {
            book,
            dates,
            coins,
            key,
        })
    }
}

impl Encode for ImportableTicketBook {
    fn encode(&self, out: &mut Writer) {
        self.book.encode(out);
        out.option(self.dates.as_ref());
        out.option(self.coins.as_ref());
        out.option(self.key.as_ref());
    }
}

impl Decode for ImportableTicketBook {
    fn decode(input: &mut Reader<'_>) -> ecash_scheme::Result<Self> {
        Ok(Self {
            book: VersionSerialised::decode(input)?,
            dates: input.option("date signatures")?,
            coins: input.option("coin-index signatures")?,
            key: input.option("epoch key")?,
        })
    }
}

impl Record for ImportableTicketBook {
    const NAME: &'static str = "importable ticketbook";
    const REVISION: u8 = 1;
}
