//! Requests for shares and their answers: known answers, and everything that must not pass for another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_requests::bytes::{Base58, Base64};
use ecash_requests::quorum::*;
use ecash_requests::{IdentityKey, NetworkIds, RequestsError};
use ecash_ticketbook::{DepositId, EpochId, NodeIndex, TicketType, UnixTime};
use rand::SeedableRng;
use serde_json::json;
use support::*;

const REQUEST_HASH: &str = "8fc10957a1c69fa40c87f04d7579219d0a35aacbdbe900bf866b2479e93e0f3a";
const ATTESTATION: &str = "b223c9c23c56520b32f48fd8ceb8f4d9da7587281d290c3ef4e950344ac9d99d74aabdb08df559264d838eb88122ed49f7f70cab20e9f583ca5945b02f88e10c";
const RESPONSE_KEY: &str = "73b2d8b76aa9b53660032bc8f5d8bee3a3ae4e3b3a7fd49ade81f7347a34aa68";

fn response_secret() -> ResponseSecret {
    ResponseSecret::from_bytes(&[0x0b; 32])
}

fn addressee(now: UnixTime) -> Addressee {
    Addressee {
        node_index: NODE,
        now,
    }
}

#[test]
fn the_request_hash_has_its_known_value() {
    assert_eq!(
        body(&vectors()).request_hash(&network()).to_string(),
        REQUEST_HASH
    );
}

#[test]
fn the_request_hash_depends_on_everything_but_the_proof() {
    let vectors = vectors();
    let original = body(&vectors);
    let hash = original.request_hash(&network());
    let other = |change: &dyn Fn(&mut BlindSignRequestBody)| {
        let mut changed = original.clone();
        change(&mut changed);
        changed.request_hash(&network())
    };
    let second = &vectors["withdrawals"][1];
    let second_request = hex::decode(second["withdrawal_request"].as_str().unwrap()).unwrap();
    let second_request = ecash_scheme::WithdrawalRequest::from_bytes(&second_request).unwrap();
    assert_ne!(other(&|body| body.deposit_id = DepositId(8)), hash);
    assert_ne!(
        other(&|body| body.expiration_date = body.expiration_date.plus_days(1).unwrap()),
        hash
    );
    assert_ne!(
        other(&|body| body.ticketbook_type = TicketType::MixnetEntry),
        hash
    );
    assert_ne!(
        other(
            &|body| body.ecash_pubkey = ecash_scheme::UserKeyPair::from_seed(b"other")
                .public_key()
                .to_owned()
        ),
        hash
    );
    assert_ne!(
        other(&|body| body.inner_sign_request = second_request.clone()),
        hash
    );
    let ids = |chain, ecash, dkg| ecash_requests::NetworkIds::new(chain, ecash, dkg).unwrap();
    assert_ne!(
        original.request_hash(&ids("test-chain-2", "n1ecash", "n1contract")),
        hash
    );
    assert_ne!(
        original.request_hash(&ids("test-chain", "n1ecash2", "n1contract")),
        hash
    );
    assert_ne!(
        original.request_hash(&ids("test-chainn", "1ecash", "n1contract")),
        hash
    );

    let mut nonces = original.inner_sign_request.to_bytes();
    let response = nonces.len() - 32;
    nonces[response] ^= 1;
    let rebuilt = ecash_scheme::WithdrawalRequest::from_bytes(&nonces).unwrap();
    assert_ne!(rebuilt, original.inner_sign_request);
    assert_eq!(
        other(&|body| body.inner_sign_request = rebuilt.clone()),
        hash
    );
}

#[test]
fn envelopes_have_their_known_signatures() {
    let (network, request) = (network(), body(&vectors()).request_hash(&network()));
    let open = Envelope::sign(&network, &request, TIME, NODE, None, &deposit_key());
    assert_eq!(
        open.signature,
        signature(
            "a8d1d7c4f632b956d9009be926ed3b9501f0d09a43329776aa6a7fae6411f8f6cde569b8dc41f922e794f5c812734f52fc001cfd313b6798463b1e0abf80ed01"
        )
    );
    assert_eq!(
        hex::encode(response_secret().public().as_bytes()),
        RESPONSE_KEY
    );
    let sealed = Envelope::sign(
        &network,
        &request,
        TIME,
        NODE,
        Some(&response_secret().public()),
        &deposit_key(),
    );
    assert_eq!(
        sealed.signature,
        signature(
            "62b200b0015266629ca0d6d0492d1af2466f63c9c5eabd6be2094a3d5686c90cb42d1026031731f6e7c5fde3f819b5774cc8926508933ecfe4b5e82a64671f07"
        )
    );
}

