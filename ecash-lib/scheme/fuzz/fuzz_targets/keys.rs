//! Keys of signers and users.
#![no_main]

use ecash_scheme::{SecretKey, UserKeyPair, UserPublicKey, UserSecretKey, VerificationKey};
use ecash_scheme_fuzz::{canonical, canonical_bin, canonical_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    canonical(bytes, SecretKey::from_bytes, SecretKey::to_bytes);
    canonical(
        bytes,
        VerificationKey::from_bytes,
        VerificationKey::to_bytes,
    );
    canonical(bytes, UserSecretKey::from_bytes, |key| {
        key.to_bytes().to_vec()
    });
    canonical(bytes, UserPublicKey::from_bytes, UserPublicKey::to_bytes);
    canonical(bytes, UserKeyPair::from_bytes, |pair| {
        pair.to_bytes().to_vec()
    });
    canonical_bin::<VerificationKey>(bytes);
    canonical_bin::<UserSecretKey>(bytes);
    canonical_bin::<UserPublicKey>(bytes);
    canonical_text(
        bytes,
        VerificationKey::from_base58,
        VerificationKey::to_base58,
    );
    canonical_text(bytes, UserPublicKey::from_base58, UserPublicKey::to_base58);
});
