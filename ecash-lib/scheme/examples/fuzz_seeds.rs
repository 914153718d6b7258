//! Writes the seeds of the fuzz targets: every object of the test vectors, honest or tampered with, to
//! `DIRECTORY/TARGET/`. Files are named after the SHA-256 of their bytes, so that seeds and findings live side by side.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Which target takes an object, by the last part of its name in the vector file.
fn target(name: &str) -> Option<&'static str> {
    Some(match name {
        "payment" | "payment_a" | "payment_b" | "serial_number_bs58" => "payment",
        "withdrawal_request" | "request_info" | "blinded_signatures" | "blinded_signature"
        | "partial_wallets" => "withdrawal",
        "wallet_signatures" | "wallet" | "wallet_signatures_bincode" | "wallet_bincode" => "wallet",
        "keypair"
        | "sk"
        | "pk"
        | "pk_bs58"
        | "secret_keys"
        | "verification_keys"
        | "master_secret_key"
        | "aggregated_verification_key"
        | "verification_key_1_bs58"
        | "key"
        | "secret_key" => "keys",
        "aggregated" | "signatures" | "annotated_0_bincode" | "annotated_49_bincode" => {
            "public_signatures"
        }
        _ => return None,
    })
}

fn write(directory: &Path, target: &str, seed: &[u8]) {
    let directory = directory.join(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(hex::encode(Sha256::digest(seed))), seed).unwrap();
}

fn walk(directory: &Path, name: &str, value: &Value) {
    match value {
        Value::String(text) => {
            if let Some(target) = target(name) {
                let seed = hex::decode(text).unwrap_or_else(|_| text.clone().into_bytes());
                write(directory, target, &seed);
                write(directory, "codec", &seed);
            }
        }
        Value::Array(entries) => entries
            .iter()
            .for_each(|entry| walk(directory, name, entry)),
        Value::Object(fields) if name.ends_with("_json") => {
            write(directory, "json", &serde_json::to_vec(fields).unwrap());
        }
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| walk(directory, name, value)),
        _ => {}
    }
}

fn main() {
    let directory = std::env::args()
        .nth(1)
        .expect("usage: fuzz_seeds DIRECTORY");
    let vectors = include_bytes!("../tests/vectors/ecash-v2.json");
    let vectors: Value = serde_json::from_slice(vectors).unwrap();
    walk(Path::new(&directory), "", &vectors);
    // Tampered payments begin as an honest one with nothing changed.
    (0..3).for_each(|payment| write(Path::new(&directory), "verify", &[payment; 24]));
}
