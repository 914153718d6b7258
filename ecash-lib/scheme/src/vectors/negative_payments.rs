use super::*;
use crate::{Error, Payment, VerifyingKey};

/// Whether `outcome` is the refusal (or acceptance) that the file demands.
fn is_answer(strict: &str, outcome: &crate::Result<()>) -> bool {
    match strict {
        "accept" => outcome.is_ok(),
        "decode error" => matches!(
            outcome,
            Err(Error::Truncated { .. }
                | Error::TrailingBytes { .. }
                | Error::WrongLength { .. }
                | Error::OutOfRange { .. }
                | Error::BadPoint { .. }
                | Error::BadScalar { .. })
        ),
        "decode error (non-canonical)" => matches!(outcome, Err(Error::NonCanonicalInteger { .. })),
        "reject: identity" => matches!(outcome, Err(Error::Infinity { .. })),
        "reject: type" => matches!(outcome, Err(Error::UnknownTicketType(_))),
        "reject: spend_value" => matches!(outcome, Err(Error::OutOfRange { .. })),
        "reject: vector length" => matches!(outcome, Err(Error::WrongLength { .. })),
        "reject: duplicate serial" => matches!(outcome, Err(Error::DuplicateSerialNumber { .. })),
        "reject: zk proof" => matches!(outcome, Err(Error::PaymentProof)),
        "reject: wallet signature" => matches!(outcome, Err(Error::PaymentWalletSignature)),
        "reject: date signature" => matches!(outcome, Err(Error::PaymentDateSignature { .. })),
        "reject: coin signature" => matches!(outcome, Err(Error::PaymentCoinSignature { .. })),
        other => panic!("unknown answer {other}"),
    }
}

#[test]
fn tampered_payments_are_refused_by_the_named_check() {
    let Some(negative) = section("negative_payments") else {
        return;
    };
    let Some(keyset) = Keyset::named(text(&negative["keyset"])) else {
        return;
    };
    let key = VerifyingKey::new(&keyset.master());
    let mut refusals = 0;
    for case in items(&negative["cases"]) {
        let label = text(&case["label"]);
        let outcome = Payment::from_bytes(&bytes(&case["payment"])).and_then(|payment| {
            key.verify(
                payment,
                &array(&case["pay_info"]),
                date(&case["spend_date"]),
                &mut rand::thread_rng(),
            )
            .map(|_| ())
        });
        assert_eq!(
            outcome.is_ok(),
            text(&case["expected"]) == "accept",
            "{label}: {outcome:?}"
        );
        assert!(
            is_answer(text(&case["strict"]), &outcome),
            "{label}: {outcome:?}, expected {}",
            text(&case["strict"])
        );
        refusals += usize::from(outcome.is_err());
    }
    println!("{refusals} tampered payments refused");
}
