//! Test vectors (`tests/vectors/ecash-v2.json`, spec appendix C). `ECASH_VECTORS` names another file of the same format; a
//! section that a file lacks is skipped, and said.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod basics;
mod keys;
mod known_answers;
mod negative_other;
mod negative_payments;
mod payments;
mod public;
mod withdrawals;

use std::sync::LazyLock;

use serde_json::Value;

use crate::{
    CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures, SecretKey, Signature,
};
use crate::{PartialWallet, RequestInfo, UserSecretKey, VerificationKey, WalletSignatures};

static FILE: LazyLock<Value> = LazyLock::new(|| {
    let checked_in = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/ecash-v2.json");
    let path = std::env::var("ECASH_VECTORS").unwrap_or_else(|_| checked_in.to_owned());
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
});

/// A section of the file, or `None` with a word about it.
fn section(name: &str) -> Option<&'static Value> {
    let found = FILE.get(name);
    if found.is_none() {
        println!("skipped: the vector file has no section {name}");
    }
    found
}

fn items(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn date(value: &Value) -> u32 {
    number(value).try_into().unwrap()
}

fn byte(value: &Value) -> u8 {
    number(value).try_into().unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

/// A keyset: signers 1 … 5, threshold 3.
struct Keyset(&'static Value);

impl Keyset {
    fn named(name: &str) -> Option<Self> {
        let found = section("keysets")?.get(name);
        if found.is_none() {
            println!("skipped: the vector file has no keyset {name}");
        }
        found.map(Self)
    }

    fn ttp() -> Option<Self> {
        Self::named("ttp_3of5")
    }

    fn threshold(&self) -> u64 {
        number(&self.0["threshold"])
    }

    fn secret_keys(&self) -> Vec<(u64, SecretKey)> {
        let keys = items(&self.0["secret_keys"])
            .iter()
            .map(|key| SecretKey::from_bytes(&bytes(key)).unwrap());
        items(&self.0["indices"])
            .iter()
            .map(number)
            .zip(keys)
            .collect()
    }

    fn keys(&self) -> Vec<(u64, VerificationKey)> {
        let keys = items(&self.0["verification_keys"])
            .iter()
            .map(|key| VerificationKey::from_bytes(&bytes(key)).unwrap());
        items(&self.0["indices"])
            .iter()
            .map(number)
            .zip(keys)
            .collect()
    }

    fn master(&self) -> VerificationKey {
        VerificationKey::from_bytes(&bytes(&self.0["aggregated_verification_key"])).unwrap()
    }

    fn dates(&self) -> DateSignatures {
        let expiration = date(&self.0["expiration"]["expiration_date"]);
        date_set(expiration, items(&self.0["expiration"]["aggregated"])).unwrap()
    }

    fn coins(&self) -> CoinIndexSignatures {
        let signatures = items(&self.0["coin_indices"]["aggregated"])
            .iter()
            .map(signature);
        let entries = (0..)
            .zip(signatures)
            .map(|(index, signature)| CoinIndexSignature { signature, index });
        CoinIndexSignatures::from_vec(entries.collect()).unwrap()
    }
}

fn signature(value: &Value) -> Signature {
    Signature::from_bytes(&bytes(value)).unwrap()
}

/// A set in which entry k is annotated as the k-th spend date.
fn date_set(expiration: u32, signatures: &[Value]) -> crate::Result<DateSignatures> {
    let dates = (0..).map(|day| expiration - 6 * 86_400 + day * 86_400);
    let entries = signatures.iter().zip(dates).map(|(signature, spend_date)| {
        Ok(DateSignature {
            signature: Signature::from_bytes(&bytes(signature))?,
            expiration,
            spend_date,
        })
    });
    DateSignatures::from_vec(entries.collect::<crate::Result<_>>()?)
}

/// A withdrawal of the file, or one of the same shape inside another section.
struct Withdrawal(&'static Value);

impl Withdrawal {
    fn numbered(position: usize) -> Option<Self> {
        section("withdrawals").map(|withdrawals| Self(&withdrawals[position]))
    }

    fn user(&self) -> UserSecretKey {
        UserSecretKey::from_bytes(&bytes(&self.0["user_sk"])).unwrap()
    }

    fn info(&self) -> RequestInfo {
        RequestInfo::from_bytes(&bytes(&self.0["request_info"])).unwrap()
    }

    fn shares(&self) -> Vec<PartialWallet> {
        items(&self.0["partial_wallets"])
            .iter()
            .map(|share| PartialWallet::from_bytes(&bytes(share)).unwrap())
            .collect()
    }

    fn wallet(&self) -> WalletSignatures {
        WalletSignatures::from_bytes(&bytes(&self.0["wallet_signatures"])).unwrap()
    }
}
