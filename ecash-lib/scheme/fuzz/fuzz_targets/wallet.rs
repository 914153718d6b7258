//! Wallets at rest.
#![no_main]

use ecash_scheme::{Wallet, WalletSignatures};
use ecash_scheme_fuzz::{canonical, canonical_bin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    canonical(
        bytes,
        WalletSignatures::from_bytes,
        WalletSignatures::to_bytes,
    );
    canonical(bytes, Wallet::from_bytes, Wallet::to_bytes);
    canonical_bin::<WalletSignatures>(bytes);
    canonical_bin::<Wallet>(bytes);
});
