//! Forged sets of public signatures and shares of them: F9, R3 to R5, R9, R10, R14 (and 8.4, 43 to 52).

use ecash_scheme::{
    CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures, Error, Signature,
    VerificationKey,
};

use super::algebra::{
    DAY, EXPIRATION, G1Affine, Key, PARAMETERS, Scalar, g, number, point, shifted, sum1, sum2,
};
use super::common::{Network, THRESHOLD};
use super::verifier::{Equation, product_is_one};
use super::world::rng;

const DATES: &str = "date signatures";
const COINS: &str = "coin-index signatures";

/// (h, S + P).
fn moved(signature: &Signature, by: G1Affine) -> Signature {
    let bytes = signature.to_bytes();
    let s = shifted(point(&bytes[48..]), by).to_compressed();
    Signature::from_bytes(&[&bytes[..48], s.as_slice()].concat()).unwrap()
}

fn dates_of(network: &Network, signer: usize) -> Vec<DateSignature> {
    network.signers[signer]
        .secret
        .sign_dates(EXPIRATION)
        .unwrap()
        .entries()
        .to_vec()
}

fn coins_of(network: &Network, signer: usize) -> Vec<CoinIndexSignature> {
    network.signers[signer]
        .secret
        .sign_coin_indices(&network.bases)
        .entries()
        .to_vec()
}

/// The equations of a set of date signatures under a key, for a verifier of the test's own.
fn equations(entries: &[DateSignature], key: &VerificationKey) -> Vec<Equation> {
    let key = Key::of(key);
    entries
        .iter()
        .map(|entry| {
            let bytes = entry.signature.to_bytes();
            let q = sum2(&[
                (Scalar::one(), key.alpha),
                (number(entry.expiration), key.y2[0]),
                (number(entry.spend_date), key.y2[1]),
                (PARAMETERS.date_tag, key.y2[2]),
            ]);
            Equation {
                h: point(&bytes[..48]),
                q,
                s: point(&bytes[48..]),
            }
        })
        .collect()
}

fn passes_unweighted(entries: &[DateSignature], key: &VerificationKey) -> bool {
    product_is_one(
        &equations(entries, key),
        &vec![Scalar::one(); entries.len()],
    )
}

/// R3: every pair of the seven, with opposite errors.
#[test]
fn r3_errors_of_two_dates_do_not_cancel() {
    let network = Network::new(1);
    let key = &network.signers[0].key;
    let honest = dates_of(&network, 0);
    for one in 0..7 {
        for other in (0..7).filter(|other| *other != one) {
            let mut forged = honest.clone();
            forged[one].signature = moved(&honest[one].signature, g());
            forged[other].signature = moved(&honest[other].signature, -g());
            if one == 0 {
                assert!(
                    passes_unweighted(&forged, key),
                    "no attack on an unweighted product"
                );
            }
            let set = DateSignatures::from_vec(forged).unwrap();
            let position = one.min(other);
            assert_eq!(
                set.verify(key, &mut rng(1)),
                Err(Error::BadEntry {
                    what: DATES,
                    position
                })
            );
        }
    }
}

/// R3: errors 1·P … 6·P and −21·P: no two cancel, all together do.
#[test]
fn r3_errors_of_all_dates_do_not_cancel() {
    let network = Network::new(1);
    let key = &network.signers[0].key;
    let mut forged = dates_of(&network, 0);
    for (factor, entry) in (1u64..).zip(&mut forged) {
        let factor = if factor < 7 {
            number(factor)
        } else {
            -number(21u64)
        };
        entry.signature = moved(&entry.signature, sum1(&[(factor, g())]));
    }
    assert!(passes_unweighted(&forged, key));
    let set = DateSignatures::from_vec(forged).unwrap();
    assert_eq!(
        set.verify(key, &mut rng(2)),
        Err(Error::BadEntry {
            what: DATES,
            position: 0
        })
    );
}

/// R3: in two of fifty, and in the multiplier of the index too: ℓ·P and −ℓ·P.
#[test]
fn r3_errors_of_two_coin_indices_do_not_cancel() {
    let network = Network::new(1);
    let honest = coins_of(&network, 0);
    for (one, other, factor) in [(0, 1, 1u64), (10, 49, 1), (7, 8, 56)] {
        let mut forged = honest.clone();
        let error = sum1(&[(number(factor), g())]);
        forged[one].signature = moved(&honest[one].signature, error);
        forged[other].signature = moved(&honest[other].signature, -error);
        let set = CoinIndexSignatures::from_vec(forged).unwrap();
        let refused = set.verify(&network.signers[0].key, &network.bases, &mut rng(3));
        assert_eq!(
            refused,
            Err(Error::BadEntry {
                what: COINS,
                position: one
            })
        );
    }
}

