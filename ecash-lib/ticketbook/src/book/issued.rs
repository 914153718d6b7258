use crate::revision::Record;
use crate::wire::invalid;
use crate::{
    EcashDate, EpochId, PayInfo, SpendingData, TICKETS_PER_BOOK, TicketType, TicketbookError,
};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::spend::{MasterKey, SpendContext};
use ecash_scheme::{UserSecretKey, Wallet, WalletSignatures};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// An issued book: the wallet's signatures, how many tickets are used, and under which epoch's key it was signed. Record
/// revision 1: signatures, used tickets, epoch, user's secret key, date, type, in this order.
///
/// Its dates and type are those inside the signatures; a record that says otherwise does not decode.
#[derive(Clone)]
pub struct IssuedTicketBook {
    signatures: WalletSignatures,
    spent_tickets: u64,
    epoch_id: EpochId,
    user: UserSecretKey,
    expiration: EcashDate,
    ticket_type: TicketType,
}

impl IssuedTicketBook {
    /// A book from its parts.
    ///
    /// # Errors
    /// [`TicketbookError::NotMidnight`], [`TicketbookError::UnknownTicketTypeCode`] for signatures on values that no book
    /// has; [`TicketbookError::SpentCount`] above 50.
    pub fn new(
        signatures: WalletSignatures,
        spent_tickets: u64,
        epoch_id: EpochId,
        user: UserSecretKey,
    ) -> Result<Self, TicketbookError> {
        if spent_tickets > TICKETS_PER_BOOK {
            return Err(TicketbookError::SpentCount(spent_tickets));
        }
        let expiration = EcashDate::from_unix(signatures.expiration())?;
        let ticket_type = TicketType::from_code(signatures.ticket_type())?;
        Ok(Self {
            signatures,
            spent_tickets,
            epoch_id,
            user,
            expiration,
            ticket_type,
        })
    }

    /// The wallet's signatures.
    #[must_use]
    pub const fn signatures(&self) -> &WalletSignatures {
        &self.signatures
    }

    /// Tickets used; the next one has this index.
    #[must_use]
    pub const fn spent_tickets(&self) -> u64 {
        self.spent_tickets
    }

    /// Tickets left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        TICKETS_PER_BOOK.saturating_sub(self.spent_tickets)
    }

    /// The epoch whose key signed the book.
    #[must_use]
    pub const fn epoch_id(&self) -> EpochId {
        self.epoch_id
    }

    /// The user's secret key.
    #[must_use]
    pub const fn user(&self) -> &UserSecretKey {
        &self.user
    }

    /// Last date on which the book can be spent.
    #[must_use]
    pub const fn expiration(&self) -> EcashDate {
        self.expiration
    }

    /// Type of its tickets.
    #[must_use]
    pub const fn ticket_type(&self) -> TicketType {
        self.ticket_type
    }

    /// The same book with another number of used tickets: what a store that counts them itself reads back.
    ///
    /// # Errors
    /// [`TicketbookError::SpentCount`] above 50.
    pub fn with_spent_tickets(self, spent_tickets: u64) -> Result<Self, TicketbookError> {
        if spent_tickets > TICKETS_PER_BOOK {
            return Err(TicketbookError::SpentCount(spent_tickets));
        }
        Ok(Self {
            spent_tickets,
            ..self
        })
    }

    /// Makes the payment of one ticket, the one with index `index`. It changes nothing in the book: the caller has
    /// claimed the index, and records the bytes before they leave.
    ///
    /// # Errors
    /// [`TicketbookError::Spent`] for an index above 49; [`TicketbookError::Mismatch`] if `spend_date` is not a date of
    /// this book; [`TicketbookError::Codec`] if the scheme refuses.
    pub fn spend_ticket<K: MasterKey, R: RngCore + CryptoRng>(
        &self,
        index: u64,
        context: &SpendContext<'_, K>,
        label: EpochId,
        pay_info: PayInfo,
        spend_date: EcashDate,
        rng: &mut R,
    ) -> Result<SpendingData, TicketbookError> {
        if index >= TICKETS_PER_BOOK {
            return Err(TicketbookError::Spent {
                epoch: self.epoch_id,
                expiration: self.expiration,
            });
        }
        if !self.expiration.covers(spend_date) {
            return Err(TicketbookError::OutsideValidity {
                expiration: self.expiration,
                spend_date,
            });
        }
        let mut wallet = Wallet::new(self.signatures.clone(), index)?;
        let payment = wallet.spend(
            &self.user,
            context,
            &pay_info.to_bytes(),
            spend_date.unix(),
            1,
            rng,
        )?;
        Ok(SpendingData {
            payment,
            pay_info,
            spend_date,
            epoch_id: label,
        })
    }
}

impl Encode for IssuedTicketBook {
    fn encode(&self, out: &mut Writer) {
        self.signatures.encode(out);
        out.uint(self.spent_tickets);
        self.epoch_id.encode(out);
        out.byte_string(&*self.user.to_bytes());
        self.expiration.encode(out);
        self.ticket_type.encode(out);
    }
}

impl Decode for IssuedTicketBook {
    fn decode(input: &mut Reader<'_>) -> ecash_scheme::Result<Self> {
        let signatures = WalletSignatures::decode(input)?;
        let spent_tickets = input.u64("used tickets")?;
        let epoch_id = EpochId::decode(input)?;
        let user = Zeroizing::new(input.byte_array::<32>("user secret key")?);
        let user = UserSecretKey::from_bytes(&*user)?;
        let (expiration, ticket_type) = (EcashDate::decode(input)?, TicketType::decode(input)?);
        let book = Self::new(signatures, spent_tickets, epoch_id, user)
            .map_err(|problem| invalid(Self::NAME, &problem))?;
        if (book.expiration, book.ticket_type) == (expiration, ticket_type) {
            return Ok(book);
        }
        let problem = TicketbookError::Mismatch {
            what: "record",
            expected: format!("{}, {}", book.expiration, book.ticket_type),
            actual: format!("{expiration}, {ticket_type}"),
        };
        Err(invalid(Self::NAME, &problem))
    }
}

impl Record for IssuedTicketBook {
    const NAME: &'static str = "issued ticketbook";
    const REVISION: u8 = 1;
}
