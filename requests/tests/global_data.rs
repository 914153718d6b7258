//! Keys and public signatures as they travel, and delivered tickets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_requests::quorum::*;
use serde_json::{Value, json};
use support::vectors;

const SECS_PER_DAY: u64 = 86_400;

type Change = fn(&mut Vec<Value>);

/// The answer with the aggregated date signatures of the vector file.
fn dates(vectors: &Value) -> Value {
    let set = &vectors["keysets"]["ttp_3of5"]["expiration"];
    let expiration = set["expiration_date"].as_u64().unwrap();
    let entries = set["aggregated"].as_array().unwrap().iter().zip(0..);
    let entries: Vec<_> = entries
        .map(|(value, day)| {
            let (h, s) = value.as_str().unwrap().split_at(96);
            json!({
                "signature": {"h": h, "s": s},
                "expiration_timestamp": expiration,
                "spending_timestamp": expiration - (6 - day) * SECS_PER_DAY,
            })
        })
        .collect();
    json!({"epoch_id": 7, "expiration_date": "2025-12-07", "signatures": entries})
}

fn coins(vectors: &Value) -> Value {
    let set = &vectors["keysets"]["ttp_3of5"]["coin_indices"];
    let entries = set["aggregated"].as_array().unwrap().iter().enumerate();
    let entries: Vec<_> = entries
        .map(|(index, value)| {
            let (h, s) = value.as_str().unwrap().split_at(96);
            json!({"signature": {"h": h, "s": s}, "index": index})
        })
        .collect();
    json!({"epoch_id": 7, "signatures": entries})
}

#[test]
fn date_signatures_have_the_json_of_the_published_interface() {
    let vectors = vectors();
    let json = dates(&vectors);
    let listed = &vectors["keysets"]["ttp_3of5"]["expiration"]["annotated_0_json"];
    assert_eq!(&json["signatures"][0], listed);
    let answer: ExpirationDateSignaturesResponse = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json);
}

#[test]
fn coin_index_signatures_have_the_json_of_the_published_interface() {
    let vectors = vectors();
    let json = coins(&vectors);
    let listed = &vectors["keysets"]["ttp_3of5"]["coin_indices"]["annotated_49_json"];
    assert_eq!(&json["signatures"][49], listed);
    let answer: CoinIndexSignaturesResponse = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json);
}

#[test]
fn the_master_key_has_the_json_of_the_published_interface() {
    let vectors = vectors();
    let key = &vectors["keysets"]["ttp_3of5"]["verification_key_1_json"];
    let json = json!({"key": key});
    let answer: MasterVerificationKeyResponse = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json);
}

#[test]
fn sets_that_are_short_long_or_out_of_order_do_not_decode() {
    let vectors = vectors();
    let changes: [(&str, Change); 5] = [
        ("empty", Vec::clear),
        ("one less", |list| drop(list.pop())),
        ("one more", |list| list.push(list[0].clone())),
        ("exchanged", |list| list.swap(0, 1)),
        ("repeated", |list| list[1] = list[0].clone()),
    ];
    for (how, change) in changes {
        let mut json = dates(&vectors);
        change(json["signatures"].as_array_mut().unwrap());
        assert!(
            serde_json::from_value::<ExpirationDateSignaturesResponse>(json).is_err(),
            "dates: {how}"
        );
        let mut json = coins(&vectors);
        change(json["signatures"].as_array_mut().unwrap());
        assert!(
            serde_json::from_value::<CoinIndexSignaturesResponse>(json).is_err(),
            "coins: {how}"
        );
    }
}

#[test]
fn a_set_of_other_dates_or_indices_does_not_decode() {
    let vectors = vectors();
    for (field, value) in [
        ("expiration_timestamp", json!(1_765_065_601)),
        ("expiration_timestamp", json!(u64::from(u32::MAX) + 1)),
        ("spending_timestamp", json!(1_764_547_201)),
        ("spending_timestamp", json!(-1)),
    ] {
        let mut json = dates(&vectors);
        json["signatures"][0][field] = value.clone();
        assert!(
            serde_json::from_value::<ExpirationDateSignaturesResponse>(json).is_err(),
            "{field} = {value}"
        );
    }
    let mut json = coins(&vectors);
    json["signatures"][49]["index"] = json!(50);
    assert!(serde_json::from_value::<CoinIndexSignaturesResponse>(json).is_err());
}

#[test]
fn a_key_with_too_few_elements_or_unequal_lists_does_not_decode() {
    let vectors = vectors();
    let good = &vectors["keysets"]["ttp_3of5"]["verification_key_1_json"];
    for length in [0, 1, 3] {
        let mut key = good.clone();
        for list in ["beta_g1", "beta_g2"] {
            key[list].as_array_mut().unwrap().truncate(length);
        }
        assert!(
            serde_json::from_value::<MasterVerificationKeyResponse>(json!({"key": key})).is_err(),
            "{length}"
        );
    }
    let mut key = good.clone();
    key["beta_g1"].as_array_mut().unwrap().pop();
    assert!(serde_json::from_value::<MasterVerificationKeyResponse>(json!({"key": key})).is_err());
}

#[test]
fn a_delivered_ticket_carries_its_spending_data_and_the_gateways_account() {
    let vectors = vectors();
    let credential = &vectors["credential_spending_data"]["item_0_json"];
    let json = json!({"credential": credential, "gateway_cosmos_addr": "n1gateway"});
    let body: VerifyEcashTicketBody = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&body).unwrap(), json);
    for account in [
        json!(""),
        json!("n1 gateway"),
        json!(1),
        json!("n".repeat(2000)),
    ] {
        let json = json!({"credential": credential, "gateway_cosmos_addr": account});
        assert!(
            serde_json::from_value::<VerifyEcashTicketBody>(json).is_err(),
            "{account:.20}"
        );
    }
}

#[test]
fn network_details_ignore_what_later_versions_add() {
    let denom = json!({"base": "unym", "display": "nym", "display_exponent": 6});
    let json = json!({
        "connected_nyxd": "http://127.0.0.1:26657",
        "network": {
            "network_name": "local",
            "chain_details": {"bech32_account_prefix": "n", "mix_denom": denom, "stake_denom": denom},
            "endpoints": [{"nyxd_url": "http://127.0.0.1:26657", "websocket_url": null, "api_url": null}],
            "contracts": {"ecash_contract_address": "n1ecash", "directory_contract_address": "n1directory", "later_contract_address": "n1later"},
            "nym_vpn_api_url": null,
            "nym_api_urls": [{"url": "http://127.0.0.1:8000", "front_hosts": null}],
            "nym_vpn_api_urls": null,
        },
    });
    let details: NetworkDetailsResponse = serde_json::from_value(json).unwrap();
    assert_eq!(
        details.network.contracts.ecash_contract_address.as_deref(),
        Some("n1ecash")
    );
    assert_eq!(details.network.contracts.group_contract_address, None);
    let written = serde_json::to_value(details).unwrap();
    let contracts = written["network"]["contracts"].as_object().unwrap();
    assert_eq!(contracts["directory_contract_address"], "n1directory");
    assert!(!contracts.contains_key("later_contract_address"));
    assert_eq!(contracts.len(), 11);
}
