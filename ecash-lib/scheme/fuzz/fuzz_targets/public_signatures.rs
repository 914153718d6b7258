//! Signatures, and sets of them.
#![no_main]

use ecash_scheme::{
    CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures, Signature,
};
use ecash_scheme_fuzz::{canonical, canonical_bin, canonical_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    canonical(bytes, Signature::from_bytes, Signature::to_bytes);
    canonical_bin::<Signature>(bytes);
    canonical_bin::<DateSignature>(bytes);
    canonical_bin::<DateSignatures>(bytes);
    canonical_bin::<CoinIndexSignature>(bytes);
    canonical_bin::<CoinIndexSignatures>(bytes);
    canonical_text(bytes, Signature::from_base58, Signature::to_base58);
});
