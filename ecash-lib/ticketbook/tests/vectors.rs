//! Sections `credential_spending_data`, `storage`, `ticket_types` and `sizes` of the vector file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_scheme::codec::{Decode, Encode};
use ecash_scheme::{
    CoinIndexSignatures, UserKeyPair, UserSecretKey, VerificationKey, WalletSignatures,
};
use ecash_ticketbook::ticket::TICKET_BYTES;
use ecash_ticketbook::*;
use serde_json::{Value, json};
use support::{bytes, ticket, vectors};
use zeroize::Zeroizing;

#[test]
fn ticket_types_have_the_codes_texts_and_sizes_of_the_network() {
    let vectors = vectors();
    let listed = vectors["ticket_types"].as_array().unwrap();
    assert_eq!(listed.len(), TicketType::ALL.len());
    for (ticket_type, vector) in TicketType::ALL.into_iter().zip(listed) {
        assert_eq!(
            u64::from(ticket_type.code()),
            vector["encoded"].as_u64().unwrap()
        );
        assert_eq!(ticket_type.text(), vector["name"].as_str().unwrap());
        assert_eq!(serde_json::to_value(ticket_type).unwrap(), vector["json"]);
        assert_eq!(ticket_type.to_bin(), bytes(&vector["bincode"]));
        assert_eq!(
            ticket_type.bandwidth_bytes(),
            vector["bytes_of_bandwidth"].as_u64().unwrap()
        );
        assert_eq!(
            ticket_type.text().parse::<TicketType>().unwrap(),
            ticket_type
        );
        assert_eq!(
            TicketType::from_code(ticket_type.code()).unwrap(),
            ticket_type
        );
    }
}

#[test]
fn spending_data_has_the_bytes_of_the_reference() {
    for item in vectors()["credential_spending_data"]["items"]
        .as_array()
        .unwrap()
    {
        let encoded = bytes(&item["bytes"]);
        let data = SpendingData::from_bytes(&encoded).unwrap();
        assert_eq!(data.to_bytes(), encoded);
        assert_eq!(encoded.len() as u64, item["len"].as_u64().unwrap());
        assert_eq!(SpendingData::from_base58(&data.to_base58()).unwrap(), data);
        if let Some(text) = item["bs58"].as_str() {
            assert_eq!(data.to_base58(), text);
        }
        assert_eq!(data.to_bin(), bytes(&item["bincode_big_endian_varint"]));
        assert_eq!(SpendingData::from_bin(&data.to_bin()).unwrap(), data);
        assert_eq!(
            [vec![0], data.to_bin()].concat(),
            bytes(&item["enum_zk_nym_bincode"])
        );
        assert_eq!(
            data.epoch_id.to_string(),
            item["epoch_id"].as_str().unwrap()
        );
        assert_eq!(
            data.spend_date.to_string(),
            item["spend_date"].as_str().unwrap()
        );
        assert_eq!(
            i64::from(data.spend_date.julian_day()),
            item["julian_day"].as_i64().unwrap()
        );
        assert_eq!(
            u64::from(data.spend_date.unix()),
            item["spend_unix"].as_u64().unwrap()
        );
        assert_eq!(
            data.pay_info.timestamp(),
            item["pay_info_timestamp"].as_i64().unwrap()
        );
        assert_eq!(
            data.pay_info.provider().to_vec(),
            bytes(&item["pay_info_provider_key"])
        );
    }
}

#[test]
fn spending_data_has_the_json_of_the_reference() {
    let vectors = vectors();
    let listed = &vectors["credential_spending_data"]["item_0_json"];
    assert_eq!(&serde_json::to_value(ticket(&vectors)).unwrap(), listed);
    assert_eq!(
        serde_json::from_value::<SpendingData>(listed.clone()).unwrap(),
        ticket(&vectors)
    );
}

#[test]
fn the_spend_date_is_read_as_pair_and_as_text_and_written_as_pair() {
    let vectors = vectors();
    let mut json = vectors["credential_spending_data"]["item_0_json"].clone();
    assert_eq!(json["spend_date"], json!([2025, 335]));
    json["spend_date"] = json!("2025-12-01");
    let data = serde_json::from_value::<SpendingData>(json).unwrap();
    assert_eq!(data, ticket(&vectors));
    assert_eq!(
        serde_json::to_value(data).unwrap()["spend_date"],
        json!([2025, 335])
    );
}

#[test]
fn a_ticket_shows_without_arithmetic_what_its_spending_data_holds() {
    let vectors = vectors();
    let data = ticket(&vectors);
    let parsed = Ticket::parse(&data.to_bytes()).unwrap();
    assert_eq!(parsed.as_bytes().to_vec(), data.to_bytes());
    assert_eq!(vec![*parsed.serial()], data.serial_numbers());
    assert_eq!(parsed.ticket_type(), data.ticket_type().unwrap());
    assert_eq!(*parsed.pay_info(), data.pay_info);
    assert_eq!(parsed.spend_date(), data.spend_date);
    assert_eq!(parsed.epoch_id(), data.epoch_id);
    assert_eq!(parsed.decode().unwrap(), data);
}

#[test]
fn sizes_are_those_of_the_reference() {
    let sizes = &vectors()["sizes"];
    assert_eq!(
        pay_info::PAY_INFO_BYTES as u64,
        sizes["pay_info"].as_u64().unwrap()
    );
    assert_eq!(
        TICKET_BYTES as u64,
        sizes["payment_1"].as_u64().unwrap() + 88
    );
    assert_eq!(spending::CONTEXT_BYTES, 88);
}

