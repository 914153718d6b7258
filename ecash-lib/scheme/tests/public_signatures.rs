//! Date and coin-index signatures: sets that must be refused, and who is named (spec 8.4, 43 to 52).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{DAY, EXPIRATION, Network, THRESHOLD, rng};
use ecash_scheme::{CoinIndexSignatures, DateSignatures, Error, VerificationKey};

const DATES: &str = "date signatures";
const COINS: &str = "coin-index signatures";

type DateShares<'a> = Vec<(u64, &'a VerificationKey, &'a DateSignatures)>;

fn date_shares<'a>(network: &'a Network, sets: &'a [DateSignatures]) -> DateShares<'a> {
    network
        .signers
        .iter()
        .zip(sets)
        .map(|(signer, set)| (signer.index, &signer.key, set))
        .collect()
}

#[test]
fn entries_must_stand_in_order_and_be_complete() {
    let network = Network::new(1);
    let entries = network.dates.entries().to_vec();
    let mut exchanged = entries.clone();
    exchanged.swap(0, 1);
    assert!(matches!(
        DateSignatures::from_vec(exchanged),
        Err(Error::WrongEntry { position: 0, .. })
    ));
    for length in [0, 6] {
        let refused = DateSignatures::from_vec(entries[..length].to_vec());
        assert_eq!(
            refused,
            Err(Error::WrongLength {
                what: DATES,
                expected: 7,
                got: length
            })
        );
    }
    let mut eight = entries.clone();
    eight.push(entries[6]);
    assert_eq!(
        DateSignatures::from_vec(eight),
        Err(Error::WrongLength {
            what: DATES,
            expected: 7,
            got: 8
        })
    );
    let mut other_expiration = entries.clone();
    other_expiration[3].expiration += DAY;
    assert!(matches!(
        DateSignatures::from_vec(other_expiration),
        Err(Error::WrongEntry { position: 3, .. })
    ));
    let mut not_midnight = entries;
    not_midnight
        .iter_mut()
        .for_each(|entry| entry.expiration += 1);
    assert_eq!(
        DateSignatures::from_vec(not_midnight),
        Err(Error::NotMidnight(EXPIRATION + 1))
    );

    let entries = network.coins.entries().to_vec();
    let mut exchanged = entries.clone();
    exchanged.swap(7, 8);
    assert!(matches!(
        CoinIndexSignatures::from_vec(exchanged),
        Err(Error::WrongEntry {
            position: 7,
            got: 8,
            ..
        })
    ));
    assert!(matches!(
        CoinIndexSignatures::from_vec(entries[1..].to_vec()),
        Err(Error::WrongLength { .. })
    ));
    let json = serde_json::to_value(&entries[..49]).unwrap();
    assert!(serde_json::from_value::<CoinIndexSignatures>(json).is_err());
}

#[test]
fn exchanged_signatures_and_foreign_keys_are_refused_at_their_position() {
    let mut rng = rng(2);
    let network = Network::new(1);
    let set = network.signers[0].secret.sign_dates(EXPIRATION).unwrap();
    let own = &network.signers[0].key;
    set.verify(own, &mut rng).unwrap();
    let foreign = set.verify(&network.signers[1].key, &mut rng);
    assert_eq!(
        foreign,
        Err(Error::BadEntry {
            what: DATES,
            position: 0
        })
    );

    let mut entries = set.entries().to_vec();
    (entries[2].signature, entries[5].signature) = (entries[5].signature, entries[2].signature);
    let refused = DateSignatures::from_vec(entries)
        .unwrap()
        .verify(own, &mut rng);
    assert_eq!(
        refused,
        Err(Error::BadEntry {
            what: DATES,
            position: 2
        })
    );

    let set = network.signers[0].secret.sign_coin_indices(&network.bases);
    let mut entries = set.entries().to_vec();
    // The h of one entry with the S of another.
    let mut json = serde_json::to_value(entries[41]).unwrap();
    json["signature"]["s"] = serde_json::to_value(entries[40]).unwrap()["signature"]["s"].clone();
    entries[41] = serde_json::from_value(json).unwrap();
    let refused =
        CoinIndexSignatures::from_vec(entries)
            .unwrap()
            .verify(own, &network.bases, &mut rng);
    assert_eq!(
        refused,
        Err(Error::BadEntry {
            what: COINS,
            position: 41
        })
    );
}

