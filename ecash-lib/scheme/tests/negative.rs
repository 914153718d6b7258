//! The negative cases of spec 8.4: the table of which test stands for which number, and the cases that have no better home.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;
#[path = "negative/table.rs"]
mod table;

use bls12_381::{G1Affine, Scalar as Number};
use common::objects::objects;
use common::{DAY, EXPIRATION, INDICES, Issuance, Network, PAY_INFO, THRESHOLD, TICKET_TYPE, rng};
use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, Error, PartialWallet,
    Payment, RequestInfo, Scalar, SecretKey, Signature, VerificationKey, VerifyingKey, Wallet,
    WalletSignatures, WithdrawalRequest,
};
use serde_json::Value;

const INFINITY: [u8; 48] = {
    let mut bytes = [0; 48];
    bytes[0] = 0xc0;
    bytes
};

/// 1.
#[test]
fn every_object_is_refused_empty_truncated_or_with_a_byte_more() {
    // Any 48 bytes are a serial number, and a shorter text may be that of others.
    let objects = objects().into_iter();
    for object in objects.filter(|object| object.name != "serial number, base58") {
        let (name, bytes) = (object.name, &object.bytes);
        assert_eq!((object.again)(bytes).as_ref(), Ok(bytes), "{name}");
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(
                (object.again)(&bytes[..length]).is_err(),
                "{name}: {length} bytes"
            );
        }
        for more in [0, 0xff] {
            let longer = [bytes.as_slice(), &[more]].concat();
            assert!((object.again)(&longer).is_err(), "{name} and a byte");
        }
    }
}

/// 2: each length before a point or scalar, one less and one more.
#[test]
fn a_length_that_is_not_that_of_a_point_or_scalar_is_refused() {
    for object in objects()
        .iter()
        .filter(|object| object.name.contains("bin"))
    {
        let mut position = 0;
        let mut tried = 0;
        while position < object.bytes.len() {
            let length = object.bytes[position];
            if matches!(length, 0x20 | 0x30 | 0x60) {
                for wrong in [length - 1, length + 1] {
                    let mut tampered = object.bytes.clone();
                    tampered[position] = wrong;
                    let refused = (object.again)(&tampered);
                    assert!(refused.is_err(), "{}: {wrong} at {position}", object.name);
                }
                tried += 1;
                position += usize::from(length);
            }
            position += 1;
        }
        assert!(tried > 0, "{}", object.name);
    }
}

