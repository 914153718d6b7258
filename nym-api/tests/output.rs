//! Every route of the published interface answers as JSON, YAML and bincode, and in no other form.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use axum::http::header;
use common::{
    Answer, Book, EPOCH, GATEWAY, Holder, NOON, World, expiration, gateway_key, network, post,
};
use ecash_requests::ShortText;
use ecash_requests::quorum::*;
use ecash_ticketbook::{NodeIndex, UnixTime};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A route of the interface: how it is asked.
type Ask = Box<dyn Fn(&str) -> axum::http::Request<axum::body::Body>>;

fn get(path: &'static str) -> Ask {
    Box::new(move |output| {
        axum::http::Request::get(format!("{path}{output}"))
            .body(axum::body::Body::empty())
            .unwrap()
    })
}

fn post_of(path: &'static str, body: impl Serialize + 'static) -> Ask {
    Box::new(move |output| post(&format!("{path}{output}"), &body))
}

#[track_caller]
fn kind(answer: &Answer, expected: &str) {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.headers[header::CONTENT_TYPE], expected);
}

/// Asks for all three forms; JSON and YAML must say the same, and the binary form must begin as said.
async fn three_forms<T>(world: &World, ask: Ask, binary_start: impl Fn(&Value) -> Vec<u8>)
where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    for plain in ["", "?output=json", "?output=json&unknown=1"] {
        kind(&world.call(ask(plain)).await, "application/json");
    }
    let json = world.call(ask("")).await;
    let value: T = json.json();
    let yaml = world.call(ask("?output=yaml")).await;
    kind(&yaml, "application/yaml");
    let same: T = yaml_serde::from_str(&yaml.text()).unwrap();
    assert_eq!(same, value, "{}", yaml.text());
    let binary = world.call(ask("?output=bincode")).await;
    kind(&binary, "application/bincode");
    let expected = binary_start(&json.json());
    assert!(
        binary.body.starts_with(&expected),
        "{:?} … {expected:?}",
        binary.body
    );
    for unknown in ["xml", "JSON", "", "bincode2", "yaml,json"] {
        let refused = world.call(ask(&format!("?output={unknown}"))).await;
        refused.is(400, &format!("output={unknown} is unknown"));
        assert!(!refused.headers.contains_key(header::RETRY_AFTER));
    }
    let twice = world.call(ask("?output=json&output=yaml")).await;
    twice.is(400, "query string");
}

