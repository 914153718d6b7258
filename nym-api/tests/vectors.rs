//! The published negative vectors through the member's routes (`ecash-scheme.md` appendix C). Bytes of a vector become
//! the JSON that the route takes, whether they decode or not: what cannot be written as JSON at all is counted and said.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{EPOCH, OWN, OtherSigners, THRESHOLD, World, network, post};
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::IdentitySecret;
use ecash_scheme::{SecretKey, VerificationKey, WithdrawalRequest};
use ecash_service::clock::UnixTime as ServiceTime;
use nym_api::store::gateways::GatewayState;
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../ecash-lib/scheme/tests/vectors/ecash-v2.json");
/// The time inside every pay info of the vectors: 2025-12-05, 02:00 UTC.
const STAMPED: u64 = 1_764_900_000;

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Reads `bin`: byte strings and lists with one-byte lengths, as honest objects have them.
struct Bin<'a>(&'a [u8]);

impl Bin<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn length(&mut self) -> Option<usize> {
        let length = usize::from(self.take(1)?[0]);
        (length < 0xfb).then_some(length)
    }

    fn blob(&mut self) -> Option<Value> {
        let length = self.length()?;
        Some(Value::from(hex::encode(self.take(length)?)))
    }

    fn list(&mut self, item: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        let count = self.length()?;
        (0..count)
            .map(|_| item(self))
            .collect::<Option<Vec<_>>>()
            .map(Value::from)
    }

    fn pair(&mut self) -> Option<Value> {
        Some(json!({"h": self.blob()?, "s": self.blob()?}))
    }

    fn end(&self, value: Value) -> Option<Value> {
        self.0.is_empty().then_some(value)
    }
}

fn payment_json(bytes: &[u8]) -> Option<Value> {
    let mut bin = Bin(bytes);
    let value = json!({
        "kappa": bin.blob()?, "kappa_e": bin.blob()?, "sig": bin.pair()?, "sig_exp": bin.pair()?,
        "kappa_k": bin.list(Bin::blob)?, "omega": bin.list(Bin::pair)?, "ss": bin.list(Bin::blob)?,
        "tt": bin.list(Bin::blob)?, "aa": bin.list(Bin::blob)?, "spend_value": bin.length()?, "cc": bin.blob()?,
        "t_type": bin.take(1)?[0],
        "zk_proof": {
            "challenge": bin.blob()?, "response_r": bin.blob()?, "response_r_e": bin.blob()?,
            "responses_r_k": bin.list(Bin::blob)?, "responses_l": bin.list(Bin::blob)?,
            "responses_o_a": bin.list(Bin::blob)?, "response_o_c": bin.blob()?, "responses_mu": bin.list(Bin::blob)?,
            "responses_o_mu": bin.list(Bin::blob)?, "responses_attributes": bin.list(Bin::blob)?,
        },
    });
    bin.end(value)
}

fn withdrawal_json(bytes: &[u8]) -> Option<Value> {
    let mut bin = Bin(bytes);
    let value = json!({
        "joined_commitment_hash": bin.blob()?, "joined_commitment": bin.blob()?,
        "private_attributes_commitments": bin.list(Bin::blob)?,
        "zk_proof": {
            "challenge": bin.blob()?, "response_opening": bin.blob()?, "response_openings": bin.list(Bin::blob)?,
            "response_attributes": bin.list(Bin::blob)?,
        },
    });
    bin.end(value)
}

/// A member whose Quorum has the keys of a key set of the vectors; `own_key`: it signs with its own share of them.
async fn world_of(keyset: &str, own_key: bool) -> World {
    let vectors = vectors();
    let set = &vectors["keysets"][keyset];
    let keys: BTreeMap<u64, SecretKey> = (1..)
        .zip(set["secret_keys"].as_array().unwrap())
        .map(|(index, key)| (index, SecretKey::from_bytes(&bytes(key)).unwrap()))
        .collect();
    let mut world = World::new().await;
    world.clock.set(ServiceTime::from_secs(STAMPED));
    world.master =
        VerificationKey::from_bytes(&bytes(&set["aggregated_verification_key"])).unwrap();
    world.peers = Arc::new(OtherSigners {
        keys,
        master: world.master.clone(),
        silent: std::sync::Mutex::default(),
        lying: std::sync::Mutex::default(),
        asked: std::sync::Mutex::default(),
    });
    let mut epoch = world.concluded();
    epoch.threshold = 3;
    world.look_with(epoch, EpochState::InProgress);
    world.router = world.build(own_key);
    world
}

