//! The binary form: bincode 1.3 with little-endian integers of variable length (`quorum-api.md` 1.2).
//!
//! The crate that the format comes from is unmaintained, and the format is a page: an unsigned integer below 251 is one
//! byte; otherwise a marker 251, 252 or 253 and 2, 4 or 8 bytes; signed ones are zig-zag coded first. Texts, byte
//! strings, lists and maps begin with their length, options with 0 or 1, enums with the variant's index. Structs and
//! tuples are their fields. Nothing here reads: questions are JSON.

use std::fmt;

use serde::ser::{self, Serialize};

/// Below this an integer is its own byte; the markers begin here.
const U16_MARKER: u8 = 251;
const U32_MARKER: u8 = 252;
const U64_MARKER: u8 = 253;

/// The bytes of a value.
///
/// # Errors
/// For a value that the format cannot hold: a list of unknown length, a 128-bit integer.
pub(super) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unsupported> {
    let mut writer = Writer(Vec::new());
    value.serialize(&mut writer)?;
    Ok(writer.0)
}

/// Why a value cannot be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Written = Result<(), Unsupported>;

struct Writer(Vec<u8>);

impl Writer {
    fn unsigned(&mut self, value: u64) -> Written {
        if let Ok(byte) = u8::try_from(value)
            && byte < U16_MARKER
        {
            self.0.push(byte);
        } else if let Ok(value) = u16::try_from(value) {
            self.0.push(U16_MARKER);
            self.0.extend_from_slice(&value.to_le_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            self.0.push(U32_MARKER);
            self.0.extend_from_slice(&value.to_le_bytes());
        } else {
            self.0.push(U64_MARKER);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
        Ok(())
    }

    fn signed(&mut self, value: i64) -> Written {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned())
    }

    fn length(&mut self, length: usize) -> Written {
        self.unsigned(u64::try_from(length).map_err(|e| Unsupported(e.to_string()))?)
    }

    fn raw(&mut self, bytes: &[u8]) -> Written {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.raw(&[u8::from(value)])
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.raw(&value.to_le_bytes())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.signed(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.signed(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        self.signed(value)
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.raw(&[value])
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.unsigned(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.unsigned(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        self.unsigned(value)
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.raw(&value.to_le_bytes())
    }

    fn serialize_f64(self, value: f64) -> Written {
        self.raw(&value.to_le_bytes())
    }

    fn serialize_char(self, value: char) -> Written {
        self.raw(value.encode_utf8(&mut [0; 4]).as_bytes())
    }

    fn serialize_str(self, value: &str) -> Written {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.length(value.len())?;
        self.raw(value)
    }

    fn serialize_none(self) -> Written {
        self.raw(&[0])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.raw(&[1])?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Written {
        self.unsigned(index.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        self.unsigned(index.into())?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unsupported> {
        let length = length.ok_or_else(|| Unsupported("a list of unknown length".to_owned()))?;
        self.length(length)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unsupported> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unsupported> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unsupported> {
        self.unsigned(index.into())?;
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Unsupported> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unsupported> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unsupported> {
        self.unsigned(index.into())?;
        Ok(self)
    }
}

impl ser::SerializeSeq for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTuple for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTupleStruct for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeTupleVariant for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeStructVariant for &mut Writer {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
        value.serialize(&mut **self)
    }

    fn end(self) -> Written {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[test]
    fn integers_are_as_long_as_they_need_to_be() {
        for (value, bytes) in [
            (0, &[0][..]),
            (250, &[250]),
            (251, &[251, 251, 0]),
            (0xffff, &[251, 0xff, 0xff]),
            (0x1_0000, &[252, 0, 0, 1, 0]),
            (0x1_0000_0000, &[253, 0, 0, 0, 0, 1, 0, 0, 0]),
            (u64::MAX, &[253, 255, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            assert_eq!(to_vec(&value).unwrap(), bytes, "{value}");
        }
        assert_eq!(to_vec(&250_u8).unwrap(), [250]);
        assert_eq!(to_vec(&255_u8).unwrap(), [255], "a byte is a byte");
    }

    #[test]
    fn signed_integers_alternate_around_zero() {
        for (value, bytes) in [
            (0, &[0][..]),
            (-1, &[1]),
            (1, &[2]),
            (-2, &[3]),
            (i64::MIN, &[253, 255, 255, 255, 255, 255, 255, 255, 255]),
            (i64::MAX, &[253, 254, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            assert_eq!(to_vec(&value).unwrap(), bytes, "{value}");
        }
    }

    #[test]
    fn everything_else_is_its_parts_in_order() {
        #[derive(Serialize)]
        enum Kind {
            Unit,
            New(u16),
            Pair(u8, bool),
            Named { text: &'static str },
        }
        #[derive(Serialize)]
        struct All {
            kinds: Vec<Kind>,
            none: Option<u8>,
            some: Option<&'static str>,
            tuple: [u8; 2],
            outcome: Result<(), u8>,
            map: BTreeMap<u8, char>,
            float: f32,
        }
        let all = All {
            kinds: vec![
                Kind::Unit,
                Kind::New(300),
                Kind::Pair(9, true),
                Kind::Named { text: "ab" },
            ],
            none: None,
            some: Some(""),
            tuple: [7, 8],
            outcome: Err(6),
            map: BTreeMap::from([(5, 'é')]),
            float: 1.0,
        };
        let expected = [
            &[4][..],
            &[0],
            &[1, 251, 44, 1],
            &[2, 9, 1],
            &[3, 2, b'a', b'b'],
            &[0],
            &[1, 0],
            &[7, 8],
            &[1, 6],
            &[1, 5, 0xc3, 0xa9],
            &[0, 0, 0x80, 0x3f],
        ]
        .concat();
        assert_eq!(to_vec(&all).unwrap(), expected);
    }

    #[test]
    fn a_list_of_unknown_length_is_refused() {
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq((0..3).filter(|value| value % 2 == 0))
            }
        }
        assert!(to_vec(&Endless).is_err());
        assert!(to_vec(&1_u128).is_err());
    }
}
