//! What a child does: read its configuration, run one program, say when it serves, end when its standard input closes.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use ecash_service::{clock::SystemClock, logging, shutdown::Shutdown};
use serde::{Deserialize, Serialize};

use crate::home::hold_as_child;

/// Which program a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    /// The embedded chain.
    Chain,
    /// A Quorum member.
    Member,
    /// A gateway.
    Gateway,
}

/// Arguments of the hidden subcommand.
#[derive(Args)]
pub(crate) struct ChildArgs {
    program: Program,
    /// Its configuration file.
    #[arg(long)]
    config: PathBuf,
    /// File to hold locked while it runs.
    #[arg(long)]
    lock: PathBuf,
}

/// The one line that a child writes to standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Announcement {
    /// It serves.
    Ready(Ready),
    /// It cannot.
    Failed(String),
}

/// Where a child serves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) address: SocketAddr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loopback: Option<SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) identity_key: Option<String>,
}

impl Ready {
    fn at(address: SocketAddr) -> Self {
        Self {
            address,
            loopback: None,
            identity_key: None,
        }
    }
}

/// Runs a child to its end.
pub(crate) async fn run(args: ChildArgs) -> Result<()> {
    let outcome = hold_and_run(&args).await;
    if let Err(error) = &outcome {
        announce(&Announcement::Failed(format!("{error:#}")));
    }
    outcome
}

async fn hold_and_run(args: &ChildArgs) -> Result<()> {
    let _held = hold_as_child(&args.lock)?;
    match args.program {
        Program::Chain => chain(&args.config).await,
        Program::Member => member(&args.config).await,
        Program::Gateway => gateway(&args.config).await,
    }
}

/// A parent that reads no more has ended, and then standard input closes too.
fn announce(announcement: &Announcement) {
    if let Ok(line) = serde_json::to_string(announcement) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

async fn chain(path: &Path) -> Result<()> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let config: nyx_embedded::RunConfig = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no chain configuration", path.display()))?;
    logging::init("info", logging::Format::Text)?;
    let shutdown = Shutdown::on_stdin_closed()?;
    let stop = async move { shutdown.requested().await };
    nyx_embedded::run(
        config,
        |address| announce(&Announcement::Ready(Ready::at(address))),
        stop,
    )
    .await?;
    Ok(())
}

async fn member(path: &Path) -> Result<()> {
    let config = nym_api::Config::load(path, [], &nym_api::config::Overrides::default())?;
    logging::init(&config.log.filter, config.log.format)?;
    let runtime = nym_api::Runtime {
        clock: SystemClock::shared(),
        shutdown: Shutdown::on_stdin_closed()?,
        ready: Box::new(|address| announce(&Announcement::Ready(Ready::at(address)))),
    };
    nym_api::run(config, runtime).await?;
    Ok(())
}

async fn gateway(path: &Path) -> Result<()> {
    let config = nym_gateway::Config::load(path, [], &nym_gateway::config::Overrides::default())?;
    logging::init(&config.log.filter, config.log.format)?;
    let runtime = nym_gateway::Runtime {
        clock: SystemClock::shared(),
        shutdown: Shutdown::on_stdin_closed()?,
        ready: Box::new(|ready| {
            announce(&Announcement::Ready(Ready {
                address: ready.public,
                loopback: Some(ready.loopback),
                identity_key: Some(ready.identity_key.to_string()),
            }));
        }),
    };
    nym_gateway::run(config, runtime).await?;
    Ok(())
}
