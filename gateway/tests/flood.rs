//! A body of 64 MiB over a real connection. Alone in its process, because it measures the memory of it.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use ecash_service::http::{bind, serve};
use ecash_service::shutdown::Shutdown;
use nym_gateway::config::HttpConfig;
use nym_gateway::http::public_router;
use support::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn sixty_four_mebibytes_sent_chunked_are_cut_off_early_and_the_server_goes_on() {
    let home = private_home();
    let world = World::new(home.path()).await;
    let token = world.client(1).await;
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, shutdown) = Shutdown::new();
    let config = HttpConfig::default();
    let router = public_router(&world.gateway, &config);
    let server =
        tokio::spawn(async move { serve(listener, router, &config.server, shutdown).await });
    let head = |length: &str| {
        format!(
            "POST /v1/tickets HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\ncontent-type: application/octet-stream\r\n{length}\r\n\r\n",
            *token.to_base58()
        )
    };

    let before_kib = peak_memory_kib();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(head("transfer-encoding: chunked").as_bytes())
        .await
        .unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[0; 65_536], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 64 * 1024 * 1024 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
        sent += 65_536;
    }
    assert!(sent < 64 * 1024 * 1024, "the connection was never closed");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await; // a reset may cut the answer off
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert!(peak_memory_kib() - before_kib < 8 * 1024);

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(head("content-length: 67108864").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&answer)
    );

    let mut stream = TcpStream::connect(address).await.unwrap();
    let ticket = world.ticket();
    stream
        .write_all(head("connection: close\r\ncontent-length: 1278").as_bytes())
        .await
        .unwrap();
    stream.write_all(&ticket).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"verdict\":\"Accepted\""),
        "{answer}"
    );
    assert!(
        answer.contains("date: Tue, 10 Mar 2026 12:00:00 GMT"),
        "{answer}"
    );
    stop.request();
    server.await.unwrap();
}
