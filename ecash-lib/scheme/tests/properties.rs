//! Properties that hold for all values, tried on some.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub
)]

mod common;
#[path = "properties/strategies.rs"]
mod strategies;

use std::sync::LazyLock;

use common::objects::{Object, objects};
use common::{EXPIRATION, Issuance, Network, rng};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::{Error, G1, G2, Identified, Scalar, identify};
use proptest::prelude::*;
use strategies::{Withdrawal, bytes, changes, points, quorum, scalar};

struct World {
    network: Network,
    issuances: Vec<Issuance>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let network = Network::new(21);
    let issuances = (22..24).map(|seed| Issuance::new(&network, seed)).collect();
    World { network, issuances }
});

static OBJECTS: LazyLock<Vec<Object>> = LazyLock::new(objects);

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Any t or more of n shares give the same wallet; fewer are refused, and give no wallet where the threshold is lied
    /// about either.
    #[test]
    fn any_threshold_of_shares_give_one_wallet_and_fewer_never(quorum in quorum()) {
        let withdrawal = Withdrawal::from(&quorum);
        let t = quorum.threshold as usize;
        let all: Vec<usize> = (0..quorum.indices.len()).collect();
        let expected = withdrawal.aggregate(&all, quorum.threshold).unwrap().to_bytes();
        let got = withdrawal.aggregate(&quorum.chosen, quorum.threshold);
        let mut reversed = quorum.chosen.clone();
        reversed.reverse();
        if quorum.chosen.len() >= t {
            prop_assert_eq!(&got.unwrap().to_bytes(), &expected);
            let got = withdrawal.aggregate(&reversed, quorum.threshold).unwrap();
            prop_assert_eq!(&got.to_bytes(), &expected, "their order does not show");
        } else {
            let refused = Error::TooFewShares { got: quorum.chosen.len(), needed: quorum.threshold };
            prop_assert_eq!(got.err(), Some(refused));
            let lied = withdrawal.aggregate(&quorum.chosen, quorum.chosen.len() as u64);
            prop_assert_eq!(lied.err(), Some(Error::WalletSignature));
        }
    }

    /// Identification is right exactly when two verified payments of one index differ in pay info.
    #[test]
    fn the_spender_is_named_exactly_when_one_index_meets_two_pay_infos(
        one in (0u64..6, 1u64..4), other in (0u64..6, 1u64..4),
        same_pay_info: bool, same_book in prop::bool::weighted(0.8), seed: u64,
    ) {
        let world = &*WORLD;
        let verified = |issuance: &Issuance, (first, count): (u64, u64), pay_info: [u8; 72], seed| {
            let signatures = issuance.wallet(&world.network).signatures().clone();
            let mut wallet = ecash_scheme::Wallet::new(signatures, first).unwrap();
            let user = issuance.user.secret_key();
            let context = world.network.context();
            let payment =
                wallet.spend(user, &context, &pay_info, EXPIRATION, count, &mut rng(seed)).unwrap();
            let key = &world.network.verifying_key;
            key.verify(payment, &pay_info, EXPIRATION, &mut rng(seed)).unwrap()
        };
        let books = [&world.issuances[0], &world.issuances[usize::from(!same_book)]];
        let pay_infos = [[5; 72], if same_pay_info { [5; 72] } else { [6; 72] }];
        let a = verified(books[0], one, pay_infos[0], seed);
        let b = verified(books[1], other, pay_infos[1], seed.wrapping_add(1));
        let overlap = same_book && one.0 < other.0 + other.1 && other.0 < one.0 + one.1;
        let expected = match (overlap, same_pay_info) {
            (false, _) => Identified::NotSameTicket,
            (true, true) => Identified::SamePayInfo,
            (true, false) => Identified::Spender(*books[0].user.public_key()),
        };
        prop_assert_eq!(identify(&a, &b), Ok(expected));
        prop_assert_eq!(identify(&b, &a), Ok(expected));
    }
}

