//! Forged payments: the rules F1 to F7 and what 8.4 adds to them.

use std::slice::from_ref;

use ecash_scheme::Error;

use super::algebra::{DAY, EXPIRATION, G1Affine, Scalar, g, number, outside, random, shifted};
use super::prover::{LeftOut, Ticket};
use super::verifier::Rule;
use super::world::{NONE, WORLD, rng};

fn wrong_length(what: &'static str, expected: usize, got: usize) -> Error {
    Error::WrongLength {
        what,
        expected,
        got,
    }
}

fn coin(position: usize) -> Error {
    Error::PaymentCoinSignature { position }
}

#[test]
fn the_truth_is_accepted_by_every_verifier() {
    for count in [1, 2, 5] {
        let claims = WORLD.claims(&(0..count).collect::<Vec<_>>());
        let honest = WORLD.forge(&claims, count);
        assert!(WORLD.strict().accepts(from_ref(&honest), &mut rng(1)));
        assert_eq!(WORLD.single(&honest), Ok(()));
        assert_eq!(WORLD.batch(from_ref(&honest)), [Ok(())]);
        assert_eq!(WORLD.stream(&[honest]), [Ok(())]);
    }
}

/// F1, 68: ℓ = 77 in the serial number, the signature of index 0 beside it.
#[test]
fn f1_a_coin_signature_does_not_serve_an_index_that_nobody_signed() {
    let mut claims = WORLD.claims(&[0]);
    claims.tickets[0].index = number(77u64);
    claims.left_out = LeftOut::Kappas;
    let without_statement = WORLD.forge(&claims, 1);
    WORLD.attack(
        Rule::IndexStatement,
        &[without_statement],
        &[wrong_length("responses_r_k", 1, 0)],
    );
    claims.left_out = LeftOut::Nothing;
    let false_statement = WORLD.forge(&claims, 2);
    WORLD.attack(Rule::Challenge, &[false_statement], &[Error::PaymentProof]);
}

/// F1, 68, 69: the statement is true of an index that has no signature.
#[test]
fn f1_an_index_beyond_the_book_has_no_signature_to_go_with_it() {
    let forged = [50, 77, u64::MAX].map(|index| {
        let mut claims = WORLD.claims(&[0]);
        claims.tickets[0].index = number(index);
        claims.tickets[0].kappa_index = number(index);
        WORLD.forge(&claims, index)
    });
    WORLD.refused(&forged, &[coin(0), coin(0), coin(0)]);
}

/// F1: a signature for one index beside the statement about another, both within the book.
#[test]
fn f1_a_coin_signature_serves_its_own_index_only() {
    let mut claims = WORLD.claims(&[3, 4]);
    claims.tickets[1].coin = WORLD.issuer.coin(5);
    WORLD.refused(&[WORLD.forge(&claims, 1)], &[coin(1)]);
}

/// F2, 65: t = shown type + a hidden rest on Ŷ4.
#[test]
fn f2_a_book_of_one_type_is_not_spent_as_another() {
    let mut claims = WORLD.claims(&[0]);
    claims.ticket_type = 3;
    claims.hidden_type = Some(number(1u64) - number(3u64));
    let relabelled = WORLD.forge(&claims, 1);
    let expected = wrong_length("responses_attributes", 3, 4);
    WORLD.attack(Rule::ThreeAttributes, &[relabelled], from_ref(&expected));
    let mut claims = WORLD.claims(&[0]);
    claims.hidden_type = Some(Scalar::zero());
    let superfluous = WORLD.forge(&claims, 2);
    WORLD.attack(Rule::ThreeAttributes, &[superfluous], &[expected]);
}

/// F3, 66: one ticket, paid out for as long as one likes.
#[test]
fn f3_serial_numbers_are_not_freely_chosen() {
    let mut claims = WORLD.claims(&[0]);
    claims.left_out = LeftOut::Serials;
    let forged = [WORLD.forge(&claims, 1), WORLD.forge(&claims, 2)];
    assert_ne!(forged[0].draft.serials, forged[1].draft.serials);
    let expected = wrong_length("responses_mu", 1, 0);
    WORLD.attack(
        Rule::SerialStatement,
        &forged,
        &[expected.clone(), expected],
    );
}