#[test]
fn an_envelope_gives_the_key_to_seal_for() {
    let (network, request) = (network(), body(&vectors()).request_hash(&network()));
    for key in [None, Some(response_secret().public())] {
        let envelope = Envelope::sign(&network, &request, TIME, NODE, key.as_ref(), &deposit_key());
        let travelled: Envelope =
            serde_json::from_str(&serde_json::to_string(&envelope).unwrap()).unwrap();
        assert_eq!(
            travelled
                .check(&network, &request, addressee(TIME), &deposit_key().public())
                .unwrap(),
            key
        );
    }
}

#[test]
fn an_envelope_is_taken_for_48_hours_and_from_5_minutes_ahead() {
    let (network, request) = (network(), body(&vectors()).request_hash(&network()));
    let envelope = Envelope::sign(&network, &request, TIME, NODE, None, &deposit_key());
    let check = |now| envelope.check(&network, &request, addressee(now), &deposit_key().public());
    assert!(check(TIME.saturating_add(48 * 3600)).is_ok());
    assert!(matches!(
        check(TIME.saturating_add(48 * 3600 + 1)),
        Err(RequestsError::TooOld { .. })
    ));
    assert!(check(TIME.saturating_sub(300)).is_ok());
    assert!(matches!(
        check(TIME.saturating_sub(301)),
        Err(RequestsError::FromTheFuture { .. })
    ));
    let forever = Envelope {
        requested_at: UnixTime(u64::MAX),
        ..envelope.clone()
    };
    let refused = forever.check(&network, &request, addressee(TIME), &deposit_key().public());
    assert!(matches!(refused, Err(RequestsError::FromTheFuture { .. })));
}

#[test]
fn an_envelope_for_another_signer_request_or_deposit_is_refused() {
    let (network, request) = (network(), body(&vectors()).request_hash(&network()));
    let owner = deposit_key().public();
    let good = Envelope::sign(
        &network,
        &request,
        TIME,
        NODE,
        Some(&response_secret().public()),
        &deposit_key(),
    );
    let elsewhere = Addressee {
        node_index: NodeIndex(4),
        now: TIME,
    };
    assert!(matches!(
        good.check(&network, &request, elsewhere, &owner),
        Err(RequestsError::WrongNode { .. })
    ));

    let redirected = Envelope {
        node_index: NodeIndex(4),
        ..good.clone()
    };
    let other_time = Envelope {
        requested_at: TIME.saturating_add(1),
        ..good.clone()
    };
    let other_key = Envelope {
        response_key: Some(Base58(*secret(1).public().as_bytes())),
        ..good.clone()
    };
    let no_key = Envelope {
        response_key: None,
        ..good.clone()
    };
    assert!(matches!(
        redirected.check(&network, &request, elsewhere, &owner),
        Err(RequestsError::Signature { .. })
    ));
    for changed in [other_time, other_key, no_key] {
        let refused = changed.check(&network, &request, addressee(TIME), &owner);
        assert!(
            matches!(refused, Err(RequestsError::Signature { .. })),
            "{refused:?}"
        );
    }
    let refused = |network: &NetworkIds, request: &RequestHash, owner: &IdentityKey| {
        good.check(network, request, addressee(TIME), owner)
            .is_err()
    };
    assert!(refused(&network, &RequestHash::from([0; 32]), &owner));
    assert!(refused(&network, &request, &secret(6).public()));
    let elsewhere = NetworkIds::new("test-chain", "n1ecash", "n1other").unwrap();
    assert!(refused(&elsewhere, &request, &owner));
}

