//! What is paid for and not complete: told, kept, finished.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::support::{ISSUANCE, Ran, WORDS, World, has_fields};

/// How long a restarted signer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Two of five are down: three shares, and four are needed.
const DOWN: [u16; 2] = [4, 5];

async fn restart(world: &mut World) -> Result<()> {
    for number in DOWN {
        world.network.restart_signer(number).await?;
        world.network.await_signer(number, PATIENCE).await?;
    }
    Ok(())
}

/// Pays while all are up, with two that stop answering once the deposit is made: stopped processes, not dead ones.
fn signal(world: &World, name: &str) {
    for number in DOWN {
        let process = world.network.signer_process(number).expect("it runs");
        let sent = Command::new("kill")
            .args([name, &process.to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

/// Starts an issuance and lets two signers fall silent once the transaction is on its way.
fn begin(world: &World, args: &[&str]) -> Result<std::process::Child> {
    let mut child = world
        .command(args)
        .env("MNEMONIC", WORDS)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stderr.take().context("its stderr")?);
    let mut line = String::new();
    while !line.contains("paying for") {
        line.clear();
        anyhow::ensure!(lines.read_line(&mut line)? > 0, "it ended before it paid");
    }
    signal(world, "-STOP");
    // Read on, so that it does not block on a full pipe.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut lines, &mut std::io::sink());
    });
    Ok(child)
}

pub(crate) async fn recovered(world: &mut World) -> Result<()> {
    let client = world.client("frank");
    let before = world.deposits().await?;
    let args = [
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
        "--output",
        "json",
        "--wait",
        "5",
    ];
    let child = begin(world, &args)?;
    for number in DOWN {
        world.network.kill_signer(number).await?;
    }
    let ended = Ran::of(child.wait_with_output()?);
    let error = &ended.ends_with(3).json()["error"];
    assert_eq!(error["code"], "pending");
    assert!(
        error["next"]
            .as_str()
            .unwrap()
            .ends_with("ecash recover-ticket-book --client-config frank/config.toml"),
        "{error}"
    );
    let issuance = &error["details"]["pending"][0];
    has_fields(issuance, ISSUANCE);
    assert_eq!(
        (&issuance["state"], &issuance["shares"]),
        (&"requested".into(), &3.into())
    );
    assert!(issuance["deadline"].is_string());
    assert!(
        error["message"].as_str().unwrap().contains("signer "),
        "by name: {error}"
    );

    let status = world.run(&["ecash", "status", "--client-config", &client, "--offline"]);
    assert!(
        status.ends_with(3).stdout.contains("requested"),
        "{}",
        status.stdout
    );
    assert!(
        status.stderr.contains("Next: nym-cli -c "),
        "{}",
        status.stderr
    );
    let still = world.run(&[
        "ecash",
        "recover-ticket-book",
        "--client-config",
        &client,
        "--wait",
        "1",
    ]);
    assert!(
        still
            .ends_with(3)
            .stdout
            .contains("recovered 0 ticketbooks")
    );
    // The network is unavailable, but what is pending comes first.
    let mut exit = vec!["--ticketbook-type", "v1-mixnet-exit"];
    exit.splice(0..0, args);
    world.pay(&exit).ends_with(3);

    restart(world).await?;
    let recovered = world.run(&["ecash", "recover-ticket-book", "--client-config", &client]);
    assert!(
        recovered
            .ends_with(0)
            .stdout
            .ends_with("recovered 1 ticketbooks\n")
    );
    world
        .run(&["ecash", "status", "--client-config", &client])
        .ends_with(0);
    assert_eq!(world.deposits().await?, before + 1);
    Ok(())
}

pub(crate) async fn file(world: &mut World) -> Result<()> {
    let secret = bs58::encode([7; 32]).into_string();
    let before = world.deposits().await?;
    let args = [
        "ecash",
        "issue-ticket-book",
        "--output-file",
        "later.bin",
        "--bs58-encoded-client-secret",
        &secret,
        "--wait",
        "5",
    ];
    let child = begin(world, &args)?;
    for number in DOWN {
        world.network.kill_signer(number).await?;
    }
    Ran::of(child.wait_with_output()?).ends_with(3);
    assert!(world.path("later.bin.wallet.sqlite").exists() && !world.path("later.bin").exists());
    let other = bs58::encode([6; 32]).into_string();
    let mut wrong = args;
    wrong[5] = &other;
    assert!(world.pay(&wrong).ends_with(1).stderr.contains("ecash key"));

    restart(world).await?;
    world.pay(&args).ends_with(0);
    assert!(!world.path("later.bin.wallet.sqlite").exists() && world.path("later.bin").exists());
    assert_eq!(world.deposits().await?, before + 1);
    Ok(())
}

pub(crate) async fn interrupted(world: &mut World) -> Result<()> {
    let client = world.client("grace");
    let before = world.deposits().await?;
    let args = [
        "ecash",
        "issue-ticket-book",
        "--client-config",
        &client,
        "--output",
        "json",
    ];
    let child = begin(world, &args)?;
    // The deposit is made, three shares are there, and the other two signers say nothing.
    let pending = || {
        let status = world.run(&[
            "ecash",
            "status",
            "--client-config",
            &client,
            "--offline",
            "--output",
            "json",
        ]);
        let document = status.json();
        document["error"]["details"]["pending"][0]["shares"] == 3
    };
    let patience = std::time::Instant::now() + PATIENCE;
    while !pending() {
        anyhow::ensure!(std::time::Instant::now() < patience, "no three shares");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let busy = world.run(&["ecash", "recover-ticket-book", "--client-config", &client]);
    assert!(
        busy.ends_with(1).stderr.contains("in use by process"),
        "{}",
        busy.stderr
    );
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()?;
    let ended = Ran::of(child.wait_with_output()?);
    let error = &ended.ends_with(3).json()["error"];
    assert_eq!(error["code"], "pending");
    assert_eq!(error["details"]["pending"][0]["shares"], 3);
    signal(world, "-CONT");
    world
        .run(&["ecash", "recover-ticket-book", "--client-config", &client])
        .ends_with(0);
    assert_eq!(world.deposits().await?, before + 1);
    Ok(())
}
