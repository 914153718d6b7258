//! Nodes that answer garbage, too much, slowly or never: a typed error within a bound, and the next node is asked.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use std::time::Duration;

use nyx_client::{Address, Error, QueryClient};
use support::FakeNode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// What a bad server writes once it was asked; it then keeps the connection open.
async fn server(answer: &'static [u8], repeat: usize) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                for _ in 0..repeat {
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
                let _ = stream.read(&mut asked).await;
                std::future::pending::<()>().await;
            });
        }
    });
    url.parse().unwrap()
}

async fn closed_port() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap()
}

fn client(urls: &[Url]) -> QueryClient {
    QueryClient::with_timeout(urls, Duration::from_millis(300)).unwrap()
}

#[tokio::test]
async fn garbage_is_a_typed_error() {
    for answer in [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\ncontent-length: 3\r\n\r\nno!",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
    ] {
        let error = client(&[server(answer, 1).await])
            .status()
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Garbage { .. }), "{error}");
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn no_http_at_all_is_a_typed_error() {
    let error = client(&[server(b"SSH-2.0-OpenSSH_9.6\r\n", 1).await])
        .status()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn silence_and_dripping_end_at_the_time_limit() {
    for url in [
        server(b"", 0).await,
        server(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{", 1).await,
    ] {
        let error = client(&[url]).status().await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let chunk: &'static [u8] = Box::leak(
        [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"]
            .concat()
            .into_boxed_slice(),
    );
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).await;
        stream.write_all(head).await.unwrap();
        while stream.write_all(chunk).await.is_ok() {}
    });
    let client = QueryClient::with_timeout(&[url], Duration::from_secs(20)).unwrap();
    let error = client.status().await.unwrap_err();
    assert!(matches!(error, Error::AnswerTooLarge { .. }), "{error}");
}

#[tokio::test]
async fn the_next_endpoint_is_asked_when_one_fails_and_first_from_then_on() {
    let (node, good) = FakeNode::start().await;
    let client = client(&[
        closed_port().await,
        server(b"nonsense", 1).await,
        server(b"", 0).await,
        good.clone(),
    ]);
    assert_eq!(client.status().await.unwrap().chain_id, "fake-1");
    assert_eq!(client.each()[0].endpoints().next(), Some(&good));
    let before = node.script().height;
    client.status().await.unwrap();
    assert_eq!(node.script().height, before + 1);
}

#[tokio::test]
async fn an_answer_of_another_type_names_the_contract() {
    let (node, url) = FakeNode::start().await;
    node.script().smart_answer = br#"{"state":"unheard_of"}"#.to_vec();
    let contract = Address::new("n", &[9; 32]).unwrap();
    let error = client(&[url])
        .dkg(&contract)
        .current_epoch()
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Garbage { method, .. } if method.contains(contract.as_ref())),
        "{error}"
    );
}

#[tokio::test]
async fn an_unreachable_node_is_named_without_its_password() {
    let mut url = closed_port().await;
    url.set_username("user").unwrap();
    url.set_password(Some("secret")).unwrap();
    let error = client(&[url]).status().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn unusable_endpoints_are_refused_at_once() {
    assert!(matches!(
        QueryClient::new(&[]),
        Err(Error::EndpointCount { given: 0, .. })
    ));
    let url: Url = "ftp://127.0.0.1/".parse().unwrap();
    assert!(matches!(
        QueryClient::new(&[url]),
        Err(Error::BadEndpoint { .. })
    ));
}

#[tokio::test]
async fn the_time_of_a_block_is_that_of_its_header() {
    let (_node, url) = FakeNode::start().await;
    let time = client(&[url]).block_time(75).await.unwrap();
    assert_eq!(time.seconds() % 3600, 75);
}

#[tokio::test]
async fn only_a_definite_answer_says_that_a_transaction_is_in_no_block() {
    let (_node, url) = FakeNode::start().await;
    let hash = nyx_client::TxHash::of(b"never sent");
    assert!(client(&[url]).transaction(hash).await.unwrap().is_none());

    let body = r#"{"jsonrpc":"2.0","id":"1","error":{"code":-32601,"message":"Method not found","data":""}}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let url = server(Box::leak(answer.into_boxed_str()).as_bytes(), 1).await;
    let error = client(&[url]).transaction(hash).await.unwrap_err();
    assert!(matches!(error, Error::Rpc { code: -32601, .. }), "{error}");
}
