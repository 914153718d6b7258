//! Strict ed25519: which keys and signatures are refused although others take them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use curve25519_dalek::constants::EIGHT_TORSION;
use ecash_requests::bytes::{Base58, Base64, Hex};
use ecash_requests::{IdentityKey, IdentitySecret, RequestsError, Signature};

fn signer() -> IdentitySecret {
    IdentitySecret::from_bytes(&[9; 32])
}

/// 32 little-endian bytes of 2²⁵⁵ − 19 + `above`, with the sign bit.
fn above_modulus(above: u8, sign: bool) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + above;
    bytes[31] = if sign { 0xff } else { 0x7f };
    bytes
}

#[test]
fn keys_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        let refused = IdentityKey::from_bytes(point.compress().as_bytes());
        assert!(
            matches!(refused, Err(RequestsError::Key { .. })),
            "{point:?}"
        );
    }
}

#[test]
fn keys_in_another_encoding_are_refused() {
    for above in 0..19 {
        for sign in [false, true] {
            let bytes = above_modulus(above, sign);
            assert!(
                IdentityKey::from_bytes(&bytes).is_err(),
                "{}",
                hex::encode(bytes)
            );
        }
    }
    let mut negative_zero = [0; 32];
    (negative_zero[0], negative_zero[31]) = (1, 0x80);
    assert!(IdentityKey::from_bytes(&negative_zero).is_err());
}

#[test]
fn bytes_that_are_no_point_are_refused() {
    let mut refused = 0;
    for low in 0..=u8::MAX {
        let mut bytes = [3; 32];
        (bytes[0], bytes[31]) = (low, 0);
        refused += usize::from(IdentityKey::from_bytes(&bytes).is_err());
    }
    assert!(
        (64..192).contains(&refused),
        "about half of all numbers are no y of a point, {refused} of 256 were refused"
    );
}

#[test]
fn keys_of_another_length_or_alphabet_are_refused() {
    let key = signer().public().to_string();
    assert_eq!(key.parse::<IdentityKey>().unwrap(), signer().public());
    let texts = [
        String::new(),
        "1".repeat(31),
        "1".repeat(33),
        key[1..].to_owned(),
        format!("{key}1"),
        format!(" {key}"),
        key.replace(key.chars().next().unwrap(), "0"),
        "1".repeat(1 << 20),
        "z".repeat(1 << 20),
    ];
    for text in texts {
        assert!(text.parse::<IdentityKey>().is_err(), "{:.50}", text);
        assert!(serde_json::from_value::<IdentityKey>(serde_json::json!(text)).is_err());
    }
}

#[test]
fn a_signature_verifies_for_its_message_and_key_only() {
    let signature = signer().sign(b"message");
    let key = signer().public();
    assert!(key.verify("message", b"message", &signature).is_ok());
    let refused = key.verify("message", b"massage", &signature).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("signature of the message does not verify under {key}")
    );
    assert!(
        IdentitySecret::from_bytes(&[8; 32])
            .public()
            .verify("message", b"message", &signature)
            .is_err()
    );
    for at in 0..64 {
        let mut altered = signature;
        altered.0[at] ^= 1;
        assert!(
            key.verify("message", b"message", &altered).is_err(),
            "byte {at}"
        );
    }
}

#[test]
fn a_signature_with_s_beyond_the_order_is_refused() {
    let order =
        hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut malleated = signer().sign(b"message");
    let mut carry = 0u16;
    for (byte, add) in malleated.0[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        [*byte, _] = carry.to_le_bytes();
        carry >>= 8;
    }
    assert!(
        signer()
            .public()
            .verify("message", b"message", &malleated)
            .is_err()
    );
}

#[test]
fn a_signature_with_r_of_small_order_is_refused() {
    for point in EIGHT_TORSION {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(point.compress().as_bytes());
        let signature: Signature = Base58(bytes);
        assert!(
            signer()
                .public()
                .verify("message", b"message", &signature)
                .is_err()
        );
    }
}

#[test]
fn fixed_bytes_have_one_text_each() {
    let bytes = [0, 1, 2, 0xfd, 0xfe, 0xff];
    assert_eq!(Hex(bytes).to_string(), "000102fdfeff");
    assert_eq!(Base64(bytes).to_string(), "AAEC/f7/");
    assert_eq!(
        Base58(bytes).to_string().parse::<Base58<6>>().unwrap(),
        Base58(bytes)
    );
    for text in [
        "000102FDFEFF",
        "000102fdfef",
        "000102fdfeff00",
        "0x0102fdfeff",
        "",
    ] {
        assert!(text.parse::<Hex<6>>().is_err(), "{text:?}");
    }
    for text in [
        "AAEC_f7_",
        "AAEC/f7/=",
        "AAEC/f7",
        "AAEC/f7/AAAA",
        "AAEC/f7/\n",
    ] {
        assert!(text.parse::<Base64<6>>().is_err(), "{text:?}");
    }
    assert!(
        "AAEC/R==".parse::<Base64<4>>().is_err(),
        "bits after the end"
    );
    for zeros in 0..200 {
        let all_zero = "1".repeat(zeros);
        assert_eq!(
            all_zero.parse::<Base58<32>>().is_ok(),
            zeros == 32,
            "{zeros}"
        );
    }
    assert_eq!(
        Base58([0xff; 32])
            .to_string()
            .parse::<Base58<32>>()
            .unwrap(),
        Base58([0xff; 32])
    );
    assert_eq!(
        Base58([0xff; 64])
            .to_string()
            .parse::<Base58<64>>()
            .unwrap(),
        Base58([0xff; 64])
    );
}
