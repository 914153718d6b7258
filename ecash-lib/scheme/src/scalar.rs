//! Scalars: integers mod r. [`Scalar`] is public data and may meet variable-time routines; [`SecretScalar`] is wiped when
//! dropped, cannot be printed, and is multiplied in constant time only (spec 8.2, R11).

use core::fmt;
use core::ops::{Add, Mul, Neg, Sub};

use ff::{Field, PrimeField};
use rand_core::{CryptoRng, RngCore};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{DefaultIsZeroes, Zeroize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{SCALAR_BYTES, WIDE_BYTES};
use crate::curve::Fr;
use crate::error::{Error, Result};

/// A scalar that everybody may know.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scalar(pub(crate) Fr);

impl DefaultIsZeroes for Scalar {}

impl Scalar {
    /// 0.
    pub const ZERO: Self = Self(Fr::ZERO);
    /// 1.
    pub const ONE: Self = Self(Fr::ONE);

    /// The 32-byte little-endian form (spec 1.3).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SCALAR_BYTES] {
        self.0.to_repr()
    }

    /// Reads the 32-byte little-endian form.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::BadScalar`] for r and above.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let repr = <[u8; SCALAR_BYTES]>::try_from(bytes).map_err(|_| Error::WrongLength {
            what: "scalar",
            expected: SCALAR_BYTES,
            got: bytes.len(),
        })?;
        Self::from_repr("scalar", repr)
    }

    pub(crate) fn from_repr(what: &'static str, repr: [u8; SCALAR_BYTES]) -> Result<Self> {
        Option::from(Fr::from_repr(repr))
            .map(Self)
            .ok_or(Error::BadScalar { what })
    }

    /// 64 bytes, little-endian, reduced mod r (spec 1.9); in constant time.
    #[must_use]
    pub fn from_wide_bytes(bytes: &[u8; WIDE_BYTES]) -> Self {
        // Horner over 16-byte limbs: each is below 2^128, so it needs no reduction of its own.
        let limb_base = Fr::from(u64::MAX) + Fr::ONE;
        let limb_base = limb_base * limb_base;
        let (limbs, _) = bytes.as_chunks::<16>();
        let sum = limbs.iter().rev().fold(Fr::ZERO, |sum, limb| {
            let mut repr = [0; SCALAR_BYTES];
            for (to, from) in repr.iter_mut().zip(limb) {
                *to = *from;
            }
            let limb = Option::from(Fr::from_repr(repr)).unwrap_or(Fr::ZERO);
            repr.zeroize();
            sum * limb_base + limb
        });
        Self(sum)
    }

    /// A uniform scalar: 64 random bytes, reduced (spec 1.9).
    pub fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = [0; WIDE_BYTES];
        rng.fill_bytes(&mut bytes);
        let scalar = Self::from_wide_bytes(&bytes);
        bytes.zeroize();
        scalar
    }

    /// 1/s, or `None` for 0.
    #[must_use]
    pub fn invert(&self) -> Option<Self> {
        Option::from(self.0.invert()).map(Self)
    }

    /// The integer, if it is below 2³² (dates travel as scalars in places).
    pub(crate) fn to_u32(self, what: &'static str) -> Result<u32> {
        let bytes = self.to_bytes();
        match bytes.split_first_chunk::<8>() {
            Some((low, rest)) => {
                let got = if rest.iter().all(|byte| *byte == 0) {
                    u64::from_le_bytes(*low)
                } else {
                    u64::MAX
                };
                u32::try_from(got).map_err(|_| Error::OutOfRange {
                    what,
                    min: 0,
                    max: u32::MAX.into(),
                    got,
                })
            }
            None => Err(Error::BadScalar { what }),
        }
    }

    /// The integer, if it is below 2⁸.
    pub(crate) fn to_u8(self, what: &'static str) -> Result<u8> {
        let got = self.to_u32(what)?;
        u8::try_from(got).map_err(|_| Error::OutOfRange {
            what,
            min: 0,
            max: u8::MAX.into(),
            got: got.into(),
        })
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero_vartime()
    }
}

impl From<u64> for Scalar {
    fn from(value: u64) -> Self {
        Self(Fr::from(value))
    }
}

impl From<u32> for Scalar {
    fn from(value: u32) -> Self {
        Self::from(u64::from(value))
    }
}

impl From<u8> for Scalar {
    fn from(value: u8) -> Self {
        Self::from(u64::from(value))
    }
}

impl Add for Scalar {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Scalar {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Scalar {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Neg for Scalar {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar(")?;
        crate::text::write_hex(f, &self.to_bytes())?;
        f.write_str(")")
    }
}

impl Encode for Scalar {
    fn encode(&self, out: &mut Writer) {
        out.byte_string(&self.to_bytes());
    }
}

impl Decode for Scalar {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_repr("scalar", input.byte_array("scalar")?)
    }
}

crate::text::serde_as_hex!(Scalar, SCALAR_BYTES, "a scalar: 64 lower-case hex digits");

/// A scalar that must not leak: no `Debug`, wiped when dropped, constant-time comparison.
#[derive(Clone)]
pub struct SecretScalar(Scalar);

impl SecretScalar {
    /// A uniform scalar (spec 1.9).
    pub fn random<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(Scalar::random(rng))
    }

