//! One ticket as it arrives: the structure gate (`gateway.md` R1.1, R1.4; steps 1–6 of `ecash-scheme.md` 5.7).
//!
//! The gate looks at bytes only: length, syntax, list sizes, spend value, type, infinities, a representable date. What is
//! left for [`Ticket::decode`] is whether points lie on the curve and in the subgroup; what is left for the scheme is
//! whether they verify.

use crate::pay_info::PAY_INFO_BYTES;
use crate::spending::{CONTEXT_BYTES, Frame};
use crate::{EcashDate, EpochId, PayInfo, SpendingData, TicketType, TicketbookError};
use ecash_scheme::constants::{SCALAR_BYTES, payment_bytes};
use ecash_scheme::{Claim, SerialNumber, UncheckedPayment, VerifyingKey};

/// Length of a ticket, in bytes: 1278.
pub const TICKET_BYTES: usize = payment_bytes(1) + CONTEXT_BYTES;
/// Length of a ticket in the form of older provers, which lacks a statement and is refused: 1245.
pub const OLDER_TICKET_BYTES: usize = TICKET_BYTES - 1 - SCALAR_BYTES;

/// Where the tag of the one ticket lies: after the payment's length, two points of G2 (97 bytes each with their lengths),
/// two signatures (98 each), and lists of one point of G2, one signature and one serial.
const TAG_OFFSET: usize = 4 + 2 * 97 + 2 * 98 + (1 + 97) + (1 + 98) + (1 + 49) + 1 + 1;
/// First byte of the point at infinity, and of no other point.
const INFINITY: u8 = 0xc0;

const _: () = assert!(TICKET_BYTES == 1278 && OLDER_TICKET_BYTES == 1245 && PAY_INFO_BYTES == 72);

/// Why bytes are not a ticket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The form of older provers.
    #[error(
        "ticket of {OLDER_TICKET_BYTES} bytes: the form of an older version, which is refused; update the wallet"
    )]
    OlderForm,
    /// Another length.
    #[error("{0} bytes, a ticket has {TICKET_BYTES}")]
    Length(usize),
    /// Not the bytes of one ticket.
    #[error(transparent)]
    Malformed(#[from] TicketbookError),
}

/// 1278 bytes that passed the structure gate. Nothing about it is proved.
#[derive(Clone)]
pub struct Ticket {
    bytes: Box<[u8; TICKET_BYTES]>,
    payment: UncheckedPayment,
    serial: SerialNumber,
    ticket_type: TicketType,
    pay_info: PayInfo,
    spend_date: EcashDate,
    epoch_id: EpochId,
}

impl Ticket {
    /// The structure gate.
    ///
    /// # Errors
    /// [`Refused`], naming the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        let Ok(array) = <&[u8; TICKET_BYTES]>::try_from(bytes) else {
            let older_prefix = u32::try_from(OLDER_TICKET_BYTES - CONTEXT_BYTES)
                .unwrap_or(u32::MAX)
                .to_be_bytes();
            let older = bytes.len() == OLDER_TICKET_BYTES && bytes.starts_with(&older_prefix);
            return Err(if older {
                Refused::OlderForm
            } else {
                Refused::Length(bytes.len())
            });
        };
        let frame = Frame::read(bytes)?;
        let payment = UncheckedPayment::parse(frame.payment).map_err(TicketbookError::from)?;
        let serials = payment.serial_numbers();
        let [serial] = serials.as_slice() else {
            return Err(TicketbookError::SpendValue(serials.len()).into());
        };
        if array.get(TAG_OFFSET) == Some(&INFINITY) {
            return Err(
                TicketbookError::from(ecash_scheme::Error::Infinity { what: "tag" }).into(),
            );
        }
        Ok(Self {
            bytes: Box::new(*array),
            serial: *serial,
            ticket_type: TicketType::from_code(payment.ticket_type())?,
            payment,
            pay_info: frame.pay_info,
            spend_date: frame.spend_date,
            epoch_id: frame.epoch_id,
        })
    }

    /// The 1278 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; TICKET_BYTES] {
        &self.bytes
    }

    /// Serial number: what identifies the ticket, whatever else is re-randomised.
    #[must_use]
    pub const fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// Type that the ticket shows.
    #[must_use]
    pub const fn ticket_type(&self) -> TicketType {
        self.ticket_type
    }

    /// Pay info.
    #[must_use]
    pub const fn pay_info(&self) -> &PayInfo {
        &self.pay_info
    }

    /// Spend date that the ticket is to be verified for.
    #[must_use]
    pub const fn spend_date(&self) -> EcashDate {
        self.spend_date
    }

    /// Epoch whose key the ticket is to be verified under.
    #[must_use]
    pub const fn epoch_id(&self) -> EpochId {
        self.epoch_id
    }

    /// What there is to verify, under the key of the epoch that it names.
    #[must_use]
    pub fn claim(&self, key: &VerifyingKey) -> Claim {
        Claim {
            key: key.clone(),
            payment: self.payment.clone(),
            pay_info: self.pay_info.to_bytes(),
            spend_date: self.spend_date.unix(),
        }
    }

    /// Decodes every point: on the curve, in the prime-order subgroup. Costs about a millisecond.
    ///
    /// # Errors
    /// [`TicketbookError::Codec`] naming the element.
    pub fn decode(&self) -> Result<SpendingData, TicketbookError> {
        Ok(SpendingData {
            payment: self.payment.decode()?,
            pay_info: self.pay_info,
            spend_date: self.spend_date,
            epoch_id: self.epoch_id,
        })
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket")
            .field("ticket_type", &self.ticket_type)
            .field("spend_date", &self.spend_date)
            .field("epoch_id", &self.epoch_id)
            .finish_non_exhaustive()
    }
}
