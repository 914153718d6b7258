//! Points of the two source groups in the form in which they travel: affine, in the prime-order subgroup.
//!
//! Decoding refuses everything but the one canonical encoding of a subgroup point (spec 1.2). Infinity is a legal
//! encoding; whether it is legal in a given place is decided by the protocol.

use core::fmt;

use group::prime::PrimeCurveAffine;
use group::{Curve, GroupEncoding};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, G2_BYTES};
use crate::curve::{G1Affine, G1Projective, G2Affine, G2Projective};
use crate::error::{Error, Result};
use crate::scalar::SecretScalar;

macro_rules! point {
    ($(#[$doc:meta])* $name:ident, $affine:ident, $projective:ident, $length:ident, $what:literal, $expecting:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub(crate) $affine);

        impl $name {
            /// The compressed form (spec 1.2).
            #[must_use]
            pub fn to_bytes(&self) -> [u8; $length] {
                let encoded = self.0.to_bytes();
                let mut bytes = [0; $length];
                for (to, from) in bytes.iter_mut().zip(AsRef::<[u8]>::as_ref(&encoded)) {
                    *to = *from;
                }
                bytes
            }

            /// Reads the compressed form: canonical, on the curve, in the prime-order subgroup; infinity included.
            ///
            /// # Errors
            /// [`Error::WrongLength`], [`Error::BadPoint`].
            pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
                let array = <[u8; $length]>::try_from(bytes)
                    .map_err(|_| Error::WrongLength { what: $what, expected: $length, got: bytes.len() })?;
                Self::from_compressed($what, &array)
            }

            pub(crate) fn from_compressed(what: &'static str, bytes: &[u8; $length]) -> Result<Self> {
                let mut repr = <$affine as GroupEncoding>::Repr::default();
                for (to, from) in repr.as_mut().iter_mut().zip(bytes) {
                    *to = *from;
                }
                let point: Option<$affine> = $affine::from_bytes(&repr).into();
                let point = Self(point.ok_or(Error::BadPoint { what })?);
                if point.to_bytes() == *bytes { Ok(point) } else { Err(Error::BadPoint { what }) }
            }

            /// Whether this is the point at infinity.
            #[must_use]
            pub fn is_infinity(&self) -> bool {
                PrimeCurveAffine::is_identity(&self.0).into()
            }

            /// The standard generator.
            #[must_use]
            pub fn generator() -> Self {
                Self(PrimeCurveAffine::generator())
            }

            pub(crate) fn not_infinity(self, what: &'static str) -> Result<Self> {
                if self.is_infinity() { Err(Error::Infinity { what }) } else { Ok(self) }
            }

            pub(crate) fn projective(&self) -> $projective {
                self.0.into()
            }

            /// s·P in constant time.
            pub(crate) fn mul_secret(&self, scalar: &SecretScalar) -> $projective {
                self.0 * scalar.expose().0
            }
        }

        impl From<$projective> for $name {
            fn from(point: $projective) -> Self {
                Self(Curve::to_affine(&point))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                crate::text::write_hex(f, &self.to_bytes())?;
                f.write_str(")")
            }
        }

        impl Encode for $name {
            fn encode(&self, out: &mut Writer) {
                out.byte_string(&self.to_bytes());
            }
        }

        impl Decode for $name {
            fn decode(input: &mut Reader<'_>) -> Result<Self> {
                Self::from_compressed($what, &input.byte_array($what)?)
            }
        }

        crate::text::serde_as_hex!($name, $length, $expecting);
    };
}

point!(
    /// A point of G1: 48 bytes.
    G1, G1Affine, G1Projective, G1_BYTES, "point of G1", "a point of G1: 96 lower-case hex digits"
);
point!(
    /// A point of G2: 96 bytes.
    G2, G2Affine, G2Projective, G2_BYTES, "point of G2", "a point of G2: 192 lower-case hex digits"
);
