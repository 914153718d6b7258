//! Serial numbers: what identifies a ticket.

use core::fmt;

use crate::constants::SERIAL_NUMBER_BYTES;
use crate::error::{Error, Result};

/// The serial number of one ticket, enc(S_k): what identifies a ticket everywhere (spec 8.2, R7). Base58 as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber([u8; SERIAL_NUMBER_BYTES]);

impl SerialNumber {
    /// From its 48 bytes, as stored; not checked to be a point.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; SERIAL_NUMBER_BYTES]) -> Self {
        Self(bytes)
    }

    /// The 48 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SERIAL_NUMBER_BYTES] {
        &self.0
    }

    /// Base58 of the 48 bytes.
    #[must_use]
    pub fn to_base58(&self) -> String {
        crate::text::to_base58(&self.0)
    }

    /// Reads base58 of 48 bytes.
    ///
    /// # Errors
    /// [`Error::BadText`], [`Error::WrongLength`].
    pub fn from_base58(text: &str) -> Result<Self> {
        let bytes = crate::text::from_base58("serial number", text, SERIAL_NUMBER_BYTES)?;
        let got = bytes.len();
        bytes.try_into().map(Self).map_err(|_| Error::WrongLength {
            what: "serial number",
            expected: SERIAL_NUMBER_BYTES,
            got,
        })
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base58())
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}
