//! What strangers send: each gets a clear answer, changes nothing, and the server goes on.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use axum::body::Body;
use axum::http::{Request, header};
use common::{Book, Holder, NOON, World, gateway_key, post};
use ecash_requests::ShortText;
use ecash_requests::quorum::VerifyEcashTicketBody;
use nym_api::store::Store;
use serde_json::Value;

const BLIND_SIGN: &str = "/v1/ecash/blind-sign";
const VERIFY: &str = "/v1/ecash/verify-ecash-ticket";

fn raw(path: &str, content_type: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path);
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn malformed_json_wrong_shapes_and_other_content_types_are_told_apart() {
    let world = World::new().await;
    let json = Some("application/json");
    for path in [BLIND_SIGN, VERIFY] {
        for text in ["", "{", "not json", "{\"deposit_id\":1", "\u{0}"] {
            world.call(raw(path, json, text)).await.is(400, "");
        }
        for text in ["{}", "[]", "null", "1", "\"x\"", "{\"deposit_id\":-1}"] {
            world.call(raw(path, json, text)).await.is(422, "");
        }
        for content_type in [None, Some("text/plain"), Some("application/octet-stream")] {
            world
                .call(raw(path, content_type, "{}"))
                .await
                .is(415, "Content-Type");
        }
        let deep = "[".repeat(10_000);
        let refused = world.call(raw(path, json, deep)).await;
        assert!(
            matches!(refused.status.as_u16(), 400 | 422),
            "{}",
            refused.text()
        );
        world
            .call(raw(path, json, vec![b' '; 16 * 1024 + 1]))
            .await
            .is(413, "");
    }
    let holder = Holder::paid(&world, 1);
    world.blind_sign(&holder.body()).await.share();
}

/// Every value of a JSON document that can be changed, as a pointer to it.
fn leaves(value: &Value, pointer: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                leaves(field, &format!("{pointer}/{name}"), out);
            }
        }
        Value::Array(items) if items.len() > 10 => {
            out.push(format!("{pointer}/{}", items.len() / 2))
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{position}"), out);
            }
        }
        _ => out.push(pointer.to_owned()),
    }
}

/// Lists of a JSON document, as pointers to them.
fn lists(value: &Value, pointer: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                lists(field, &format!("{pointer}/{name}"), out);
            }
        }
        Value::Array(items) => {
            out.push(pointer.to_owned());
            for (position, item) in items.iter().enumerate() {
                lists(item, &format!("{pointer}/{position}"), out);
            }
        }
        _ => {}
    }
}

/// The value changed as little as its kind allows.
fn nudged(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            vec![
                Value::from(number ^ 1),
                Value::from(-1),
                Value::from("1"),
                Value::Null,
            ]
        }
        Value::String(text)
            if text.len() >= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            let flip = |position: usize| {
                let mut bytes = hex::decode(text).unwrap();
                bytes[position] ^= 1;
                Value::from(hex::encode(bytes))
            };
            let bytes = text.len() / 2;
            let infinity = {
                let mut bytes = vec![0; bytes];
                bytes[0] = 0xc0;
                Value::from(hex::encode(bytes))
            };
            vec![
                flip(0),
                flip(bytes - 1),
                infinity,
                Value::from("ff".repeat(bytes)),
                Value::from(text.to_uppercase()),
                Value::from(&text[2..]),
                Value::from(format!("{text}00")),
                Value::Null,
                Value::from(1),
            ]
        }
        _ => vec![Value::Null, Value::from(1), Value::from("x")],
    }
}

fn mutants(honest: &Value) -> Vec<(String, Value)> {
    let mut pointers = Vec::new();
    leaves(honest, "", &mut pointers);
    let mut out = Vec::new();
    for pointer in pointers {
        for value in nudged(honest.pointer(&pointer).unwrap()) {
            let mut mutant = honest.clone();
            if mutant.pointer(&pointer) != Some(&value) {
                *mutant.pointer_mut(&pointer).unwrap() = value;
                out.push((pointer.clone(), mutant));
            }
        }
    }
    let mut pointers = Vec::new();
    lists(honest, "", &mut pointers);
    for pointer in pointers {
        for change in [
            |list: &mut Vec<Value>| list.clear(),
            |list: &mut Vec<Value>| list.push(list[0].clone()),
            |list: &mut Vec<Value>| {
                list.pop();
            },
        ] {
            let mut mutant = honest.clone();
            change(
                mutant
                    .pointer_mut(&pointer)
                    .unwrap()
                    .as_array_mut()
                    .unwrap(),
            );
            out.push((pointer.clone(), mutant));
        }
    }
    out
}

