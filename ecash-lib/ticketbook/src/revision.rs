//! Records with revision numbers: the pair (bytes, revision) in which the reference keeps everything it stores
//! (`ecash-scheme.md` B.3). The revision says how to read the bytes; a record is never read under another one.

use crate::TicketbookError;
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use std::marker::PhantomData;
use zeroize::Zeroizing;

/// Largest record that is read, in bytes; the largest there is, an importable book with everything, has about 7 KiB.
pub const RECORD_MAX_BYTES: usize = 64 * 1024;

/// A value that is kept as a record.
pub trait Record: Encode + Decode {
    /// What the record is called in errors.
    const NAME: &'static str;
    /// The one revision that is written and read.
    const REVISION: u8;

    /// The record's bytes; wiped when dropped, as some records hold secrets.
    fn to_record(&self) -> VersionSerialised<Self> {
        VersionSerialised {
            data: Zeroizing::new(self.to_bin()),
            revision: Self::REVISION,
            kind: PhantomData,
        }
    }
}

/// Bytes of a record with their revision.
pub struct VersionSerialised<T> {
    data: Zeroizing<Vec<u8>>,
    revision: u8,
    kind: PhantomData<fn() -> T>,
}

impl<T> VersionSerialised<T> {
    /// Bytes and revision as they were stored.
    #[must_use]
    pub fn from_parts(data: Vec<u8>, revision: u8) -> Self {
        Self {
            data: Zeroizing::new(data),
            revision,
            kind: PhantomData,
        }
    }

    /// The bytes of the record without the revision.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The revision.
    #[must_use]
    pub const fn revision(&self) -> u8 {
        self.revision
    }

    /// The bytes of the pair, as written into files.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.to_bin())
    }

    /// Reads the bytes of a pair.
    ///
    /// # Errors
    /// [`TicketbookError::Codec`] if they are no pair, or longer than [`RECORD_MAX_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketbookError> {
        Ok(Self::from_bin(bytes)?)
    }
}

impl<T: Record> VersionSerialised<T> {
    /// Decodes the record.
    ///
    /// # Errors
    /// [`TicketbookError::Revision`] for a revision other than [`Record::REVISION`]; [`TicketbookError::Codec`] if the
    /// bytes are not exactly one record.
    pub fn unpack(&self) -> Result<T, TicketbookError> {
        if self.revision != T::REVISION {
            return Err(TicketbookError::Revision {
                record: T::NAME,
                expected: T::REVISION,
                actual: self.revision,
            });
        }
        let mut input = Reader::new(&self.data);
        let value = T::decode(&mut input)?;
        input.finish(T::NAME)?;
        Ok(value)
    }
}

impl<T> Clone for VersionSerialised<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            revision: self.revision,
            kind: PhantomData,
        }
    }
}

impl<T> Encode for VersionSerialised<T> {
    fn encode(&self, out: &mut Writer) {
        out.byte_string(&self.data);
        out.u8(self.revision);
    }
}

impl<T> Decode for VersionSerialised<T> {
    fn decode(input: &mut Reader<'_>) -> ecash_scheme::Result<Self> {
        let data = input.byte_string("record", RECORD_MAX_BYTES)?.to_vec();
        Ok(Self::from_parts(data, input.u8("revision of a record")?))
    }
}