/// One bad entry, at every position.
#[test]
fn r3_one_bad_entry_is_named_at_every_position() {
    let network = Network::new(1);
    let (dates, coins) = (dates_of(&network, 1), coins_of(&network, 1));
    let key = &network.signers[1].key;
    for position in 0..7 {
        let mut forged = dates.clone();
        forged[position].signature = moved(&dates[position].signature, g());
        let refused = DateSignatures::from_vec(forged)
            .unwrap()
            .verify(key, &mut rng(4));
        assert_eq!(
            refused,
            Err(Error::BadEntry {
                what: DATES,
                position
            })
        );
    }
    for position in (0..50).step_by(7) {
        let mut forged = coins.clone();
        forged[position].signature = moved(&coins[position].signature, g());
        let set = CoinIndexSignatures::from_vec(forged).unwrap();
        let refused = set.verify(key, &network.bases, &mut rng(5));
        assert_eq!(
            refused,
            Err(Error::BadEntry {
                what: COINS,
                position
            })
        );
    }
}

/// F9, R4: no set, a short one, a long one; an unweighted product over nothing is right.
#[test]
fn f9_r4_a_set_has_its_size_before_anything_is_computed() {
    let network = Network::new(1);
    let (dates, coins) = (dates_of(&network, 0), coins_of(&network, 0));
    assert!(
        passes_unweighted(&[], &network.master),
        "nothing is as good as anything"
    );
    for length in [0, 1, 6, 8, 14] {
        let entries: Vec<_> = dates.iter().cycle().take(length).copied().collect();
        let expected = Error::WrongLength {
            what: DATES,
            expected: 7,
            got: length,
        };
        assert_eq!(DateSignatures::from_vec(entries), Err(expected));
    }
    for length in [0, 1, 49, 51] {
        let entries: Vec<_> = coins.iter().cycle().take(length).copied().collect();
        let expected = Error::WrongLength {
            what: COINS,
            expected: 50,
            got: length,
        };
        assert_eq!(CoinIndexSignatures::from_vec(entries), Err(expected));
    }
}

/// R5: not the first share but a later one is out of order, about another date, or annotated as another.
#[test]
fn r5_every_share_is_checked_not_only_the_first() {
    let network = Network::new(1);
    for signer in 0..network.signers.len() {
        let mut exchanged = dates_of(&network, signer);
        exchanged.swap(5, 6);
        assert!(matches!(
            DateSignatures::from_vec(exchanged),
            Err(Error::WrongEntry { position: 5, .. })
        ));
    }
    let sets: Vec<_> = (0..3)
        .map(|signer| DateSignatures::from_vec(dates_of(&network, signer)).unwrap())
        .collect();
    for late in 0..3 {
        let mut sets = sets.clone();
        sets[late] = network.signers[late]
            .secret
            .sign_dates(EXPIRATION + DAY)
            .unwrap();
        let outcome = aggregate(&network, &sets, false);
        assert!(
            matches!(outcome, Err(Error::WrongEntry { .. })),
            "{late}: {outcome:?}"
        );
        // The signatures of the other date, annotated as if they were of this one.
        let entries = sets[late].entries().iter().map(|entry| DateSignature {
            signature: entry.signature,
            expiration: entry.expiration - DAY,
            spend_date: entry.spend_date - DAY,
        });
        sets[late] = DateSignatures::from_vec(entries.collect()).unwrap();
        let signers = vec![network.signers[late].index];
        for every in [false, true] {
            let outcome = aggregate(&network, &sets, every);
            assert_eq!(
                outcome,
                Err(Error::BadShares {
                    what: DATES,
                    signers: signers.clone()
                })
            );
        }
    }
}

fn aggregate(
    network: &Network,
    sets: &[DateSignatures],
    every: bool,
) -> Result<DateSignatures, Error> {
    let shares: Vec<_> = network
        .signers
        .iter()
        .zip(sets)
        .map(|(signer, set)| (signer.index, &signer.key, set))
        .collect();
    let rng = &mut rng(6);
    if every {
        DateSignatures::aggregate_every_share(&shares, THRESHOLD, &network.master, rng)
    } else {
        DateSignatures::aggregate(&shares, THRESHOLD, &network.master, rng)
    }
}

/// Two signers whose errors cancel in the aggregate: it is the true one, so nobody is harmed; who wants to know each
/// share by itself is told of both.
#[test]
fn errors_that_cancel_in_the_aggregate_change_nothing_and_are_found_where_shares_are_checked() {
    let network = Network::new(1);
    let indices: Vec<u64> = network
        .signers
        .iter()
        .take(3)
        .map(|signer| signer.index)
        .collect();
    let lambda = |own: u64| {
        let others = indices.iter().filter(|index| **index != own);
        others.fold(Scalar::one(), |product, other| {
            product * number(*other) * (number(*other) - number(own)).invert().unwrap()
        })
    };
    let mut sets: Vec<_> = (0..3).map(|signer| dates_of(&network, signer)).collect();
    for (signer, sign) in [(0, Scalar::one()), (2, -Scalar::one())] {
        let error = sum1(&[(sign * lambda(indices[signer]).invert().unwrap(), g())]);
        sets[signer][3].signature = moved(&sets[signer][3].signature, error);
    }
    let sets: Vec<_> = sets
        .into_iter()
        .map(|set| DateSignatures::from_vec(set).unwrap())
        .collect();
    assert_eq!(
        aggregate(&network, &sets, false).as_ref(),
        Ok(&network.dates)
    );
    let signers = vec![indices[0], indices[2]];
    assert_eq!(
        aggregate(&network, &sets, true),
        Err(Error::BadShares {
            what: DATES,
            signers
        })
    );
}

