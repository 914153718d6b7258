//! Forged encodings: R2, R6, R8.

use ecash_scheme::{Error, Payment, UncheckedPayment};

use super::algebra::Scalar;
use super::world::WORLD;

/// r, little-endian.
const ORDER: [u64; 4] = [
    0xffff_ffff_0000_0001,
    0x53bd_a402_fffe_5bfe,
    0x3339_d808_09a1_d805,
    0x73ed_a753_299d_7d48,
];

/// The encoding of s + r: another name of the same scalar.
fn plus_order(scalar: &Scalar) -> [u8; 32] {
    let bytes = scalar.to_bytes();
    let (limbs, _) = bytes.as_chunks::<8>();
    let mut carry = 0u128;
    let mut sum = [0; 32];
    for ((to, limb), order) in sum.as_chunks_mut::<8>().0.iter_mut().zip(limbs).zip(ORDER) {
        carry += u128::from(u64::from_le_bytes(*limb)) + u128::from(order);
        *to = (carry as u64).to_le_bytes();
        carry >>= 64;
    }
    assert_eq!(carry, 0, "2r is below 2²⁵⁶");
    sum
}

/// R2, 13, 54: lengths and counts up to 2⁶⁴ − 1 are refused as numbers; nothing is looped over or allocated for them.
#[test]
fn r2_huge_lengths_are_refused_as_numbers() {
    let honest = WORLD.honest(0).draft.to_bytes();
    let huge = [&[0xfd][..], &u64::MAX.to_be_bytes()].concat();
    // The length of the list of K̂_k follows two points of G2 and four of G1.
    let first_list = 2 * 97 + 4 * 49;
    assert_eq!(honest[first_list], 1);
    let forged = [&honest[..first_list], &huge, &honest[first_list + 1..]].concat();
    let expected = Error::OutOfRange {
        what: "kappa_k",
        min: 0,
        max: 50,
        got: u64::MAX,
    };
    assert_eq!(UncheckedPayment::parse(&forged), Err(expected));
}

/// R6, 12: each of the integers of a payment, one byte longer than it need be.
#[test]
fn r6_every_integer_has_one_form() {
    for tickets in [1, 2] {
        let indices: Vec<u64> = (0..tickets).collect();
        let draft = WORLD.forge(&WORLD.claims(&indices), 1).draft;
        let count = draft.encode(None).integers;
        for position in 1..=count {
            let forged = draft.encode(Some(position)).bytes;
            let refused = Payment::from_bytes(&forged);
            assert!(
                matches!(refused, Err(Error::NonCanonicalInteger { .. })),
                "integer {position} of {count}: {refused:?}"
            );
        }
    }
}

/// R6, 11: each scalar of a payment, with r added to it.
#[test]
fn r6_every_scalar_has_one_form() {
    let draft = WORLD.honest(0).draft;
    let honest = draft.to_bytes();
    let lists = [
        &draft.z_rk,
        &draft.z_index,
        &draft.z_opening,
        &draft.z_mu,
        &draft.z_product,
    ];
    let single = [draft.challenge, draft.z_r, draft.z_re, draft.z_oc];
    let scalars: Vec<Scalar> = lists
        .into_iter()
        .flatten()
        .chain(&draft.z_attributes)
        .copied()
        .chain(single)
        .collect();
    assert_eq!(scalars.len(), 12);
    for scalar in &scalars {
        let at = honest
            .windows(32)
            .position(|window| window == scalar.to_bytes())
            .unwrap();
        let mut forged = honest.clone();
        forged[at..at + 32].copy_from_slice(&plus_order(scalar));
        assert!(
            matches!(Payment::from_bytes(&forged), Err(Error::BadScalar { .. })),
            "at {at}"
        );
    }
}

/// R8, 1: every prefix, and everything that goes on.
#[test]
fn r8_a_payment_ends_where_it_ends() {
    let honest = WORLD.honest(0).draft.to_bytes();
    for length in 0..honest.len() {
        assert!(
            UncheckedPayment::parse(&honest[..length]).is_err(),
            "{length}"
        );
    }
    for more in [1, 2, 100] {
        let longer = [honest.as_slice(), &vec![0; more]].concat();
        assert!(
            matches!(UncheckedPayment::parse(&longer), Err(Error::TrailingBytes { count, .. }) if count == more)
        );
    }
}

/// R8: every byte turned into every extreme gives a payment or an error, and the payment never verifies.
#[test]
fn r8_no_byte_makes_a_decoder_stumble() {
    let claim = WORLD.honest(0);
    let honest = claim.draft.to_bytes();
    for position in (0..honest.len()).step_by(3) {
        for value in [0x00, 0x40, 0xfb, 0xfd, 0xff] {
            let mut forged = honest.clone();
            forged[position] = value;
            if forged != honest
                && let Ok(payment) = UncheckedPayment::parse(&forged)
            {
                assert_ne!(
                    payment.decode().map(|payment| payment.to_bytes()),
                    Ok(honest.clone())
                );
            }
        }
    }
}