    /// 64 bytes, little-endian, reduced mod r: the derived secrets of a book.
    #[must_use]
    pub fn from_wide_bytes(bytes: &[u8; WIDE_BYTES]) -> Self {
        Self(Scalar::from_wide_bytes(bytes))
    }

    /// Reads the 32-byte little-endian form.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::BadScalar`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Scalar::from_bytes(bytes).map(Self)
    }

    /// The 32-byte little-endian form. The caller wipes it.
    #[must_use]
    pub fn to_bytes(&self) -> zeroize::Zeroizing<[u8; SCALAR_BYTES]> {
        zeroize::Zeroizing::new(self.0.to_bytes())
    }

    /// The response z = ρ − c·w of a proof, where `self` is the nonce ρ: public by the protocol.
    #[must_use]
    pub(crate) fn respond(&self, challenge: Scalar, witness: &Self) -> Scalar {
        self.0 - challenge * witness.0
    }

    /// 1/s, or `None` for 0.
    #[must_use]
    pub(crate) fn invert(&self) -> Option<Self> {
        self.0.invert().map(Self)
    }

    pub(crate) const fn expose(&self) -> Scalar {
        self.0
    }
}

impl From<Scalar> for SecretScalar {
    fn from(scalar: Scalar) -> Self {
        Self(scalar)
    }
}

impl Zeroize for SecretScalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for SecretScalar {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl zeroize::ZeroizeOnDrop for SecretScalar {}

impl ConstantTimeEq for SecretScalar {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.0.ct_eq(&other.0.0)
    }
}

impl Add for &SecretScalar {
    type Output = SecretScalar;
    fn add(self, other: Self) -> SecretScalar {
        SecretScalar(self.0 + other.0)
    }
}

impl Mul for &SecretScalar {
    type Output = SecretScalar;
    fn mul(self, other: Self) -> SecretScalar {
        SecretScalar(self.0 * other.0)
    }
}

impl Mul<Scalar> for &SecretScalar {
    type Output = SecretScalar;
    fn mul(self, other: Scalar) -> SecretScalar {
        SecretScalar(self.0 * other)
    }
}

impl Neg for &SecretScalar {
    type Output = SecretScalar;
    fn neg(self) -> SecretScalar {
        SecretScalar(-self.0)
    }
}

impl Encode for SecretScalar {
    fn encode(&self, out: &mut Writer) {
        out.byte_string(&*self.to_bytes());
    }
}

impl Decode for SecretScalar {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Scalar::decode(input).map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    /// r, little-endian.
    const ORDER: &str = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";

    fn order() -> [u8; SCALAR_BYTES] {
        hex::decode(ORDER).unwrap().try_into().unwrap()
    }

    #[test]
    fn scalars_of_r_and_above_do_not_decode() {
        let mut below = order();
        below[0] = 0;
        assert_eq!(Scalar::from_bytes(&below), Ok(-Scalar::ONE));
        for bytes in [order(), [0xff; SCALAR_BYTES]] {
            assert_eq!(
                Scalar::from_bytes(&bytes),
                Err(Error::BadScalar { what: "scalar" })
            );
        }
        assert!(matches!(
            Scalar::from_bytes(&[0; 31]),
            Err(Error::WrongLength { .. })
        ));
    }

    #[test]
    fn wide_bytes_are_reduced_not_refused() {
        let mut wide = [0; WIDE_BYTES];
        wide[..SCALAR_BYTES].copy_from_slice(&order());
        assert_eq!(Scalar::from_wide_bytes(&wide), Scalar::ZERO);
        wide[0] += 6;
        assert_eq!(Scalar::from_wide_bytes(&wide), Scalar::from(6u64));
        // 2⁵¹² − 1 = (2²⁵⁶)² − 1
        let mut half = [0; WIDE_BYTES];
        half[SCALAR_BYTES] = 1;
        let base = Scalar::from_wide_bytes(&half);
        assert_eq!(
            Scalar::from_wide_bytes(&[0xff; WIDE_BYTES]),
            base * base - Scalar::ONE
        );
    }

    #[test]
    fn scalars_that_do_not_fit_an_integer_are_refused() {
        assert_eq!(Scalar::from(u32::MAX).to_u32("E"), Ok(u32::MAX));
        assert!(matches!(
            Scalar::from(1u64 << 32).to_u32("E"),
            Err(Error::OutOfRange { .. })
        ));
        assert!(matches!(
            (-Scalar::ONE).to_u32("E"),
            Err(Error::OutOfRange { .. })
        ));
        assert_eq!(Scalar::from(255u8).to_u8("t"), Ok(255));
        assert!(matches!(
            Scalar::from(256u64).to_u8("t"),
            Err(Error::OutOfRange { got: 256, .. })
        ));
    }

    #[test]
    fn a_wiped_secret_is_zero() {
        let mut secret = SecretScalar::from(Scalar::from(7u64));
        secret.zeroize();
        assert!(secret.expose().is_zero());
    }
}
