//! Withdrawal and issuance: what signers and users must refuse (spec 8.4, 17 to 42).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{DAY, EXPIRATION, INDICES, Issuance, Network, THRESHOLD, TICKET_TYPE, rng};
use ecash_scheme::{
    BlindedSignature, Error, G1, RandomNonces, RequestInfo, Scalar, SecretKey, SecretScalar,
    UserKeyPair, UserPublicKey, VerificationKey, WithdrawalRequest, WithdrawalSecrets, deal,
};
use serde_json::{Value, json};

fn infinity() -> String {
    format!("c0{}", "00".repeat(47))
}

fn verify(request: &Value, issuance: &Issuance) -> Result<(), Error> {
    let request: WithdrawalRequest = serde_json::from_value(request.clone()).unwrap();
    request
        .verify(issuance.user.public_key(), EXPIRATION, TICKET_TYPE)
        .map(|_| ())
}

#[test]
fn no_element_of_a_request_may_be_infinity() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let honest = serde_json::to_value(&issuance.request).unwrap();
    assert_eq!(verify(&honest, &issuance), Ok(()));
    for place in [
        "/joined_commitment_hash",
        "/joined_commitment",
        "/private_attributes_commitments/0",
        "/private_attributes_commitments/1",
    ] {
        let mut tampered = honest.clone();
        *tampered.pointer_mut(place).unwrap() = infinity().into();
        assert!(
            matches!(verify(&tampered, &issuance), Err(Error::Infinity { .. })),
            "{place}"
        );
    }
    let nobody = UserPublicKey::from_bytes(&hex::decode(infinity()).unwrap()).unwrap();
    let refused = issuance
        .request
        .verify(&nobody, EXPIRATION, TICKET_TYPE)
        .map(|_| ());
    assert_eq!(
        refused,
        Err(Error::Infinity {
            what: "user public key"
        })
    );
}

#[test]
fn every_scalar_of_the_proof_is_bound() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 3);
    let honest = serde_json::to_value(&issuance.request).unwrap();
    for place in [
        "/zk_proof/challenge",
        "/zk_proof/response_opening",
        "/zk_proof/response_openings/0",
        "/zk_proof/response_openings/1",
        "/zk_proof/response_attributes/0",
        "/zk_proof/response_attributes/1",
    ] {
        let mut tampered = honest.clone();
        let value = tampered.pointer_mut(place).unwrap();
        let scalar: Scalar = serde_json::from_value(value.clone()).unwrap();
        *value = serde_json::to_value(scalar + Scalar::ONE).unwrap();
        assert_eq!(
            verify(&tampered, &issuance),
            Err(Error::WithdrawalProof),
            "{place}"
        );
    }
}

#[test]
fn lists_of_another_length_than_two_do_not_decode() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 4);
    let honest = serde_json::to_value(&issuance.request).unwrap();
    for place in [
        "/private_attributes_commitments",
        "/zk_proof/response_openings",
        "/zk_proof/response_attributes",
    ] {
        for length in [0, 1, 3] {
            let mut tampered = honest.clone();
            let list = tampered.pointer_mut(place).unwrap().as_array_mut().unwrap();
            let first = list[0].clone();
            list.resize(length, first);
            assert!(
                serde_json::from_value::<WithdrawalRequest>(tampered).is_err(),
                "{place} of {length}"
            );
        }
    }
}

#[test]
fn a_request_is_for_one_user_one_date_and_one_type() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 5);
    let verify = |user: &UserPublicKey, expiration, ticket_type| {
        issuance
            .request
            .verify(user, expiration, ticket_type)
            .map(|_| ())
    };
    let user = issuance.user.public_key();
    let stranger = UserKeyPair::from_seed(b"stranger");
    assert_eq!(verify(user, EXPIRATION, TICKET_TYPE), Ok(()));
    assert_eq!(
        verify(stranger.public_key(), EXPIRATION, TICKET_TYPE),
        Err(Error::WithdrawalProof)
    );
    assert_eq!(
        verify(user, EXPIRATION + DAY, TICKET_TYPE),
        Err(Error::CommitmentHash)
    );
    assert_eq!(
        verify(user, EXPIRATION, TICKET_TYPE + 1),
        Err(Error::CommitmentHash)
    );
    assert_eq!(
        verify(user, EXPIRATION + 1, TICKET_TYPE),
        Err(Error::NotMidnight(EXPIRATION + 1))
    );
    assert_eq!(
        verify(user, 5 * DAY, TICKET_TYPE),
        Err(Error::ExpirationTooEarly(5 * DAY))
    );
    assert_eq!(
        verify(user, EXPIRATION, 4),
        Err(Error::UnknownTicketType(4))
    );
}

