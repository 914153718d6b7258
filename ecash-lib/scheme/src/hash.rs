//! The three hashes of the scheme (spec 1.4 to 1.6).

use elliptic_curve::hash2curve::{ExpandMsg, ExpandMsgXmd, Expander};
use sha2::{Digest, Sha256};

use crate::constants::{PAY_INFO_BYTES, TAG_HASH_TO_G1, TAG_HASH_TO_SCALAR, WIDE_BYTES};
use crate::curve;
use crate::point::G1;
use crate::scalar::Scalar;

/// Bytes that are expanded for one scalar.
const EXPANDED_BYTES: usize = 48;

/// `H1(m)`: RFC 9380 hash to G1, BLS12381G1_XMD:SHA-256_SSWU_RO_ (spec 1.4).
pub(crate) fn hash_to_g1(message: &[u8]) -> G1 {
    curve::hash_to_g1(message, TAG_HASH_TO_G1).into()
}

/// `Hs(m)`: 48 bytes of `expand_message_xmd` with SHA-256, big-endian, reduced mod r (spec 1.5).
#[must_use]
pub fn hash_to_scalar(message: &[u8]) -> Scalar {
    hash_to_scalar_with_tag(&[message], TAG_HASH_TO_SCALAR)
}

/// [`hash_to_scalar`] of the concatenated `parts` under another domain separation `tag` of 1 to 255 bytes.
///
/// An empty tag gives the hash under the tag `-`, a longer one is first hashed as RFC 9380 5.3.3 says.
#[must_use]
pub fn hash_to_scalar_with_tag(parts: &[&[u8]], tag: &[u8]) -> Scalar {
    let tags: [&[u8]; 1] = [if tag.is_empty() { b"-" } else { tag }];
    let mut expanded = zeroize::Zeroizing::new([0; WIDE_BYTES]);
    // total: 48 bytes are within the limits of the expander and the tag is not empty.
    if let Ok(mut expander) = ExpandMsgXmd::<Sha256>::expand_message(parts, &tags, EXPANDED_BYTES) {
        let (_, big_endian) = expanded.split_at_mut(WIDE_BYTES - EXPANDED_BYTES);
        expander.fill_bytes(big_endian);
    }
    expanded.reverse();
    Scalar::from_wide_bytes(&expanded)
}

/// `Hc(m)`: SHA-256 read little-endian, times 2²⁵⁶, mod r (spec 1.6). For the two proofs of this crate only (spec 8.2, R13).
pub(crate) fn challenge(transcript: Sha256) -> Scalar {
    let mut wide = [0; WIDE_BYTES];
    let (_, upper) = wide.split_at_mut(WIDE_BYTES / 2);
    upper.copy_from_slice(&transcript.finalize());
    Scalar::from_wide_bytes(&wide)
}

/// `R_k = Hs(pay info ‖ LE64(k))`, k the position inside the payment (spec 5.1).
pub(crate) fn pay_info_hash(pay_info: &[u8; PAY_INFO_BYTES], position: u64) -> Scalar {
    hash_to_scalar_with_tag(&[pay_info, &position.to_le_bytes()], TAG_HASH_TO_SCALAR)
}
