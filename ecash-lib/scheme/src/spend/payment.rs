//! Payments: one struct for the payment, one for each of its tickets; and the gate before any curve arithmetic.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::SERIAL_NUMBER_BYTES;
use crate::error::Result;

/// The serial number of one ticket, enc(S_k): what identifies a ticket everywhere (spec 8.2, R7). Base58 as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber([u8; SERIAL_NUMBER_BYTES]);

/// A decoded payment: every point in its subgroup, every scalar below r, its shape right. Not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    ticket_type: u8,
}

/// A payment whose syntax and shape are right, but whose points are still bytes: syntax, lengths, n, type, infinities and
/// duplicate serials were checked without any curve arithmetic (spec 5.7, steps 1 to 6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncheckedPayment {
    ticket_type: u8,
}

impl SerialNumber {
    /// From its 48 bytes, as stored; not checked to be a point.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; SERIAL_NUMBER_BYTES]) -> Self {
        Self(bytes)
    }

    /// The 48 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SERIAL_NUMBER_BYTES] {
        &self.0
    }

    /// Base58 of the 48 bytes.
    #[must_use]
    pub fn to_base58(&self) -> String {
        crate::text::to_base58(&self.0)
    }

    /// Reads base58 of 48 bytes.
    ///
    /// # Errors
    /// [`crate::Error::BadText`], [`crate::Error::WrongLength`].
    pub fn from_base58(text: &str) -> Result<Self> {
        let bytes = crate::text::from_base58("serial number", text, SERIAL_NUMBER_BYTES)?;
        let got = bytes.len();
        bytes.try_into().map(Self).map_err(|_| crate::Error::WrongLength {
            what: "serial number",
            expected: SERIAL_NUMBER_BYTES,
            got,
        })
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base58())
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

impl UncheckedPayment {
    /// Reads a payment of exactly `bytes` and checks its shape.
    ///
    /// # Errors
    /// Those of the codec, [`crate::Error::OutOfRange`] for n, [`crate::Error::WrongLength`] for a list,
    /// [`crate::Error::UnknownTicketType`], [`crate::Error::Infinity`], [`crate::Error::DuplicateSerialNumber`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_bin(bytes)
    }

    /// The serial numbers of the tickets.
    #[must_use]
    pub fn serial_numbers(&self) -> Vec<SerialNumber> {
        todo!()
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }

    /// n, 1 to 50.
    #[must_use]
    pub fn tickets(&self) -> usize {
        todo!()
    }

    /// Decodes all points: on the curve, in the prime-order subgroup.
    ///
    /// # Errors
    /// [`crate::Error::BadPoint`].
    pub fn decode(&self) -> Result<Payment> {
        todo!()
    }
}

impl Payment {
    /// The canonical bytes, 683 + 507·n.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bin()
    }

    /// Reads the canonical bytes: [`UncheckedPayment::parse`], then [`UncheckedPayment::decode`].
    ///
    /// # Errors
    /// Those of both.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        UncheckedPayment::parse(bytes)?.decode()
    }

    /// The serial numbers of the tickets.
    #[must_use]
    pub fn serial_numbers(&self) -> Vec<SerialNumber> {
        todo!()
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }

    /// n, 1 to 50.
    #[must_use]
    pub fn tickets(&self) -> usize {
        todo!()
    }
}

impl Decode for UncheckedPayment {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let _ = input;
        todo!()
    }
}

impl Encode for Payment {
    fn encode(&self, out: &mut Writer) {
        let _ = out;
        todo!()
    }
}

impl Decode for Payment {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        <UncheckedPayment as Decode>::decode(input)?.decode()
    }
}

impl Serialize for Payment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let _ = serializer;
        todo!()
    }
}

impl<'de> Deserialize<'de> for Payment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        let _ = deserializer;
        todo!()
    }
}