#[test]
fn keys_with_fewer_than_four_elements_do_not_exist() {
    let y = || {
        (0..3)
            .map(|_| SecretScalar::random(&mut rng(6)))
            .collect::<Vec<_>>()
    };
    let refused = SecretKey::from_scalars(SecretScalar::random(&mut rng(6)), y()).map(|_| ());
    assert_eq!(refused, Err(Error::KeyTooShort { q: 3 }));
    let key = Network::new(1).master;
    let mut json = serde_json::to_value(&key).unwrap();
    json["beta_g1"].as_array_mut().unwrap().pop();
    assert!(
        serde_json::from_value::<VerificationKey>(json.clone())
            .unwrap_err()
            .to_string()
            .contains("3 elements")
    );
    json["beta_g1"] = json!([]);
    assert!(serde_json::from_value::<VerificationKey>(json).is_err());
}

#[test]
fn a_signer_that_answers_wrongly_is_named() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 7);
    let user = issuance.user.secret_key();
    let verified = issuance
        .request
        .verify(issuance.user.public_key(), EXPIRATION, TICKET_TYPE)
        .unwrap();
    let honest = &issuance.answers[0];
    let (signer, other) = (&network.signers[0], &network.signers[1]);

    let mut shifted = serde_json::to_value(honest).unwrap();
    shifted["c"] = serde_json::to_value(G1::generator()).unwrap();
    let shifted: BlindedSignature = serde_json::from_value(shifted).unwrap();
    let share = |answer, key, index| issuance.info.unblind(user, answer, key, index).map(|_| ());
    assert_eq!(share(honest, &signer.key, signer.index), Ok(()));
    assert_eq!(
        share(&shifted, &signer.key, signer.index),
        Err(Error::WalletShare {
            index: signer.index
        })
    );
    assert_eq!(
        share(honest, &other.key, other.index),
        Err(Error::WalletShare { index: other.index })
    );
    assert_eq!(share(honest, &signer.key, 0), Err(Error::ZeroIndex));
    assert_eq!(
        shifted.verify(&verified, &signer.key),
        Err(Error::BlindedSignature)
    );
    assert_eq!(
        honest.verify(&verified, &other.key),
        Err(Error::BlindedSignature)
    );
    assert_eq!(honest.verify(&verified, &signer.key), Ok(()));

    let elsewhere = Issuance::new(&network, 8);
    let foreign = &elsewhere.answers[0];
    let wrong_base = Err(Error::WrongBase {
        what: "blinded signature",
    });
    assert_eq!(share(foreign, &signer.key, signer.index), wrong_base);
    assert_eq!(foreign.verify(&verified, &signer.key), wrong_base);
}

#[test]
fn a_wallet_is_collected_from_answers_and_the_signers_of_bad_ones_are_named() {
    let (network, elsewhere) = (Network::new(1), Network::new(9));
    let issuance = Issuance::new(&network, 7);
    let user = issuance.user.secret_key();
    let mut answers: Vec<_> = network
        .signers
        .iter()
        .zip(&issuance.answers)
        .map(|(signer, answer)| {
            let answer = issuance.info.read_answer(&answer.to_bytes()).unwrap();
            (signer.index, &signer.key, answer)
        })
        .collect();
    let collect = |answers: &[_], master| {
        issuance
            .info
            .collect(user, answers, THRESHOLD, master)
            .map(|wallet| wallet.to_bytes().to_vec())
    };
    let expected = issuance.wallet(&network).to_bytes()[..133].to_vec();
    assert_eq!(collect(&answers, &network.master), Ok(expected.clone()));
    assert_eq!(collect(&answers[2..], &network.master), Ok(expected));
    assert_eq!(
        collect(&answers[3..], &network.master),
        Err(Error::TooFewShares { got: 2, needed: 3 })
    );
    assert_eq!(
        collect(&answers, &elsewhere.master),
        Err(Error::WrongMasterKey {
            what: "wallet shares"
        })
    );
    let repeated = [answers[0], answers[1], answers[0]];
    assert_eq!(
        collect(&repeated, &network.master),
        Err(Error::DuplicateIndex(1))
    );

    // Answers exchanged between two signers; and one that is infinity.
    (answers[1].2, answers[3].2) = (answers[3].2, answers[1].2);
    let mut nothing = serde_json::to_value(answers[4].2).unwrap();
    nothing["c"] = json!(infinity());
    answers[4].2 = serde_json::from_value(nothing).unwrap();
    for bad in [&answers[..], &answers[..4]] {
        let signers = bad.iter().map(|(index, ..)| *index);
        assert_eq!(
            collect(bad, &network.master),
            Err(Error::BadShares {
                what: "wallet shares",
                signers: signers.filter(|index| [2, 7, 9].contains(index)).collect(),
            })
        );
    }
}

