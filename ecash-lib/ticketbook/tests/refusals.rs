//! What is refused: other lengths, other forms, values that contradict each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_scheme::codec::{Decode, Encode};
use ecash_ticketbook::ticket::{OLDER_TICKET_BYTES, Refused};
use ecash_ticketbook::*;
use serde_json::{Value, json};
use support::{bytes, misfits, ticket, vectors};

#[test]
fn spending_data_of_any_other_length_is_refused() {
    let encoded = ticket(&vectors()).to_bytes();
    for misfit in misfits(&encoded) {
        assert!(
            SpendingData::from_bytes(&misfit).is_err(),
            "{} bytes",
            misfit.len()
        );
        assert!(
            matches!(Ticket::parse(&misfit), Err(Refused::Length(length)) if length == misfit.len())
        );
    }
}

#[test]
fn spending_data_in_bin_form_of_any_other_length_is_refused() {
    let encoded = ticket(&vectors()).to_bin();
    for misfit in misfits(&encoded) {
        assert!(
            SpendingData::from_bin(&misfit).is_err(),
            "{} bytes",
            misfit.len()
        );
    }
}

#[test]
fn texts_that_are_no_spending_data_are_refused() {
    let text = ticket(&vectors()).to_base58();
    let long = "z".repeat(40_000);
    for refused in [
        "",
        "0",
        &text[1..],
        &text[..text.len() - 1],
        &format!("{text}1"),
        &format!("{text} "),
        &long,
    ] {
        assert!(SpendingData::from_base58(refused).is_err(), "{refused:.20}");
    }
}

#[test]
fn a_payment_length_that_does_not_fit_is_refused() {
    let mut encoded = ticket(&vectors()).to_bytes();
    for length in [0, 1189, 1191, 1278, u32::MAX - 88, u32::MAX] {
        encoded[..4].copy_from_slice(&length.to_be_bytes());
        assert!(
            matches!(
                SpendingData::from_bytes(&encoded),
                Err(TicketbookError::Length { .. })
            ),
            "{length}"
        );
        assert!(
            matches!(Ticket::parse(&encoded), Err(Refused::Malformed(_))),
            "{length}"
        );
    }
}

#[test]
fn a_spend_date_that_no_ticket_can_have_is_refused() {
    let encoded = ticket(&vectors()).to_bytes();
    let at = encoded.len() - 12;
    for julian_day in [i32::MIN, -1, 0, 2_440_587, 2_490_299, i32::MAX] {
        let mut changed = encoded.clone();
        changed[at..at + 4].copy_from_slice(&julian_day.to_be_bytes());
        assert!(
            matches!(
                SpendingData::from_bytes(&changed),
                Err(TicketbookError::DateOutOfRange(_))
            ),
            "{julian_day}"
        );
        assert!(Ticket::parse(&changed).is_err(), "{julian_day}");
    }
}

#[test]
fn every_negative_payment_of_one_ticket_is_refused_at_the_gate_or_when_decoded_unless_it_needs_a_key()
 {
    let vectors = vectors();
    let context = ticket(&vectors).to_bytes()[4 + 1190..].to_vec();
    let mut refused = 0;
    for case in vectors["negative_payments"]["cases"].as_array().unwrap() {
        let payment = bytes(&case["payment"]);
        let encoded = [
            &u32::try_from(payment.len()).unwrap().to_be_bytes()[..],
            &payment,
            &context,
        ]
        .concat();
        let strict = case["strict"].as_str().unwrap();
        let needs_key =
            strict == "accept" || strict == "reject: zk proof" || strict.ends_with(" signature");
        let decoded = Ticket::parse(&encoded)
            .map_err(|_| ())
            .and_then(|ticket| ticket.decode().map_err(|_| ()));
        if needs_key {
            assert_eq!(
                decoded.is_ok(),
                payment.len() == 1190,
                "{}: {strict}",
                case["label"]
            );
        } else {
            assert!(decoded.is_err(), "{}: {strict}", case["label"]);
            refused += 1;
        }
    }
    assert!(refused > 30, "only {refused} cases without a key");
}

#[test]
fn a_ticket_of_an_older_prover_is_told_apart() {
    let vectors = vectors();
    let context = ticket(&vectors).to_bytes()[4 + 1190..].to_vec();
    for listed in vectors["older_prover_payments"]["payments"]
        .as_array()
        .unwrap()
    {
        let payment = bytes(&listed["payment"]);
        if payment.len() != 1157 {
            continue;
        }
        let encoded = [&1157u32.to_be_bytes()[..], &payment, &context].concat();
        assert_eq!(encoded.len(), OLDER_TICKET_BYTES);
        assert!(matches!(Ticket::parse(&encoded), Err(Refused::OlderForm)));
        assert!(SpendingData::from_bytes(&encoded).is_err());
    }
}

