//! The gate before any curve arithmetic (spec 5.7, steps 1 to 6).

use core::convert::Infallible;

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, G2_BYTES, SCALAR_BYTES};
use crate::dates::check_ticket_type;
use crate::error::{Error, Result};
use crate::point::{G1, G2, Unproven};
use crate::scalar::Scalar;
use crate::spend::parts::{Convert, Decoded, Encoded, OnCurve, Parts};
use crate::spend::wire::{Bytes, Wire};
use crate::spend::{Payment, SerialNumber};

/// Set in the first byte of an encoding that is, or claims to be, the point at infinity.
const INFINITY_FLAG: u8 = 0x40;

/// A payment whose syntax and shape are right, but whose points and scalars are still bytes: lengths, n, type, infinities
/// and duplicate serial numbers were checked without any curve arithmetic. Reading one costs next to nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncheckedPayment(Parts<Encoded>);

impl UncheckedPayment {
    /// Reads a payment that takes all of `bytes`, and checks its shape.
    ///
    /// # Errors
    /// Those of the codec, [`Error::OutOfRange`] for n, [`Error::WrongLength`] for a list,
    /// [`Error::UnknownTicketType`], [`Error::Infinity`], [`Error::DuplicateSerialNumber`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_bin(bytes)
    }

    /// The serial numbers of the tickets, as claimed.
    #[must_use]
    pub fn serial_numbers(&self) -> Vec<SerialNumber> {
        self.0
            .tickets
            .iter()
            .map(|ticket| SerialNumber::from_bytes(ticket.serial.0))
            .collect()
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

    /// Decodes all scalars and points: below r; on the curve, in the prime-order subgroup.
    ///
    /// # Errors
    /// [`Error::BadPoint`], [`Error::BadScalar`].
    pub fn decode(&self) -> Result<Payment> {
        self.on_curve()?.check()
    }

    /// The first step of decoding: scalars below r, points on the curve.
    ///
    /// # Errors
    /// [`Error::BadPoint`], [`Error::BadScalar`].
    pub(super) fn on_curve(&self) -> Result<OnCurvePayment> {
        self.0.convert(&FromBytes).map(OnCurvePayment)
    }

    pub(super) const fn from_parts(parts: Parts<Encoded>) -> Self {
        Self(parts)
    }

    fn from_wire(wire: Wire) -> Result<Self> {
        let parts = wire.into_parts()?;
        check_ticket_type(parts.ticket_type)?;
        for (what, pair) in [
            ("ticketbook signature", &parts.wallet),
            ("date signature", &parts.date),
        ] {
            not_infinity(what, &pair.h)?;
            not_infinity(what, &pair.s)?;
        }
        for (first, ticket) in parts.tickets.iter().enumerate() {
            not_infinity("coin-index signature", &ticket.omega.h)?;
            not_infinity("coin-index signature", &ticket.omega.s)?;
            not_infinity("serial number", &ticket.serial)?;
            let same = |other: &&(usize, &Bytes<G1_BYTES>)| *other.1 == ticket.serial;
            let serials: Vec<_> = parts
                .tickets
                .iter()
                .map(|other| &other.serial)
                .enumerate()
                .skip(first + 1)
                .collect();
            if let Some((second, _)) = serials.iter().find(same) {
                return Err(Error::DuplicateSerialNumber {
                    first,
                    second: *second,
                });
            }
        }
        Ok(Self(parts))
    }
}

/// Refuses an encoding with the infinity flag: it is infinity, or no encoding at all.
fn not_infinity<const N: usize>(what: &'static str, bytes: &Bytes<N>) -> Result<()> {
    match bytes.0.first() {
        Some(first) if first & INFINITY_FLAG == 0 => Ok(()),
        _ => Err(Error::Infinity { what }),
    }
}

/// A payment whose points are on the curve and not yet known to be in their subgroups: nothing may be computed with them.
pub(super) struct OnCurvePayment(Parts<OnCurve>);