#[test]
fn an_answer_is_read_only_for_the_request_it_answers() {
    let network = Network::new(1);
    let (issuance, other) = (Issuance::new(&network, 7), Issuance::new(&network, 8));
    let bytes = issuance.answers[0].to_bytes();
    assert_eq!(issuance.info.read_answer(&bytes), Ok(issuance.answers[0]));
    assert_eq!(
        other.info.read_answer(&bytes),
        Err(Error::WrongBase {
            what: "blinded signature"
        })
    );
    for length in [0, 48, 95, 97] {
        let mut cut = bytes.to_vec();
        cut.resize(length, 0);
        assert!(matches!(
            issuance.info.read_answer(&cut),
            Err(Error::WrongLength { expected: 96, .. })
        ));
    }
    let mut uncompressed = bytes;
    uncompressed[48] &= 0x7f;
    assert!(matches!(
        issuance.info.read_answer(&uncompressed),
        Err(Error::BadPoint { .. })
    ));
}

#[test]
fn an_answer_with_another_user_date_or_type_does_not_unblind() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 9);
    let (signer, answer) = (&network.signers[0], &issuance.answers[0]);
    let wrong = Err(Error::WalletShare {
        index: signer.index,
    });
    let stranger = UserKeyPair::from_seed(b"stranger");
    assert_eq!(
        issuance
            .info
            .unblind(stranger.secret_key(), answer, &signer.key, signer.index)
            .map(|_| ()),
        wrong
    );
    let end = issuance.info.to_bytes().len();
    for (position, value) in [(end - 32, TICKET_TYPE + 1), (end - 32 - 33, 1)] {
        let mut bytes = issuance.info.to_bytes();
        bytes[position] = value;
        // The first byte of E as a scalar is 0x80; 1 makes it no midnight.
        match RequestInfo::from_bytes(&bytes) {
            Ok(info) => {
                let outcome = info.unblind(
                    issuance.user.secret_key(),
                    answer,
                    &signer.key,
                    signer.index,
                );
                assert_eq!(outcome.map(|_| ()), wrong);
            }
            Err(error) => assert!(matches!(error, Error::NotMidnight(_)), "{error}"),
        }
    }
}

#[test]
fn a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 10);
    let elsewhere = Issuance::new(&network, 11);
    let user = issuance.user.secret_key();
    let shares = |issuance: &Issuance| -> Vec<_> {
        let user = issuance.user.secret_key();
        let pairs = network.signers.iter().zip(&issuance.answers);
        pairs
            .map(|(signer, answer)| {
                issuance
                    .info
                    .unblind(user, answer, &signer.key, signer.index)
                    .unwrap()
            })
            .collect()
    };
    let own = shares(&issuance);
    let foreign = shares(&elsewhere);
    let aggregate = |shares: &[_]| {
        issuance
            .info
            .aggregate(user, shares, THRESHOLD, &network.master)
            .map(|wallet| wallet.to_bytes())
    };

    let expected = aggregate(&own).unwrap();
    assert_eq!(
        aggregate(&own[1..4]),
        Ok(expected),
        "which shares are combined does not show"
    );
    assert_eq!(
        aggregate(&[]),
        Err(Error::TooFewShares { got: 0, needed: 3 })
    );
    assert_eq!(
        aggregate(&own[..2]),
        Err(Error::TooFewShares { got: 2, needed: 3 })
    );
    let twice = [own[0].clone(), own[1].clone(), own[0].clone()];
    assert_eq!(aggregate(&twice), Err(Error::DuplicateIndex(INDICES[0])));
    let mixed = [own[0].clone(), own[1].clone(), foreign[2].clone()];
    assert_eq!(
        aggregate(&mixed),
        Err(Error::WrongBase {
            what: "wallet share"
        })
    );
    let stranger = UserKeyPair::from_seed(b"stranger");
    let other_user =
        issuance
            .info
            .aggregate(stranger.secret_key(), &own, THRESHOLD, &network.master);
    assert_eq!(other_user.map(|_| ()), Err(Error::WalletSignature));
    let other_master = issuance
        .info
        .aggregate(user, &own, THRESHOLD, &Network::new(2).master);
    assert_eq!(other_master.map(|_| ()), Err(Error::WalletSignature));
    assert!(matches!(
        issuance.info.aggregate(user, &own, 0, &network.master),
        Err(Error::BadThreshold { .. })
    ));
}

