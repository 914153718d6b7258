use super::*;
use crate::codec::{Decode, Encode};
use crate::{Error, UserKeyPair, UserPublicKey, check_polynomial};

const KEYSETS: [&str; 2] = ["ttp_3of5", "dkg_shape_3of5"];

#[test]
fn user_keys_come_from_their_seeds() {
    let Some(users) = section("users") else {
        return;
    };
    for user in items(users) {
        let seed = user["seed"]
            .as_str()
            .map(|seed| hex::decode(seed).unwrap())
            .unwrap();
        let pair = UserKeyPair::from_seed(&seed);
        assert_eq!(pair.secret_key().to_bytes().to_vec(), bytes(&user["sk"]));
        assert_eq!(pair.public_key().to_bytes().to_vec(), bytes(&user["pk"]));
        assert_eq!(pair.to_bytes().to_vec(), bytes(&user["keypair"]));
        assert_eq!(
            UserKeyPair::from_bytes(&bytes(&user["keypair"]))
                .unwrap()
                .public_key(),
            pair.public_key()
        );
        assert_eq!(pair.public_key().to_base58(), text(&user["pk_bs58"]));
        assert_eq!(
            &UserPublicKey::from_base58(text(&user["pk_bs58"])).unwrap(),
            pair.public_key()
        );
        let both = [pair.secret_key().to_bin(), pair.public_key().to_bin()].concat();
        assert_eq!(both, bytes(&user["keypair_bincode"]));
        assert_eq!(
            serde_json::to_value(pair.public_key()).unwrap(),
            user["keypair_json"]["public_key"]
        );
    }
}

#[test]
fn a_pair_of_keys_that_do_not_belong_together_is_refused() {
    let Some(users) = section("users") else {
        return;
    };
    let mut pair = bytes(&users[0]["keypair"]);
    pair.splice(32.., bytes(&users[1]["pk"]));
    assert!(matches!(
        UserKeyPair::from_bytes(&pair),
        Err(Error::UserKeyMismatch)
    ));
}

#[test]
fn signer_keys_have_their_layouts_and_public_sides() {
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        for ((_, secret), (_, key)) in keyset.secret_keys().iter().zip(&keyset.keys()) {
            assert_eq!(&secret.verification_key(), key);
            assert_eq!(
                SecretKey::from_bytes(&secret.to_bytes())
                    .unwrap()
                    .to_bytes(),
                secret.to_bytes()
            );
            assert_eq!(&VerificationKey::from_bytes(&key.to_bytes()).unwrap(), key);
            assert_eq!(&VerificationKey::from_bin(&key.to_bin()).unwrap(), key);
            key.check_consistency(&mut rand::thread_rng()).unwrap();
        }
        let (_, first) = &keyset.keys()[0];
        assert_eq!(first.elements() as u64, number(&keyset.0["betas"]));
        assert_eq!(
            first.to_base58(),
            text(&keyset.0["verification_key_1_bs58"])
        );
        assert_eq!(
            &VerificationKey::from_base58(text(&keyset.0["verification_key_1_bs58"])).unwrap(),
            first
        );
        assert_eq!(
            serde_json::to_value(first).unwrap(),
            keyset.0["verification_key_1_json"]
        );
        let read: VerificationKey =
            serde_json::from_value(keyset.0["verification_key_1_json"].clone()).unwrap();
        assert_eq!(&read, first);
    }
}

#[test]
fn every_subset_of_threshold_or_more_makes_the_master_key() {
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        let keys = keyset.keys();
        for subset in items(&keyset.0["aggregation_subsets_giving_the_same_key"]) {
            let wanted: Vec<u64> = items(subset).iter().map(number).collect();
            let shares: Vec<_> = wanted
                .iter()
                .map(|index| {
                    keys.iter()
                        .find(|(own, _)| own == index)
                        .map(|(own, key)| (*own, key))
                        .unwrap()
                })
                .collect();
            assert_eq!(
                VerificationKey::aggregate(&shares, keyset.threshold()).unwrap(),
                keyset.master()
            );
        }
        let master = SecretKey::from_bytes(&bytes(&keyset.0["master_secret_key"])).unwrap();
        assert_eq!(master.verification_key(), keyset.master());
        assert_eq!(
            keyset.master().to_base58(),
            text(&keyset.0["aggregated_bs58"])
        );
    }
}

#[test]
fn two_shares_of_a_threshold_of_three_are_refused_and_would_make_another_key() {
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        let keys = keyset.keys();
        let shares: Vec<_> = keys
            .iter()
            .take(2)
            .map(|(index, key)| (*index, key))
            .collect();
        let refused = VerificationKey::aggregate(&shares, keyset.threshold());
        assert_eq!(refused, Err(Error::TooFewShares { got: 2, needed: 3 }));
        let other = VerificationKey::aggregate(&shares, 2).unwrap();
        assert_eq!(
            other.to_bytes(),
            bytes(&keyset.0["below_threshold_1_2_gives_a_different_key"])
        );
    }
}

#[test]
fn shares_of_one_polynomial_are_told_from_others() {
    let mut rng = rand::thread_rng();
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        let keys = keyset.keys();
        let shares: Vec<_> = keys.iter().map(|(index, key)| (*index, key)).collect();
        check_polynomial(&shares, keyset.threshold(), &mut rng).unwrap();
        assert_eq!(
            check_polynomial(&shares, 2, &mut rng),
            Err(Error::NotOnePolynomial { threshold: 2 })
        );
        let mut exchanged = shares.clone();
        exchanged[0].0 = 2;
        exchanged[1].0 = 1;
        assert_eq!(
            check_polynomial(&exchanged, 3, &mut rng),
            Err(Error::NotOnePolynomial { threshold: 3 })
        );
    }
}