#[test]
fn an_issued_book_has_the_record_of_the_reference() {
    let vectors = vectors();
    let listed = &vectors["storage"]["issued_ticketbook"];
    let fields = &listed["fields"];
    let book = issued_book(&vectors);
    let record = book.to_record();
    assert_eq!(record.data(), bytes(&listed["bytes"]));
    assert_eq!(
        u64::from(record.revision()),
        listed["revision"].as_u64().unwrap()
    );
    assert_eq!(
        book.expiration().to_string(),
        fields["expiration_date"].as_str().unwrap()
    );
    assert_eq!(json!(book.expiration().ordinal()), fields["year_ordinal"]);
    assert_eq!(
        book.ticket_type().text(),
        fields["ticket_type"].as_str().unwrap()
    );

    let read = record.unpack().unwrap();
    assert_eq!(read.spent_tickets(), 3);
    assert_eq!(read.left(), 47);
    assert_eq!(read.epoch_id(), EpochId(7));
    assert_eq!(read.to_record().data(), record.data());
}

#[test]
fn a_pending_book_has_the_record_of_the_reference() {
    let vectors = vectors();
    let listed = &vectors["storage"]["issuance_ticketbook"];
    let user = UserSecretKey::from_bytes(&bytes(&vectors["withdrawals"][0]["user_sk"])).unwrap();
    let book = IssuanceTicketBook {
        deposit_id: DepositId(1_234_567),
        deposit_key: Zeroizing::new([0x42; 32]),
        user: UserKeyPair::from(user),
        ticket_type: TicketType::MixnetExit,
        expiration: "2025-12-07".parse().unwrap(),
    };
    let record = book.to_record();
    assert_eq!(record.data(), bytes(&listed["bytes"]));
    assert_eq!(
        u64::from(record.revision()),
        listed["revision"].as_u64().unwrap()
    );
    let read = record.unpack().unwrap();
    assert_eq!(read.deposit_id, book.deposit_id);
    assert_eq!(read.to_record().data(), record.data());
}

#[test]
fn global_data_has_the_records_of_the_reference() {
    let vectors = vectors();
    let storage = &vectors["storage"];

    let listed = &storage["epoch_verification_key"];
    let key = VersionSerialised::<EpochVerificationKey>::from_parts(bytes(&listed["bytes"]), 2)
        .unpack()
        .unwrap();
    assert_eq!(key.epoch_id, EpochId(7));
    assert_eq!(key.key, master_key(&vectors));
    assert_eq!(key.to_record().data(), bytes(&listed["bytes"]));

    let listed = &storage["aggregated_date_signatures"];
    let dates =
        VersionSerialised::<AggregatedDateSignatures>::from_parts(bytes(&listed["bytes"]), 2)
            .unpack()
            .unwrap();
    assert_eq!(dates.epoch_id(), EpochId(7));
    assert_eq!(dates.expiration().to_string(), "2025-12-07");
    assert_eq!(dates.to_record().data(), bytes(&listed["bytes"]));

    let listed = &storage["aggregated_coin_signatures_sha256_len"];
    let coins = coin_signatures(&vectors);
    let record = coins.to_record();
    assert_eq!(record.data().len() as u64, listed["len"].as_u64().unwrap());
    assert!(
        record
            .data()
            .starts_with(&bytes(&listed["first_200_bytes"]))
    );
    assert_eq!(record.unpack().unwrap(), coins);
}

#[test]
fn an_importable_book_has_the_bytes_of_the_reference() {
    let vectors = vectors();
    let listed = &vectors["storage"]["importable_with_key_only"];
    let key = EpochVerificationKey {
        epoch_id: EpochId(7),
        key: master_key(&vectors),
    };
    let importable = ImportableTicketBook::pack(&issued_book(&vectors), None, None, Some(&key));
    assert_eq!(importable.to_bin(), bytes(&listed["inner"]));
    assert_eq!(
        importable.to_record().to_bytes().to_vec(),
        bytes(&listed["finalised"])
    );

    let read = VersionSerialised::<ImportableTicketBook>::from_bytes(&bytes(&listed["finalised"]))
        .unwrap();
    let parts = read.unpack().unwrap().unpack().unwrap();
    assert_eq!(parts.key, Some(key));
    assert_eq!(
        parts.book.to_record().data(),
        issued_book(&vectors).to_record().data()
    );
    assert!(parts.dates.is_none() && parts.coins.is_none());
}

fn issued_book(vectors: &Value) -> IssuedTicketBook {
    let fields = &vectors["storage"]["issued_ticketbook"]["fields"];
    IssuedTicketBook::new(
        WalletSignatures::from_bytes(&bytes(&fields["wallet_signatures"])).unwrap(),
        fields["spent_tickets"].as_u64().unwrap(),
        EpochId(fields["epoch_id"].as_u64().unwrap()),
        UserSecretKey::from_bytes(&bytes(&fields["user_sk"])).unwrap(),
    )
    .unwrap()
}

fn master_key(vectors: &Value) -> VerificationKey {
    VerificationKey::from_bytes(&bytes(
        &vectors["keysets"]["ttp_3of5"]["aggregated_verification_key"],
    ))
    .unwrap()
}

fn coin_signatures(vectors: &Value) -> AggregatedCoinIndexSignatures {
    let listed = vectors["keysets"]["ttp_3of5"]["coin_indices"]["aggregated"]
        .as_array()
        .unwrap();
    let entries =
        listed
            .iter()
            .enumerate()
            .map(|(index, signature)| ecash_scheme::CoinIndexSignature {
                signature: ecash_scheme::Signature::from_bytes(&bytes(signature)).unwrap(),
                index: index as u64,
            });
    let signatures = CoinIndexSignatures::from_vec(entries.collect()).unwrap();
    AggregatedCoinIndexSignatures {
        epoch_id: EpochId(7),
        signatures,
    }
}