#[test]
fn response_keys_of_small_order_or_in_another_encoding_are_refused() {
    let (network, request) = (network(), body(&vectors()).request_hash(&network()));
    let number = |low: u8, middle: u8, high: u8| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (low, high);
        bytes
    };
    let order_8 = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ]
    .map(|text| hex::decode(text).unwrap().try_into().unwrap());
    let small = [number(0, 0, 0), number(1, 0, 0), number(0xec, 0xff, 0x7f)];
    let not_canonical = [
        number(0xed, 0xff, 0x7f),
        number(0xee, 0xff, 0x7f),
        number(0xff, 0xff, 0x7f),
        number(9, 0, 0x80),
    ];
    for key in small.into_iter().chain(order_8).chain(not_canonical) {
        assert!(
            matches!(
                ResponseKey::from_bytes(&key),
                Err(RequestsError::Key { .. })
            ),
            "{}",
            hex::encode(key)
        );
        let mut envelope = Envelope::sign(&network, &request, TIME, NODE, None, &deposit_key());
        envelope.response_key = Some(Base58(key));
        assert!(
            envelope
                .check(&network, &request, addressee(TIME), &deposit_key().public())
                .is_err()
        );
    }
    assert!(ResponseKey::from_bytes(&number(9, 0, 0)).is_ok());
}

#[test]
fn the_attestation_has_its_known_signature() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let attestation = Attestation::sign(
        &context(&network, &request),
        &share(&vectors),
        &signer_key(),
    );
    assert_eq!(attestation.signature, signature(ATTESTATION));
    attestation
        .verify(
            &context(&network, &request),
            &share(&vectors),
            &signer_key().public(),
        )
        .unwrap();
}

#[test]
fn an_attestation_counts_for_its_share_signer_epoch_deposit_and_request_only() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let (share, signer) = (share(&vectors), signer_key().public());
    let good = context(&network, &request);
    let attestation = Attestation::sign(&good, &share, &signer_key());
    let refused = |context: ShareContext<'_>, key: &IdentityKey| {
        attestation.verify(&context, &share, key).is_err()
    };
    assert!(refused(
        ShareContext {
            epoch_id: EpochId(8),
            ..good
        },
        &signer
    ));
    assert!(refused(
        ShareContext {
            node_index: NodeIndex(4),
            ..good
        },
        &signer
    ));
    assert!(refused(
        ShareContext {
            deposit_id: DepositId(8),
            ..good
        },
        &signer
    ));
    assert!(refused(
        ShareContext {
            request: &RequestHash::from([1; 32]),
            ..good
        },
        &signer
    ));
    assert!(refused(good, &secret(8).public()));
    let other = ecash_scheme::BlindedSignature::from_bytes(
        &hex::decode(
            vectors["withdrawals"][0]["blinded_signatures"][1]
                .as_str()
                .unwrap(),
        )
        .unwrap(),
    );
    assert!(attestation.verify(&good, &other.unwrap(), &signer).is_err());

    let relabelled = Attestation {
        epoch_id: EpochId(8),
        ..attestation
    };
    let context = ShareContext {
        epoch_id: EpochId(8),
        ..good
    };
    assert!(relabelled.verify(&context, &share, &signer).is_err());
}

#[test]
fn the_known_sealed_share_opens() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let base64 = |hex: &str| hex::decode(hex).unwrap();
    let sealed = SealedShare {
        enc: Base64(base64("97c3b10b4d6c133a78ea5dcc1cf6421d3f81ae37b1f628ce14ca6fce7730f333").try_into().unwrap()),
        ciphertext: Base64(base64("342fb844c22612d3f510678bce27d27cf6daa4d1b27b5a487c2da0a33c81c34320d21ae336f605b982ca786e37a2baf98a3e87d89bbe521d037952d8948a9ac09ec69240da51245eeb75f1a14932320daa7560a1e8dde82cf4f0a7d8e0f6b449b1ca241637c865276ad9ecdd1c9fd32595977279f3fa0a956c519120a83ef52351a0d36e6264416007d0e7470caf96f8f059651ed0f4e0d0e240954b1dd4c92ea1936b49da2f01c032c36e31b1ae7f19").try_into().unwrap()),
    };
    let opened = AttestedShare::open(
        &sealed,
        &context(&network, &request),
        &response_secret(),
        &signer_key().public(),
    )
    .unwrap();
    assert_eq!(opened.share, share(&vectors));
    assert_eq!(opened.attestation.signature, signature(ATTESTATION));
}