#[tokio::test]
async fn no_field_of_a_withdrawal_request_can_be_changed() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let honest = serde_json::to_value(holder.body()).unwrap();
    for (pointer, mutant) in mutants(&honest) {
        let answer = world.call(post(BLIND_SIGN, &mutant)).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{pointer}: {mutant}: {}",
            answer.text()
        );
    }
    assert_eq!(world.store.issuance_counts().await.unwrap(), (0, 0));
    world.call(post(BLIND_SIGN, &honest)).await.share();
}

#[tokio::test]
async fn no_field_of_a_ticket_can_be_changed() {
    let world = World::new().await;
    let ticket = Book::new(&world, Holder::paid(&world, 1)).spend(&gateway_key(), NOON);
    let body = VerifyEcashTicketBody {
        credential: ticket,
        gateway_cosmos_addr: ShortText::new(common::GATEWAY).unwrap(),
    };
    let honest = serde_json::to_value(&body).unwrap();
    for (pointer, mutant) in mutants(&honest) {
        let answer = world.call(post(VERIFY, &mutant)).await;
        match answer.status.as_u16() {
            200 => assert!(answer.text().contains("Err"), "{pointer}: {mutant}"),
            400 | 422 => {}
            other => panic!("{pointer}: {other} {}", answer.text()),
        }
    }
    assert_eq!(world.store.ticket_counts().await.unwrap(), (0, 0, 0));
    assert_eq!(
        world.call(post(VERIFY, &honest)).await.text(),
        r#"{"verified":{"Ok":null}}"#
    );
}

#[tokio::test]
async fn a_truncated_database_and_one_below_a_regular_file_are_named_and_left_alone() {
    let mut world = World::new().await;
    let holder = Holder::paid(&world, 1);
    world.blind_sign(&holder.body()).await.share();
    world.store.close().await;
    let path = world.database();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 3]).unwrap();
    let error = Store::open(&path).await.unwrap_err().to_string();
    assert!(
        error.contains("db.sqlite") && error.contains("restore"),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap().len(), whole.len() / 3);
    let error = Store::open(&path.join("below.sqlite"))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("below.sqlite"), "{error}");
    std::fs::write(&path, &whole).unwrap();
    world.restart().await;
    world
        .blind_sign(&holder.body())
        .await
        .is(400, "bound to another request");
}

#[tokio::test]
async fn a_database_that_fails_is_answered_503_and_nothing_is_lost_or_signed_twice() {
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let ticket = Book::new(&world, Holder::paid(&world, 2)).spend(&gateway_key(), NOON);
    let ticket = VerifyEcashTicketBody {
        credential: ticket,
        gateway_cosmos_addr: ShortText::new(common::GATEWAY).unwrap(),
    };
    let body = holder.body();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", world.database().display()))
        .await
        .unwrap();
    for statement in [
        "ALTER TABLE issued_ticketbook RENAME TO lost_1",
        "ALTER TABLE payment RENAME TO lost_2",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    for _ in 0..2 {
        let answer = world.blind_sign(&body).await;
        answer.is(503, "storage is unavailable");
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
        assert!(
            !answer.text().contains("issued_ticketbook"),
            "causes stay inside"
        );
        world
            .call(post(VERIFY, &ticket))
            .await
            .is(503, "storage is unavailable");
    }
    assert_eq!(
        world.store.issuance_counts().await.unwrap(),
        (0, 0),
        "all of a record or nothing"
    );
    assert_eq!(world.store.ticket_counts().await.unwrap(), (0, 0, 0));
    for statement in [
        "ALTER TABLE lost_1 RENAME TO issued_ticketbook",
        "ALTER TABLE lost_2 RENAME TO payment",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    world.blind_sign(&body).await.share();
    assert_eq!(
        world.call(post(VERIFY, &ticket)).await.text(),
        r#"{"verified":{"Ok":null}}"#
    );
    pool.close().await;
}