/// A text of bincode: its length, below 251, and itself.
fn text(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    [&[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
}

/// A point or scalar: its length and its bytes.
fn point(value: &Value) -> Vec<u8> {
    let bytes = hex::decode(value.as_str().unwrap()).unwrap();
    [&[u8::try_from(bytes.len()).unwrap()][..], &bytes].concat()
}

fn signature(value: &Value) -> Vec<u8> {
    [point(&value["h"]), point(&value["s"])].concat()
}

fn epoch() -> u8 {
    u8::try_from(EPOCH.get()).unwrap()
}

#[tokio::test]
async fn a_share_is_answered_in_every_form_and_its_binary_form_is_the_published_one() {
    let world = World::new().await;
    let body = Holder::paid(&world, 1).body();
    let ask = post_of(routes::BLIND_SIGN, body);
    three_forms::<BlindSignResponse>(&world, ask, |json| {
        let share = &json["blinded_signature"];
        [point(&share["h"]), point(&share["c"])].concat()
    })
    .await;
    let body = Holder::paid(&world, 2).body();
    let answer = world
        .call(post(
            &format!("{}?output=bincode", routes::BLIND_SIGN),
            &body,
        ))
        .await;
    assert_eq!(
        answer.body.len(),
        98,
        "the share alone, without attestation"
    );
}

#[tokio::test]
async fn an_envelope_is_answered_as_json_or_yaml_and_nothing_is_signed_for_bincode() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let mut body = holder.body();
    let hash = body.request_hash(&network());
    body.envelope = Some(Envelope::sign(
        &network(),
        &hash,
        UnixTime(NOON),
        NodeIndex(common::OWN.get()),
        None,
        &holder.deposit_key,
    ));
    let path = |output| format!("{}?output={output}", routes::BLIND_SIGN);
    let refused = world.call(post(&path("bincode"), &body)).await;
    refused.is(400, "not in bincode");
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
    world
        .call(post(&path("yaml"), &body))
        .await
        .is(200, "attestation");
}

#[tokio::test]
async fn global_data_are_answered_in_every_form() {
    let world = World::new().await;
    let entry = |json: &Value| {
        let first = &json["signatures"][0];
        let mut bytes = signature(&first["signature"]);
        // The marker of a 4-byte integer, which every date since 1970 needs.
        bytes.push(252);
        bytes.extend_from_slice(&expiration().unix().to_le_bytes());
        bytes
    };
    for route in [
        routes::PARTIAL_EXPIRATION_DATE_SIGNATURES,
        routes::AGGREGATED_EXPIRATION_DATE_SIGNATURES,
    ] {
        three_forms::<ExpirationDateSignaturesResponse>(&world, get(route), |json| {
            let date = text(&json["expiration_date"]);
            [&[epoch()][..], &date, &[7], &entry(json)].concat()
        })
        .await;
    }
    for route in [
        routes::PARTIAL_COIN_INDICES_SIGNATURES,
        routes::AGGREGATED_COIN_INDICES_SIGNATURES,
    ] {
        three_forms::<CoinIndexSignaturesResponse>(&world, get(route), |json| {
            let first = signature(&json["signatures"][0]["signature"]);
            let second = signature(&json["signatures"][1]["signature"]);
            [&[epoch(), 50][..], &first, &[0], &second, &[1]].concat()
        })
        .await;
    }
    let ask = get(routes::MASTER_VERIFICATION_KEY);
    three_forms::<MasterVerificationKeyResponse>(&world, ask, |json| {
        let key = &json["key"];
        let mut bytes = point(&key["alpha"]);
        for list in ["beta_g1", "beta_g2"] {
            let points = key[list].as_array().unwrap();
            bytes.push(u8::try_from(points.len()).unwrap());
            bytes.extend(points.iter().flat_map(point));
        }
        bytes
    })
    .await;
}

#[tokio::test]
async fn verdicts_on_tickets_are_answered_in_every_form() {
    let world = World::new().await;
    let mut book = Book::new(&world, Holder::paid(&world, 1));
    let mut ask = |stamped| {
        let body = VerifyEcashTicketBody {
            credential: book.spend(&gateway_key(), stamped),
            gateway_cosmos_addr: ShortText::new(GATEWAY).unwrap(),
        };
        post_of(routes::VERIFY_ECASH_TICKET, body)
    };
    let accepted = ask(NOON);
    let ahead = ask(NOON + 86_400);
    three_forms::<VerifyEcashTicketResponse>(&world, accepted, |_| vec![0]).await;

    // A verdict with content: one enum directly inside another, which YAML's tags cannot say.
    let json = world.call(ahead("")).await.json::<Value>();
    let yaml = world.call(ahead("?output=yaml")).await;
    kind(&yaml, "application/yaml");
    assert_eq!(yaml_serde::from_str::<Value>(&yaml.text()).unwrap(), json);
    let dates = &json["verified"]["Err"]["InvalidSpentDate"];
    let mut bytes = vec![1, 0];
    for date in ["today", "yesterday", "received"] {
        bytes.extend(text(&dates[date]));
    }
    let binary = world.call(ahead("?output=bincode")).await;
    assert_eq!(binary.body, bytes);
}

#[tokio::test]
async fn what_a_node_says_of_itself_and_the_chain_is_answered_in_every_form() {
    let world = World::new().await;
    let ask = get(routes::SIGNER_STATUS);
    three_forms::<SignerStatusResponse>(&world, ask, |json| {
        let time = text(&json["body"]["currentTime"]);
        [&time[..], &[epoch(), 0, 1, 1], &text(&json["signature"])].concat()
    })
    .await;
    three_forms::<HealthResponse>(&world, get(routes::HEALTH), |_| vec![0, 0, 0]).await;
    three_forms::<BuildInformation>(&world, get(routes::BUILD_INFORMATION), |json| {
        [text(&json["binary_name"]), text(&json["build_timestamp"])].concat()
    })
    .await;
    three_forms::<SignerInformation>(&world, get(routes::SIGNER_INFORMATION), |json| {
        let fields = ["cosmos_address", "identity", "announce_address"];
        let mut bytes: Vec<u8> = fields.iter().flat_map(|field| text(&json[field])).collect();
        bytes.push(1);
        bytes
    })
    .await;
    three_forms::<NetworkDetailsResponse>(&world, get(routes::NETWORK_DETAILS), |json| {
        let mut bytes = text(&json["connected_nyxd"]);
        bytes.extend(text(&json["network"]["network_name"]));
        bytes
    })
    .await;
    three_forms::<ChainStatusResponse>(&world, get(routes::CHAIN_STATUS), |json| {
        let abci = &json["status"]["abci"];
        let mut bytes = text(&json["connected_nyxd"]);
        bytes.extend([text(&abci["data"]), text(&abci["version"])].concat());
        // App version 0, then height 300.
        bytes.extend([0, 251, 44, 1]);
        bytes
    })
    .await;
    three_forms::<ChainBlocksStatusResponse>(&world, get(routes::CHAIN_BLOCKS_STATUS), |json| {
        let mut bytes = text(&json["body"]["currentTime"]);
        bytes.push(1);
        bytes
    })
    .await;
}

#[tokio::test]
async fn what_was_found_of_the_signers_is_answered_in_every_form_once_it_is_known() {
    let world = World::new().await;
    for route in [routes::SIGNERS_STATUS, routes::SIGNERS_STATUS_DETAILED] {
        let early = world.get(route).await;
        early.is(503, "not been probed");
        assert!(early.headers.contains_key(header::RETRY_AFTER));
    }
    let information = DealerInformation {
        announce_address: "http://signer1".to_owned(),
        owner_address: "n1signer1".to_owned(),
        node_index: NodeIndex(1),
        public_key: world.identity.public().to_string(),
        verification_key_share: None,
        share_verified: true,
    };
    let chain = world.get(routes::CHAIN_BLOCKS_STATUS).await.json();
    let signing = world.get(routes::SIGNER_STATUS).await.json();
    let result = ProbeResult {
        reported_version: "2.0.0".to_owned(),
        signing_status: SigningAnswer::Reachable { response: signing },
        local_chain_status: ChainAnswer::Reachable { response: chain },
    };
    let probe = |status| SignerProbe {
        dkg_epoch_id: EPOCH,
        information: information.clone(),
        status,
    };
    let probes = vec![
        probe(ProbeStatus::Tested { result }),
        probe(ProbeStatus::Unreachable),
    ];
    let as_at = time::OffsetDateTime::from_unix_timestamp(NOON.cast_signed()).unwrap();
    let survey = nym_api::signers::Survey::of(EPOCH, Some(1), probes, as_at);
    world.survey.set(survey, &world.identity).unwrap();

    let start = |json: &Value| {
        let mut bytes = text(&json["body"]["asAt"]);
        // Epoch, threshold and whether it is reached, each present; two signers, one of them unreachable.
        bytes.extend([1, epoch(), 1, 1, 1, 1, 2, 1, 0]);
        bytes
    };
    three_forms::<SignersStatusResponse>(&world, get(routes::SIGNERS_STATUS), start).await;
    three_forms::<DetailedSignersStatusResponse>(
        &world,
        get(routes::SIGNERS_STATUS_DETAILED),
        start,
    )
    .await;
    let told: DetailedSignersStatusResponse =
        world.get(routes::SIGNERS_STATUS_DETAILED).await.json();
    let body = told.verify("survey", &world.identity.public()).unwrap();
    assert_eq!(body.overview.working_credential_issuance, 1);
}

#[tokio::test]
async fn errors_are_plain_text_whatever_the_form_and_routes_that_we_add_know_no_form() {
    let world = World::new().await;
    for output in ["json", "yaml", "bincode"] {
        let path = format!(
            "{}?epoch_id=9&output={output}",
            routes::MASTER_VERIFICATION_KEY
        );
        world.get(&path).await.is(400, "epoch 9 is not in service");
        let path = format!("{}?output={output}", routes::BATCH_REDEEM_ECASH_TICKETS);
        world.call(post(&path, &Value::Null)).await.is(410, "");
    }
    let holder = Holder::paid(&world, 1);
    let action = OwnerAction::Status;
    let body = DepositOwnerRequest::sign(
        action,
        &network(),
        holder.deposit,
        UnixTime(NOON),
        &holder.deposit_key,
    );
    for output in ["yaml", "xml"] {
        let path = format!("{}?output={output}", action.path(holder.deposit));
        kind(&world.call(post(&path, &body)).await, "application/json");
    }
}

#[tokio::test]
async fn the_newest_block_is_asked_for_once_in_30_seconds_and_its_age_is_told() {
    let world = World::new().await;
    let status = async || -> ChainBlocksStatusBody {
        let answer: ChainBlocksStatusResponse = world.get(routes::CHAIN_BLOCKS_STATUS).await.json();
        let key = world.identity.public();
        answer.verify("chain status", &key).unwrap().clone()
    };
    *world.chain.unreachable.lock().unwrap() = true;
    let unknown = status().await;
    assert_eq!(unknown.chain_status, ChainStatus::Unknown);
    assert_eq!(unknown.latest_cached_block, None);
    world
        .get(routes::CHAIN_STATUS)
        .await
        .is(503, "chain cannot be reached");
    assert_eq!(*world.chain.questions.lock().unwrap(), 1);

    *world.chain.unreachable.lock().unwrap() = false;
    world.wait(30);
    let seconds = NOON.cast_signed() + 30 - 300;
    *world.chain.head_time.lock().unwrap() = Some(seconds);
    let synced = status().await;
    assert_eq!(synced.chain_status, ChainStatus::Synced);
    assert_eq!(synced.latest_cached_block, Some(common::head_at(seconds)));
    *world.chain.head_time.lock().unwrap() = None;
    world.wait(1);
    let stalled = ChainStatus::Stalled {
        approximate_amount: "5m 1s".to_owned(),
    };
    assert_eq!(status().await.chain_status, stalled);
    assert_eq!(*world.chain.questions.lock().unwrap(), 2);
    world.wait(29);
    assert_eq!(status().await.chain_status, ChainStatus::Synced);

    // A chain that cannot be reached any more: the last block is told, and grows old.
    *world.chain.unreachable.lock().unwrap() = true;
    world.wait(301);
    assert!(matches!(
        status().await.chain_status,
        ChainStatus::Stalled { .. }
    ));
}