#[test]
fn a_sealed_share_opens_for_its_key_request_epoch_and_signer_only() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let good = context(&network, &request);
    let attestation = Attestation::sign(&good, &share(&vectors), &signer_key());
    let attested = AttestedShare {
        share: share(&vectors),
        attestation,
    };
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    let sealed =
        SealedShare::seal(&good, &attested, &response_secret().public(), &mut rng).unwrap();
    let sealed: SealedShare =
        serde_json::from_str(&serde_json::to_string(&sealed).unwrap()).unwrap();
    let open = |sealed: &SealedShare, context: ShareContext<'_>, secret: &ResponseSecret| {
        AttestedShare::open(sealed, &context, secret, &signer_key().public())
    };
    assert_eq!(open(&sealed, good, &response_secret()).unwrap(), attested);

    let contexts = [
        ShareContext {
            epoch_id: EpochId(8),
            ..good
        },
        ShareContext {
            node_index: NodeIndex(4),
            ..good
        },
        ShareContext {
            deposit_id: DepositId(8),
            ..good
        },
        ShareContext {
            request: &RequestHash::from([1; 32]),
            ..good
        },
    ];
    for context in contexts {
        assert!(matches!(
            open(&sealed, context, &response_secret()),
            Err(RequestsError::Unsealable)
        ));
    }
    let stranger = ResponseSecret::generate(&mut rng);
    assert!(matches!(
        open(&sealed, good, &stranger),
        Err(RequestsError::Unsealable)
    ));
    for at in 0..176 {
        let mut altered = sealed.clone();
        altered.ciphertext.0[at] ^= 1;
        assert!(
            matches!(
                open(&altered, good, &response_secret()),
                Err(RequestsError::Unsealable)
            ),
            "byte {at}"
        );
    }
    let mut altered = sealed;
    altered.enc = Base64([0; 32]);
    assert!(matches!(
        open(&altered, good, &response_secret()),
        Err(RequestsError::Unsealable)
    ));
}

#[test]
fn two_seals_of_one_share_differ() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let context = context(&network, &request);
    let attestation = Attestation::sign(&context, &share(&vectors), &signer_key());
    let attested = AttestedShare {
        share: share(&vectors),
        attestation,
    };
    let mut rng = rand::rngs::StdRng::seed_from_u64(2);
    let mut seal =
        || SealedShare::seal(&context, &attested, &response_secret().public(), &mut rng).unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn the_body_has_the_json_of_the_published_interface() {
    let vectors = vectors();
    let body = body(&vectors);
    let json = serde_json::to_value(&body).unwrap();
    assert_eq!(
        json["inner_sign_request"],
        vectors["withdrawals"][0]["withdrawal_request_json"]
    );
    assert_eq!(json["deposit_id"], json!(7));
    assert_eq!(json["signature"], json!(body.signature.0.to_vec()));
    assert_eq!(
        json["ecash_pubkey"],
        json!({"pk": vectors["withdrawals"][0]["user_pk"]})
    );
    assert_eq!(json["expiration_date"], json!("2025-12-07"));
    assert_eq!(json["ticketbook_type"], json!("v1-mixnet-exit"));
    assert_eq!(json.as_object().unwrap().len(), 6);
    assert_eq!(
        serde_json::from_value::<BlindSignRequestBody>(json.clone()).unwrap(),
        body
    );

    let mut later = json;
    later["of_a_later_version"] = json!(1);
    later["envelope"] = json!(null);
    assert_eq!(
        serde_json::from_value::<BlindSignRequestBody>(later).unwrap(),
        body
    );
}

#[test]
fn the_signature_covers_request_and_deposit() {
    let body = body(&vectors());
    body.check_signature(&deposit_key().public()).unwrap();
    assert!(body.check_signature(&secret(6).public()).is_err());
    let moved = BlindSignRequestBody {
        deposit_id: DepositId(8),
        ..body.clone()
    };
    assert!(matches!(
        moved.check_signature(&deposit_key().public()),
        Err(RequestsError::Signature { .. })
    ));
}