/// 14.
#[test]
fn a_key_with_a_wrong_count_a_missing_byte_or_a_bad_alpha_is_refused() {
    let bytes = Network::new(1).master.to_bytes();
    for count in [0u64, 3, 5, 4 << 32, u64::MAX] {
        let mut tampered = bytes.clone();
        tampered[96..104].copy_from_slice(&count.to_le_bytes());
        assert!(VerificationKey::from_bytes(&tampered).is_err(), "{count}");
    }
    assert!(VerificationKey::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(VerificationKey::from_bytes(&[]).is_err());
    let mut bad_alpha = bytes;
    bad_alpha[..96].copy_from_slice(&[&[0x80][..], &[0; 94], &[2]].concat());
    assert_eq!(
        VerificationKey::from_bytes(&bad_alpha),
        Err(Error::BadPoint {
            what: "point of G2"
        })
    );
}

/// 15.
#[test]
fn a_secret_key_that_is_non_canonical_miscounted_or_short_is_refused() {
    let bytes = Network::new(1).signers[0].secret.to_bytes();
    let refused = |bytes: &[u8]| SecretKey::from_bytes(bytes).err();
    for element in [0, 40, 136] {
        let mut tampered = bytes.clone();
        tampered[element..element + 32].fill(0xff);
        assert_eq!(
            refused(&tampered),
            Some(Error::BadScalar { what: "scalar" }),
            "{element}"
        );
    }
    for count in [0u64, 3, 5, u64::MAX] {
        let mut tampered = bytes.clone();
        tampered[32..40].copy_from_slice(&count.to_le_bytes());
        assert!(refused(&tampered).is_some(), "{count}");
    }
    for length in [0, 7, 39, 71, bytes.len() - 1] {
        assert!(refused(&bytes[..length]).is_some(), "{length}");
    }
}

/// 16: an error, never an abort.
#[test]
fn a_wallet_with_a_non_canonical_secret_or_another_length_is_refused() {
    let network = Network::new(1);
    let wallet = Issuance::new(&network, 2).wallet(&network);
    let mut signatures = wallet.signatures().to_bytes();
    signatures[96..128].fill(0xff);
    let refused = Some(Error::BadScalar { what: "scalar" });
    assert_eq!(WalletSignatures::from_bytes(&signatures).err(), refused);
    let bytes = wallet.to_bytes();
    let mut tampered = bytes.clone();
    tampered[96..128].fill(0xff);
    assert_eq!(Wallet::from_bytes(&tampered).err(), refused);
    for length in [0, 132, 133, 140] {
        assert!(Wallet::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let mut overspent = bytes.clone();
    overspent[133..].copy_from_slice(&51u64.to_be_bytes());
    assert!(matches!(
        Wallet::from_bytes(&overspent).err(),
        Some(Error::OutOfRange { got: 51, .. })
    ));
}

/// 19, 20.
#[test]
fn a_request_with_another_c_or_with_h_and_c_exchanged_is_refused() {
    let network = Network::new(1);
    let (mine, other) = (Issuance::new(&network, 2), Issuance::new(&network, 3));
    let json = |issuance: &Issuance| serde_json::to_value(&issuance.request).unwrap();
    let mut replaced = json(&mine);
    replaced["joined_commitment"] = json(&other)["joined_commitment"].clone();
    let mut exchanged = json(&mine);
    exchanged["joined_commitment"] = json(&mine)["joined_commitment_hash"].clone();
    exchanged["joined_commitment_hash"] = json(&mine)["joined_commitment"].clone();
    for tampered in [replaced, exchanged] {
        let request: WithdrawalRequest = serde_json::from_value(tampered).unwrap();
        let refused = request.verify(mine.user.public_key(), EXPIRATION, TICKET_TYPE);
        assert_eq!(refused.map(|_| ()), Err(Error::CommitmentHash));
    }
}

/// 31, 32.
#[test]
fn a_blinded_signature_with_another_h_or_at_infinity_is_refused() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let (signer, answer) = (&network.signers[0], issuance.answers[0].to_bytes());
    let other = Issuance::new(&network, 3).answers[0].to_bytes();
    let outcome = |h: &[u8], b: &[u8]| {
        let answer = BlindedSignature::from_bytes(&[h, b].concat()).unwrap();
        let user = issuance.user.secret_key();
        issuance
            .info
            .unblind(user, &answer, &signer.key, signer.index)
            .map(|_| ())
    };
    assert_eq!(outcome(&answer[..48], &answer[48..]), Ok(()));
    let wrong_base = Error::WrongBase {
        what: "blinded signature",
    };
    assert_eq!(outcome(&other[..48], &answer[48..]), Err(wrong_base));
    for (h, b) in [
        (&INFINITY[..], &INFINITY[..]),
        (&INFINITY[..], &answer[48..]),
        (&answer[..48], &INFINITY[..]),
    ] {
        assert!(outcome(h, b).is_err());
    }
}

fn shares(network: &Network, issuance: &Issuance) -> Vec<PartialWallet> {
    let answers = network.signers.iter().zip(&issuance.answers);
    answers
        .map(|(signer, answer)| {
            let user = issuance.user.secret_key();
            issuance
                .info
                .unblind(user, answer, &signer.key, signer.index)
                .unwrap()
        })
        .collect()
}

fn relabelled(share: &PartialWallet, index: u64) -> Result<PartialWallet, Error> {
    let mut bytes = share.to_bytes();
    let end = bytes.len();
    bytes[end - 8..].copy_from_slice(&index.to_le_bytes());
    PartialWallet::from_bytes(&bytes)
}

/// 37, 38, 39.
#[test]
fn shares_under_the_indices_of_others_make_no_wallet() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let own = shares(&network, &issuance);
    let aggregate = |shares: &[PartialWallet]| {
        let user = issuance.user.secret_key();
        issuance
            .info
            .aggregate(user, shares, THRESHOLD, &network.master)
            .map(|_| ())
    };
    let same_twice = [
        own[0].clone(),
        relabelled(&own[0], INDICES[1]).unwrap(),
        own[2].clone(),
    ];
    let exchanged = [
        relabelled(&own[0], INDICES[1]).unwrap(),
        relabelled(&own[1], INDICES[0]).unwrap(),
        own[2].clone(),
    ];
    let unknown = [
        relabelled(&own[0], 1000).unwrap(),
        own[1].clone(),
        own[2].clone(),
    ];
    for shares in [same_twice, exchanged, unknown] {
        assert_eq!(aggregate(&shares), Err(Error::WalletSignature));
    }
    assert_eq!(relabelled(&own[0], 0).map(|_| ()), Err(Error::ZeroIndex));
}

/// 41: u is a case of `a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal`.
#[test]
fn shares_do_not_aggregate_for_another_v_date_or_type() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let own = shares(&network, &issuance);
    let info = issuance.info.to_bytes();
    let end = info.len();
    // bin(h, o, [o1, o2], v, E, t): the last three take 33 bytes each.
    let replaced = |at: usize, scalar: Scalar| {
        let mut bytes = info.clone();
        bytes[at..at + 32].copy_from_slice(&scalar.to_bytes());
        RequestInfo::from_bytes(&bytes).unwrap()
    };
    let (v, e, t) = (end - 98, end - 65, end - 32);
    for (what, info) in [
        ("v", replaced(v, Scalar::from(5u64))),
        ("E", replaced(e, Scalar::from(EXPIRATION + DAY))),
        ("t", replaced(t, Scalar::from(TICKET_TYPE + 1))),
    ] {
        let user = issuance.user.secret_key();
        let refused = info.aggregate(user, &own, THRESHOLD, &network.master);
        assert_eq!(refused.map(|_| ()), Err(Error::WalletSignature), "{what}");
    }
}

