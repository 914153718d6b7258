use super::*;
use crate::hash::pay_info_hash;
use crate::{Error, Identified, Payment, UncheckedPayment, Verified, VerifyingKey, identify};

fn verified(
    payment: &Value,
    pay_info: &Value,
    spend_date: u32,
    key: &VerifyingKey,
) -> Verified<Payment> {
    let payment = Payment::from_bytes(&bytes(payment)).unwrap();
    key.verify(
        payment,
        &array(pay_info),
        spend_date,
        &mut rand::thread_rng(),
    )
    .unwrap()
}

#[test]
fn published_payments_verify_and_re_encode_to_themselves() {
    let (Some(payments), Some(keyset)) = (section("payments"), Keyset::ttp()) else {
        return;
    };
    let key = VerifyingKey::new(&keyset.master());
    for value in items(payments) {
        let label = text(&value["label"]);
        let unchecked = UncheckedPayment::parse(&bytes(&value["payment"])).unwrap();
        let payment = unchecked.decode().unwrap();
        assert_eq!(payment.to_bytes(), bytes(&value["payment"]), "{label}");
        assert_eq!(payment.tickets() as u64, number(&value["spend_value"]));
        assert_eq!(payment.ticket_type(), byte(&value["ticket_type"]));
        assert_eq!(
            payment.encoded_serial_number(),
            bytes(&value["encoded_serial_number"])
        );
        assert_eq!(payment.serial_numbers(), unchecked.serial_numbers());
        if let [serial] = payment.serial_numbers().as_slice() {
            assert_eq!(serial.to_base58(), text(&value["serial_number_bs58"]));
        }
        for (position, expected) in (0..).zip(items(&value["rr"])) {
            assert_eq!(
                pay_info_hash(&array(&value["pay_info"]), position)
                    .to_bytes()
                    .to_vec(),
                bytes(expected)
            );
        }
        verified(
            &value["payment"],
            &value["pay_info"],
            date(&value["spend_date"]),
            &key,
        );
    }
}

#[test]
fn a_payment_in_json_is_the_same_payment() {
    let (Some(payments), Some(json)) = (section("payments"), section("payment_0_json")) else {
        return;
    };
    let payment = Payment::from_bytes(&bytes(&payments[0]["payment"])).unwrap();
    assert_eq!(&serde_json::to_value(&payment).unwrap(), json);
    assert_eq!(
        serde_json::from_value::<Payment>(json.clone()).unwrap(),
        payment
    );
    let mut upper_case = json.clone();
    upper_case["cc"] = text(&json["cc"]).to_uppercase().into();
    assert!(serde_json::from_value::<Payment>(upper_case).is_err());
}

#[test]
fn payments_without_the_coin_index_relation_are_refused_by_their_shape() {
    let Some(older) = section("older_prover_payments") else {
        return;
    };
    for value in items(&older["payments"]) {
        let refused = UncheckedPayment::parse(&bytes(&value["payment"]));
        let expected = usize::try_from(number(&value["spend_value"])).unwrap();
        assert_eq!(
            refused,
            Err(Error::WrongLength {
                what: "responses_r_k",
                expected,
                got: 0
            })
        );
    }
}

#[test]
fn double_spenders_are_named_and_nobody_else() {
    let (Some(cases), Some(keyset)) = (section("double_spending"), Keyset::ttp()) else {
        return;
    };
    let key = VerifyingKey::new(&keyset.master());
    // The file gives no spend dates here: a payment verifies for exactly one of the seven.
    let verify_on_its_date = |payment: &Value, pay_info: &Value| {
        let dates = items(&keyset.0["expiration"]["spending_dates"])
            .iter()
            .map(date);
        dates
            .filter_map(|date| {
                let payment = Payment::from_bytes(&bytes(payment)).unwrap();
                key.verify(payment, &array(pay_info), date, &mut rand::thread_rng())
                    .ok()
            })
            .next()
            .unwrap()
    };
    for case in items(cases) {
        let a = verify_on_its_date(&case["payment_a"], &case["pay_info_a"]);
        let b = verify_on_its_date(&case["payment_b"], &case["pay_info_b"]);
        let expected = match text(&case["result"]) {
            "double_spending_public_key" => Identified::Spender(
                crate::UserPublicKey::from_bytes(&bytes(&case["value"])).unwrap(),
            ),
            "duplicate_pay_info" => Identified::SamePayInfo,
            "not_a_duplicate" => Identified::NotSameTicket,
            other => panic!("unknown result {other}"),
        };
        assert_eq!(
            identify(&a, &b).unwrap(),
            expected,
            "{}",
            text(&case["label"])
        );
    }
}
