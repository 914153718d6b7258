//! A chain account: the key behind a mnemonic.

use std::str::FromStr;

use bip39::{Language, Mnemonic};
use cosmrs::{AccountId, bip32::DerivationPath, crypto::PublicKey, crypto::secp256k1::SigningKey};
use zeroize::Zeroizing;

use crate::error::Error;

/// Derivation path of the first account of every Cosmos wallet (coin type 118).
pub const DERIVATION_PATH: &str = "m/44'/118'/0'/0/0";

/// Words of a mnemonic made by [`Account::generate_mnemonic`] (256 bits).
const MNEMONIC_WORDS: usize = 24;

/// A secp256k1 key and the address that belongs to it. Has no `Debug`; the key is wiped when it is dropped.
pub struct Account {
    key: SigningKey,
    public_key: PublicKey,
    address: AccountId,
}

impl Account {
    /// The account of a mnemonic: BIP-39 seed without passphrase, BIP-32 path [`DERIVATION_PATH`], address = bech32 of
    /// `RIPEMD-160(SHA-256(compressed public key))` under `prefix`.
    ///
    /// # Errors
    /// [`Error::Mnemonic`] if the words are no mnemonic, [`Error::Account`] if `prefix` is no bech32 prefix.
    pub fn from_mnemonic(mnemonic: &str, prefix: &str) -> Result<Self, Error> {
        let mnemonic = Mnemonic::parse_in(Language::English, mnemonic)
            .map_err(|e| Error::Mnemonic(e.to_string()))?;
        let seed = Zeroizing::new(mnemonic.to_seed(""));
        let path =
            DerivationPath::from_str(DERIVATION_PATH).map_err(|e| Error::Account(e.to_string()))?;
        let key = SigningKey::derive_from_path(seed.as_slice(), &path)
            .map_err(|e| Error::Account(e.to_string()))?;
        let public_key = key.public_key();
        let address = public_key
            .account_id(prefix)
            .map_err(|e| Error::Account(e.to_string()))?;
        Ok(Self {
            key,
            public_key,
            address,
        })
    }

    /// A fresh mnemonic of 24 words from the system's randomness.
    ///
    /// # Errors
    /// [`Error::Mnemonic`] if the generator refuses.
    pub fn generate_mnemonic() -> Result<Zeroizing<String>, Error> {
        let mnemonic =
            Mnemonic::generate(MNEMONIC_WORDS).map_err(|e| Error::Mnemonic(e.to_string()))?;
        Ok(Zeroizing::new(mnemonic.to_string()))
    }

    /// The account's address.
    #[must_use]
    pub fn address(&self) -> &AccountId {
        &self.address
    }

    /// The account's public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public_key
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }
}

/// Reads a bech32 address of any prefix.
///
/// # Errors
/// [`Error::BadAddress`] with the text.
pub fn parse_address(text: &str) -> Result<AccountId, Error> {
    AccountId::from_str(text).map_err(|e| Error::BadAddress {
        text: text.to_owned(),
        reason: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_known_mnemonic_gives_the_known_address() {
        let words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        let account = Account::from_mnemonic(words, "cosmos").unwrap();
        assert_eq!(
            account.address().as_ref(),
            "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"
        );
        let ours = Account::from_mnemonic(words, "n").unwrap();
        assert_eq!(ours.address().to_bytes(), account.address().to_bytes());
        assert!(ours.address().as_ref().starts_with("n1"));
    }

    #[test]
    fn words_that_are_no_mnemonic_are_refused() {
        for words in [
            "",
            "abandon",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon",
            "zzzz about",
        ] {
            assert!(
                matches!(Account::from_mnemonic(words, "n"), Err(Error::Mnemonic(_))),
                "{words:?}"
            );
        }
    }

    #[test]
    fn a_generated_mnemonic_has_24_words_and_is_never_the_same() {
        let one = Account::generate_mnemonic().unwrap();
        assert_eq!(one.split_whitespace().count(), 24);
        assert_ne!(*one, *Account::generate_mnemonic().unwrap());
        Account::from_mnemonic(&one, "n").unwrap();
    }
}