impl OnCurvePayment {
    /// The second step of decoding, for one payment: every point in its subgroup.
    ///
    /// # Errors
    /// [`Error::BadPoint`].
    pub(super) fn check(&self) -> Result<Payment> {
        self.0.convert(&Check).map(Payment::from_parts)
    }

    /// The second step of decoding, for many payments: all points of G1 are checked together, and all of G2, where that
    /// is faster; a point outside its subgroup is overlooked with probability at most 2⁻¹²⁸. If any is outside, each
    /// payment is checked by itself.
    ///
    /// # Errors
    /// [`Error::BadPoint`], for each payment.
    pub(super) fn check_all<R: RngCore + CryptoRng + ?Sized>(
        payments: &[Self],
        rng: &mut R,
    ) -> Vec<Result<Payment>> {
        let g1: Vec<_> = payments
            .iter()
            .flat_map(|payment| payment.0.g1_points().copied())
            .collect();
        let g2: Vec<_> = payments
            .iter()
            .flat_map(|payment| payment.0.g2_points().copied())
            .collect();
        let proven =
            Unproven::<G1>::all_in_subgroup(&g1, rng) && Unproven::<G2>::all_in_subgroup(&g2, rng);
        payments
            .iter()
            .map(|payment| {
                if proven {
                    let Ok(parts) = payment.0.convert(&Proven);
                    Ok(Payment::from_parts(parts))
                } else {
                    payment.check()
                }
            })
            .collect()
    }
}

/// The first step of strict decoding.
struct FromBytes;

impl Convert<Encoded, OnCurve> for FromBytes {
    type Error = Error;

    fn g1(&self, what: &'static str, point: &Bytes<G1_BYTES>) -> Result<Unproven<G1>> {
        Unproven::<G1>::from_compressed(what, &point.0)
    }

    fn g2(&self, what: &'static str, point: &Bytes<G2_BYTES>) -> Result<Unproven<G2>> {
        Unproven::<G2>::from_compressed(what, &point.0)
    }

    fn scalar(&self, what: &'static str, scalar: &Bytes<SCALAR_BYTES>) -> Result<Scalar> {
        Scalar::from_repr(what, scalar.0)
    }
}

/// The second step of strict decoding, point by point.
struct Check;

impl Convert<OnCurve, Decoded> for Check {
    type Error = Error;

    fn g1(&self, what: &'static str, point: &Unproven<G1>) -> Result<G1> {
        point.check(what)
    }

    fn g2(&self, what: &'static str, point: &Unproven<G2>) -> Result<G2> {
        point.check(what)
    }

    fn scalar(&self, _: &'static str, scalar: &Scalar) -> Result<Scalar> {
        Ok(*scalar)
    }
}

/// The second step of strict decoding, after all points have been checked together.
struct Proven;

impl Convert<OnCurve, Decoded> for Proven {
    type Error = Infallible;

    fn g1(&self, _: &'static str, point: &Unproven<G1>) -> core::result::Result<G1, Infallible> {
        Ok(point.proven())
    }

    fn g2(&self, _: &'static str, point: &Unproven<G2>) -> core::result::Result<G2, Infallible> {
        Ok(point.proven())
    }

    fn scalar(&self, _: &'static str, scalar: &Scalar) -> core::result::Result<Scalar, Infallible> {
        Ok(*scalar)
    }
}

impl Encode for UncheckedPayment {
    fn encode(&self, out: &mut Writer) {
        Wire::from(&self.0).encode(out);
    }
}

impl Decode for UncheckedPayment {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_wire(Wire::decode(input)?)
    }
}

impl Serialize for UncheckedPayment {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> core::result::Result<S::Ok, S::Error> {
        Wire::from(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UncheckedPayment {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> core::result::Result<Self, D::Error> {
        Self::from_wire(Wire::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