#[test]
fn signers_with_bad_shares_are_named_all_of_them_and_nobody_else() {
    let mut rng = rng(3);
    let network = Network::new(1);
    let mut sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
        .collect();
    for bad in [1, 3] {
        let mut entries = sets[bad].entries().to_vec();
        (entries[0].signature, entries[6].signature) = (entries[6].signature, entries[0].signature);
        sets[bad] = DateSignatures::from_vec(entries).unwrap();
    }
    let shares = date_shares(&network, &sets);
    let refused = DateSignatures::aggregate(&shares, THRESHOLD, &network.master, &mut rng);
    assert_eq!(
        refused,
        Err(Error::BadShares {
            what: DATES,
            signers: vec![2, 7]
        })
    );
    let honest = [shares[0], shares[2], shares[4]];
    assert_eq!(
        DateSignatures::aggregate(&honest, THRESHOLD, &network.master, &mut rng).as_ref(),
        Ok(&network.dates)
    );
}

#[test]
fn honest_shares_under_another_master_key_accuse_nobody() {
    let mut rng = rng(4);
    let network = Network::new(1);
    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
        .collect();
    let refused = DateSignatures::aggregate(
        &date_shares(&network, &sets),
        THRESHOLD,
        &Network::new(9).master,
        &mut rng,
    );
    assert_eq!(refused, Err(Error::WrongMasterKey { what: DATES }));
}

#[test]
fn aggregation_takes_distinct_signers_threshold_of_them_and_one_expiration_date() {
    let mut rng = rng(5);
    let network = Network::new(1);
    let sets: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
        .collect();
    let shares = date_shares(&network, &sets);
    let mut aggregate = |shares: &DateShares<'_>| {
        DateSignatures::aggregate(shares, THRESHOLD, &network.master, &mut rng)
    };
    assert_eq!(
        aggregate(&vec![]),
        Err(Error::TooFewShares { got: 0, needed: 3 })
    );
    assert_eq!(
        aggregate(&shares[..2].to_vec()),
        Err(Error::TooFewShares { got: 2, needed: 3 })
    );
    assert_eq!(
        aggregate(&vec![shares[0], shares[1], shares[1]]),
        Err(Error::DuplicateIndex(2))
    );
    assert_eq!(
        aggregate(&vec![(0, shares[0].1, shares[0].2), shares[1], shares[2]]),
        Err(Error::ZeroIndex)
    );
    let exchanged = vec![
        (shares[1].0, shares[0].1, shares[0].2),
        (shares[0].0, shares[1].1, shares[1].2),
        shares[2],
    ];
    assert_eq!(
        aggregate(&exchanged),
        Err(Error::WrongMasterKey { what: DATES })
    );
    let later = network.signers[2]
        .secret
        .sign_dates(EXPIRATION + DAY)
        .unwrap();
    let mixed = vec![shares[0], shares[1], (shares[2].0, shares[2].1, &later)];
    assert!(matches!(aggregate(&mixed), Err(Error::WrongEntry { .. })));
}

#[test]
fn no_set_is_signed_for_a_date_that_is_no_midnight_or_has_no_first_day() {
    let network = Network::new(1);
    let sign = |expiration| network.signers[0].secret.sign_dates(expiration).map(|_| ());
    assert_eq!(
        sign(EXPIRATION + 1),
        Err(Error::NotMidnight(EXPIRATION + 1))
    );
    assert_eq!(sign(5 * DAY), Err(Error::ExpirationTooEarly(5 * DAY)));
    assert_eq!(sign(6 * DAY), Ok(()));
    assert_eq!(sign(u32::MAX / DAY * DAY), Ok(()));
}

#[test]
fn a_base_that_is_not_the_hash_is_refused_even_under_a_right_signature() {
    let mut rng = rng(6);
    let network = Network::new(1);
    let honest: Vec<_> = network
        .signers
        .iter()
        .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
        .collect();
    let mut json = serde_json::to_value(&honest[2]).unwrap();
    json[4]["signature"]["h"] = json[3]["signature"]["h"].clone();
    let tampered: DateSignatures = serde_json::from_value(json).unwrap();
    let refused = tampered.verify(&network.signers[2].key, &mut rng);
    let expected = Error::BadEntry {
        what: DATES,
        position: 4,
    };
    assert_eq!(refused, Err(expected));

    let mut sets = honest;
    sets[2] = tampered;
    let shares = date_shares(&network, &sets);
    let refused = DateSignatures::aggregate(&shares, THRESHOLD, &network.master, &mut rng);
    let expected = Error::BadShares {
        what: DATES,
        signers: vec![4],
    };
    assert_eq!(refused, Err(expected));
}
