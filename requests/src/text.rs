//! Signed texts: an ASCII tag without length or terminator, then fields that are either of fixed width (big-endian) or
//! prefixed with their length (`lp(x)` = BE16 length ‖ bytes). Two different statements never have the same text: the
//! tag tells the kind, and within a kind every field's place follows from those before it.

use crate::ShortText;

/// A text under construction.
#[derive(Clone, Debug)]
#[must_use]
pub struct SignedText(Vec<u8>);

impl SignedText {
    /// Begins a text of the kind that `tag` names.
    pub fn new(tag: &'static str) -> Self {
        Self(tag.as_bytes().to_vec())
    }

    /// `lp(text)`.
    pub fn lp(mut self, text: &ShortText) -> Self {
        self.0.extend_from_slice(&text.len_be16());
        self.raw(text.as_str().as_bytes())
    }

    /// A field of fixed width, as it is.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// One byte.
    pub fn u8(self, value: u8) -> Self {
        self.raw(&[value])
    }

    /// BE32.
    pub fn be32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// BE64.
    pub fn be64(self, value: u64) -> Self {
        self.raw(&value.to_be_bytes())
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
