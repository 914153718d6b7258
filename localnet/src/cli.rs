//! The command line.

use std::{
    io::{ErrorKind, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use ecash_service::shutdown::Shutdown;

use crate::{
    child::{self, ChildArgs},
    demo,
    network::{Ended, Network, Options},
    progress::Lines,
    status,
};

/// Folder of a network unless said otherwise.
const DEFAULT_HOME: &str = ".localnet";
/// Time between two looks at the children.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// A whole zk-nym network on one machine: chain, Quorum and gateways, each in a process of its own.
#[derive(Parser)]
#[command(name = "localnet", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Brings a network up and keeps it running until Ctrl-C; one that was there before comes up as it was.
    Up(UpArgs),
    /// Shows who answers. Exit 0 only if every signer signs and every gateway takes tickets.
    Status(StatusArgs),
    /// Takes one deposit all the way to bandwidth, then tries what must not work. Exit 0 only if all went as expected.
    Demo(DemoArgs),
    /// Runs one child.
    #[command(hide = true)]
    Child(ChildArgs),
}

#[derive(Args)]
struct UpArgs {
    /// Folder of the network.
    #[arg(long, default_value = DEFAULT_HOME)]
    home: PathBuf,
    /// Quorum members, 1 to 20; 5 unless the folder has a network.
    #[arg(long)]
    signers: Option<u16>,
    /// Gateways, 0 to 20; 2 unless the folder has a network.
    #[arg(long)]
    gateways: Option<u16>,
}

#[derive(Args)]
struct StatusArgs {
    /// Folder of the network.
    #[arg(long, default_value = DEFAULT_HOME)]
    home: PathBuf,
    /// One JSON document in place of the table.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct DemoArgs {
    /// One JSON document in place of the table.
    #[arg(long)]
    json: bool,
}

/// The program: what a binary's `main` returns that serves as [`crate::network::Options::program`].
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
        .and_then(|runtime| runtime.block_on(execute(cli)));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Up(args) => up(args).await.map(|()| ExitCode::SUCCESS),
        Command::Status(args) => show_status(args).await,
        Command::Demo(args) => show_demo(args).await,
        Command::Child(args) => child::run(args).await.map(|()| ExitCode::SUCCESS),
    }
}

async fn up(args: UpArgs) -> Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let options = Options {
        signers: args.signers,
        gateways: args.gateways,
        ..Options::new(&args.home)?
    };
    let lines = Lines::new();
    let started = tokio::select! {
        started = Network::start(options, &lines) => started,
        () = shutdown.requested() => {
            lines.finish();
            bail!("interrupted; `localnet up --home {}` goes on from here", args.home.display());
        }
    };
    lines.finish();
    let mut network = started?;
    print(&format!(
        "{}\nsettings for clients: {}\nCtrl-C stops the network; the same command brings it up again",
        status::read(network.home().path()).await?.table(),
        network.home().env_file().display()
    ))?;
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            () = tokio::time::sleep(WATCH_INTERVAL) => {}
        }
        let logs = network.home().path().display().to_string();
        for ended in network.reap() {
            if ended == Ended::Chain {
                network.stop().await.ok();
                bail!("the chain ended; see the logs in {logs}");
            }
            eprintln!("{ended} ended; the network goes on without it (logs in {logs})");
        }
    }
    eprintln!("stopping");
    network.stop().await
}

async fn show_status(args: StatusArgs) -> Result<ExitCode> {
    let status = status::read(&args.home).await?;
    if args.json {
        print(&serde_json::to_string_pretty(&status)?)?;
    } else {
        print(&status.table())?;
    }
    Ok(if status.all_up() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn show_demo(args: DemoArgs) -> Result<ExitCode> {
    let shutdown = Shutdown::on_signals()?;
    let folder = tempfile::Builder::new()
        .prefix("localnet-demo-")
        .tempdir()?;
    let lines = Lines::new();
    let options = Options::new(&folder.path().join("net"))?;
    let report = tokio::select! {
        report = demo::run(options, &lines) => report,
        () = shutdown.requested() => {
            lines.finish();
            bail!("interrupted");
        }
    };
    lines.finish();
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            let kept = folder.keep();
            return Err(error.context(format!(
                "the demo ended early; logs are in {}",
                kept.display()
            )));
        }
    };
    if args.json {
        print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report.table())?;
    }
    if report.ok {
        return Ok(ExitCode::SUCCESS);
    }
    let kept = folder.keep();
    eprintln!(
        "not every outcome was the expected one; logs are in {}",
        kept.display()
    );
    Ok(ExitCode::FAILURE)
}

/// Writes a result. A reader that has had enough is no failure.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}
