//! Payments: what a verifier accepts, and every kind of tampering it must refuse (spec 8.4, 54 to 79).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use std::sync::LazyLock;

use common::{DAY, EXPIRATION, Issuance, Network, PAY_INFO, rng};
use ecash_scheme::{
    Error, G2, Identified, Payment, Preparation, Scalar, SpendContext, SpendingKey,
    UncheckedPayment, identify,
};
use serde_json::{Value, json};

struct World {
    network: Network,
    issuance: Issuance,
    /// An honest payment of two tickets, in JSON.
    two: Value,
    /// Another payment of two other tickets of the same book.
    other: Value,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let network = Network::new(11);
    let issuance = Issuance::new(&network, 12);
    let mut wallet = issuance.wallet(&network);
    let mut spend = |seed| {
        let user = issuance.user.secret_key();
        let payment = wallet
            .spend(
                user,
                &network.context(),
                &PAY_INFO,
                EXPIRATION,
                2,
                &mut rng(seed),
            )
            .unwrap();
        serde_json::to_value(payment).unwrap()
    };
    let (two, other) = (spend(13), spend(14));
    World {
        network,
        issuance,
        two,
        other,
    }
});

fn verify(payment: &Value) -> Result<(), Error> {
    verify_for(payment, &PAY_INFO, EXPIRATION)
}

/// `Error::Invalid` stands for what serde refused: its errors are text.
fn verify_for(payment: &Value, pay_info: &[u8; 72], spend_date: u32) -> Result<(), Error> {
    let payment: Payment =
        serde_json::from_value(payment.clone()).map_err(|error| Error::Invalid {
            what: "JSON",
            problem: error.to_string(),
        })?;
    WORLD
        .network
        .verifying_key
        .verify(payment, pay_info, spend_date, &mut rng(14))
        .map(|_| ())
}

fn is_shape_error(outcome: &Result<(), Error>, part: &str) -> bool {
    matches!(outcome, Err(Error::Invalid { problem, .. }) if problem.contains(part))
}

/// The encoding of the same x with the other y: −P.
fn negated(value: &Value) -> Value {
    let mut bytes = hex::decode(value.as_str().unwrap()).unwrap();
    bytes[0] ^= 0x20;
    hex::encode(bytes).into()
}

fn incremented(value: &Value) -> Value {
    let scalar: Scalar = serde_json::from_value(value.clone()).unwrap();
    serde_json::to_value(scalar + Scalar::ONE).unwrap()
}

const PER_TICKET: [&str; 5] = ["kappa_k", "omega", "ss", "tt", "aa"];
const PER_TICKET_RESPONSES: [&str; 5] = [
    "responses_r_k",
    "responses_l",
    "responses_o_a",
    "responses_mu",
    "responses_o_mu",
];

/// Every per-ticket list, by pointer.
fn lists() -> Vec<String> {
    let responses = PER_TICKET_RESPONSES
        .iter()
        .map(|name| format!("/zk_proof/{name}"));
    PER_TICKET
        .iter()
        .map(|name| format!("/{name}"))
        .chain(responses)
        .collect()
}

/// Every proof scalar, by pointer.
fn proof_scalars() -> Vec<String> {
    let single = ["challenge", "response_r", "response_r_e", "response_o_c"]
        .map(|name| format!("/zk_proof/{name}"));
    let listed = PER_TICKET_RESPONSES
        .iter()
        .flat_map(|name| (0..2).map(move |position| format!("/zk_proof/{name}/{position}")))
        .chain((0..3).map(|position| format!("/zk_proof/responses_attributes/{position}")));
    single.into_iter().chain(listed).collect()
}

/// Every point that the proof covers, by pointer.
fn proven_points() -> Vec<String> {
    let single = ["/kappa", "/kappa_e", "/cc"].map(str::to_owned);
    let listed = ["kappa_k", "ss", "tt", "aa"];
    let listed = listed
        .iter()
        .flat_map(|name| (0..2).map(move |position| format!("/{name}/{position}")));
    single.into_iter().chain(listed).collect()
}

