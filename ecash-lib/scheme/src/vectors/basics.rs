use sha2::{Digest, Sha256};

use super::*;
use crate::dates::spend_date_position;
use crate::hash::{challenge, hash_to_g1, hash_to_scalar};
use crate::keys::Lagrange;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::{Error, Scalar, constants};

#[test]
fn generators_parameters_and_tags_are_those_of_the_scheme() {
    let Some(basics) = section("basics") else {
        return;
    };
    assert_eq!(G1::generator().to_bytes().to_vec(), bytes(&basics["g1"]));
    assert_eq!(G2::generator().to_bytes().to_vec(), bytes(&basics["g2"]));
    for (gamma, expected) in parameters().gamma.iter().zip(items(&basics["gammas"])) {
        assert_eq!(gamma.to_bytes().to_vec(), bytes(expected));
    }
    assert_eq!(
        parameters().delta.to_bytes().to_vec(),
        bytes(&basics["delta"])
    );
    assert_eq!(
        parameters().date_tag.to_bytes().to_vec(),
        bytes(&basics["type_exp"])
    );
    assert_eq!(
        parameters().coin_index_tag.to_bytes().to_vec(),
        bytes(&basics["type_idx"])
    );
    assert_eq!(
        constants::TAG_HASH_TO_G1,
        text(&basics["dst_g1"]).as_bytes()
    );
    assert_eq!(
        constants::TAG_HASH_TO_SCALAR,
        text(&basics["dst_scalar"]).as_bytes()
    );
    assert_eq!(
        constants::TICKETS_PER_BOOK,
        number(&basics["total_tickets"])
    );
    assert_eq!(
        u64::from(constants::VALIDITY_DAYS),
        number(&basics["validity_days"])
    );
}

#[test]
fn hashes_give_the_known_answers() {
    let Some(basics) = section("basics") else {
        return;
    };
    for case in items(&basics["hash_to_scalar"]) {
        assert_eq!(
            hash_to_scalar(&bytes(&case["msg"])).to_bytes().to_vec(),
            bytes(&case["scalar"])
        );
    }
    for case in items(&basics["hash_to_g1"]) {
        assert_eq!(
            hash_to_g1(&bytes(&case["msg"])).to_bytes().to_vec(),
            bytes(&case["point"])
        );
    }
    for case in items(&basics["challenge_hash"]) {
        let mut transcript = Sha256::new();
        items(&case["parts"])
            .iter()
            .for_each(|part| transcript.update(bytes(part)));
        assert_eq!(
            challenge(transcript).to_bytes().to_vec(),
            bytes(&case["scalar"])
        );
    }
}

#[test]
fn lagrange_coefficients_are_those_at_zero() {
    let Some(basics) = section("basics") else {
        return;
    };
    for case in items(&basics["lagrange_at_zero"]) {
        let indices: Vec<u64> = items(&case["points"]).iter().map(number).collect();
        let expected: Vec<Scalar> = items(&case["coefficients"])
            .iter()
            .map(|scalar| Scalar::from_bytes(&bytes(scalar)).unwrap())
            .collect();
        assert_eq!(Lagrange::at_zero(&indices).scalars(), expected);
    }
}

#[test]
fn a_spend_date_has_a_position_within_the_seven_days_only() {
    let Some(basics) = section("basics") else {
        return;
    };
    for case in items(&basics["find_index"]) {
        let position = spend_date_position(date(&case["expiration"]), date(&case["spend"]));
        match case["index"].as_u64() {
            Some(expected) => assert_eq!(position.unwrap() as u64, expected),
            None => assert!(matches!(position, Err(Error::DateOutsideValidity { .. }))),
        }
    }
}

#[test]
fn sizes_are_those_of_the_scheme() {
    let Some(sizes) = section("sizes") else {
        return;
    };
    let size = |name: &str| usize::try_from(number(&sizes[name])).unwrap();
    assert_eq!(constants::secret_key_bytes(4), size("secret_key_4y"));
    assert_eq!(constants::secret_key_bytes(5), size("secret_key_5y"));
    assert_eq!(
        constants::verification_key_bytes(4),
        size("verification_key_4y")
    );
    assert_eq!(
        constants::verification_key_bytes(5),
        size("verification_key_5y")
    );
    assert_eq!(constants::USER_SECRET_KEY_BYTES, size("user_secret_key"));
    assert_eq!(constants::USER_PUBLIC_KEY_BYTES, size("user_public_key"));
    assert_eq!(constants::USER_KEY_PAIR_BYTES, size("user_keypair"));
    assert_eq!(
        constants::WITHDRAWAL_REQUEST_BYTES,
        size("withdrawal_request")
    );
    assert_eq!(constants::REQUEST_INFO_BYTES, size("request_info"));
    assert_eq!(constants::SIGNATURE_BYTES, size("signature"));
    assert_eq!(constants::SIGNATURE_BYTES, size("blinded_signature"));
    assert_eq!(constants::PARTIAL_WALLET_BYTES, size("partial_wallet"));
    assert_eq!(
        constants::WALLET_SIGNATURES_BYTES,
        size("wallet_signatures")
    );
    assert_eq!(constants::WALLET_BYTES, size("wallet"));
    assert_eq!(constants::PAY_INFO_BYTES, size("pay_info"));
    for n in [1, 2, 5, 50] {
        assert_eq!(constants::payment_bytes(n), size(&format!("payment_{n}")));
    }
}
