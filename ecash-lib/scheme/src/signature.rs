//! The two signature shapes: [`Signature`] (h, S) and [`BlindedSignature`] (h, B).

use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, SIGNATURE_BYTES};
use crate::error::{Error, Result};
use crate::point::G1;
use crate::text;

/// A Pointcheval–Sanders signature (h, S) with S = (x + Σ yj·mj)·h; partial or aggregated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signature {
    pub(crate) h: G1,
    pub(crate) s: G1,
}

/// A signer's answer to a withdrawal request: (h, B) with B = y1·M1 + y2·M2 + (x + E·y3 + t·y4)·h (spec 3.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlindedSignature {
    pub(crate) h: G1,
    #[serde(rename = "c")]
    pub(crate) blinded: G1,
}

macro_rules! two_points {
    ($type:ident, $second:ident, $what:literal) => {
        impl $type {
            /// The base h.
            #[must_use]
            pub const fn base(&self) -> &G1 {
                &self.h
            }

            /// The fixed layout: enc(h) and the second point, 96 bytes.
            #[must_use]
            pub fn to_bytes(&self) -> [u8; SIGNATURE_BYTES] {
                let mut bytes = [0; SIGNATURE_BYTES];
                let (first, second) = bytes.split_at_mut(G1_BYTES);
                first.copy_from_slice(&self.h.to_bytes());
                second.copy_from_slice(&self.$second.to_bytes());
                bytes
            }

            /// Reads the fixed layout.
            ///
            /// # Errors
            /// [`Error::WrongLength`], [`Error::BadPoint`].
            pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
                let wrong = Error::WrongLength {
                    what: $what,
                    expected: SIGNATURE_BYTES,
                    got: bytes.len(),
                };
                let (first, second) = bytes.split_at_checked(G1_BYTES).ok_or(wrong.clone())?;
                if second.len() != G1_BYTES {
                    return Err(wrong);
                }
                Ok(Self {
                    h: G1::from_bytes(first)?,
                    $second: G1::from_bytes(second)?,
                })
            }

            /// Base58 of the fixed layout.
            #[must_use]
            pub fn to_base58(&self) -> String {
                text::to_base58(&self.to_bytes())
            }

            /// Reads base58 of the fixed layout.
            ///
            /// # Errors
            /// [`Error::BadText`] and those of `from_bytes`.
            pub fn from_base58(text: &str) -> Result<Self> {
                Self::from_bytes(&text::from_base58($what, text, SIGNATURE_BYTES)?)
            }
        }

        impl Encode for $type {
            fn encode(&self, out: &mut Writer) {
                self.h.encode(out);
                self.$second.encode(out);
            }
        }

        impl Decode for $type {
            fn decode(input: &mut Reader<'_>) -> Result<Self> {
                Ok(Self {
                    h: G1::decode(input)?,
                    $second: G1::decode(input)?,
                })
            }
        }
    };
}

two_points!(Signature, s, "signature");
two_points!(BlindedSignature, blinded, "blinded signature");

impl BlindedSignature {
    /// Neither half is infinity, and h is the request's.
    pub(crate) fn check(&self, h: &G1) -> Result<()> {
        const WHAT: &str = "blinded signature";
        self.h.not_infinity(WHAT)?;
        self.blinded.not_infinity(WHAT)?;
        if self.h == *h {
            Ok(())
        } else {
            Err(Error::WrongBase { what: WHAT })
        }
    }
}