fn scaled(point: &[u8], by: u64) -> [u8; 48] {
    let point = G1Affine::from_compressed(point.try_into().unwrap()).unwrap();
    G1Affine::from(point * Number::from(by)).to_compressed()
}

/// 48: (k·h, k·S) satisfies the equation, but k·h is not the hash.
#[test]
fn a_scaled_public_signature_is_refused() {
    let network = Network::new(1);
    let scale = |signature: &Signature| {
        let bytes = signature.to_bytes();
        Signature::from_bytes(&[scaled(&bytes[..48], 3), scaled(&bytes[48..], 3)].concat()).unwrap()
    };
    let mut dates = network.dates.entries().to_vec();
    dates[2].signature = scale(&dates[2].signature);
    assert_eq!(
        DateSignatures::from_vec(dates)
            .unwrap()
            .verify(&network.master, &mut rng(1)),
        Err(Error::BadEntry {
            what: "date signatures",
            position: 2
        })
    );
    let mut coins = network.coins.entries().to_vec();
    coins[30].signature = scale(&coins[30].signature);
    let set = CoinIndexSignatures::from_vec(coins).unwrap();
    assert_eq!(
        set.verify(&network.master, &network.bases, &mut rng(1)),
        Err(Error::BadEntry {
            what: "coin-index signatures",
            position: 30
        })
    );
}