#[test]
fn keys_are_aggregated_from_enough_distinct_shares_of_one_size() {
    let network = Network::new(1);
    let shares: Vec<_> = network
        .signers
        .iter()
        .map(|signer| (signer.index, &signer.key))
        .collect();
    assert_eq!(
        VerificationKey::aggregate(&shares[2..], THRESHOLD).as_ref(),
        Ok(&network.master)
    );
    assert_eq!(
        VerificationKey::aggregate(&[], 1),
        Err(Error::TooFewShares { got: 0, needed: 1 })
    );
    let twice = [shares[0], shares[0], shares[1]];
    assert_eq!(
        VerificationKey::aggregate(&twice, 3),
        Err(Error::DuplicateIndex(INDICES[0]))
    );
    let zero = [(0, shares[0].1), shares[1], shares[2]];
    assert_eq!(VerificationKey::aggregate(&zero, 3), Err(Error::ZeroIndex));
    let longer = SecretKey::from_scalars(
        SecretScalar::random(&mut rng(1)),
        (0..5).map(|_| SecretScalar::random(&mut rng(1))).collect(),
    )
    .unwrap()
    .verification_key();
    let mixed = [shares[0], shares[1], (9, &longer)];
    assert_eq!(
        VerificationKey::aggregate(&mixed, 3),
        Err(Error::KeySizesDiffer { first: 4, other: 5 })
    );
}

#[test]
fn the_dealer_refuses_impossible_thresholds() {
    for threshold in [0, 4, u64::MAX] {
        let outcome = deal(threshold, &[1, 2, 3], &mut rng(1)).map(|_| ());
        assert_eq!(
            outcome,
            Err(Error::BadThreshold {
                threshold,
                signers: 3
            })
        );
    }
    assert_eq!(
        deal(1, &[1, 1], &mut rng(1)).map(|_| ()),
        Err(Error::DuplicateIndex(1))
    );
    assert_eq!(
        deal(1, &[0, 1], &mut rng(1)).map(|_| ()),
        Err(Error::ZeroIndex)
    );
}

#[test]
fn a_key_with_exchanged_or_scaled_elements_is_inconsistent() {
    let key = Network::new(1).master;
    key.check_consistency(&mut rng(1)).unwrap();
    let json = serde_json::to_value(&key).unwrap();
    let mut exchanged = json.clone();
    exchanged["beta_g1"].as_array_mut().unwrap().swap(0, 1);
    let mut both_halves_exchanged = exchanged.clone();
    both_halves_exchanged["beta_g2"]
        .as_array_mut()
        .unwrap()
        .swap(0, 2);
    let mut infinite = json.clone();
    infinite["beta_g1"][3] = infinity().into();
    for (tampered, expected) in [
        (exchanged, Error::InconsistentKey),
        (both_halves_exchanged, Error::InconsistentKey),
        (
            infinite,
            Error::Infinity {
                what: "key element Y",
            },
        ),
    ] {
        let key: VerificationKey = serde_json::from_value(tampered).unwrap();
        assert_eq!(key.check_consistency(&mut rng(1)), Err(expected));
    }
}

#[test]
fn nonces_of_a_proof_come_from_the_source_that_is_given() {
    let user = UserKeyPair::from_seed(b"user");
    let secrets = || WithdrawalSecrets::from_wide_bytes(&[1; 64], &[2; 64], &[3; 64], &[4; 64]);
    let mut asked = Vec::new();
    let mut source = |instance: &[u8; 246], name: ecash_scheme::NonceName| {
        asked.push(name.as_str());
        SecretScalar::from(ecash_scheme::hash_to_scalar_with_tag(
            &[instance, name.as_str().as_bytes()],
            b"a tag",
        ))
    };
    let (one, _) = WithdrawalRequest::new(&user, EXPIRATION, 0, secrets(), &mut source).unwrap();
    let (two, _) = WithdrawalRequest::new(&user, EXPIRATION, 0, secrets(), &mut source).unwrap();
    assert_eq!(one, two);
    assert_eq!(
        asked,
        ["o", "o1", "o2", "u", "v", "o", "o1", "o2", "u", "v"]
    );
    let (three, _) = WithdrawalRequest::new(
        &user,
        EXPIRATION,
        0,
        secrets(),
        &mut RandomNonces(&mut rng(1)),
    )
    .unwrap();
    assert_eq!(
        one.base(),
        three.base(),
        "the same secrets give the same base"
    );
    assert_ne!(one, three, "fresh nonces give another proof");
}