#[test]
fn a_tag_at_infinity_is_refused() {
    let vectors = vectors();
    let mut json = vectors["credential_spending_data"]["item_0_json"].clone();
    let tag = json["payment"]["tt"][0].as_str().unwrap().to_owned();
    let infinity = format!("c0{}", "00".repeat(47));
    json["payment"]["tt"][0] = json!(infinity);
    let mut encoded = ticket(&vectors).to_bytes();
    let (tag, infinity) = (hex::decode(tag).unwrap(), hex::decode(infinity).unwrap());
    let at = encoded
        .windows(48)
        .position(|window| window == tag)
        .unwrap();
    encoded[at..at + 48].copy_from_slice(&infinity);
    assert!(matches!(
        Ticket::parse(&encoded),
        Err(Refused::Malformed(_))
    ));
}

#[test]
fn changed_bytes_never_decode_to_something_that_encodes_otherwise() {
    let encoded = ticket(&vectors()).to_bytes();
    for at in 0..encoded.len() {
        for mask in [0x01, 0x20, 0x40, 0x80, 0xff] {
            let mut changed = encoded.clone();
            changed[at] ^= mask;
            if let Ok(ticket) = Ticket::parse(&changed) {
                assert_eq!(ticket.as_bytes().to_vec(), changed);
                if at % 61 == 0
                    && let Ok(data) = ticket.decode()
                {
                    assert_eq!(data.to_bytes(), changed, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn json_that_is_no_spending_data_is_refused() {
    let vectors = vectors();
    let good = &vectors["credential_spending_data"]["item_0_json"];
    let mut short = good["pay_info"].as_array().unwrap().clone();
    short.pop();
    let mut long = good["pay_info"].as_array().unwrap().clone();
    long.push(json!(0));
    let cases = [
        ("pay_info", Value::Array(short)),
        ("pay_info", Value::Array(long)),
        ("pay_info", json!(vec![256; 72])),
        ("pay_info", json!("00")),
        ("spend_date", json!([2025, 0])),
        ("spend_date", json!([2025, 366])),
        ("spend_date", json!([2025, 335, 1])),
        ("spend_date", json!([2025])),
        ("spend_date", json!([1969, 365])),
        ("spend_date", json!([9999, 365])),
        ("spend_date", json!("9999-12-31")),
        ("spend_date", json!("2025-2-1")),
        ("spend_date", json!("2025-13-01")),
        ("spend_date", json!(1_764_547_200)),
        ("spend_date", Value::Null),
        ("epoch_id", json!(-1)),
        ("epoch_id", json!("1")),
        ("payment", json!({})),
    ];
    for (field, value) in cases {
        let mut json = good.clone();
        json[field] = value.clone();
        assert!(
            serde_json::from_value::<SpendingData>(json).is_err(),
            "{field} = {value}"
        );
    }
}

#[test]
fn fields_that_are_unknown_are_ignored() {
    let vectors = vectors();
    let mut json = vectors["credential_spending_data"]["item_0_json"].clone();
    json["note"] = json!("of a later version");
    assert_eq!(
        serde_json::from_value::<SpendingData>(json).unwrap(),
        ticket(&vectors)
    );
}

#[test]
fn records_of_any_other_length_are_refused() {
    let vectors = vectors();
    let storage = &vectors["storage"];
    fn check<T: Record>(data: &[u8]) {
        assert!(
            VersionSerialised::<T>::from_parts(data.to_vec(), T::REVISION)
                .unpack()
                .is_ok(),
            "{}",
            T::NAME
        );
        for misfit in misfits(data) {
            let length = misfit.len();
            let record = VersionSerialised::<T>::from_parts(misfit, T::REVISION);
            assert!(record.unpack().is_err(), "{} of {length} bytes", T::NAME);
        }
    }
    check::<IssuedTicketBook>(&bytes(&storage["issued_ticketbook"]["bytes"]));
    check::<IssuanceTicketBook>(&bytes(&storage["issuance_ticketbook"]["bytes"]));
    check::<ImportableTicketBook>(&bytes(&storage["importable_with_key_only"]["inner"]));
}

#[test]
fn long_records_cut_anywhere_are_refused() {
    let vectors = vectors();
    let storage = &vectors["storage"];
    fn check<T: Record>(data: &[u8]) {
        for misfit in misfits(data).step_by(17) {
            assert!(
                VersionSerialised::<T>::from_parts(misfit, T::REVISION)
                    .unpack()
                    .is_err(),
                "{}",
                T::NAME
            );
        }
    }
    check::<EpochVerificationKey>(&bytes(&storage["epoch_verification_key"]["bytes"]));
    check::<AggregatedDateSignatures>(&bytes(&storage["aggregated_date_signatures"]["bytes"]));
}

#[test]
fn the_pair_of_an_importable_book_of_any_other_length_is_refused() {
    let finalised = bytes(&vectors()["storage"]["importable_with_key_only"]["finalised"]);
    for misfit in misfits(&finalised) {
        assert!(VersionSerialised::<ImportableTicketBook>::from_bytes(&misfit).is_err());
    }
}

#[test]
fn a_record_that_claims_to_be_longer_than_any_is_refused_before_it_is_read() {
    let claimed = [&[0xfd][..], &u64::MAX.to_be_bytes(), &[0; 64]].concat();
    assert!(VersionSerialised::<ImportableTicketBook>::from_bytes(&claimed).is_err());
}

#[test]
fn records_of_other_revisions_are_refused() {
    let vectors = vectors();
    let storage = &vectors["storage"];
    fn check<T: Record>(data: &[u8]) {
        for revision in (0..=u8::MAX).filter(|revision| *revision != T::REVISION) {
            let refused = VersionSerialised::<T>::from_parts(data.to_vec(), revision)
                .unpack()
                .err();
            assert!(
                matches!(refused, Some(TicketbookError::Revision { actual, .. }) if actual == revision),
                "{}",
                T::NAME
            );
        }
    }
    check::<IssuedTicketBook>(&bytes(&storage["issued_ticketbook"]["bytes"]));
    check::<IssuanceTicketBook>(&bytes(&storage["issuance_ticketbook"]["bytes"]));
    check::<ImportableTicketBook>(&bytes(&storage["importable_with_key_only"]["inner"]));
    check::<EpochVerificationKey>(&bytes(&storage["epoch_verification_key"]["bytes"]));
    check::<AggregatedDateSignatures>(&bytes(&storage["aggregated_date_signatures"]["bytes"]));
    check::<AggregatedCoinIndexSignatures>(&[7, 0]);
}

#[test]
fn integers_that_are_not_in_their_shortest_form_are_refused() {
    let good = bytes(&vectors()["storage"]["epoch_verification_key"]["bytes"]);
    let forms: [&[u8]; 4] = [
        &[0xfb, 0, 7],
        &[0xfc, 0, 0, 0, 7],
        &[0xfd, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xfe],
    ];
    for form in forms {
        let longer = [form, &good[1..]].concat();
        assert!(
            VersionSerialised::<EpochVerificationKey>::from_parts(longer, 2)
                .unpack()
                .is_err(),
            "{form:?}"
        );
    }
}

#[test]
fn an_issued_book_whose_record_contradicts_its_signatures_is_refused() {
    let good = bytes(&vectors()["storage"]["issued_ticketbook"]["bytes"]);
    let end = good.len();
    let spent = end - 1 - 6 - 33 - 2;
    assert_eq!(good[spent], 3);
    let cases = [
        ("51 tickets used", spent, 51),
        ("another type in the record", end - 1, 0),
        ("a type that is none in the record", end - 1, 4),
        ("another day in the record", end - 2, 0x54),
    ];
    for (what, at, value) in cases {
        let mut changed = good.clone();
        changed[at] = value;
        assert!(
            VersionSerialised::<IssuedTicketBook>::from_parts(changed, 1)
                .unpack()
                .is_err(),
            "{what}"
        );
    }
}

#[test]
fn a_pending_book_whose_keys_do_not_belong_together_is_refused() {
    let vectors = vectors();
    let mut changed = bytes(&vectors["storage"]["issuance_ticketbook"]["bytes"]);
    let at = 5 + 32 + 1;
    assert_eq!(changed[at - 1], 0x20);
    changed[at] ^= 1;
    assert!(
        VersionSerialised::<IssuanceTicketBook>::from_parts(changed, 1)
            .unpack()
            .is_err()
    );
}

#[test]
fn date_signatures_filed_under_another_date_are_refused() {
    let mut changed = bytes(&vectors()["storage"]["aggregated_date_signatures"]["bytes"]);
    assert_eq!(&changed[2..12], b"2025-12-07");
    changed[11] = b'8';
    assert!(
        VersionSerialised::<AggregatedDateSignatures>::from_parts(changed, 2)
            .unpack()
            .is_err()
    );
}

#[test]
fn an_importable_book_with_a_key_of_another_epoch_is_refused() {
    let vectors = vectors();
    let storage = &vectors["storage"];
    let book = VersionSerialised::<IssuedTicketBook>::from_parts(
        bytes(&storage["issued_ticketbook"]["bytes"]),
        1,
    )
    .unpack()
    .unwrap();
    let mut key = VersionSerialised::<EpochVerificationKey>::from_parts(
        bytes(&storage["epoch_verification_key"]["bytes"]),
        2,
    )
    .unpack()
    .unwrap();
    key.epoch_id = EpochId(8);
    let packed = ImportableTicketBook::pack(&book, None, None, Some(&key));
    assert!(matches!(
        packed.unpack(),
        Err(TicketbookError::Mismatch { .. })
    ));
}

#[test]
fn pay_info_of_any_other_length_is_refused() {
    for length in (0..200).filter(|length| *length != 72) {
        assert!(PayInfo::from_bytes(&vec![0; length]).is_err(), "{length}");
    }
}

#[test]
fn texts_and_codes_that_are_no_ticket_type_are_refused() {
    for text in [
        "",
        "v1-mixnet",
        "V1-mixnet-entry",
        "v1-mixnet-entry ",
        "mixnet-entry",
        "v2-mixnet-entry",
    ] {
        assert!(text.parse::<TicketType>().is_err(), "{text:?}");
        assert!(
            serde_json::from_value::<TicketType>(json!(text)).is_err(),
            "{text:?}"
        );
    }
    for code in 4..=u8::MAX {
        assert!(TicketType::from_code(code).is_err(), "{code}");
    }
}
