//! A body far above its limit. Alone in its program, because it looks at the memory of the whole process.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::World;
use ecash_service::http::{bind, serve};
use ecash_service::shutdown::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BLIND_SIGN: &str = "/v1/ecash/blind-sign";

/// Resident memory of this process, in bytes.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 4096
}

#[tokio::test]
async fn a_body_of_64_mib_sent_in_chunks_is_cut_off_at_its_limit() {
    let world = World::new().await;
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (trigger, shutdown) = Shutdown::new();
    let router = world.router.clone();
    let limits = world.options.limits.server;
    let server = tokio::spawn(async move { serve(listener, router, &limits, shutdown).await });

    let before = resident_bytes();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {BLIND_SIGN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [format!("{:x}\r\n", 4096).as_bytes(), &[b' '; 4096], b"\r\n"].concat();
    let (mut reader, mut writer) = stream.into_split();
    let sending = tokio::spawn(async move {
        let mut sent = 0_usize;
        while sent < 64 * 1024 * 1024 && writer.write_all(&chunk).await.is_ok() {
            sent += 4096;
        }
        sent
    });
    let mut answer = vec![0; 1024];
    let read = reader.read(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
    assert!(text.to_lowercase().contains("date:"));
    drop(reader);
    let _ = sending.await.unwrap();
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 8 * 1024 * 1024, "memory grew by {grown} bytes");

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /v1/api-status/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    trigger.request();
    server.await.unwrap();
}
