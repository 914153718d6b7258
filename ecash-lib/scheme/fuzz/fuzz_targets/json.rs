//! The self-describing forms.
#![no_main]

use ecash_scheme::{
    BlindedSignature, CoinIndexSignatures, DateSignatures, Payment, Scalar, Signature,
    UncheckedPayment, UserPublicKey, VerificationKey, WithdrawalRequest,
};
use ecash_scheme_fuzz::stable_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    stable_json::<Scalar>(bytes);
    stable_json::<UserPublicKey>(bytes);
    stable_json::<VerificationKey>(bytes);
    stable_json::<WithdrawalRequest>(bytes);
    stable_json::<Signature>(bytes);
    stable_json::<BlindedSignature>(bytes);
    stable_json::<DateSignatures>(bytes);
    stable_json::<CoinIndexSignatures>(bytes);
    stable_json::<UncheckedPayment>(bytes);
    stable_json::<Payment>(bytes);
});
