//! The structure codec `bin` (spec appendix A): canonical, bounded, and without a bit of freedom.
//!
//! Unsigned integers take one byte up to 250, else a marker and the smallest big-endian width that fits; `u8` is one raw
//! byte; signed integers are zig-zagged first; lists and byte strings carry their length; a point or scalar is a byte
//! string; fixed arrays are raw; options are 00, or 01 and the value. Decoding accepts exactly what encoding produces, so
//! `encode(decode(bytes)) == bytes` for everything that decodes.

use crate::error::{Error, Result};

const MARKER_U16: u8 = 0xfb;
const MARKER_U32: u8 = 0xfc;
const MARKER_U64: u8 = 0xfd;
const LARGEST_ONE_BYTE: u64 = 250;

/// A value with a `bin` form.
pub trait Encode {
    /// Appends the `bin` form of `self`.
    fn encode(&self, out: &mut Writer);

    /// The `bin` form of `self`.
    fn to_bin(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.encode(&mut out);
        out.finish()
    }
}

/// A value that can be read from its `bin` form.
pub trait Decode: Sized {
    /// Reads one value and leaves what follows it.
    ///
    /// # Errors
    /// Whatever makes the bytes another thing than the canonical form of a value.
    fn decode(input: &mut Reader<'_>) -> Result<Self>;

    /// Reads one value that takes all of `bytes`.
    ///
    /// # Errors
    /// As [`Decode::decode`], and [`Error::TrailingBytes`].
    fn from_bin(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(bytes);
        let value = Self::decode(&mut input)?;
        input.finish(core::any::type_name::<Self>())?;
        Ok(value)
    }
}

/// Collects the `bin` form of a value.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer that holds `capacity` bytes without moving them; for secrets, of which no copy should stay behind.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
        }
    }

    /// One raw byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// An unsigned integer of 16, 32 or 64 bits: their form depends on the value only.
    pub fn uint(&mut self, value: u64) {
        if value <= LARGEST_ONE_BYTE {
            let [.., low] = value.to_be_bytes();
            self.bytes.push(low);
        } else if let Ok(value) = u16::try_from(value) {
            self.bytes.push(MARKER_U16);
            self.bytes.extend_from_slice(&value.to_be_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            self.bytes.push(MARKER_U32);
            self.bytes.extend_from_slice(&value.to_be_bytes());
        } else {
            self.bytes.push(MARKER_U64);
            self.bytes.extend_from_slice(&value.to_be_bytes());
        }
    }

    /// A signed integer.
    pub fn int(&mut self, value: i64) {
        self.uint(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    /// The length of a list or byte string.
    pub fn length(&mut self, length: usize) {
        self.uint(u64::try_from(length).unwrap_or(u64::MAX));
    }

    /// A byte string: length, then bytes. Points and scalars are written so.
    pub fn byte_string(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// A text: the byte string of its UTF-8 form.
    pub fn text(&mut self, text: &str) {
        self.byte_string(text.as_bytes());
    }

    /// Bytes as they are: fixed arrays.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A list: length, then every element.
    pub fn list<T: Encode>(&mut self, items: &[T]) {
        self.length(items.len());
        for item in items {
            item.encode(self);
        }
    }

    /// An option: 00, or 01 and the value.
    pub fn option<T: Encode>(&mut self, value: Option<&T>) {
        match value {
            None => self.u8(0),
            Some(value) => {
                self.u8(1);
                value.encode(self);
            }
        }
    }

    /// The bytes written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads `bin` forms from bytes; every length is compared with what is left before anything is allocated.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not yet read.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `count` bytes as they are.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn raw(&mut self, what: &'static str, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(Error::Truncated {
            what,
            needed: count,
            left: self.rest.len(),
        })?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes as they are: a fixed array.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>().ok_or(Error::Truncated {
            what,
            needed: N,
            left: self.rest.len(),
        })?;
        self.rest = tail;
        Ok(*head)
    }

    /// One raw byte.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u8(&mut self, what: &'static str) -> Result<u8> {
        let [byte] = self.array::<1>(what)?;
        Ok(byte)
    }

    /// An unsigned integer of at most 64 bits, in its shortest form.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::NonCanonicalInteger`].
    pub fn u64(&mut self, what: &'static str) -> Result<u64> {
        let (value, smallest) = match self.u8(what)? {
            MARKER_U16 => (
                u64::from(u16::from_be_bytes(self.array(what)?)),
                LARGEST_ONE_BYTE + 1,
            ),
            MARKER_U32 => (u64::from(u32::from_be_bytes(self.array(what)?)), 1 << 16),
            MARKER_U64 => (u64::from_be_bytes(self.array(what)?), 1 << 32),
            byte if u64::from(byte) <= LARGEST_ONE_BYTE => (u64::from(byte), 0),
            _ => return Err(Error::NonCanonicalInteger { what }),
        };
        if value < smallest {
            Err(Error::NonCanonicalInteger { what })
        } else {
            Ok(value)
        }
    }

    /// An unsigned integer of at most 32 bits.
    ///
    /// # Errors
    /// As [`Reader::u64`], and [`Error::OutOfRange`].
    pub fn u32(&mut self, what: &'static str) -> Result<u32> {
        let got = self.u64(what)?;
        u32::try_from(got).map_err(|_| Error::OutOfRange {
            what,
            min: 0,
            max: u32::MAX.into(),
            got,
        })
    }

    /// An unsigned integer of at most 16 bits.
    ///
    /// # Errors
    /// As [`Reader::u64`], and [`Error::OutOfRange`].
    pub fn u16(&mut self, what: &'static str) -> Result<u16> {
        let got = self.u64(what)?;
        u16::try_from(got).map_err(|_| Error::OutOfRange {
            what,
            min: 0,
            max: u16::MAX.into(),
            got,
        })
    }

    /// A signed integer of at most 64 bits.
    ///
    /// # Errors
    /// As [`Reader::u64`].
    pub fn i64(&mut self, what: &'static str) -> Result<i64> {
        let zigzag = self.u64(what)?;
        Ok((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed()))
    }

    /// A length of at most `max`; nothing longer is ever looped over.
    ///
    /// # Errors
    /// As [`Reader::u64`], and [`Error::OutOfRange`].
    pub fn length(&mut self, what: &'static str, max: usize) -> Result<usize> {
        let got = self.u64(what)?;
        usize::try_from(got)
            .ok()
            .filter(|length| *length <= max)
            .ok_or(Error::OutOfRange {
                what,
                min: 0,
                max: u64::try_from(max).unwrap_or(u64::MAX),
                got,
            })
    }

    /// A byte string of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Reader::length`], and [`Error::Truncated`].
    pub fn byte_string(&mut self, what: &'static str, max: usize) -> Result<&'a [u8]> {
        let length = self.length(what, max)?;
        self.raw(what, length)
    }

    /// A byte string of exactly `N` bytes: the form of points and scalars.
    ///
    /// # Errors
    /// As [`Reader::u64`], [`Error::WrongLength`], [`Error::Truncated`].
    pub fn byte_array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N]> {
        let got = self.u64(what)?;
        if u64::try_from(N) != Ok(got) {
            return Err(Error::WrongLength {
                what,
                expected: N,
                got: usize::try_from(got).unwrap_or(usize::MAX),
            });
        }
        self.array(what)
    }

    /// A text of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Reader::byte_string`], and [`Error::BadText`].
    pub fn text(&mut self, what: &'static str, max: usize) -> Result<&'a str> {
        core::str::from_utf8(self.byte_string(what, max)?).map_err(|_| Error::BadText {
            what,
            expected: "UTF-8",
        })
    }

    /// A list of at most `max` elements.
    ///
    /// # Errors
    /// As [`Reader::length`], and those of the elements.
    pub fn list<T: Decode>(&mut self, what: &'static str, max: usize) -> Result<Vec<T>> {
        let length = self.length(what, max)?;
        (0..length).map(|_| T::decode(self)).collect()
    }

    /// A list of exactly `N` elements.
    ///
    /// # Errors
    /// [`Error::WrongLength`], before any element is read, and those of the elements.
    pub fn list_of<T: Decode, const N: usize>(&mut self, what: &'static str) -> Result<[T; N]> {
        let got = usize::try_from(self.u64(what)?).unwrap_or(usize::MAX);
        let wrong = Error::WrongLength {
            what,
            expected: N,
            got,
        };
        if got != N {
            return Err(wrong);
        }
        let items = (0..N)
            .map(|_| T::decode(self))
            .collect::<Result<Vec<T>>>()?;
        items.try_into().map_err(|_| wrong)
    }

    /// An option.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a first byte other than 00 and 01, and those of the value.
    pub fn option<T: Decode>(&mut self, what: &'static str) -> Result<Option<T>> {
        match self.u8(what)? {
            0 => Ok(None),
            1 => T::decode(self).map(Some),
            got => Err(Error::OutOfRange {
                what,
                min: 0,
                max: 1,
                got: got.into(),
            }),
        }
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`Error::TrailingBytes`] if anything is left.
    pub fn finish(self, what: &'static str) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::TrailingBytes {
                what,
                count: self.rest.len(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    const WHAT: &str = "test";

    fn uint(value: u64) -> Vec<u8> {
        let mut out = Writer::new();
        out.uint(value);
        out.finish()
    }

    #[test]
    fn integers_take_their_shortest_form_and_no_other() {
        let known: [(u64, &[u8]); 8] = [
            (0, &[0]),
            (250, &[250]),
            (251, &[0xfb, 0, 251]),
            (0xffff, &[0xfb, 0xff, 0xff]),
            (0x1_0000, &[0xfc, 0, 1, 0, 0]),
            (0xffff_ffff, &[0xfc, 0xff, 0xff, 0xff, 0xff]),
            (0x1_0000_0000, &[0xfd, 0, 0, 0, 1, 0, 0, 0, 0]),
            (
                u64::MAX,
                &[0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            ),
        ];
        for (value, bytes) in known {
            assert_eq!(uint(value), bytes);
            assert_eq!(Reader::new(bytes).u64(WHAT), Ok(value));
        }
        let longer: [&[u8]; 6] = [
            &[0xfb, 0, 250],
            &[0xfc, 0, 0, 0xff, 0xff],
            &[0xfd, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0xfe],
            &[0xff],
            &[0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        for bytes in longer {
            assert_eq!(
                Reader::new(bytes).u64(WHAT),
                Err(Error::NonCanonicalInteger { what: WHAT })
            );
        }
    }

    #[test]
    fn narrow_integers_refuse_what_does_not_fit() {
        assert_eq!(Reader::new(&uint(0xffff)).u16(WHAT), Ok(0xffff));
        assert!(matches!(
            Reader::new(&uint(0x1_0000)).u16(WHAT),
            Err(Error::OutOfRange { got: 0x1_0000, .. })
        ));
        assert_eq!(Reader::new(&uint(0xffff_ffff)).u32(WHAT), Ok(0xffff_ffff));
        assert!(matches!(
            Reader::new(&uint(0x1_0000_0000)).u32(WHAT),
            Err(Error::OutOfRange { .. })
        ));
    }

    #[test]
    fn signed_integers_are_zig_zagged() {
        for (value, bytes) in [
            (0, vec![0]),
            (-1, vec![1]),
            (1, vec![2]),
            (2025, vec![0xfb, 0x0f, 0xd2]),
        ] {
            let mut out = Writer::new();
            out.int(value);
            assert_eq!(out.finish(), bytes);
            assert_eq!(Reader::new(&bytes).i64(WHAT), Ok(value));
        }
        for value in [i64::MIN, i64::MAX] {
            let mut out = Writer::new();
            out.int(value);
            assert_eq!(Reader::new(&out.finish()).i64(WHAT), Ok(value));
        }
    }

    #[test]
    fn lengths_are_bounded_before_anything_is_allocated() {
        let huge = uint(u64::MAX);
        assert!(matches!(
            Reader::new(&huge).byte_string(WHAT, 100),
            Err(Error::OutOfRange { got: u64::MAX, .. })
        ));
        assert!(matches!(
            Reader::new(&huge).list::<crate::Scalar>(WHAT, 100),
            Err(Error::OutOfRange { .. })
        ));
        assert!(matches!(
            Reader::new(&huge).list_of::<crate::Scalar, 2>(WHAT),
            Err(Error::WrongLength { .. })
        ));
        assert_eq!(
            Reader::new(&[3, 1, 2]).byte_string(WHAT, 100),
            Err(Error::Truncated {
                what: WHAT,
                needed: 3,
                left: 2
            })
        );
    }

    #[test]
    fn options_begin_with_zero_or_one() {
        let mut out = Writer::new();
        out.option::<crate::Scalar>(None);
        out.option(Some(&crate::Scalar::ONE));
        let bytes = out.finish();
        let mut input = Reader::new(&bytes);
        assert_eq!(input.option::<crate::Scalar>(WHAT), Ok(None));
        assert_eq!(input.option(WHAT), Ok(Some(crate::Scalar::ONE)));
        assert_eq!(input.finish(WHAT), Ok(()));
        assert!(matches!(
            Reader::new(&[2]).option::<crate::Scalar>(WHAT),
            Err(Error::OutOfRange { got: 2, .. })
        ));
    }

    #[test]
    fn nothing_may_follow_and_nothing_may_be_missing() {
        let bytes = crate::Scalar::ONE.to_bin();
        assert_eq!(bytes.len(), 33);
        assert_eq!(crate::Scalar::from_bin(&bytes), Ok(crate::Scalar::ONE));
        assert!(matches!(
            crate::Scalar::from_bin(&[&bytes[..], &[0]].concat()),
            Err(Error::TrailingBytes { count: 1, .. })
        ));
        assert!(matches!(
            crate::Scalar::from_bin(&bytes[..32]),
            Err(Error::Truncated { .. })
        ));
    }

    #[test]
    fn texts_are_utf_8() {
        let mut out = Writer::new();
        out.text("2025-12-07");
        let bytes = out.finish();
        assert_eq!(Reader::new(&bytes).text(WHAT, 10), Ok("2025-12-07"));
        assert!(matches!(
            Reader::new(&[1, 0xff]).text(WHAT, 10),
            Err(Error::BadText { .. })
        ));
    }
}
