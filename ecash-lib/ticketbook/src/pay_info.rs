//! Pay info: the 72 bytes that bind a payment to one provider and one instant.

use crate::{TicketbookError, UnixTime};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Length of pay info in bytes.
pub const PAY_INFO_BYTES: usize = 72;

/// Length of the random part in bytes.
pub const NONCE_BYTES: usize = 32;

/// 32 random bytes ‖ BE64 signed unix time in seconds ‖ 32 bytes ed25519 identity key of the provider
/// (`ecash-scheme.md` 5.1). A spend is identified by its serial number and its pay info.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PayInfo {
    nonce: [u8; NONCE_BYTES],
    time: i64,
    provider: [u8; 32],
}

impl PayInfo {
    /// Fresh pay info for `provider` at `now`.
    pub fn generate<R: RngCore + CryptoRng>(
        rng: &mut R,
        now: UnixTime,
        provider: [u8; 32],
    ) -> Self {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        Self::new(
            nonce,
            i64::try_from(now.get()).unwrap_or(i64::MAX),
            provider,
        )
    }

    /// Pay info from its parts.
    #[must_use]
    pub const fn new(nonce: [u8; NONCE_BYTES], time: i64, provider: [u8; 32]) -> Self {
        Self {
            nonce,
            time,
            provider,
        }
    }

    /// The random part.
    #[must_use]
    pub const fn nonce(&self) -> &[u8; NONCE_BYTES] {
        &self.nonce
    }

    /// Unix time in seconds as the spender wrote it; may be negative or far in the future.
    #[must_use]
    pub const fn timestamp(&self) -> i64 {
        self.time
    }

    /// The time, if it lies in 1970 or later.
    #[must_use]
    pub fn time(&self) -> Option<UnixTime> {
        u64::try_from(self.time).ok().map(UnixTime)
    }

    /// Identity key of the provider.
    #[must_use]
    pub const fn provider(&self) -> &[u8; 32] {
        &self.provider
    }

    /// The 72 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; PAY_INFO_BYTES] {
        let mut bytes = [0; PAY_INFO_BYTES];
        let (nonce, rest) = bytes.split_at_mut(NONCE_BYTES);
        let (time, provider) = rest.split_at_mut(8);
        nonce.copy_from_slice(&self.nonce);
        time.copy_from_slice(&self.time.to_be_bytes());
        provider.copy_from_slice(&self.provider);
        bytes
    }

    /// Pay info from its 72 bytes; every content is well-formed.
    #[must_use]
    pub fn from_array(bytes: &[u8; PAY_INFO_BYTES]) -> Self {
        let (mut nonce, mut time, mut provider) = ([0; NONCE_BYTES], [0; 8], [0; 32]);
        let (head, rest) = bytes.split_at(NONCE_BYTES);
        let (middle, tail) = rest.split_at(8);
        nonce.copy_from_slice(head);
        time.copy_from_slice(middle);
        provider.copy_from_slice(tail);
        Self::new(nonce, i64::from_be_bytes(time), provider)
    }

    /// Pay info from bytes of any length.
    ///
    /// # Errors
    /// [`TicketbookError::Length`] unless there are 72.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketbookError> {
        let array = bytes.try_into().map_err(|_| TicketbookError::Length {
            what: "pay info",
            expected: PAY_INFO_BYTES,
            actual: bytes.len(),
        })?;
        Ok(Self::from_array(array))
    }
}

impl fmt::Debug for PayInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayInfo")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl Serialize for PayInfo {
    /// An array of 72 numbers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.to_bytes())
    }
}

impl<'de> Deserialize<'de> for PayInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_seq(ByteList)
            .map(|bytes| Self::from_array(&bytes))
    }
}

/// Reads exactly 72 numbers 0 … 255, so that a hostile list is refused without being kept.
struct ByteList;

impl<'de> serde::de::Visitor<'de> for ByteList {
    type Value = [u8; PAY_INFO_BYTES];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of 72 numbers from 0 to 255")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut bytes = [0; PAY_INFO_BYTES];
        for (position, byte) in bytes.iter_mut().enumerate() {
            *byte = list
                .next_element()?
                .ok_or_else(|| serde::de::Error::invalid_length(position, &self))?;
        }
        match list.next_element::<u8>()? {
            None => Ok(bytes),
            Some(_) => Err(serde::de::Error::invalid_length(PAY_INFO_BYTES + 1, &self)),
        }
    }
}
