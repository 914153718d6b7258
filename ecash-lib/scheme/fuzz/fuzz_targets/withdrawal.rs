//! What travels and is kept in a withdrawal.
#![no_main]

use ecash_scheme::{BlindedSignature, PartialWallet, RequestInfo, WithdrawalRequest};
use ecash_scheme_fuzz::{canonical, canonical_bin, canonical_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    canonical(bytes, WithdrawalRequest::from_bytes, |request| {
        request.to_bytes()
    });
    canonical(bytes, RequestInfo::from_bytes, |info| info.to_bytes());
    canonical(
        bytes,
        BlindedSignature::from_bytes,
        BlindedSignature::to_bytes,
    );
    canonical(bytes, PartialWallet::from_bytes, PartialWallet::to_bytes);
    canonical_bin::<WithdrawalRequest>(bytes);
    canonical_bin::<RequestInfo>(bytes);
    canonical_bin::<BlindedSignature>(bytes);
    canonical_text(
        bytes,
        BlindedSignature::from_base58,
        BlindedSignature::to_base58,
    );
});