/// 67: A_k = μ⁻¹·(Γ2 − m·G) − D − Γ2 makes any μ fit.
#[test]
fn f3_the_commitment_to_the_index_is_opened() {
    let mut claims = WORLD.claims(&[0]);
    claims.left_out = LeftOut::Openings;
    let forged = [WORLD.forge(&claims, 1), WORLD.forge(&claims, 2)];
    assert_ne!(forged[0].draft.serials, forged[1].draft.serials);
    let expected = wrong_length("responses_o_a", 1, 0);
    WORLD.attack(
        Rule::OpeningStatement,
        &forged,
        &[expected.clone(), expected],
    );
}

/// F4, 70: e(O, Q̂) = e(O, Ĝ) whatever Q̂ is.
#[test]
fn f4_infinity_is_no_signature() {
    let infinity = |what| Error::Infinity { what };
    let mut no_coin = WORLD.claims(&[0]);
    no_coin.tickets[0] = Ticket::honest(60, NONE(), WORLD.u, 0);
    let mut no_book = WORLD.claims(&[0]);
    (no_book.book, no_book.v) = (NONE(), random(&mut rng(1)));
    let mut no_date = WORLD.claims(&[0]);
    no_date.date = NONE();
    WORLD.attack(
        Rule::NoInfinity,
        &[
            WORLD.forge(&no_coin, 1),
            WORLD.forge(&no_book, 2),
            WORLD.forge(&no_date, 3),
        ],
        &[
            infinity("coin-index signature"),
            infinity("ticketbook signature"),
            infinity("date signature"),
        ],
    );
}

/// F5, 71: two errors that cancel.
#[test]
fn f5_errors_in_two_tickets_do_not_cancel() {
    let mut forged = WORLD.forge(&WORLD.claims(&[0, 1]), 1);
    let p = g();
    forged.draft.coins[0].1 = shifted(forged.draft.coins[0].1, p);
    forged.draft.coins[1].1 = shifted(forged.draft.coins[1].1, -p);
    WORLD.attack(Rule::Weights, &[forged], &[coin(0)]);
}

#[test]
fn f5_errors_in_ticketbook_and_date_do_not_cancel() {
    let mut forged = WORLD.forge(&WORLD.claims(&[0]), 1);
    let p = g();
    forged.draft.book.1 = shifted(forged.draft.book.1, p);
    forged.draft.date.1 = shifted(forged.draft.date.1, -p);
    WORLD.attack(Rule::Weights, &[forged], &[Error::PaymentWalletSignature]);
}

/// F6, 54: one ticket that claims to be fifty; none at all.
#[test]
fn f6_the_number_of_tickets_is_the_number_of_tickets() {
    let mut claims = WORLD.claims(&[0]);
    claims.count = 50;
    let fifty = WORLD.forge(&claims, 1);
    WORLD.attack(
        Rule::CountIsLength,
        &[fifty],
        &[wrong_length("kappa_k", 50, 1)],
    );
    let nothing = WORLD.forge(&WORLD.claims(&[]), 2);
    let out_of_range = |got| Error::OutOfRange {
        what: "tickets of a payment",
        min: 1,
        max: 50,
        got,
    };
    WORLD.attack(Rule::CountIsLength, &[nothing], &[out_of_range(0)]);
    for count in [51, u64::MAX] {
        claims.count = count;
        let forged = WORLD.forge(&claims, 3);
        WORLD.attack(Rule::CountIsLength, &[forged], &[out_of_range(count)]);
    }
}

/// F7, 56: a missing response is an error; no element is looked for that is not there.
#[test]
fn f7_a_missing_response_is_an_error() {
    for length in [0, 1, 2] {
        let mut forged = WORLD.honest(0);
        forged.draft.z_attributes.truncate(length);
        WORLD.refused(
            &[forged],
            &[wrong_length("responses_attributes", 3, length)],
        );
    }
}

/// 61: one index twice, honestly computed.
#[test]
fn one_ticket_is_not_counted_twice_in_a_payment() {
    let forged = WORLD.forge(&WORLD.claims(&[3, 4, 3]), 1);
    let expected = Error::DuplicateSerialNumber {
        first: 0,
        second: 2,
    };
    WORLD.attack(Rule::DistinctSerials, &[forged], &[expected]);
}

