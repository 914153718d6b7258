//! Which chain and contracts a statement is about. A statement of one network says nothing in another.

use crate::RequestsError;
use crate::limits::SHORT_TEXT_MAX_BYTES;
use serde::{Deserialize, Serialize};
use std::fmt;

/// 1 … 1024 bytes of visible ASCII: a chain id, an address, a path. Its length fits the BE16 of `lp(x)`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortText(String);

impl ShortText {
    /// Checks a text.
    ///
    /// # Errors
    /// [`RequestsError::ShortText`] if it is empty, longer than 1024 bytes, or has a byte outside `!` … `~`.
    pub fn new(text: impl Into<String>) -> Result<Self, RequestsError> {
        let text = text.into();
        let fits = (1..=SHORT_TEXT_MAX_BYTES).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(RequestsError::ShortText {
                bytes: text.len(),
                start: text.chars().take(32).collect(),
            })
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// BE16 of the length in bytes.
    pub(crate) fn len_be16(&self) -> [u8; 2] {
        u16::try_from(self.0.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes() // total: `new` admits at most 1024 bytes
    }
}

impl TryFrom<String> for ShortText {
    type Error = RequestsError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl TryFrom<&str> for ShortText {
    type Error = RequestsError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl std::str::FromStr for ShortText {
    type Err = RequestsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        text.0
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Chain id and the two contracts that signed texts name, in their bech32 form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkIds {
    /// Chain id.
    pub chain_id: ShortText,
    /// Address of the ecash contract.
    pub ecash_contract: ShortText,
    /// Address of the DKG contract.
    pub dkg_contract: ShortText,
}

impl NetworkIds {
    /// Checks and combines the three.
    ///
    /// # Errors
    /// [`RequestsError::ShortText`] for the first that is none.
    pub fn new(
        chain_id: &str,
        ecash_contract: &str,
        dkg_contract: &str,
    ) -> Result<Self, RequestsError> {
        Ok(Self {
            chain_id: ShortText::new(chain_id)?,
            ecash_contract: ShortText::new(ecash_contract)?,
            dkg_contract: ShortText::new(dkg_contract)?,
        })
    }
}
