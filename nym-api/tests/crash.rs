//! A member that is killed with SIGKILL at any point comes back with what it answered, and answers alike.
//!
//! The test binary starts itself again as the member: a real server over a real database in a process of its own.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{Book, GATEWAY, Holder, NOON, World, gateway_key};
use ecash_requests::ShortText;
use ecash_requests::quorum::VerifyEcashTicketBody;
use ecash_service::http::{bind, serve};
use ecash_service::shutdown::Shutdown;
use nym_api::store::Store;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Names the world's file to the child.
const WORLD: &str = "NYM_API_TEST_WORLD";

/// Runs the child's part when this binary was started as one; an ordinary run of the tests passes through.
#[tokio::test]
async fn child() {
    let Ok(home) = std::env::var(WORLD) else {
        return;
    };
    let world = World::load(Path::new(&home)).await;
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    println!("\nready {}", listener.local_addr().unwrap());
    let (_trigger, shutdown) = Shutdown::new();
    serve(
        listener,
        world.router.clone(),
        &world.options.limits.server,
        shutdown,
    )
    .await;
}

struct Member {
    child: Child,
    address: String,
}

impl Member {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(WORLD, home)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ").map(str::to_owned))
            .expect("the child serves");
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn send(&self, path: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    async fn ask(&self, path: &str, body: &[u8]) -> String {
        let mut stream = self.send(path, body).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

/// Waits until the other process has written what `done` looks for.
async fn until<F: Future<Output = bool>>(done: impl Fn() -> F) {
    while !done().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_member_killed_after_it_answered_gives_the_same_share_again_and_refuses_another_request()
{
    let world = World::new().await;
    let holder = Holder::paid(&world, 1);
    let body = serde_json::to_vec(&holder.body()).unwrap();
    let other = serde_json::to_vec(&holder.body()).unwrap();
    world.save().await;
    let member = Member::start(world.home.path());
    let first = member.ask("/v1/ecash/blind-sign", &body).await;
    member.kill();
    let member = Member::start(world.home.path());
    assert_eq!(member.ask("/v1/ecash/blind-sign", &body).await, first);
    let mut stream = member.send("/v1/ecash/blind-sign", &other).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("bound to another request"),
        "{answer}"
    );
    member.kill();
    let store = Store::open(&world.database()).await.unwrap();
    assert_eq!(store.issuance_counts().await.unwrap(), (1, 1));
}

#[tokio::test]
async fn a_ticket_whose_answer_was_lost_with_the_member_is_answered_alike_from_one_row() {
    let world = World::new().await;
    let mut book = Book::new(&world, Holder::paid(&world, 1));
    let tickets: Vec<Vec<u8>> = (0..3)
        .map(|_| {
            let body = VerifyEcashTicketBody {
                credential: book.spend(&gateway_key(), NOON),
                gateway_cosmos_addr: ShortText::new(GATEWAY).unwrap(),
            };
            serde_json::to_vec(&body).unwrap()
        })
        .collect();
    world.save().await;
    let path = "/v1/ecash/verify-ecash-ticket";

    // Killed as soon as the row is on disk: the answer may have left or not.
    let member = Member::start(world.home.path());
    let unread = member.send(path, &tickets[0]).await;
    let store = Store::open(&world.database()).await.unwrap();
    until(|| async { store.ticket_counts().await.unwrap().0 == 1 }).await;
    member.kill();
    drop(unread);

    // Killed while the request may not have been looked at.
    let member = Member::start(world.home.path());
    let unread = member.send(path, &tickets[1]).await;
    member.kill();
    drop(unread);

    let member = Member::start(world.home.path());
    for ticket in &tickets {
        for _ in 0..2 {
            assert_eq!(
                member.ask(path, ticket).await,
                r#"{"verified":{"Ok":null}}"#
            );
        }
    }
    member.kill();
    assert_eq!(store.ticket_counts().await.unwrap(), (3, 0, 0));
}
