//! Fixed-length bytes with one text form each. The length of a text is compared before it is decoded.

use crate::RequestsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! text_bytes {
    ($(#[$doc:meta])* $name:ident, $alphabet:literal, $longest:expr, $encode:expr, $decode:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<const N: usize>(pub [u8; N]);

        impl<const N: usize> $name<N> {
            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; N] {
                &self.0
            }
        }

        impl<const N: usize> From<[u8; N]> for $name<N> {
            fn from(bytes: [u8; N]) -> Self {
                Self(bytes)
            }
        }

        impl<const N: usize> fmt::Display for $name<N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let encode: fn(&[u8]) -> String = $encode;
                f.write_str(&encode(&self.0))
            }
        }

        impl<const N: usize> fmt::Debug for $name<N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl<const N: usize> FromStr for $name<N> {
            type Err = RequestsError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let longest: fn(usize) -> usize = $longest;
                let decode: fn(&str) -> Option<Vec<u8>> = $decode;
                let refused = || RequestsError::Bytes {
                    alphabet: $alphabet,
                    expected: N,
                    start: text.chars().take(16).collect(),
                    length: text.len(),
                };
                if text.len() > longest(N) {
                    return Err(refused());
                }
                decode(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(refused)
            }
        }

        impl<const N: usize> Serialize for $name<N> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, const N: usize> Deserialize<'de> for $name<N> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextVisitor(std::marker::PhantomData))
            }
        }
    };
}

text_bytes! {
    /// `N` bytes as base58 (Bitcoin alphabet, no checksum): keys, signatures, tokens, nonces.
    Base58, "base58", |bytes| bytes * 138 / 100 + 1,
    |bytes| bs58::encode(bytes).into_string(),
    |text| bs58::decode(text).into_vec().ok()
}

text_bytes! {
    /// `N` bytes as lower-case hex: hashes, roots, serial numbers.
    Hex, "lower-case hex", |bytes| bytes * 2,
    |bytes| hex::encode(bytes),
    |text| if text.bytes().any(|byte| byte.is_ascii_uppercase()) { None } else { hex::decode(text).ok() }
}

text_bytes! {
    /// `N` bytes as standard base64 with padding: byte strings.
    Base64, "base64", |bytes| bytes.div_ceil(3) * 4,
    |bytes| STANDARD.encode(bytes),
    |text| STANDARD.decode(text).ok()
}

struct TextVisitor<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = RequestsError>> serde::de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Serde form of fixed-length bytes as an array of numbers 0 … 255, which the published interface uses in places.
pub mod number_array {
    use serde::de::{Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::Serializer;
    use std::fmt;

    /// Writes the array.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(bytes)
    }

    /// Reads an array of exactly `N` numbers.
    ///
    /// # Errors
    /// If there are more or fewer, or one is no byte.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        deserializer.deserialize_seq(Numbers::<N>)
    }

    struct Numbers<const N: usize>;

    impl<'de, const N: usize> Visitor<'de> for Numbers<N> {
        type Value = [u8; N];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an array of {N} numbers from 0 to 255")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<[u8; N], A::Error> {
            let mut bytes = [0; N];
            for (position, byte) in bytes.iter_mut().enumerate() {
                *byte = list
                    .next_element()?
                    .ok_or_else(|| A::Error::invalid_length(position, &self))?;
            }
            match list.next_element::<u8>()? {
                None => Ok(bytes),
                Some(_) => Err(A::Error::invalid_length(N + 1, &self)),
            }
        }
    }
}