#[test]
fn honest_payments_of_every_size_verify() {
    let world = &*WORLD;
    for count in [1, 2, 3, 49, 50] {
        let mut wallet = world.issuance.wallet(&world.network);
        let user = world.issuance.user.secret_key();
        let payment = wallet
            .spend(
                user,
                &world.network.context(),
                &PAY_INFO,
                EXPIRATION,
                count,
                &mut rng(15),
            )
            .unwrap();
        let payment = Payment::from_bytes(&payment.to_bytes()).unwrap();
        assert_eq!(payment.tickets() as u64, count);
        assert_eq!(wallet.spent(), count);
        world
            .network
            .verifying_key
            .verify(payment, &PAY_INFO, EXPIRATION, &mut rng(16))
            .unwrap();
    }
}

#[test]
fn every_day_of_the_seven_verifies_on_itself_only() {
    let world = &*WORLD;
    for day in 0..7 {
        let date = EXPIRATION - day * DAY;
        let mut wallet = world.issuance.wallet(&world.network);
        let user = world.issuance.user.secret_key();
        let payment = wallet
            .spend(
                user,
                &world.network.context(),
                &PAY_INFO,
                date,
                1,
                &mut rng(17),
            )
            .unwrap();
        let verify = |date| {
            world
                .network
                .verifying_key
                .verify(payment.clone(), &PAY_INFO, date, &mut rng(18))
        };
        assert!(verify(date).is_ok());
        assert_eq!(
            verify(date + DAY),
            Err(Error::PaymentDateSignature { date: date + DAY })
        );
        assert_eq!(
            verify(date - DAY),
            Err(Error::PaymentDateSignature { date: date - DAY })
        );
        assert_eq!(verify(date + 1), Err(Error::NotMidnight(date + 1)));
    }
}

#[test]
fn a_list_that_is_short_long_or_empty_is_refused() {
    for list in lists() {
        let mut short = WORLD.two.clone();
        short
            .pointer_mut(&list)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .pop();
        let mut long = WORLD.two.clone();
        let entries = long.pointer_mut(&list).unwrap().as_array_mut().unwrap();
        entries.push(entries[0].clone());
        let mut empty = WORLD.two.clone();
        *empty.pointer_mut(&list).unwrap() = json!([]);
        let mut missing = WORLD.two.clone();
        let (parent, name) = list.rsplit_once('/').unwrap();
        missing
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        for (tampered, problem) in [
            (short, "length is 1"),
            (long, "length is 3"),
            (empty, "length is 0"),
            (missing, "missing field"),
        ] {
            let outcome = verify(&tampered);
            assert!(is_shape_error(&outcome, problem), "{list}: {outcome:?}");
        }
    }
}