#[test]
fn bodies_of_the_wrong_shape_do_not_decode() {
    let good = serde_json::to_value(body(&vectors())).unwrap();
    let cases = [
        ("signature", json!(vec![0; 63])),
        ("signature", json!(vec![0; 65])),
        ("signature", json!(vec![256; 64])),
        ("signature", json!("00")),
        ("deposit_id", json!(-1)),
        ("deposit_id", json!(u64::from(u32::MAX) + 1)),
        ("deposit_id", json!("7")),
        ("ecash_pubkey", json!({"pk": "00"})),
        (
            "ecash_pubkey",
            json!({"pk": format!("{}{}", "80", "00".repeat(47))}),
        ),
        ("expiration_date", json!("9999-12-31")),
        ("expiration_date", json!("1969-12-31")),
        ("expiration_date", json!([2025, 341])),
        ("ticketbook_type", json!(1)),
        ("ticketbook_type", json!("v1-mixnet")),
        ("inner_sign_request", json!({})),
        ("envelope", json!({})),
        (
            "envelope",
            json!({"requested_at": 1, "node_index": 1, "response_key": "1", "signature": "1"}),
        ),
    ];
    for (field, value) in cases {
        let mut json = good.clone();
        json[field] = value.clone();
        assert!(
            serde_json::from_value::<BlindSignRequestBody>(json).is_err(),
            "{field} = {value}"
        );
    }
    for field in good.as_object().unwrap().keys() {
        let mut json = good.clone();
        json.as_object_mut().unwrap().remove(field);
        assert!(
            serde_json::from_value::<BlindSignRequestBody>(json).is_err(),
            "without {field}"
        );
    }
}

#[test]
fn answers_are_clear_or_sealed_and_never_both() {
    let vectors = vectors();
    let (network, request) = (network(), body(&vectors).request_hash(&network()));
    let context = context(&network, &request);
    let attestation = Attestation::sign(&context, &share(&vectors), &signer_key());
    let published =
        json!({"blinded_signature": vectors["withdrawals"][0]["blinded_signature_1_json"]});
    let clear = BlindSignResponse::Clear {
        blinded_signature: share(&vectors),
        attestation: None,
    };
    assert_eq!(serde_json::to_value(&clear).unwrap(), published);
    assert_eq!(
        serde_json::from_value::<BlindSignResponse>(published.clone()).unwrap(),
        clear
    );

    let attested = BlindSignResponse::Clear {
        blinded_signature: share(&vectors),
        attestation: Some(attestation),
    };
    let json = serde_json::to_value(&attested).unwrap();
    assert_eq!(
        json["attestation"]["signature"],
        json!(attestation.signature.to_string())
    );
    assert_eq!(json["attestation"]["epoch_id"], json!(7));
    assert_eq!(json["attestation"]["node_index"], json!(3));
    assert_eq!(
        serde_json::from_value::<BlindSignResponse>(json).unwrap(),
        attested
    );

    let mut rng = rand::rngs::StdRng::seed_from_u64(3);
    let share = AttestedShare {
        share: share(&vectors),
        attestation,
    };
    let sealed =
        SealedShare::seal(&context, &share, &response_secret().public(), &mut rng).unwrap();
    let json = serde_json::to_value(BlindSignResponse::Sealed(sealed.clone())).unwrap();
    assert_eq!(
        json.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["sealed_share"]
    );
    assert_eq!(
        serde_json::from_value::<BlindSignResponse>(json.clone()).unwrap(),
        BlindSignResponse::Sealed(sealed)
    );

    let mut both = json;
    both["blinded_signature"] = published["blinded_signature"].clone();
    assert!(serde_json::from_value::<BlindSignResponse>(both).is_err());
    assert!(serde_json::from_value::<BlindSignResponse>(json!({})).is_err());
}

#[test]
fn the_leaf_of_an_issued_book_is_the_hash_of_its_fields() {
    use sha2::{Digest, Sha256};
    let vectors = vectors();
    let body = body(&vectors);
    let leaf = merkle_leaf(
        DEPOSIT,
        EPOCH,
        &share(&vectors),
        &body.inner_sign_request,
        body.expiration_date,
        body.ticketbook_type,
    );
    let json =
        &vectors["withdrawals"][0]["withdrawal_request_json"]["private_attributes_commitments"];
    let blinded = &vectors["withdrawals"][0]["blinded_signature_1_json"];
    let hex = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    let preimage = [
        vec![0, 0, 0, 7],
        vec![0, 0, 0, 0, 0, 0, 0, 7],
        hex(&blinded["h"]),
        hex(&blinded["c"]),
        hex(&json[0]),
        hex(&json[1]),
        2_461_017i32.to_be_bytes().to_vec(),
        vec![1],
    ]
    .concat();
    assert_eq!(leaf, <[u8; 32]>::from(Sha256::digest(preimage)));
}
