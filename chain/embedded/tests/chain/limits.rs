//! Limits, garbage and load: whatever comes in, the chain goes on.

use std::net::SocketAddr;
use std::time::Duration;

use nyx_embedded::{BlockProduction, ChainError, MAX_BODY_BYTES, RunConfig};
use tendermint_rpc::endpoint::{broadcast, health, tx};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::rpc::{Served, response};
use crate::world::{Plan, genesis, send};

#[tokio::test]
async fn garbage_bodies_are_refused_and_change_nothing() {
    let served = Served::on_demand().await;
    let before = (served.world.chain.app_hash(), served.world.chain.waiting());
    for body in [
        b"".as_slice(),
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        &[b'['; 100_000],
    ] {
        let (status, answer) = served.post(body).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer.contains("error"), "{answer}");
    }
    for body in [b"1".as_slice(), b"null", b"{}", br#"{"method":1}"#] {
        let (status, answer) = served.post(body).await;
        assert!(status == 200 && answer.contains("-32600"), "{answer}");
    }
    let many = format!("[{}]", vec!["{}"; 21].join(","));
    assert_eq!(served.post(many.as_bytes()).await.0, 400);
    assert_eq!(
        (served.world.chain.app_hash(), served.world.chain.waiting()),
        before
    );
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_before_it_is_whole() {
    let served = Served::on_demand().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    let piece = [
        format!("{:x}\r\n", 64 * 1024).into_bytes(),
        vec![b' '; 64 * 1024],
        b"\r\n".to_vec(),
    ]
    .concat();
    for _ in 0..=MAX_BODY_BYTES / (64 * 1024) {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    assert_eq!(response(&mut stream).await.0, 413);
    let (status, _) = served.post(&vec![b' '; 2 * MAX_BODY_BYTES]).await;
    assert_eq!(status, 413);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let announced = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        64 << 20
    );
    stream.write_all(announced.as_bytes()).await.unwrap();
    assert_eq!(
        response(&mut stream).await.0,
        413,
        "not a byte of it is waited for"
    );
    served.ask(health::Request).await;
}

#[tokio::test]
async fn an_empty_block_is_made_when_nothing_happens() {
    let served = Served::new(BlockProduction::Automatic {
        empty_interval: Duration::from_millis(5),
    })
    .await;
    let mut height = served.world.chain.height();
    while height < 5 {
        tokio::task::yield_now().await;
        height = served.world.chain.height();
    }
}

#[tokio::test]
async fn many_transactions_at_once_all_land_in_order() {
    let served = Served::on_demand().await;
    let world = &served.world;
    let mut hashes = Vec::new();
    for sequence in 0..20 {
        let plan = Plan::new(
            &world.alice,
            0,
            sequence,
            vec![send(&world.alice, &world.carol.address, 1)],
        );
        let sent = served
            .ask(broadcast::tx_sync::Request::new(plan.sign(&world.alice)))
            .await;
        assert!(sent.code.is_ok(), "{}", sent.log);
        hashes.push(sent.hash);
    }
    while world.chain.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    for hash in hashes {
        assert!(
            served
                .ask(tx::Request::new(hash, false))
                .await
                .tx_result
                .code
                .is_ok()
        );
    }
    assert_eq!(world.money(&world.carol.address), 20);
}

fn run_config(home: &tempfile::TempDir, listen: SocketAddr) -> RunConfig {
    RunConfig {
        home: home.path().to_owned(),
        listen,
        empty_interval_ms: 3_600_000,
        genesis: genesis(),
    }
}

#[tokio::test]
async fn a_chain_as_a_process_tells_its_port_and_ends_when_told() {
    let home = tempfile::tempdir().unwrap();
    for expected_height in [1, 1] {
        let (ready, bound) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let config = run_config(&home, "127.0.0.1:0".parse().unwrap());
        let running = tokio::spawn(nyx_embedded::run(
            config,
            move |address| ready.send(address).unwrap(),
            async move { drop(stopped.await) },
        ));
        let address: SocketAddr = bound.await.unwrap();
        assert_ne!(address.port(), 0);
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"POST / HTTP/1.1\r\n").await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let body = r#"{"id":1,"method":"abci_info"}"#;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).await.unwrap();
        let (_, answer) = response(&mut stream).await;
        assert!(
            answer.contains(&format!("\"last_block_height\":\"{expected_height}\"")),
            "{answer}"
        );
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_it() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let run = nyx_embedded::run(
        run_config(&home, address),
        |_| panic!("ready"),
        std::future::pending(),
    );
    match run.await {
        Err(ChainError::Listen { address: named, .. }) => assert_eq!(named, address.to_string()),
        other => panic!("{other:?}"),
    }
}
