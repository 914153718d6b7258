use super::*;
use crate::codec::{Decode, Encode};
use crate::{CoinIndexBases, G1};

const KEYSETS: [&str; 2] = ["ttp_3of5", "dkg_shape_3of5"];

#[test]
fn date_signatures_give_the_known_bytes() {
    let mut rng = rand::thread_rng();
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        let known = &keyset.0["expiration"];
        let expiration = date(&known["expiration_date"]);
        let keys = keyset.keys();
        let sets: Vec<_> = keyset
            .secret_keys()
            .iter()
            .map(|(_, key)| key.sign_dates(expiration).unwrap())
            .collect();
        for (signer, set) in sets.iter().enumerate() {
            for (position, entry) in set.entries().iter().enumerate() {
                assert_eq!(entry.spend_date, date(&known["spending_dates"][position]));
                let expected = [
                    bytes(&known["h"][position]),
                    bytes(&known["partial_s_by_signer"][signer][position]),
                ];
                assert_eq!(entry.signature.to_bytes().to_vec(), expected.concat());
            }
            set.verify(&keys[signer].1, &mut rng).unwrap();
        }
        for range in [0..3, 1..5, 0..5] {
            let shares: Vec<_> = keys
                .iter()
                .zip(&sets)
                .map(|((index, key), set)| (*index, key, set))
                .skip(range.start)
                .take(range.len())
                .collect();
            let set =
                DateSignatures::aggregate(&shares, keyset.threshold(), &keyset.master(), &mut rng)
                    .unwrap();
            assert_eq!(set, keyset.dates());
        }
        let first = keyset.dates().entries()[0];
        assert_eq!(
            serde_json::to_value(first).unwrap(),
            known["annotated_0_json"]
        );
        assert_eq!(first.to_bin(), bytes(&known["annotated_0_bincode"]));
        assert_eq!(DateSignature::from_bin(&first.to_bin()).unwrap(), first);
        assert_eq!(
            DateSignatures::from_bin(&keyset.dates().to_bin()).unwrap(),
            keyset.dates()
        );
    }
}

#[test]
fn coin_index_signatures_give_the_known_bytes() {
    let mut rng = rand::thread_rng();
    for keyset in KEYSETS.iter().filter_map(|name| Keyset::named(name)) {
        let known = &keyset.0["coin_indices"];
        let keys = keyset.keys();
        let bases = CoinIndexBases::new(&keyset.master());
        let sets: Vec<_> = keyset
            .secret_keys()
            .iter()
            .map(|(_, key)| key.sign_coin_indices(&bases))
            .collect();
        for (signer, set) in sets.iter().enumerate() {
            for (position, entry) in set.entries().iter().enumerate() {
                let expected = [
                    bytes(&known["h"][position]),
                    bytes(&known["partial_s_by_signer"][signer][position]),
                ];
                assert_eq!(entry.signature.to_bytes().to_vec(), expected.concat());
            }
            set.verify(&keys[signer].1, &bases, &mut rng).unwrap();
        }
        let shares: Vec<_> = keys
            .iter()
            .zip(&sets)
            .map(|((index, key), set)| (*index, key, set))
            .collect();
        for subset in [&shares[..3], &shares[1..]] {
            let set = CoinIndexSignatures::aggregate(
                subset,
                keyset.threshold(),
                &keyset.master(),
                &bases,
                &mut rng,
            )
            .unwrap();
            assert_eq!(set, keyset.coins());
        }
        let last = *keyset.coins().entries().last().unwrap();
        assert_eq!(
            serde_json::to_value(last).unwrap(),
            known["annotated_49_json"]
        );
        assert_eq!(last.to_bin(), bytes(&known["annotated_49_bincode"]));
        assert_eq!(
            CoinIndexSignatures::from_bin(&keyset.coins().to_bin()).unwrap(),
            keyset.coins()
        );
    }
}

#[test]
fn the_base_of_a_date_signature_is_the_hash_of_both_dates() {
    let Some(basics) = section("basics") else {
        return;
    };
    let known = &basics["hash_of_date_message"];
    let h = crate::hash::hash_to_g1(&bytes(&known["message"]));
    assert_eq!(h, G1::from_bytes(&bytes(&known["h"])).unwrap());
}
