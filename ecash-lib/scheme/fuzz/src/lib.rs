//! What every decoder must keep, whatever bytes it is given: no abort (the fuzzer sees to that), and one encoding for each
//! value.

use ecash_scheme::codec::{Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a pair of functions decodes from `bytes` encodes to `bytes` again.
pub fn canonical<T, B: AsRef<[u8]>>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> ecash_scheme::Result<T>,
    encode: impl Fn(&T) -> B,
) {
    if let Ok(value) = decode(bytes) {
        assert_eq!(encode(&value).as_ref(), bytes);
    }
}

/// [`canonical`] for the `bin` form.
pub fn canonical_bin<T: Encode + Decode>(bytes: &[u8]) {
    canonical(bytes, T::from_bin, T::to_bin);
}

/// [`canonical`] for a text form.
pub fn canonical_text<T>(
    bytes: &[u8],
    decode: impl Fn(&str) -> ecash_scheme::Result<T>,
    encode: impl Fn(&T) -> String,
) {
    if let Ok(text) = core::str::from_utf8(bytes) {
        if let Ok(value) = decode(text) {
            assert_eq!(encode(&value), text);
        }
    }
}

/// What JSON gives is written as JSON that gives it again. (JSON itself leaves freedom, in blanks and order.)
pub fn stable_json<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let once = serde_json::to_vec(&value).expect("what was read can be written");
        let again: T = serde_json::from_slice(&once).expect("what was written can be read");
        let twice = serde_json::to_vec(&again).expect("what was read can be written");
        assert_eq!(once, twice);
    }
}
