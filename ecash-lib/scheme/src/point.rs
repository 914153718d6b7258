//! Points of the two source groups in the form in which they travel: affine, in the prime-order subgroup.
//!
//! Decoding refuses everything but the one canonical encoding of a subgroup point (spec 1.2). Infinity is a legal
//! encoding; whether it is legal in a given place is decided by the protocol.

use core::fmt;

use group::prime::PrimeCurveAffine;
use group::{Curve, GroupEncoding};
use rand_core::{CryptoRng, RngCore};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, G2_BYTES};
use crate::curve::{G1Affine, G1Projective, G2Affine, G2Projective};
use crate::error::{Error, Result};

/// A point that was decoded, so it is on the curve, and is not yet known to be in the prime-order subgroup: nothing may be
/// computed with it. Decoding in two steps lets many points be checked together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unproven<P>(P);

macro_rules! point {
    ($(#[$doc:meta])* $name:ident, $affine:ident, $projective:ident, $length:ident, $all_in_subgroup:ident, $what:literal, $expecting:literal) => {
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
                Unproven::<Self>::from_compressed(what, bytes)?.check(what)
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
        }

        impl Unproven<$name> {
            /// Reads the compressed form: canonical and on the curve; infinity included.
            pub(crate) fn from_compressed(what: &'static str, bytes: &[u8; $length]) -> Result<Self> {
                let mut repr = <$affine as GroupEncoding>::Repr::default();
                for (to, from) in repr.as_mut().iter_mut().zip(bytes) {
                    *to = *from;
                }
                let point: Option<$affine> = $affine::from_bytes_unchecked(&repr).into();
                let point = $name(point.ok_or(Error::BadPoint { what })?);
                if point.to_bytes() == *bytes { Ok(Self(point)) } else { Err(Error::BadPoint { what }) }
            }

            /// Checks this point by itself.
            pub(crate) fn check(self, what: &'static str) -> Result<$name> {
                if self.0.0.is_torsion_free().into() { Ok(self.0) } else { Err(Error::BadPoint { what }) }
            }

            /// Whether all `points` are in the subgroup, checked together where that is faster; a wrong set is accepted
            /// with probability at most 2⁻¹²⁸. Which one is wrong, [`Unproven::check`] tells.
            pub(crate) fn all_in_subgroup<R: RngCore + CryptoRng + ?Sized>(points: &[Self], rng: &mut R) -> bool {
                let points: Vec<_> = points.iter().map(|point| point.0.0).collect();
                crate::curve::$all_in_subgroup(&points, rng)
            }

            /// The point, after [`Unproven::all_in_subgroup`] has found a set with it to be good.
            pub(crate) const fn proven(self) -> $name {
                self.0
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
    G1, G1Affine, G1Projective, G1_BYTES, g1_all_in_subgroup, "point of G1", "a point of G1: 96 lower-case hex digits"
);
point!(
    /// A point of G2: 96 bytes.
    G2, G2Affine, G2Projective, G2_BYTES, g2_all_in_subgroup, "point of G2", "a point of G2: 192 lower-case hex digits"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn refused<const N: usize>(bytes: [u8; N]) {
        let outcome = match N {
            G1_BYTES => G1::from_bytes(&bytes).map(|point| point.to_bytes().to_vec()),
            _ => G2::from_bytes(&bytes).map(|point| point.to_bytes().to_vec()),
        };
        assert!(
            matches!(outcome, Err(Error::BadPoint { .. })),
            "{outcome:?}"
        );
    }

    /// The field's prime p, big-endian, with the compression flag.
    fn prime() -> [u8; G1_BYTES] {
        let p = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
        let mut bytes: [u8; G1_BYTES] = hex::decode(p).unwrap().try_into().unwrap();
        bytes[0] |= 0x80;
        bytes
    }

    #[test]
    fn infinity_has_one_encoding() {
        fn check<const N: usize>() {
            let mut infinity = [0; N];
            infinity[0] = 0xc0;
            let mut with_sign = infinity;
            with_sign[0] |= 0x20;
            let mut with_x = infinity;
            with_x[N - 1] = 1;
            let mut uncompressed = infinity;
            uncompressed[0] = 0x40;
            for bytes in [with_sign, with_x, uncompressed, [0; N]] {
                refused(bytes);
            }
        }
        check::<G1_BYTES>();
        check::<G2_BYTES>();
        let mut infinity = [0; G1_BYTES];
        infinity[0] = 0xc0;
        assert!(G1::from_bytes(&infinity).unwrap().is_infinity());
        assert!(!G1::generator().is_infinity());
    }

    #[test]
    fn a_point_without_the_compression_flag_is_refused() {
        let mut g1 = G1::generator().to_bytes();
        g1[0] &= 0x7f;
        refused(g1);
        let mut g2 = G2::generator().to_bytes();
        g2[0] &= 0x7f;
        refused(g2);
    }

    #[test]
    fn coordinates_of_p_and_above_are_refused() {
        refused(prime()); // x = p, the same point as x = 0
        refused([0xff; G1_BYTES].map(|byte| byte & 0x9f));
        let mut c1 = [0; G2_BYTES];
        c1[..G1_BYTES].copy_from_slice(&prime());
        refused(c1);
        let mut c0 = [0; G2_BYTES];
        c0[0] = 0x80;
        c0[G1_BYTES..].copy_from_slice(&prime());
        c0[G1_BYTES] &= 0x7f;
        refused(c0);
    }

    #[test]
    fn points_off_the_curve_or_outside_the_subgroup_are_refused() {
        let mut small_order = [0; G1_BYTES]; // x = 0, y² = 4: order 3
        small_order[0] = 0x80;
        refused(small_order);
        let mut off_curve = small_order;
        off_curve[G1_BYTES - 1] = 1; // y² = 5 has no root
        refused(off_curve);
        let mut off_subgroup = [0; G2_BYTES];
        off_subgroup[0] = 0x80;
        off_subgroup[G2_BYTES - 1] = 2;
        refused(off_subgroup);
    }

    #[test]
    fn lengths_other_than_the_compressed_ones_are_refused() {
        for length in [0, 47, 49, 96] {
            assert!(matches!(
                G1::from_bytes(&vec![0xc0; length]),
                Err(Error::WrongLength { .. })
            ));
        }
        for length in [0, 48, 95, 97] {
            assert!(matches!(
                G2::from_bytes(&vec![0xc0; length]),
                Err(Error::WrongLength { .. })
            ));
        }
    }
}