/// 51.
#[test]
fn public_signatures_are_for_one_expiration_date_and_one_master_key() {
    let network = Network::new(1);
    let later = network
        .dates
        .entries()
        .iter()
        .map(|entry| ecash_scheme::DateSignature {
            expiration: entry.expiration + DAY,
            spend_date: entry.spend_date + DAY,
            ..*entry
        });
    let later = DateSignatures::from_vec(later.collect()).unwrap();
    assert_eq!(
        later.verify(&network.master, &mut rng(1)),
        Err(Error::BadEntry {
            what: "date signatures",
            position: 0
        })
    );
    let other_bases = CoinIndexBases::new(&Network::new(9).master);
    let set = network.signers[0].secret.sign_coin_indices(&network.bases);
    assert_eq!(
        set.verify(&network.signers[0].key, &other_bases, &mut rng(1)),
        Err(Error::BadEntry {
            what: "coin-index signatures",
            position: 0
        })
    );
}

fn payment(network: &Network, count: u64) -> Value {
    let issuance = Issuance::new(network, 2);
    let mut wallet = issuance.wallet(network);
    let user = issuance.user.secret_key();
    let payment = wallet
        .spend(
            user,
            &network.context(),
            &PAY_INFO,
            EXPIRATION,
            count,
            &mut rng(4),
        )
        .unwrap();
    serde_json::to_value(payment).unwrap()
}

fn outcome(key: &VerifyingKey, payment: &Value) -> Result<(), Error> {
    let payment: Payment = serde_json::from_value(payment.clone()).unwrap();
    key.verify(payment, &PAY_INFO, EXPIRATION, &mut rng(5))
        .map(|_| ())
}

/// 62: permuted lists that keep to each other, in all pairs of lists and in whole tickets.
#[test]
fn lists_permuted_in_matching_pairs_are_refused() {
    let network = Network::new(1);
    let honest = payment(&network, 3);
    assert_eq!(outcome(&network.verifying_key, &honest), Ok(()));
    let proof = [
        "responses_r_k",
        "responses_l",
        "responses_o_a",
        "responses_mu",
        "responses_o_mu",
    ];
    let lists: Vec<String> = ["kappa_k", "omega", "ss", "tt", "aa"]
        .iter()
        .map(|name| format!("/{name}"))
        .chain(proof.iter().map(|name| format!("/zk_proof/{name}")))
        .collect();
    let permute = |payment: &mut Value, list: &str| {
        payment
            .pointer_mut(list)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .rotate_left(1);
    };
    for one in &lists {
        for other in lists.iter().filter(|other| *other > one) {
            let mut tampered = honest.clone();
            permute(&mut tampered, one);
            permute(&mut tampered, other);
            let refused = outcome(&network.verifying_key, &tampered);
            assert!(refused.is_err(), "{one} with {other}");
        }
    }
    let mut whole_tickets = honest;
    lists
        .iter()
        .for_each(|list| permute(&mut whole_tickets, list));
    assert_eq!(
        outcome(&network.verifying_key, &whole_tickets),
        Err(Error::PaymentProof)
    );
}

/// 63: each signature in the place of each other.
#[test]
fn signatures_exchanged_within_a_payment_are_refused() {
    let network = Network::new(1);
    let honest = payment(&network, 2);
    let places = ["/sig", "/sig_exp", "/omega/0", "/omega/1"];
    for one in places {
        for other in places.iter().filter(|other| **other != one) {
            let mut tampered = honest.clone();
            *tampered.pointer_mut(one).unwrap() = honest.pointer(other).unwrap().clone();
            let refused = outcome(&network.verifying_key, &tampered);
            assert!(refused.is_err(), "{other} in the place of {one}");
        }
    }
}

/// 77: a key with one more element, all that are used the same.
#[test]
fn a_payment_does_not_verify_under_a_key_that_differs_in_its_size_only() {
    let network = Network::new(1);
    let mut json = serde_json::to_value(&network.master).unwrap();
    for list in ["beta_g1", "beta_g2"] {
        let elements = json[list].as_array_mut().unwrap();
        elements.push(elements[0].clone());
    }
    let longer: VerificationKey = serde_json::from_value(json).unwrap();
    let refused = outcome(&VerifyingKey::new(&longer), &payment(&network, 1));
    assert_eq!(refused, Err(Error::PaymentProof));
}
