//! The example app of the wallet library against the running network: stock, background, two gateways, a kill, a restart.

use crate::{FUNDS_UNYM, World};
use anyhow::{Context as _, Result, ensure};
use nyx_client::Account;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The app's own account.
const MNEMONIC: &str =
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";
/// Tickets that the first run is asked for; it is killed after the first.
const MANY: &str = "40";
/// Tickets of the second run: two rounds of both gateways.
const FEW: &str = "4";

pub(crate) async fn survives_a_restart(world: &mut World) -> Result<()> {
    let account = Account::from_mnemonic(MNEMONIC, localnet::network::ADDRESS_PREFIX)?;
    world.network.fund(account.address(), FUNDS_UNYM).await?;
    let home = tempfile::tempdir()?;
    let folder = home.path().join("app");
    let before = deposits(world).await?;

    let mut first = start(world, &folder, MANY)?;
    let mut lines = BufReader::new(first.stdout.take().context("its output")?).lines();
    let mut spent = Vec::new();
    while spent.is_empty() {
        let line = lines.next_line().await?.context("the app ended early")?;
        spent.extend(ticket_of(&line));
    }
    first.kill().await?;
    while let Some(line) = lines.next_line().await? {
        spent.extend(ticket_of(&line));
    }

    let second = start(world, &folder, FEW)?.wait_with_output().await?;
    let output = String::from_utf8_lossy(&second.stdout);
    ensure!(
        second.status.success(),
        "{output}{}",
        String::from_utf8_lossy(&second.stderr)
    );
    let again: Vec<Spent> = output.lines().filter_map(ticket_of).collect();
    ensure!(again.len() == 4, "{output}");
    let gateways: BTreeSet<&String> = again.iter().map(|ticket| &ticket.gateway).collect();
    ensure!(gateways.len() == 2, "spent at both gateways: {output}");
    ensure!(again.iter().all(|ticket| ticket.accepted), "{output}");
    let indices: BTreeSet<u64> = spent
        .iter()
        .chain(&again)
        .map(|ticket| ticket.index)
        .collect();
    ensure!(
        indices.len() == spent.len() + again.len(),
        "an index was used twice: {spent:?}, then {again:?}"
    );
    ensure!(
        deposits(world).await? == before + 1,
        "one book was paid for"
    );
    Ok(())
}

/// A line of the app about a ticket.
#[derive(Debug)]
struct Spent {
    index: u64,
    gateway: String,
    accepted: bool,
}

fn ticket_of(line: &str) -> Option<Spent> {
    let (index, rest) = line
        .strip_prefix("spent ticket ")?
        .split_once(" of book ")?;
    let (_, rest) = rest.split_once(" at ")?;
    let (gateway, fate) = rest.split_once(": ")?;
    Some(Spent {
        index: index.parse().ok()?,
        gateway: gateway.to_owned(),
        accepted: fate.starts_with("Accepted"),
    })
}

fn start(world: &World, folder: &Path, tickets: &str) -> Result<Child> {
    let description = world.network.description();
    let contracts = world.network.contracts()?;
    let rpc = description.rpc.as_ref().context("the chain's URL")?;
    Ok(Command::new(env!("CARGO_BIN_EXE_e2e-vpn-app"))
        .arg(folder)
        .arg(tickets)
        .env_clear()
        .env("NYXD", rpc.as_str())
        .env("ECASH_CONTRACT_ADDRESS", contracts.ecash.to_string())
        .env("COCONUT_DKG_CONTRACT_ADDRESS", contracts.dkg.to_string())
        .env("MIX_DENOM", localnet::network::FEE_DENOM)
        .env("BECH32_PREFIX", localnet::network::ADDRESS_PREFIX)
        .env("MNEMONIC", MNEMONIC)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?)
}

async fn deposits(world: &World) -> Result<usize> {
    let ecash = world.holder.chain.ecash(&world.network.contracts()?.ecash);
    Ok(ecash.deposits_after(None).await?.len())
}
