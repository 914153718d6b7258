//! A child seen from its parent.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use crate::child::{Announcement, Program, Ready};

/// Longest wait for a child to serve. Opening a long log and checking keys take seconds on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest wait for a child to end by itself once its standard input is closed.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest announcement that is read, in bytes.
const MAX_ANNOUNCEMENT_BYTES: u64 = 16 * 1024;

/// A running child. Dropped, it is killed.
pub(crate) struct Process {
    name: String,
    child: Child,
    /// Its standard input: closing it asks the child to end.
    stdin: Option<ChildStdin>,
}

/// What a child is started from.
pub(crate) struct Launch<'a> {
    /// Its name in messages.
    pub(crate) name: String,
    /// The binary, whose `main` is this crate's.
    pub(crate) binary: &'a Path,
    /// What it runs.
    pub(crate) program: Program,
    /// Its configuration file.
    pub(crate) config: PathBuf,
    /// Where its log goes.
    pub(crate) log: PathBuf,
    /// What it holds locked while it runs.
    pub(crate) lock: PathBuf,
}

impl Process {
    /// Starts a child and waits until it serves.
    pub(crate) async fn start(launch: Launch<'_>) -> Result<(Self, Ready)> {
        let Launch {
            name,
            binary,
            program,
            config,
            log,
            lock,
        } = launch;
        let stderr = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let program = program
            .to_possible_value()
            .context("a hidden program")?
            .get_name()
            .to_owned();
        let mut child = Command::new(binary)
            .args(["child", &program, "--config"])
            .arg(&config)
            .arg("--lock")
            .arg(&lock)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        let mut reader = BufReader::new(stdout.take(MAX_ANNOUNCEMENT_BYTES));
        let read = timeout(START_TIMEOUT, reader.read_line(&mut line)).await;
        let process = Self { name, child, stdin };
        let name = &process.name;
        match read {
            Err(_) => bail!(
                "{name} does not serve after {START_TIMEOUT:?}; its log is {}",
                log.display()
            ),
            Ok(Err(error)) => return Err(error).with_context(|| format!("{name} cannot be read")),
            Ok(Ok(_)) => {}
        }
        match serde_json::from_str(&line) {
            Ok(Announcement::Ready(ready)) => Ok((process, ready)),
            Ok(Announcement::Failed(reason)) => {
                bail!(
                    "{name} cannot start: {reason}\n  its log is {}",
                    log.display()
                )
            }
            Err(_) => bail!(
                "{name} ended before it served; its log is {}",
                log.display()
            ),
        }
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end and waits; kills it if it does not.
    pub(crate) async fn stop(mut self) -> Result<()> {
        drop(self.stdin.take());
        match timeout(STOP_TIMEOUT, self.child.wait()).await {
            Ok(status) => {
                let status = status?;
                if !status.success() {
                    bail!("{} ended with {status}", self.name);
                }
                Ok(())
            }
            Err(_) => {
                self.child.kill().await?;
                bail!(
                    "{} did not end within {STOP_TIMEOUT:?} and was killed",
                    self.name
                )
            }
        }
    }

    /// SIGKILL, at once.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }
}
