//! Addresses, and what contracts may ask the host for.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{
    Addr, Api, CanonicalAddr, RecoverPubkeyError, StdError, StdResult, VerificationError,
};

use crate::config::ADDRESS_PREFIX;

/// Length of the address of an account with a key: the RIPEMD-160 of the SHA-256 of the key.
pub(crate) const ACCOUNT_ADDRESS_BYTES: usize = 20;
/// Length of a contract's address.
pub(crate) const CONTRACT_ADDRESS_BYTES: usize = 32;

/// Why a text is no address of this chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not bech32.
    #[error("not a bech32 address: {0}")]
    NotBech32(String),
    /// Another chain's.
    #[error("prefix {0:?}, expected \"{ADDRESS_PREFIX}\"")]
    Prefix(String),
    /// Neither an account's nor a contract's length.
    #[error("{0} bytes, expected {ACCOUNT_ADDRESS_BYTES} or {CONTRACT_ADDRESS_BYTES}")]
    Length(usize),
    /// Mixed or upper case; the network's texts are lower case, and a second spelling would be a second key in maps.
    #[error("not in lower case")]
    Case,
}

/// The bytes of an address: 20 for accounts, 32 for contracts.
///
/// # Errors
/// [`AddressError`] says what the text is instead.
pub fn parse_address(text: &str) -> Result<Vec<u8>, AddressError> {
    let decoded = CheckedHrpstring::new::<Bech32>(text)
        .map_err(|e| AddressError::NotBech32(e.to_string()))?;
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(AddressError::Case);
    }
    let prefix = decoded.hrp().to_string();
    if prefix != ADDRESS_PREFIX {
        return Err(AddressError::Prefix(prefix));
    }
    let bytes: Vec<u8> = decoded.byte_iter().collect();
    match bytes.len() {
        ACCOUNT_ADDRESS_BYTES | CONTRACT_ADDRESS_BYTES => Ok(bytes),
        other => Err(AddressError::Length(other)),
    }
}

/// The address text of `bytes`.
///
/// # Errors
/// [`AddressError::Length`] unless there are 20 or 32.
pub fn format_address(bytes: &[u8]) -> Result<String, AddressError> {
    if !matches!(bytes.len(), ACCOUNT_ADDRESS_BYTES | CONTRACT_ADDRESS_BYTES) {
        return Err(AddressError::Length(bytes.len()));
    }
    let prefix = Hrp::parse(ADDRESS_PREFIX).map_err(|e| AddressError::NotBech32(e.to_string()))?;
    bech32::encode::<Bech32>(prefix, bytes).map_err(|e| AddressError::NotBech32(e.to_string()))
}

/// The host functions of a contract: addresses of this chain, signatures as the reference host checks them, debug lines
/// into the log instead of standard output.
#[derive(Default)]
pub(crate) struct NyxApi {
    crypto: MockApi,
}

impl Api for NyxApi {
    fn addr_validate(&self, human: &str) -> StdResult<Addr> {
        self.addr_canonicalize(human)?;
        Ok(Addr::unchecked(human))
    }

    fn addr_canonicalize(&self, human: &str) -> StdResult<CanonicalAddr> {
        parse_address(human)
            .map(CanonicalAddr::from)
            .map_err(|e| StdError::generic_err(format!("address {human:?}: {e}")))
    }

    fn addr_humanize(&self, canonical: &CanonicalAddr) -> StdResult<Addr> {
        format_address(canonical)
            .map(Addr::unchecked)
            .map_err(|e| StdError::generic_err(format!("canonical address {canonical}: {e}")))
    }

    fn secp256k1_verify(
        &self,
        message_hash: &[u8],
        signature: &[u8],
        public_key: &[u8],
    ) -> Result<bool, VerificationError> {
        self.crypto
            .secp256k1_verify(message_hash, signature, public_key)
    }

    fn secp256k1_recover_pubkey(
        &self,
        message_hash: &[u8],
        signature: &[u8],
        recovery_param: u8,
    ) -> Result<Vec<u8>, RecoverPubkeyError> {
        self.crypto
            .secp256k1_recover_pubkey(message_hash, signature, recovery_param)
    }

    fn ed25519_verify(
        &self,
        message: &[u8],
        signature: &[u8],
        public_key: &[u8],
    ) -> Result<bool, VerificationError> {
        self.crypto.ed25519_verify(message, signature, public_key)
    }

    fn ed25519_batch_verify(
        &self,
        messages: &[&[u8]],
        signatures: &[&[u8]],
        public_keys: &[&[u8]],
    ) -> Result<bool, VerificationError> {
        self.crypto
            .ed25519_batch_verify(messages, signatures, public_keys)
    }

    fn debug(&self, message: &str) {
        tracing::debug!(target: "nyx_embedded::contract", "{message}");
    }
}