#[tokio::test]
async fn no_negative_withdrawal_vector_is_signed_and_the_honest_one_is() {
    let world = world_of("dkg_shape_3of5", true).await;
    let vectors = vectors();
    let deposit_key = IdentitySecret::from_bytes(&[5; 32]);
    let body = |deposit: u32, case: &Value| {
        let raw = bytes(&case["withdrawal_request"]);
        let message = [raw.as_slice(), &deposit.to_be_bytes()].concat();
        let date =
            time::OffsetDateTime::from_unix_timestamp(case["expiration_date"].as_i64().unwrap())
                .unwrap()
                .date();
        let types = [
            "v1-mixnet-entry",
            "v1-mixnet-exit",
            "v1-wireguard-entry",
            "v1-wireguard-exit",
        ];
        Some(json!({
            "inner_sign_request": withdrawal_json(&raw)?,
            "deposit_id": deposit,
            "signature": deposit_key.sign(&message).as_bytes().to_vec(),
            "ecash_pubkey": {"pk": case["user_pk"]},
            "expiration_date": date.to_string(),
            "ticketbook_type": types[usize::try_from(case["ticket_type"].as_u64().unwrap()).unwrap()],
        }))
    };
    let cases = vectors["negative_withdrawals"]["cases"].as_array().unwrap();
    let mut unwritable = 0;
    for (deposit, case) in (1..).zip(cases) {
        let label = case["label"].as_str().unwrap();
        world.deposit(deposit, &deposit_key);
        let Some(body) = body(deposit, case) else {
            unwritable += 1;
            continue;
        };
        let answer = world.call(post("/v1/ecash/blind-sign", &body)).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{label}: {}",
            answer.text()
        );
    }
    println!(
        "{unwritable} of {} cases have no JSON form (truncated or with bytes to spare)",
        cases.len()
    );
    assert!(unwritable <= 2);
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));

    world.deposit(99, &deposit_key);
    let honest = &vectors["withdrawals"][0];
    let share = world
        .call(post("/v1/ecash/blind-sign", &body(99, honest).unwrap()))
        .await
        .share();
    let request = WithdrawalRequest::from_bytes(&bytes(&honest["withdrawal_request"])).unwrap();
    assert_eq!(share.to_bytes()[..48], request.base().to_bytes());
    let published = bytes(&honest["blinded_signatures"][usize::try_from(OWN.get()).unwrap() - 1]);
    assert_eq!(
        share.to_bytes().to_vec(),
        published,
        "the same share as the published crate gives"
    );
    let _ = (EPOCH, THRESHOLD, network());
}

#[tokio::test]
async fn no_negative_payment_vector_of_one_ticket_is_accepted() {
    let world = world_of("ttp_3of5", false).await;
    let vectors = vectors();
    let honest = &vectors["payments"][0];
    let provider = bytes(&honest["pay_info"])[40..].to_vec();
    let mut gateway = common::gateway(GatewayState::Admitted);
    gateway.identity_key = provider.try_into().unwrap();
    world
        .chain
        .gateways
        .lock()
        .unwrap()
        .insert(common::GATEWAY.to_owned(), gateway);

    let cases = vectors["negative_payments"]["cases"].as_array().unwrap();
    let (mut sent, mut unwritable) = (0, 0);
    for case in cases.iter().filter(|case| case["expected"] == "reject") {
        let Some(payment) = payment_json(&bytes(&case["payment"])) else {
            unwritable += 1;
            continue;
        };
        let date = time::OffsetDateTime::from_unix_timestamp(case["spend_date"].as_i64().unwrap())
            .unwrap()
            .date();
        // The vectors' spend dates are not those of their pay info; so each is sent as it is, and with the date on
        // which the route would look at its proof.
        for date in [date, time::macros::date!(2025 - 12 - 05)] {
            let body = json!({
                "credential": {
                    "payment": payment,
                    "pay_info": bytes(&case["pay_info"]),
                    "spend_date": date.to_string(),
                    "epoch_id": EPOCH,
                },
                "gateway_cosmos_addr": common::GATEWAY,
            });
            let answer = world
                .call(post("/v1/ecash/verify-ecash-ticket", &body))
                .await;
            let refused = match answer.status.as_u16() {
                200 => answer.text().contains("\"Err\""),
                other => matches!(other, 400 | 422),
            };
            assert!(refused, "{}: {}", case["label"], answer.text());
            sent += 1;
        }
    }
    println!(
        "{sent} sent, {unwritable} of {} cases have no JSON form",
        cases.len()
    );
    assert!(sent >= 120 && unwritable <= 8, "{sent} {unwritable}");
    assert_eq!(world.store.ticket_counts().await.unwrap(), (0, 0, 0));
}
