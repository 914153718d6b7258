//! The proxy that loses, delays and garbles does what its switches say.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use nyx_embedded::testing::{Fault, FaultyProxy};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rpc::Served;
use crate::world::send;

/// What a caller of the proxy gets: everything until the connection closes.
async fn post(proxy: &FaultyProxy, method: &str, params: serde_json::Value) -> String {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let url = proxy.url();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn behind_a_proxy() -> (Served, FaultyProxy, serde_json::Value) {
    let served = Served::on_demand().await;
    let proxy = FaultyProxy::start(served.url()).await.unwrap();
    let world = &served.world;
    let tx = world
        .plan(
            &world.alice,
            vec![send(&world.alice, &world.carol.address, 1)],
        )
        .sign(&world.alice);
    (served, proxy, json!({"tx": BASE64.encode(tx)}))
}

const SEND: &str = "broadcast_tx_sync";

/// Waits until Carol has her coin.
async fn landed(served: &Served) {
    while served.world.money(&served.world.carol.address) == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_transaction_on_its_way() {
    let (served, proxy, tx) = behind_a_proxy().await;
    proxy.once(SEND, Fault::LoseAnswer);
    assert!(!post(&proxy, SEND, tx.clone()).await.contains("result"));
    landed(&served).await;
    assert!(
        post(&proxy, SEND, tx).await.contains("already exists"),
        "the second one is passed on"
    );
    assert_eq!(proxy.seen(SEND), 2);
}

#[tokio::test]
async fn a_lost_request_never_arrives() {
    let (served, proxy, tx) = behind_a_proxy().await;
    proxy.set("*", Some(Fault::LoseRequest));
    assert!(!post(&proxy, SEND, tx).await.contains("result"));
    assert!(!post(&proxy, "health", json!({})).await.contains("result"));
    proxy.set("*", None);
    assert!(post(&proxy, "health", json!({})).await.contains("result"));
    assert_eq!(
        (served.world.chain.waiting(), served.world.chain.height()),
        (0, 1)
    );
}

#[tokio::test]
async fn a_held_transaction_lands_late() {
    let (served, proxy, tx) = behind_a_proxy().await;
    proxy.once(SEND, Fault::Hold);
    assert!(post(&proxy, SEND, tx).await.contains(r#""code":0"#));
    assert_eq!((proxy.held(), served.world.chain.height()), (1, 1));
    let answers = proxy.deliver_held().await.unwrap();
    assert!(answers[0].contains(r#""code":0"#), "{}", answers[0]);
    landed(&served).await;
    assert_eq!(proxy.held(), 0);
}

#[tokio::test]
async fn garbage_statuses_and_silence_are_what_was_asked_for() {
    let (_served, proxy, _) = behind_a_proxy().await;
    proxy.once("status", Fault::Answer(b"<html>".to_vec()));
    proxy.once("status", Fault::Status(502));
    proxy.once("status", Fault::Delay(Duration::from_millis(1)));
    assert!(post(&proxy, "status", json!({})).await.ends_with("<html>"));
    assert!(
        post(&proxy, "status", json!({}))
            .await
            .starts_with("HTTP/1.1 502")
    );
    assert!(
        post(&proxy, "status", json!({}))
            .await
            .contains("node_info")
    );
    proxy.set("status", Some(Fault::Stall));
    let stalled =
        tokio::time::timeout(Duration::from_millis(50), post(&proxy, "status", json!({}))).await;
    assert!(stalled.is_err());
}