/// Positions of a payment of one ticket that are framing: lengths of points, scalars and lists, and the number of
/// tickets; and the one byte of the type.
fn framing() -> Vec<usize> {
    // K̂, K̂_e, σ', σ'_e; then lists of one: K̂_k, ω, S, T, A; then n, D, t; then the proof.
    let (g1, g2, scalar) = (48, 96, 32);
    let mut positions = Vec::new();
    let mut at = 0;
    let mut element = |lengths_before: usize, size: usize| {
        positions.extend(at..at + lengths_before + 1);
        at += lengths_before + 1 + size;
    };
    [g2, g2, g1, g1, g1, g1]
        .into_iter()
        .for_each(|size| element(0, size));
    element(1, g2);
    element(1, g1);
    element(0, g1);
    (0..3).for_each(|_| element(1, g1));
    element(1, g1);
    element(1, scalar); // the type, then the challenge
    (0..2).for_each(|_| element(0, scalar));
    (0..3).for_each(|_| element(1, scalar));
    element(0, scalar);
    (0..3).for_each(|_| element(1, scalar));
    (0..2).for_each(|_| element(0, scalar));
    assert_eq!(at, 1190);
    positions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    /// Tickets of one book have nothing in common that tickets of different books have not: at every position that is
    /// not framing or the type, some two of twelve differ; and no window of eight bytes occurs in two of them.
    #[test]
    fn two_tickets_of_one_book_share_no_byte_but_the_type(seed: u64) {
        let world = &*WORLD;
        let issuance = &world.issuances[0];
        let mut wallet = issuance.wallet(&world.network);
        let tickets: Vec<Vec<u8>> = (0..12u8)
            .map(|ticket| {
                let user = issuance.user.secret_key();
                let rng = &mut rng(seed.wrapping_add(ticket.into()));
                let context = world.network.context();
                wallet.spend(user, &context, &[ticket; 72], EXPIRATION, 1, rng).unwrap().to_bytes()
            })
            .collect();
        let same: Vec<usize> = (0..tickets[0].len())
            .filter(|at| tickets.iter().all(|ticket| ticket[*at] == tickets[0][*at]))
            .collect();
        prop_assert_eq!(same, framing());
        let mut windows = std::collections::HashSet::new();
        for ticket in &tickets {
            // Within one ticket windows may repeat only by chance, too.
            prop_assert!(ticket.windows(8).all(|window| windows.insert(window.to_vec())));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// What decodes encodes to the bytes it came from; nothing aborts.
    #[test]
    fn tampered_objects_do_not_decode_or_are_canonical(which: prop::sample::Index, changes in changes()) {
        let object = which.get(&OBJECTS);
        let mut bytes = object.bytes.clone();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        if let Ok(again) = (object.again)(&bytes) {
            if object.canonical {
                prop_assert_eq!(&again, &bytes, "{}", object.name);
            } else {
                let twice = (object.again)(&again);
                prop_assert_eq!(twice.as_ref(), Ok(&again), "{}", object.name);
            }
        }
    }

    #[test]
    fn random_bytes_do_not_decode_or_are_canonical(which: prop::sample::Index, bytes in bytes()) {
        let object = which.get(&OBJECTS);
        if let Ok(again) = (object.again)(&bytes) {
            prop_assert_eq!(&again, &bytes, "{}", object.name);
        }
    }

    #[test]
    fn integers_bytes_and_texts_come_back_from_the_codec(
        unsigned: u64, small: u16, signed: i64, byte: u8, bytes in prop::collection::vec(any::<u8>(), 0..300), text: String,
    ) {
        let mut out = Writer::new();
        out.uint(unsigned);
        out.uint(small.into());
        out.int(signed);
        out.u8(byte);
        out.byte_string(&bytes);
        out.text(&text);
        out.raw(&bytes);
        let written = out.finish();
        let mut input = Reader::new(&written);
        prop_assert_eq!(input.u64("test"), Ok(unsigned));
        prop_assert_eq!(input.u16("test"), Ok(small));
        prop_assert_eq!(input.i64("test"), Ok(signed));
        prop_assert_eq!(input.u8("test"), Ok(byte));
        prop_assert_eq!(input.byte_string("test", 300), Ok(bytes.as_slice()));
        prop_assert_eq!(input.text("test", text.len()), Ok(text.as_str()));
        prop_assert_eq!(input.raw("test", bytes.len()), Ok(bytes.as_slice()));
        prop_assert_eq!(input.finish("test"), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn scalars_and_points_come_back_from_every_form(scalar in scalar(), (g1, g2) in points()) {
        prop_assert_eq!(Scalar::from_bytes(&scalar.to_bytes()), Ok(scalar));
        prop_assert_eq!(Scalar::from_bin(&scalar.to_bin()), Ok(scalar));
        prop_assert_eq!(G1::from_bytes(&g1.to_bytes()), Ok(g1));
        prop_assert_eq!(G1::from_bin(&g1.to_bin()), Ok(g1));
        prop_assert_eq!(G2::from_bytes(&g2.to_bytes()), Ok(g2));
        prop_assert_eq!(G2::from_bin(&g2.to_bin()), Ok(g2));
        let json = serde_json::to_string(&(scalar, g1, g2)).unwrap();
        prop_assert_eq!(serde_json::from_str::<(Scalar, G1, G2)>(&json).unwrap(), (scalar, g1, g2));
        let upper = json.to_uppercase();
        prop_assert!(upper == json || serde_json::from_str::<(Scalar, G1, G2)>(&upper).is_err());
    }

    #[test]
    fn lists_and_options_come_back_from_the_codec(scalars in prop::collection::vec(scalar(), 0..20), some: bool) {
        let mut out = Writer::new();
        out.list(&scalars);
        let option = scalars.first().filter(|_| some);
        out.option(option);
        let written = out.finish();
        let mut input = Reader::new(&written);
        prop_assert_eq!(&input.list::<Scalar>("test", 20).unwrap(), &scalars);
        prop_assert_eq!(input.option::<Scalar>("test"), Ok(option.copied()));
        prop_assert!(input.finish("test").is_ok());
        if !scalars.is_empty() {
            let refused = Reader::new(&written).list::<Scalar>("test", scalars.len() - 1);
            let out_of_range = matches!(refused, Err(Error::OutOfRange { .. }));
            prop_assert!(out_of_range);
        }
    }
}
