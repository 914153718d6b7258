//! The whole program over its files: init, run, a chain that does not answer, a second instance, a stop.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::{ChainStatus, QuorumClient};
use ecash_service::clock::SystemClock;
use ecash_service::files;
use ecash_service::shutdown::{Shutdown, ShutdownTrigger};
use ecash_ticketbook::UnixTime;
use nym_api::config::Overrides;
use nym_api::{Config, Error, Runtime, init, run};
use nyx_client::{Account, Address};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

fn config(home: &Path, chain: &str) -> Config {
    let contract = Address::new("n", &[1; 32]).unwrap();
    let mnemonic = home.join("mnemonic");
    if !mnemonic.exists() {
        files::write_private(&mnemonic, Account::generate_mnemonic().unwrap().as_bytes()).unwrap();
    }
    let text = format!(
        r#"
        [signer]
        enabled = true
        announce_address = "bound"
        [chain]
        endpoints = ["{chain}"]
        own_node = true
        mnemonic = "file:{mnemonic}"
        [network]
        name = "test"
        chain_id = "test-1"
        ecash_contract = "{contract}"
        dkg_contract = "{contract}"
        group_contract = "{contract}"
        multisig_contract = "{contract}"
        [http]
        bind = "127.0.0.1:0"
        [storage]
        path = "{home}/state/db.sqlite"
        [keys]
        dir = "{home}/state/keys"
        protection = "file:{home}/protection.key"
        "#,
        mnemonic = mnemonic.display(),
        home = home.display(),
    );
    let file = home.join("nym-api.toml");
    std::fs::write(&file, text).unwrap();
    Config::load(&file, [], &Overrides::default()).unwrap()
}

struct Running {
    bound: SocketAddr,
    stop: ShutdownTrigger,
    task: JoinHandle<Result<(), Error>>,
}

async fn start(config: Config) -> Result<Running, Error> {
    let (stop, shutdown) = Shutdown::new();
    let (send, ready) = oneshot::channel();
    let runtime = Runtime {
        clock: SystemClock::shared(),
        shutdown,
        ready: Box::new(move |bound| send.send(bound).unwrap()),
    };
    let task = tokio::spawn(run(config, runtime));
    match ready.await {
        Ok(bound) => Ok(Running { bound, stop, task }),
        Err(_) => Err(task.await.unwrap().unwrap_err()),
    }
}

/// An endpoint that answers every connection with `answer` and closes it; with nothing, it never answers.
async fn endpoint(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match answer {
                None => held.push(stream),
                Some(answer) => {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ =
                        tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await;
                }
            }
        }
    });
    url
}

const NOW: UnixTime = UnixTime(1_764_936_000);

#[tokio::test]
async fn init_makes_private_files_once_and_run_refuses_a_home_without_them() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), "http://127.0.0.1:1");
    assert!(matches!(
        start(config.clone()).await,
        Err(Error::NotInitialised { .. })
    ));
    let made = init(&config, NOW).await.unwrap();
    assert_eq!(init(&config, NOW).await.unwrap(), made);
    assert!(made.address.unwrap().starts_with("n1"));
    let mut directories = vec![home.path().join("state")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.path());
            if entry.path().is_dir() {
                directories.push(entry.path());
            }
        }
    }
}

#[tokio::test]
async fn a_member_whose_chain_is_silent_or_answers_garbage_serves_and_says_so() {
    let garbage = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\ngarbage";
    for chain in [
        "http://127.0.0.1:1".to_owned(),
        endpoint(Some(garbage)).await,
    ] {
        let home = tempfile::tempdir().unwrap();
        let config = config(home.path(), &chain);
        init(&config, NOW).await.unwrap();
        let member = start(config).await.unwrap();
        let http = HttpClient::new(HttpOptions::default()).unwrap();
        let client = QuorumClient::new(http, &format!("http://{}", member.bound)).unwrap();
        let health = client.health().await.unwrap();
        assert_eq!(health.value.chain_status, ChainStatus::Unknown);
        assert!(health.date.is_some());
        let status = client.signer_status().await.unwrap_err().to_string();
        assert!(status.contains("503"), "{status}");
        let information = client.signer_information().await.unwrap().value;
        assert_eq!(
            information.announce_address,
            format!("http://{}", member.bound)
        );
        member.stop.request();
        member.task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_member_stops_while_its_chain_never_answers() {
    let home = tempfile::tempdir().unwrap();
    let mut config = config(home.path(), &endpoint(None).await);
    init(&config, NOW).await.unwrap();
    config.signer.enabled = false;
    let member = start(config).await.unwrap();
    member.stop.request();
    tokio::time::timeout(Duration::from_secs(20), member.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_second_instance_over_the_same_state_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), "http://127.0.0.1:1");
    init(&config, NOW).await.unwrap();
    let first = start(config.clone()).await.unwrap();
    assert!(matches!(
        start(config.clone()).await,
        Err(Error::AlreadyRunning { .. })
    ));
    first.stop.request();
    first.task.await.unwrap().unwrap();
    let again = start(config).await.unwrap();
    again.stop.request();
    again.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn wide_modes_a_wrong_protection_key_and_a_home_below_a_file_are_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), "http://127.0.0.1:1");
    init(&config, NOW).await.unwrap();
    let identity = config.keys.dir.join("private_identity.pem");
    std::fs::set_permissions(&identity, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = start(config.clone()).await.err().unwrap().to_string();
    assert!(
        error.contains("private_identity.pem") && error.contains("chmod"),
        "{error}"
    );
    std::fs::set_permissions(&identity, std::fs::Permissions::from_mode(0o600)).unwrap();

    files::write_private(&home.path().join("protection.key"), b"too short").unwrap();
    let error = start(config.clone()).await.err().unwrap().to_string();
    assert!(error.contains("protection.key has 9 bytes"), "{error}");

    let mut below = config;
    std::fs::write(home.path().join("file"), b"").unwrap();
    below.keys.dir = home.path().join("file/keys");
    let error = init(&below, NOW).await.unwrap_err().to_string();
    assert!(error.contains("file/keys"), "{error}");
}