/// R3 across signers: the errors of two shares cancel in an unweighted product over all shares.
#[test]
fn errors_of_two_signers_do_not_cancel_where_every_share_is_checked() {
    let network = Network::new(1);
    let mut sets: Vec<_> = (0..3).map(|signer| dates_of(&network, signer)).collect();
    sets[0][3].signature = moved(&sets[0][3].signature, g());
    sets[1][3].signature = moved(&sets[1][3].signature, -g());
    let unweighted: Vec<Equation> = sets
        .iter()
        .zip(&network.signers)
        .flat_map(|(set, signer)| equations(set, &signer.key))
        .collect();
    assert!(product_is_one(
        &unweighted,
        &vec![Scalar::one(); unweighted.len()]
    ));
    let sets: Vec<_> = sets
        .into_iter()
        .map(|set| DateSignatures::from_vec(set).unwrap())
        .collect();
    let signers = vec![network.signers[0].index, network.signers[1].index];
    for every in [false, true] {
        let expected = Error::BadShares {
            what: DATES,
            signers: signers.clone(),
        };
        assert_eq!(aggregate(&network, &sets, every), Err(expected));
    }
}

/// R9: no signer has index 0; one that is not in the set makes another key.
#[test]
fn r9_shares_come_from_signers_that_exist() {
    let network = Network::new(1);
    let sets: Vec<_> = (0..3)
        .map(|signer| DateSignatures::from_vec(dates_of(&network, signer)).unwrap())
        .collect();
    let shares: Vec<_> = network
        .signers
        .iter()
        .zip(&sets)
        .map(|(signer, set)| (signer.index, &signer.key, set))
        .collect();
    let with_first_as = |index| {
        let mut shares = shares.clone();
        shares[0].0 = index;
        DateSignatures::aggregate(&shares, THRESHOLD, &network.master, &mut rng(7))
    };
    assert_eq!(with_first_as(0), Err(Error::ZeroIndex));
    assert_eq!(
        with_first_as(1000),
        Err(Error::WrongMasterKey { what: DATES })
    );
    assert_eq!(
        with_first_as(shares[1].0),
        Err(Error::DuplicateIndex(shares[1].0))
    );
}

/// R10: dates that are none.
#[test]
fn r10_dates_are_midnights_with_room_for_seven_days() {
    let secret = &Network::new(1).signers[0].secret;
    for expiration in [1, EXPIRATION + 1, EXPIRATION - 1, u32::MAX] {
        assert_eq!(
            secret.sign_dates(expiration),
            Err(Error::NotMidnight(expiration))
        );
    }
    for expiration in [0, DAY, 5 * DAY] {
        assert_eq!(
            secret.sign_dates(expiration),
            Err(Error::ExpirationTooEarly(expiration))
        );
    }
}

/// R14: either half of a signature at infinity, at every place of a set.
#[test]
fn r14_neither_half_of_a_signature_is_infinity() {
    let network = Network::new(1);
    let key = &network.signers[0].key;
    let honest = dates_of(&network, 0);
    let infinity = [&[0xc0][..], &[0; 47]].concat();
    for position in 0..7 {
        let bytes = honest[position].signature.to_bytes();
        let forgeries = [
            [&infinity, &bytes[48..]].concat(),
            [&bytes[..48], &infinity].concat(),
            [infinity.clone(), infinity.clone()].concat(),
        ];
        for forged in forgeries {
            let mut entries = honest.clone();
            entries[position].signature = Signature::from_bytes(&forged).unwrap();
            let refused = DateSignatures::from_vec(entries)
                .unwrap()
                .verify(key, &mut rng(8));
            assert_eq!(
                refused,
                Err(Error::BadEntry {
                    what: DATES,
                    position
                })
            );
        }
    }
    let mut both = honest.clone();
    for entry in &mut both {
        entry.signature = Signature::from_bytes(&infinity.repeat(2)).unwrap();
    }
    assert!(
        passes_unweighted(&both, key),
        "infinity satisfies every equation"
    );
    assert!(
        DateSignatures::from_vec(both)
            .unwrap()
            .verify(key, &mut rng(9))
            .is_err()
    );
}
