//! The byte form of everything the chain writes: integers little-endian, byte strings and lists behind a 32-bit length.

use crate::error::ChainError;
use std::path::Path;

/// Builds a byte form.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn array(&mut self, value: &[u8; 32]) {
        self.0.extend(value);
    }

    /// A length. Nothing the chain writes has 2³² parts: transactions, blocks and mempool are bounded far below.
    pub(crate) fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.0.extend(value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Takes a byte form apart; every failure says where and what.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    /// Offset in the file of the first byte of the form.
    base: u64,
    length: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// `bytes` are at offset `base` of the file at `path`.
    pub(crate) fn new(path: &'a Path, base: u64, bytes: &'a [u8]) -> Self {
        Self {
            path,
            base,
            length: bytes.len(),
            rest: bytes,
        }
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> ChainError {
        let done = u64::try_from(self.length - self.rest.len()).unwrap_or(u64::MAX);
        ChainError::Damaged {
            path: self.path.to_owned(),
            offset: self.base.saturating_add(done),
            reason: reason.into(),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ChainError> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.damaged(format!("{count} bytes expected, {} left", self.rest.len()))),
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], ChainError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.damaged("length"))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, ChainError> {
        Ok(u8::from_le_bytes(self.fixed()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ChainError> {
        Ok(u32::from_le_bytes(self.fixed()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, ChainError> {
        Ok(u64::from_le_bytes(self.fixed()?))
    }

    pub(crate) fn array(&mut self) -> Result<[u8; 32], ChainError> {
        self.fixed()
    }

    pub(crate) fn length(&mut self) -> Result<usize, ChainError> {
        let length = self.u32()?;
        usize::try_from(length).map_err(|_| self.damaged("length"))
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, ChainError> {
        let length = self.length()?;
        Ok(self.take(length)?.to_vec())
    }

    pub(crate) fn text(&mut self) -> Result<String, ChainError> {
        let bytes = self.bytes()?;
        String::from_utf8(bytes).map_err(|e| self.damaged(e.to_string()))
    }

    /// Reads a list. It is not allocated before its parts are there, whatever length it claims.
    pub(crate) fn list<T>(
        &mut self,
        mut part: impl FnMut(&mut Self) -> Result<T, ChainError>,
    ) -> Result<Vec<T>, ChainError> {
        let count = self.length()?;
        let mut parts = Vec::new();
        for _ in 0..count {
            parts.push(part(self)?);
        }
        Ok(parts)
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), ChainError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.damaged(format!("{left} bytes too many"))),
        }
    }
}