/// A serial number S + T with T of order 3: c·(S + T) = c·S for every third challenge, so that one ticket has three.
#[test]
fn a_serial_number_is_not_twisted_by_a_point_of_small_order() {
    let mut claims = WORLD.claims(&[0]);
    claims.twist = outside::order_three();
    let mut attempts = (0..).map(|seed| WORLD.forge(&claims, seed));
    let forged = attempts
        .find(|forged| {
            WORLD
                .lax(Rule::Subgroup)
                .accepts(from_ref(forged), &mut rng(1))
        })
        .unwrap();
    let honest = WORLD.honest(0);
    assert_ne!(
        forged.draft.serials, honest.draft.serials,
        "the same ticket, unseen before"
    );
    let expected = Error::BadPoint {
        what: "ticket: serial number",
    };
    WORLD.attack(Rule::Subgroup, &[forged], &[expected]);
}

/// 72: an expired book, with a date signature of a later one.
#[test]
fn an_expired_book_is_not_spent_with_a_later_date() {
    let later = EXPIRATION + 30 * DAY;
    let mut claims = WORLD.claims(&[0]);
    claims.date = WORLD.issuer.date(later, later);
    let mut own_expiration = WORLD.forge(&claims, 1);
    claims.expiration = later;
    let mut later_expiration = WORLD.forge(&claims, 2);
    (own_expiration.spend_date, later_expiration.spend_date) = (later, later);
    WORLD.refused(
        &[own_expiration, later_expiration],
        &[
            Error::PaymentDateSignature { date: later },
            Error::PaymentWalletSignature,
        ],
    );
}

/// 73: another user is to be blamed for the double spend.
#[test]
fn a_tag_holds_the_secret_of_the_book() {
    let innocent = random(&mut rng(1));
    let mut claims = WORLD.claims(&[0]);
    claims.tickets[0].tag_user = innocent;
    WORLD.attack(
        Rule::Challenge,
        &[WORLD.forge(&claims, 1)],
        &[Error::PaymentProof],
    );
    let mut claims = WORLD.claims(&[0]);
    (claims.u, claims.tickets[0].tag_user) = (innocent, innocent);
    WORLD.refused(&[WORLD.forge(&claims, 2)], &[Error::PaymentWalletSignature]);
}

/// 74: the tag of position 1 with the pay-info hash of position 0.
#[test]
fn a_tag_holds_the_pay_info_hash_of_its_own_position() {
    let mut claims = WORLD.claims(&[0, 1]);
    claims.tickets[1].tag_position = 0;
    WORLD.attack(
        Rule::Challenge,
        &[WORLD.forge(&claims, 1)],
        &[Error::PaymentProof],
    );
}

/// 73: serial numbers of a book that does not exist.
#[test]
fn serial_numbers_come_from_the_signed_secret() {
    let mut claims = WORLD.claims(&[0]);
    claims.v = random(&mut rng(1));
    WORLD.refused(&[WORLD.forge(&claims, 1)], &[Error::PaymentWalletSignature]);
}

/// 78: what provers of the older version sent.
#[test]
fn a_true_payment_without_the_index_statement_is_refused_too() {
    let mut claims = WORLD.claims(&[0, 1]);
    claims.left_out = LeftOut::Kappas;
    let honest = WORLD.forge(&claims, 1);
    WORLD.attack(
        Rule::IndexStatement,
        &[honest],
        &[wrong_length("responses_r_k", 2, 0)],
    );
}

/// R7: whoever sees a payment can scale its three signatures; it stays the same payment, under the same serial number.
#[test]
fn r7_a_rescaled_payment_is_the_same_payment() {
    let honest = WORLD.honest(0);
    let mut rescaled = honest.clone();
    let scale = |point: &mut G1Affine| *point = (*point * number(5u64)).into();
    let draft = &mut rescaled.draft;
    for (h, s) in [&mut draft.book, &mut draft.date]
        .into_iter()
        .chain(&mut draft.coins)
    {
        scale(h);
        scale(s);
    }
    let (one, other) = (honest.draft.to_bytes(), rescaled.draft.to_bytes());
    assert_ne!(one, other);
    let read = |bytes: &[u8]| {
        ecash_scheme::Payment::from_bytes(bytes)
            .unwrap()
            .serial_numbers()
    };
    assert_eq!(read(&one), read(&other));
    assert_eq!(WORLD.batch(&[honest, rescaled]), [Ok(()), Ok(())]);
}
