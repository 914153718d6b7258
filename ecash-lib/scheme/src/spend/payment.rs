//! Payments, decoded.

use core::convert::Infallible;

use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, G2_BYTES, SCALAR_BYTES};
use crate::error::Result;
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::spend::parts::{Convert, Decoded, Encoded, Parts};
use crate::spend::wire::Bytes;
use crate::spend::{SerialNumber, UncheckedPayment};

/// A payment of 1 to 50 tickets: its shape right, every point in its subgroup, every scalar below r. Not yet verified:
/// [`crate::VerifyingKey::verify`].
///
/// Different bytes can be the same payment, as anybody can re-randomise its signatures: payments are told apart by their
/// [`Payment::serial_numbers`] only, never by a hash of their bytes (spec 8.2, R7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment(Parts<Decoded>);

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

    /// Base58 of the canonical bytes.
    #[must_use]
    pub fn to_base58(&self) -> String {
        crate::text::to_base58(&self.to_bytes())
    }

    /// The serial numbers of the tickets.
    #[must_use]
    pub fn serial_numbers(&self) -> Vec<SerialNumber> {
        self.0
            .tickets
            .iter()
            .map(|ticket| SerialNumber::from_bytes(ticket.serial.to_bytes()))
            .collect()
    }

    /// The serial numbers one after another, enc(S_0) ‖ … ‖ enc(S_{n−1}): the published form for look-ups (spec 5.5).
    #[must_use]
    pub fn encoded_serial_number(&self) -> Vec<u8> {
        self.0
            .tickets
            .iter()
            .flat_map(|ticket| ticket.serial.to_bytes())
            .collect()
    }

    /// The identification tags T_k = u·G + μ_k·R_k·G of the tickets, in the order of their serial numbers.
    #[must_use]
    pub fn tags(&self) -> Vec<G1> {
        self.0.tickets.iter().map(|ticket| ticket.tag).collect()
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.0.ticket_type
    }

    /// n, 1 to 50.
    #[must_use]
    pub const fn tickets(&self) -> usize {
        self.0.tickets.len()
    }

    pub(crate) const fn parts(&self) -> &Parts<Decoded> {
        &self.0
    }

    pub(super) const fn from_parts(parts: Parts<Decoded>) -> Self {
        Self(parts)
    }

    fn encoded(&self) -> UncheckedPayment {
        let Ok(parts) = self.0.convert(&ToBytes);
        UncheckedPayment::from_parts(parts)
    }
}

/// Encoding; cannot fail.
struct ToBytes;

impl Convert<Decoded, Encoded> for ToBytes {
    type Error = Infallible;

    fn g1(&self, _: &'static str, point: &G1) -> core::result::Result<Bytes<G1_BYTES>, Infallible> {
        Ok(Bytes(point.to_bytes()))
    }

    fn g2(&self, _: &'static str, point: &G2) -> core::result::Result<Bytes<G2_BYTES>, Infallible> {
        Ok(Bytes(point.to_bytes()))
    }

    fn scalar(
        &self,
        _: &'static str,
        scalar: &Scalar,
    ) -> core::result::Result<Bytes<SCALAR_BYTES>, Infallible> {
        Ok(Bytes(scalar.to_bytes()))
    }
}

impl Encode for Payment {
    fn encode(&self, out: &mut Writer) {
        self.encoded().encode(out);
    }
}

impl Decode for Payment {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        <UncheckedPayment as Decode>::decode(input)?.decode()
    }
}

impl Serialize for Payment {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> core::result::Result<S::Ok, S::Error> {
        self.encoded().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payment {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> core::result::Result<Self, D::Error> {
        UncheckedPayment::deserialize(deserializer)?
            .decode()
            .map_err(serde::de::Error::custom)
    }
}