#[test]
fn hidden_attributes_have_exactly_three_responses() {
    for count in [0, 1, 2, 4] {
        let mut tampered = WORLD.two.clone();
        let responses = tampered
            .pointer_mut("/zk_proof/responses_attributes")
            .unwrap()
            .as_array_mut()
            .unwrap();
        responses.resize(count, json!("00".repeat(32)));
        let outcome = verify(&tampered);
        assert!(
            is_shape_error(&outcome, &format!("length is {count}")),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_number_of_tickets_other_than_the_length_of_the_lists_is_refused() {
    for (count, problem) in [
        (0, "not in 1..=50"),
        (1, "expected 1"),
        (3, "expected 3"),
        (50, "expected 50"),
        (51, "not in"),
        (u64::MAX, "not in"),
    ] {
        let mut tampered = WORLD.two.clone();
        tampered["spend_value"] = count.into();
        let outcome = verify(&tampered);
        assert!(is_shape_error(&outcome, problem), "{count}: {outcome:?}");
    }
}

#[test]
fn a_changed_proof_scalar_is_refused_by_the_proof() {
    for scalar in proof_scalars() {
        let mut tampered = WORLD.two.clone();
        let value = tampered.pointer_mut(&scalar).unwrap();
        *value = incremented(value);
        assert_eq!(verify(&tampered), Err(Error::PaymentProof), "{scalar}");
    }
}

#[test]
fn a_changed_or_exchanged_point_is_refused_by_the_proof() {
    for point in proven_points() {
        let mut flipped = WORLD.two.clone();
        let value = flipped.pointer_mut(&point).unwrap();
        *value = negated(value);
        let mut replaced = WORLD.two.clone();
        *replaced.pointer_mut(&point).unwrap() = WORLD.other.pointer(&point).unwrap().clone();
        for tampered in [flipped, replaced] {
            assert_eq!(verify(&tampered), Err(Error::PaymentProof), "{point}");
        }
    }
    let mut exchanged = WORLD.two.clone();
    exchanged["kappa"] = WORLD.two["kappa_e"].clone();
    exchanged["kappa_e"] = WORLD.two["kappa"].clone();
    assert_eq!(verify(&exchanged), Err(Error::PaymentProof));
    let mut exchanged = WORLD.two.clone();
    exchanged["ss"] = WORLD.two["tt"].clone();
    exchanged["tt"] = WORLD.two["ss"].clone();
    assert_eq!(verify(&exchanged), Err(Error::PaymentProof));
}

#[test]
fn a_permuted_list_is_refused() {
    for list in lists() {
        let mut tampered = WORLD.two.clone();
        tampered
            .pointer_mut(&list)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .reverse();
        let expected = if list == "/omega" {
            Error::PaymentCoinSignature { position: 0 }
        } else {
            Error::PaymentProof
        };
        assert_eq!(verify(&tampered), Err(expected), "{list}");
    }
    let mut all = WORLD.two.clone();
    for list in lists() {
        all.pointer_mut(&list)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .reverse();
    }
    assert_eq!(
        verify(&all),
        Err(Error::PaymentProof),
        "the pay-info hash binds a ticket to its position"
    );
}

#[test]
fn a_changed_signature_is_refused_by_its_own_equation() {
    let signatures = [
        ("/sig", Error::PaymentWalletSignature),
        ("/sig_exp", Error::PaymentDateSignature { date: EXPIRATION }),
        ("/omega/0", Error::PaymentCoinSignature { position: 0 }),
        ("/omega/1", Error::PaymentCoinSignature { position: 1 }),
    ];
    for (pointer, expected) in signatures {
        for half in ["h", "s"] {
            let place = format!("{pointer}/{half}");
            let mut flipped = WORLD.two.clone();
            let value = flipped.pointer_mut(&place).unwrap();
            *value = negated(value);
            assert_eq!(verify(&flipped), Err(expected.clone()), "{place}");
            let mut infinite = WORLD.two.clone();
            *infinite.pointer_mut(&place).unwrap() = format!("c0{}", "00".repeat(47)).into();
            assert!(is_shape_error(&verify(&infinite), "infinity"), "{place}");
        }
        let mut foreign = WORLD.two.clone();
        *foreign.pointer_mut(pointer).unwrap() = WORLD.other.pointer(pointer).unwrap().clone();
        assert_eq!(verify(&foreign), Err(expected), "{pointer}");
    }
}

#[test]
fn serial_numbers_of_one_payment_differ() {
    let mut copied = WORLD.two.clone();
    copied["ss"][1] = copied["ss"][0].clone();
    assert!(is_shape_error(&verify(&copied), "same serial number"));
    let mut infinite = WORLD.two.clone();
    infinite["ss"][0] = format!("c0{}", "00".repeat(47)).into();
    assert!(is_shape_error(&verify(&infinite), "infinity"));
}

#[test]
fn another_ticket_type_is_refused() {
    for ticket_type in [0, 1, 3] {
        let mut tampered = WORLD.two.clone();
        tampered["t_type"] = ticket_type.into();
        assert_eq!(
            verify(&tampered),
            Err(Error::PaymentWalletSignature),
            "{ticket_type}"
        );
    }
    let mut tampered = WORLD.two.clone();
    tampered["t_type"] = 255.into();
    assert!(is_shape_error(&verify(&tampered), "ticket type 255"));
}

#[test]
fn every_byte_of_the_pay_info_is_bound() {
    for position in [0, 31, 32, 39, 40, 71] {
        let mut pay_info = PAY_INFO;
        pay_info[position] ^= 1;
        assert_eq!(
            verify_for(&WORLD.two, &pay_info, EXPIRATION),
            Err(Error::PaymentProof),
            "{position}"
        );
    }
}

#[test]
fn a_payment_verifies_under_its_own_master_key_only() {
    let other = Network::new(99);
    let payment: Payment = serde_json::from_value(WORLD.two.clone()).unwrap();
    let refused = other
        .verifying_key
        .verify(payment, &PAY_INFO, EXPIRATION, &mut rng(1));
    assert_eq!(refused, Err(Error::PaymentProof));
}

#[test]
fn points_outside_their_subgroups_are_refused() {
    // x = 0 is on the curve of G1 (y² = 4), with a point of order 3; x = 0 is none of G2's.
    let small_order = format!("80{}", "00".repeat(47));
    for place in ["/cc", "/sig/h", "/omega/0/s", "/ss/0", "/tt/1", "/aa/0"] {
        let mut tampered = WORLD.two.clone();
        *tampered.pointer_mut(place).unwrap() = small_order.clone().into();
        assert!(
            is_shape_error(&verify(&tampered), "not a canonical point"),
            "{place}"
        );
    }
    let off_subgroup = format!("80{}02", "00".repeat(94));
    for place in ["/kappa", "/kappa_e", "/kappa_k/0"] {
        let mut tampered = WORLD.two.clone();
        *tampered.pointer_mut(place).unwrap() = off_subgroup.clone().into();
        assert!(
            is_shape_error(&verify(&tampered), "not a canonical point"),
            "{place}"
        );
    }
    assert!(G2::from_bytes(&hex::decode(off_subgroup).unwrap()).is_err());
}

#[test]
fn scalars_of_r_and_above_are_refused() {
    let order = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
    for value in [order, &"ff".repeat(32)] {
        let mut tampered = WORLD.two.clone();
        tampered["zk_proof"]["challenge"] = value.into();
        assert!(is_shape_error(&verify(&tampered), "not a canonical scalar"));
    }
}

#[test]
fn the_binary_form_takes_all_bytes_and_no_more() {
    let payment: Payment = serde_json::from_value(WORLD.two.clone()).unwrap();
    let bytes = payment.to_bytes();
    assert!(Payment::from_bytes(&bytes).is_ok());
    for length in [0, 1, 96, 600, bytes.len() - 1] {
        assert!(Payment::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(
        Payment::from_bytes(&longer),
        Err(Error::TrailingBytes { count: 1, .. })
    ));
}

#[test]
fn no_single_changed_byte_leaves_a_payment_valid() {
    let payment: Payment = serde_json::from_value(WORLD.two.clone()).unwrap();
    let bytes = payment.to_bytes();
    for position in (0..bytes.len()).step_by(7) {
        let mut tampered = bytes.clone();
        tampered[position] ^= 1;
        let outcome = Payment::from_bytes(&tampered).and_then(|payment| {
            WORLD
                .network
                .verifying_key
                .verify(payment, &PAY_INFO, EXPIRATION, &mut rng(19))
        });
        assert!(outcome.is_err(), "byte {position}");
    }
}

#[test]
fn the_gate_reads_serials_type_and_count_without_decoding_points() {
    let payment: Payment = serde_json::from_value(WORLD.two.clone()).unwrap();
    let mut bytes = payment.to_bytes();
    bytes[20] ^= 1; // inside K̂: most likely no point any more
    let unchecked = UncheckedPayment::parse(&bytes).unwrap();
    assert_eq!(unchecked.serial_numbers(), payment.serial_numbers());
    assert_eq!(
        (unchecked.ticket_type(), unchecked.tickets()),
        (payment.ticket_type(), 2)
    );
    let decoded = unchecked.decode();
    assert!(decoded.is_err() || decoded != Ok(payment));
}

#[test]
fn a_wallet_spends_each_ticket_once_and_nothing_on_a_wrong_date() {
    let world = &*WORLD;
    let user = world.issuance.user.secret_key();
    let context = world.network.context();
    let mut wallet = world.issuance.wallet(&world.network);
    let mut spend =
        |date, count| wallet.spend(user, &context, &PAY_INFO, date, count, &mut rng(20));
    assert!(matches!(
        spend(EXPIRATION + DAY, 1),
        Err(Error::DateOutsideValidity { .. })
    ));
    assert!(matches!(
        spend(EXPIRATION - 7 * DAY, 1),
        Err(Error::DateOutsideValidity { .. })
    ));
    assert_eq!(
        spend(EXPIRATION - 1, 1),
        Err(Error::NotMidnight(EXPIRATION - 1))
    );
    assert!(matches!(
        spend(EXPIRATION, 0),
        Err(Error::OutOfRange { .. })
    ));
    assert_eq!(
        spend(EXPIRATION, 51),
        Err(Error::NotEnoughTickets {
            spent: 0,
            wanted: 51
        })
    );
    assert_eq!(
        spend(EXPIRATION, u64::MAX),
        Err(Error::NotEnoughTickets {
            spent: 0,
            wanted: u64::MAX
        })
    );
    assert!(spend(EXPIRATION, 49).is_ok());
    assert_eq!(
        spend(EXPIRATION, 2),
        Err(Error::NotEnoughTickets {
            spent: 49,
            wanted: 2
        })
    );
    assert!(spend(EXPIRATION, 1).is_ok());
    assert_eq!(
        spend(EXPIRATION, 1),
        Err(Error::NotEnoughTickets {
            spent: 50,
            wanted: 1
        })
    );
}

#[test]
fn only_the_one_who_spent_a_ticket_twice_is_named() {
    let world = &*WORLD;
    let (user, context) = (world.issuance.user.secret_key(), world.network.context());
    let verified = |wallet: &mut ecash_scheme::Wallet, pay_info: &[u8; 72], count| {
        let payment = wallet
            .spend(user, &context, pay_info, EXPIRATION, count, &mut rng(21))
            .unwrap();
        world
            .network
            .verifying_key
            .verify(payment, pay_info, EXPIRATION, &mut rng(22))
            .unwrap()
    };
    let mut wallet = world.issuance.wallet(&world.network);
    let mut copy = wallet.clone();
    let first = verified(&mut wallet, &PAY_INFO, 1);
    let second = verified(&mut wallet, &PAY_INFO, 3);
    let all = verified(&mut copy, &[9; 72], 50);
    assert_eq!(identify(&first, &second), Ok(Identified::NotSameTicket));
    assert_eq!(identify(&first, &first), Ok(Identified::SamePayInfo));
    let spender = Identified::Spender(*world.issuance.user.public_key());
    assert_eq!(identify(&second, &all), Ok(spender));
    assert_eq!(identify(&all, &second), Ok(spender));
}

#[test]
fn a_key_prepared_for_spending_makes_the_payments_of_the_plain_key() {
    let World {
        network, issuance, ..
    } = &*WORLD;
    let wallet = issuance.wallet(network);
    let user = issuance.user.secret_key();
    let plain = wallet
        .clone()
        .spend(
            user,
            &network.context(),
            &PAY_INFO,
            EXPIRATION,
            3,
            &mut rng(5),
        )
        .unwrap();
    let sizes = [Preparation::Small, Preparation::Default, Preparation::Large].map(|size| {
        let key = SpendingKey::new(&network.master, size);
        let context = SpendContext {
            master: &key,
            dates: &network.dates,
            coins: &network.coins,
        };
        let payment = wallet
            .clone()
            .spend(user, &context, &PAY_INFO, EXPIRATION, 3, &mut rng(5))
            .unwrap();
        assert_eq!(payment, plain);
        key.table_bytes()
    });
    assert!(sizes.is_sorted());
}
