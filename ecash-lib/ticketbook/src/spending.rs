//! Spending data: a payment with what is needed to verify it (`ecash-scheme.md` B.1).

use crate::date;
use crate::pay_info::PAY_INFO_BYTES;
use crate::{EcashDate, EpochId, PayInfo, TicketType, TicketbookError};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::constants::payment_bytes;
use ecash_scheme::{Payment, SerialNumber};
use serde::{Deserialize, Serialize};

/// Bytes around the payment: its length, pay info, Julian day, epoch.
pub const CONTEXT_BYTES: usize = 4 + PAY_INFO_BYTES + 4 + 8;

/// Longest base58 text that is read: that of 50 tickets in one payment, at 1.38 characters for a byte.
const TEXT_MAX_CHARS: usize = (payment_bytes(50) + CONTEXT_BYTES) * 138 / 100 + 1;

/// A payment with pay info, spend date and epoch.
///
/// Three forms: bytes (`BE32(length) ‖ payment ‖ pay info ‖ BE32 signed Julian day ‖ BE64 epoch`, what travels to
/// gateways), `bin` (inside other structures), JSON (towards signers). Date and epoch are outside the proof: they say
/// which public values to verify with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendingData {
    /// The payment.
    pub payment: Payment,
    /// What it is bound to.
    pub pay_info: PayInfo,
    /// The date to verify it for; in JSON `[year, day of the year]`, `"YYYY-MM-DD"` is read too.
    #[serde(with = "date::pair")]
    pub spend_date: EcashDate,
    /// The epoch whose key to verify it under.
    pub epoch_id: EpochId,
}

impl SpendingData {
    /// The byte form; 1278 bytes for one ticket.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let payment = self.payment.to_bytes();
        let length = u32::try_from(payment.len()).unwrap_or(u32::MAX); // total: at most 26 033 bytes, for 50 tickets
        let mut bytes = Vec::with_capacity(payment.len() + CONTEXT_BYTES);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&payment);
        bytes.extend_from_slice(&self.pay_info.to_bytes());
        bytes.extend_from_slice(&self.spend_date.julian_day().to_be_bytes());
        bytes.extend_from_slice(&self.epoch_id.get().to_be_bytes());
        bytes
    }

    /// Reads the byte form.
    ///
    /// # Errors
    /// [`TicketbookError::Length`] if the length is not that of the payment plus 88; [`TicketbookError::Codec`] for the
    /// payment; [`TicketbookError::DateOutOfRange`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketbookError> {
        let frame = Frame::read(bytes)?;
        Ok(Self {
            payment: Payment::from_bytes(frame.payment)?,
            pay_info: frame.pay_info,
            spend_date: frame.spend_date,
            epoch_id: frame.epoch_id,
        })
    }

    /// Base58 of the byte form, for places that take text.
    #[must_use]
    pub fn to_base58(&self) -> String {
        bs58::encode(self.to_bytes()).into_string()
    }

    /// Reads base58 of the byte form.
    ///
    /// # Errors
    /// [`TicketbookError::Length`] for a text longer than that of a whole book in one payment;
    /// [`TicketbookError::Base58`]; those of [`Self::from_bytes`].
    pub fn from_base58(text: &str) -> Result<Self, TicketbookError> {
        if text.len() > TEXT_MAX_CHARS {
            return Err(TicketbookError::Length {
                what: "base58 of spending data",
                expected: TEXT_MAX_CHARS,
                actual: text.len(),
            });
        }
        let bytes = bs58::decode(text)
            .into_vec()
            .map_err(|error| TicketbookError::Base58(error.to_string()))?;
        Self::from_bytes(&bytes)
    }

    /// The type that the payment shows.
    ///
    /// # Errors
    /// [`TicketbookError::UnknownTicketTypeCode`].
    pub fn ticket_type(&self) -> Result<TicketType, TicketbookError> {
        TicketType::from_code(self.payment.ticket_type())
    }

    /// Serial numbers of its tickets.
    #[must_use]
    pub fn serial_numbers(&self) -> Vec<SerialNumber> {
        self.payment.serial_numbers()
    }
}

impl Encode for SpendingData {
    fn encode(&self, out: &mut Writer) {
        self.payment.encode(out);
        out.byte_string(&self.pay_info.to_bytes());
        self.spend_date.encode(out);
        self.epoch_id.encode(out);
    }
}

impl Decode for SpendingData {
    fn decode(input: &mut Reader<'_>) -> ecash_scheme::Result<Self> {
        Ok(Self {
            payment: Payment::decode(input)?,
            pay_info: PayInfo::from_array(&input.byte_array("pay info")?),
            spend_date: EcashDate::decode(input)?,
            epoch_id: EpochId::decode(input)?,
        })
    }
}

/// The byte form taken apart, the payment still as bytes.
pub(crate) struct Frame<'a> {
    pub(crate) payment: &'a [u8],
    pub(crate) pay_info: PayInfo,
    pub(crate) spend_date: EcashDate,
    pub(crate) epoch_id: EpochId,
}

impl<'a> Frame<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, TicketbookError> {
        let mut input = Reader::new(bytes);
        let length = u32::from_be_bytes(input.array("payment length")?);
        let actual = bytes.len();
        let expected = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(CONTEXT_BYTES));
        if expected != Some(actual) {
            let expected = expected.unwrap_or(usize::MAX);
            return Err(TicketbookError::Length {
                what: "spending data",
                expected,
                actual,
            });
        }
        let payment = input.raw("payment", actual - CONTEXT_BYTES)?; // equal to `expected`, which is the larger
        let pay_info = PayInfo::from_array(&input.array("pay info")?);
        let spend_date =
            EcashDate::from_julian_day(i32::from_be_bytes(input.array("spend date")?))?;
        let epoch_id = EpochId(u64::from_be_bytes(input.array("epoch")?));
        input.finish("spending data")?;
        Ok(Self {
            payment,
            pay_info,
            spend_date,
            epoch_id,
        })
    }
}
