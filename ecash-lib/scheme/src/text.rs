//! Text forms: base58 of canonical bytes (spec 2.4), lower-case hex in self-describing formats (spec A).

use core::fmt;

use crate::error::{Error, Result};

/// Base58 (Bitcoin alphabet, no checksum).
pub(crate) fn to_base58(bytes: &[u8]) -> String {
    bs58::encode(bytes).into_string()
}

/// Reads base58 of at most `max_bytes` bytes; the work is bounded before it begins, as decoding is quadratic.
pub(crate) fn from_base58(what: &'static str, text: &str, max_bytes: usize) -> Result<Vec<u8>> {
    // 58^1.37 > 256, so no text of this many bytes is longer.
    let longest = max_bytes + max_bytes * 3 / 8 + 1;
    if text.len() > longest {
        return Err(Error::WrongLength {
            what,
            expected: longest,
            got: text.len(),
        });
    }
    bs58::decode(text).into_vec().map_err(|_| Error::BadText {
        what,
        expected: "base58",
    })
}

const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

fn hex_digit(nibble: u8) -> char {
    HEX_DIGITS
        .get(usize::from(nibble & 15))
        .copied()
        .map_or('0', char::from)
}

/// Writes lower-case hex.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    use fmt::Write as _;
    bytes.iter().try_for_each(|byte| {
        f.write_char(hex_digit(byte >> 4))?;
        f.write_char(hex_digit(*byte))
    })
}

/// Lower-case hex.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [hex_digit(byte >> 4), hex_digit(*byte)])
        .collect()
}

/// Reads exactly `N` bytes of lower-case hex.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N]> {
    let bad = Error::BadText {
        what: "point or scalar",
        expected: "lower-case hex",
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(Error::WrongLength {
            what: "point or scalar in hex",
            expected: 2 * N,
            got: text.len(),
        });
    }
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(bad.clone()),
    };
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Ok(bytes)
}

/// Serde for a type with `to_bytes` and a fallible `from_bytes`: lower-case hex where a person may read it, else the bytes.
macro_rules! serde_as_hex {
    ($type:ty, $length:expr, $expecting:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> core::result::Result<S::Ok, S::Error> {
                let bytes = self.to_bytes();
                if serializer.is_human_readable() {
                    serializer.serialize_str(&$crate::text::to_hex(&bytes))
                } else {
                    serializer.serialize_bytes(&bytes)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> core::result::Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(
                        self,
                        text: &str,
                    ) -> core::result::Result<$type, E> {
                        let bytes =
                            $crate::text::from_hex::<{ $length }>(text).map_err(E::custom)?;
                        <$type>::from_bytes(&bytes).map_err(E::custom)
                    }
                    fn visit_bytes<E: serde::de::Error>(
                        self,
                        bytes: &[u8],
                    ) -> core::result::Result<$type, E> {
                        let bytes: &[u8; $length] = bytes
                            .try_into()
                            .map_err(|_| E::invalid_length(bytes.len(), &self))?;
                        <$type>::from_bytes(bytes).map_err(E::custom)
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Visitor)
                } else {
                    deserializer.deserialize_bytes(Visitor)
                }
            }
        }
    };
}
pub(crate) use serde_as_hex;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]

    use crate::G1;
    use crate::params::parameters;
    use serde::de::{Deserialize as _, Deserializer, Visitor, value};

    /// A format that is not for people, holding one byte string.
    struct Binary<'a>(&'a [u8]);

    impl<'de> Deserializer<'de> for Binary<'_> {
        type Error = value::Error;

        fn is_human_readable(&self) -> bool {
            false
        }

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
            visitor.visit_bytes(self.0)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn where_nobody_reads_along_a_point_is_its_bytes() {
        let point = parameters().gamma[0];
        let bytes = point.to_bytes();
        assert_eq!(G1::deserialize(Binary(&bytes)).unwrap(), point);
        let text = super::to_hex(&bytes);
        for wrong in [&bytes[1..], &[0; 48], text.as_bytes(), &[]] {
            assert!(G1::deserialize(Binary(wrong)).is_err());
        }
    }
}
