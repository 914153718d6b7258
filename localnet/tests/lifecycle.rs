//! A network's life: it comes up again as it was, whenever it was killed, and never half.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use localnet::{Description, Network, Options, Quiet, network::Ended};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(120);

fn localnet(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_localnet"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn up(home: &Path) -> Child {
    localnet(&[
        "up",
        "--home",
        home.to_str().unwrap(),
        "--signers",
        "1",
        "--gateways",
        "1",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap()
}

/// Waits until `up` says that it is up.
fn await_up(child: &mut Child) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.starts_with("Ctrl-C")),
        "it ended before it was up"
    );
}

fn signal(child: &Child, signal: Signal) {
    kill_process(
        Pid::from_raw(child.id().try_into().unwrap()).unwrap(),
        signal,
    )
    .unwrap();
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} has not happened");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

fn description(home: &Path) -> Description {
    localnet::home::read_description(home).unwrap().unwrap()
}

fn status(home: &Path) -> Value {
    let output = localnet(&["status", "--json", "--home", home.to_str().unwrap()])
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = |who: &str, what: &str| {
        said[who]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one[what] == true)
    };
    let up = all("signers", "signing") && all("gateways", "accepting");
    assert_eq!(output.status.success(), up, "{said:#}");
    said
}

fn all_silent(network: &Description) -> bool {
    let urls = [
        &network.rpc,
        &network.signers[0].url,
        &network.gateways[0].url,
    ];
    urls.into_iter().flatten().all(|url| {
        let address = url.socket_addrs(|| None).unwrap()[0];
        TcpStream::connect(address).is_err()
    })
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_killed_network_takes_its_children_with_it_and_comes_up_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("net");
    let mut first = up(&home);
    await_up(&mut first);
    let before = description(&home);
    let said = status(&home);
    assert_eq!(said["signers"][0]["signing"], true, "{said:#}");
    assert_eq!(said["gateways"][0]["accepting"], true, "{said:#}");
    assert!(
        said["gateways"][0]["identity_key"].is_string()
            && said["signers"][0]["identity_key"].is_string()
    );
    let environment = std::fs::read_to_string(home.join("localnet.env")).unwrap();

    signal(&first, Signal::KILL);
    first.wait().unwrap();
    wait_for("the end of all children", || all_silent(&before));
    assert_eq!(status(&home)["signers"][0]["running"], false);

    let mut second = up(&home);
    await_up(&mut second);
    assert_eq!(description(&home), before);
    assert_eq!(
        std::fs::read_to_string(home.join("localnet.env")).unwrap(),
        environment
    );
    let said = status(&home);
    assert_eq!(said["signers"][0]["signing"], true, "{said:#}");
    assert_eq!(said["gateways"][0]["accepting"], true, "{said:#}");

    signal(&second, Signal::INT);
    assert!(second.wait().unwrap().success());
    assert!(all_silent(&before));
}

#[test]
fn a_network_that_is_killed_while_it_comes_up_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("net");
    for reached in [
        "setup/done-group.json",
        "setup/done-ecash.json",
        "signers/1/nym-api.sqlite",
        "dealer/epoch-0.dealt",
    ] {
        let mut child = up(&home);
        wait_for(reached, || home.join(reached).exists());
        signal(&child, Signal::KILL);
        child.wait().unwrap();
    }
    let mut child = up(&home);
    await_up(&mut child);
    let said = status(&home);
    assert_eq!(said["signers"][0]["signing"], true, "{said:#}");
    assert_eq!(said["signers"][0]["epoch"], 0, "{said:#}");
    assert_eq!(said["gateways"][0]["accepting"], true, "{said:#}");
    signal(&child, Signal::INT);
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn what_keeps_a_network_from_coming_up_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("net");
    let options = Options {
        home: home.clone(),
        signers: Some(1),
        gateways: Some(0),
        program: env!("CARGO_BIN_EXE_localnet").into(),
    };
    let network = Network::start(options, &Quiet).await.unwrap();
    let path = home.to_str().unwrap().to_owned();

    let output = localnet(&["up", "--home", &path]).output().unwrap();
    assert!(!output.status.success());
    assert!(
        text(&output).contains("already running"),
        "{}",
        text(&output)
    );

    let address = network
        .signer(1)
        .unwrap()
        .url
        .clone()
        .unwrap()
        .socket_addrs(|| None)
        .unwrap()[0];
    network.stop().await.unwrap();

    let output = localnet(&["up", "--home", &path, "--signers", "3"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        text(&output).contains("1 signers, not 3"),
        "{}",
        text(&output)
    );

    let _taken = TcpListener::bind(address).unwrap();
    let output = localnet(&["up", "--home", &path]).output().unwrap();
    assert!(!output.status.success());
    let errors = text(&output);
    assert!(
        errors.contains("signer 1") && errors.contains(&address.to_string()),
        "{errors}"
    );
}

#[test]
fn a_folder_that_cannot_be_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let home = file.join("net");
    let output = localnet(&["up", "--home", home.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        text(&output).contains(home.to_str().unwrap()),
        "{}",
        text(&output)
    );

    let nothing = folder.path().join("nothing");
    let output = localnet(&["status", "--home", nothing.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        text(&output).contains("localnet up --home"),
        "{}",
        text(&output)
    );
}

#[tokio::test]
async fn a_killed_chain_comes_up_with_everything_that_was_in_a_block() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        home: folder.path().join("net"),
        signers: Some(1),
        gateways: Some(0),
        program: env!("CARGO_BIN_EXE_localnet").into(),
    };
    let mut network = Network::start(options, &Quiet).await.unwrap();
    let receiver = nyx_client::Address::new("n", &[7; 20]).unwrap();
    network.fund(&receiver, 5).await.unwrap();

    network.kill_chain().await.unwrap();
    assert!(network.chain().status().await.unwrap_err().is_transient());
    network.restart_chain().await.unwrap();

    let balance = async || {
        network
            .chain()
            .balance(&receiver, "unym")
            .await
            .unwrap()
            .amount
            .u128()
    };
    assert_eq!(balance().await, 5);
    network.fund(&receiver, 6).await.unwrap();
    assert_eq!(balance().await, 11);
    network.await_signer(1, PATIENCE).await.unwrap();
    network.stop().await.unwrap();
}

#[tokio::test]
async fn a_signer_that_ends_by_itself_is_named_once_and_can_be_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        home: folder.path().join("net"),
        signers: Some(1),
        gateways: Some(0),
        program: env!("CARGO_BIN_EXE_localnet").into(),
    };
    let mut network = Network::start(options, &Quiet).await.unwrap();
    assert_eq!(network.reap(), []);
    let signer = network.signer_process(1).unwrap();
    kill_process(
        Pid::from_raw(signer.try_into().unwrap()).unwrap(),
        Signal::KILL,
    )
    .unwrap();
    let mut ended = Vec::new();
    while ended.is_empty() {
        ended = network.reap();
        tokio::task::yield_now().await;
    }
    assert_eq!(ended, [Ended::Signer(1)]);
    assert_eq!(network.reap(), []);
    network.restart_signer(1).await.unwrap();
    network.await_signer(1, PATIENCE).await.unwrap();
    network.stop().await.unwrap();
}
