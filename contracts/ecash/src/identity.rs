//! Which ed25519 keys are taken (`spec/contracts.md` 6.2, no. 3).

use curve25519_dalek::edwards::CompressedEdwardsY;
use ecash_contract_messages::ecash::{IDENTITY_KEY_BYTES, MAX_IDENTITY_KEY_TEXT_BYTES};

use crate::error::ContractError;

/// A canonically encoded ed25519 point of large order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdentityKey([u8; IDENTITY_KEY_BYTES]);

impl IdentityKey {
    /// Reads base58 of exactly 32 bytes.
    ///
    /// # Errors
    /// [`ContractError::MalformedEd25519Identity`]: another length or alphabet, no point of the curve, an encoding with
    /// y ≥ p or a sign bit on x = 0, a point of small order.
    pub(crate) fn parse(text: &str) -> Result<Self, ContractError> {
        let malformed = |reason| ContractError::MalformedEd25519Identity { reason };
        if text.len() > MAX_IDENTITY_KEY_TEXT_BYTES {
            return Err(malformed("the text is longer than that of 32 bytes"));
        }
        let bytes: [u8; IDENTITY_KEY_BYTES] = bs58::decode(text)
            .into_vec()
            .map_err(|_| malformed("not base58"))?
            .try_into()
            .map_err(|_| malformed("not 32 bytes"))?;
        let point = CompressedEdwardsY(bytes)
            .decompress()
            .ok_or_else(|| malformed("not a point of the curve"))?;
        if point.compress().to_bytes() != bytes {
            return Err(malformed("not the canonical encoding of its point"));
        }
        if point.is_small_order() {
            return Err(malformed("a point of small order"));
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    pub(crate) fn as_bytes(&self) -> &[u8; IDENTITY_KEY_BYTES] {
        &self.0
    }

    /// Base58.
    pub(crate) fn to_base58(self) -> String {
        bs58::encode(self.0).into_string()
    }
}
