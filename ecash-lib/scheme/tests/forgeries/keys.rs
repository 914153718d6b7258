//! Forged keys: F8, F10, R12, and shares that lie on no polynomial.

use bls12_381::{Gt, pairing};
use ecash_scheme::{Error, SecretKey, UserKeyPair, VerificationKey, check_polynomial, deal};

use super::algebra::{
    G2Affine, G2Projective, Key, Scalar, g, g2, number, point, shifted, sum1, sum2,
};
use super::world::{WORLD, rng};

/// The check that does not suffice: ratios of neighbours, e(Yj, Ŷj+1) = e(Yj+1, Ŷj).
fn neighbours_fit(key: &Key) -> bool {
    (1..key.y1.len())
        .all(|j| pairing(&key.y1[j - 1], &key.y2[j]) == pairing(&key.y1[j], &key.y2[j - 1]))
}

/// Another one: the unweighted sum of all equations e(Yj, Ĝ) = e(G, Ŷj).
fn sums_fit(key: &Key) -> bool {
    let left: Gt = key.y1.iter().map(|y| pairing(y, &g2())).sum();
    let right: Gt = key.y2.iter().map(|y| pairing(&g(), y)).sum();
    left == right
}

fn refused(key: &Key) {
    assert_eq!(
        key.read().check_consistency(&mut rng(1)),
        Err(Error::InconsistentKey)
    );
}

#[test]
fn f8_elements_with_a_common_factor_are_inconsistent() {
    let mut key = WORLD.issuer.key.clone();
    for y in &mut key.y1 {
        *y = sum1(&[(number(7u64), *y)]);
    }
    assert!(neighbours_fit(&key), "ratios of neighbours do not show it");
    refused(&key);
}

#[test]
fn f8_errors_in_two_elements_do_not_cancel() {
    let mut key = WORLD.issuer.key.clone();
    (key.y1[0], key.y1[1]) = (shifted(key.y1[0], g()), shifted(key.y1[1], -g()));
    assert!(sums_fit(&key), "an unweighted sum does not show it");
    refused(&key);
    let mut exchanged = WORLD.issuer.key.clone();
    exchanged.y1.swap(0, 1);
    assert!(sums_fit(&exchanged));
    refused(&exchanged);
}

#[test]
fn f8_every_element_is_looked_at() {
    let mut longer = WORLD.issuer.key.clone();
    longer.y1.push(sum1(&[(number(5u64), g())]));
    longer.y2.push(sum2(&[(number(5u64), g2())]));
    assert_eq!(longer.read().check_consistency(&mut rng(1)), Ok(()));
    for element in 0..longer.y1.len() {
        let mut key = longer.clone();
        key.y1[element] = shifted(key.y1[element], g());
        refused(&key);
        let mut key = longer.clone();
        key.y2[element] = (G2Projective::from(key.y2[element]) + g2()).into();
        refused(&key);
    }
}

/// F10: a count of four bytes, as a 32-bit build of the reference wrote it.
#[test]
fn f10_the_count_of_a_key_takes_eight_bytes() {
    let bytes = WORLD.issuer.key.to_bytes();
    assert_eq!(bytes.len(), 680);
    let short = [&bytes[..100], &bytes[104..]].concat();
    assert!(VerificationKey::from_bytes(&short).is_err());
    let mut secret = vec![1; 32];
    secret.extend(4u64.to_le_bytes());
    secret.extend((0..4).flat_map(|y| number(y as u64 + 1).to_bytes()));
    assert!(SecretKey::from_bytes(&secret).is_ok());
    let short = [&secret[..36], &secret[40..]].concat();
    assert!(SecretKey::from_bytes(&short).is_err());
}

/// R12: u of one, U of another.
#[test]
fn r12_a_key_pair_belongs_together() {
    let (mine, other) = (
        UserKeyPair::from_seed(b"mine"),
        UserKeyPair::from_seed(b"another"),
    );
    let mut bytes = mine.to_bytes();
    bytes[32..].copy_from_slice(&other.public_key().to_bytes());
    assert_eq!(
        UserKeyPair::from_bytes(&*bytes).map(|_| ()),
        Err(Error::UserKeyMismatch)
    );
}

/// Two members deal shares whose errors cancel in the key of all, so that other subsets sign under other keys.
#[test]
fn shares_whose_errors_cancel_in_the_aggregate_lie_on_no_polynomial() {
    let indices = [1u64, 2, 3, 4, 5];
    let (master, secrets) = deal(3, &indices, &mut rng(7)).unwrap();
    let mut shares: Vec<_> = secrets
        .iter()
        .map(|(index, secret)| (*index, secret.verification_key()))
        .collect();
    let lambda = |own: u64| {
        let others = indices.iter().filter(|index| **index != own);
        others.fold(Scalar::one(), |product, other| {
            product * number(*other) * (number(*other) - number(own)).invert().unwrap()
        })
    };
    for (position, sign) in [(0, Scalar::one()), (4, -Scalar::one())] {
        let (index, share) = &mut shares[position];
        let error = sign * lambda(*index).invert().unwrap();
        let mut key = Key::of(share);
        key.alpha = sum2(&[(Scalar::one(), key.alpha), (error, g2())]);
        *share = key.read();
    }
    let shares: Vec<_> = shares.iter().map(|(index, key)| (*index, key)).collect();
    assert_eq!(
        VerificationKey::aggregate(&shares, 3).as_ref(),
        Ok(&master),
        "all together hide it"
    );
    assert_ne!(
        VerificationKey::aggregate(&shares[..3], 3).as_ref(),
        Ok(&master)
    );
    assert!(check_polynomial(&shares, 3, &mut rng(8)).is_err());
}

/// Elements at infinity are weak keys: no attribute is signed where Yj is infinity.
#[test]
fn a_key_without_an_element_is_refused() {
    for element in 0..4 {
        let mut key = WORLD.issuer.key.clone();
        key.y1[element] = point(&[&[0xc0][..], &[0; 47]].concat());
        key.y2[element] = G2Affine::identity();
        assert!(neighbours_fit(&key) && sums_fit(&key));
        let refused = key.read().check_consistency(&mut rng(1));
        assert!(matches!(refused, Err(Error::Infinity { .. })), "{element}");
    }
}
