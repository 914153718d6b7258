//! The network, and the program started as a person starts it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result};
use localnet::{Network, Options, Quiet};
use nyx_client::Account;
use serde_json::Value;
use tempfile::TempDir;

/// Given to the holder: some dozens of books.
const FUNDS_UNYM: u128 = 10_000_000_000;
/// The holder's account.
pub(crate) const WORDS: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) home: TempDir,
}

impl World {
    pub(crate) async fn start() -> Result<Self> {
        let home = tempfile::tempdir()?;
        let network = Network::start(Options::new(&home.path().join("net"))?, &Quiet).await?;
        let holder = Account::from_mnemonic(WORDS, localnet::network::ADDRESS_PREFIX)?;
        network.fund(holder.address(), FUNDS_UNYM).await?;
        Ok(Self { network, home })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The program with the network's env file and no other environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nym-cli"));
        command
            .arg("-c")
            .arg(self.path("net/localnet.env"))
            .args(args)
            .env_clear()
            .env("NYM_CLI_HOME", self.path("state"))
            .stdin(Stdio::null())
            .current_dir(self.home.path());
        command
    }

    /// Runs it to its end without any network.
    pub(crate) fn offline(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nym-cli"));
        command
            .args(args)
            .env_clear()
            .stdin(Stdio::null())
            .current_dir(self.home.path());
        Ran::of(command.output().unwrap())
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Runs it for the funded account.
    pub(crate) fn pay(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).env("MNEMONIC", WORDS).output().unwrap())
    }

    /// A fresh client; path of its configuration.
    pub(crate) fn client(&self, name: &str) -> String {
        self.run(&["ecash", "new-client", name]).ends_with(0);
        format!("{name}/config.toml")
    }

    /// A fresh client with one book of the type that its command line's default names.
    pub(crate) fn client_with_book(&self, name: &str) -> String {
        let config = self.client(name);
        self.pay(&["ecash", "issue-ticket-book", "--client-config", &config])
            .ends_with(0);
        config
    }

    pub(crate) async fn deposits(&self) -> Result<usize> {
        let ecash = &self.network.contracts()?.ecash;
        Ok(self
            .network
            .chain()
            .ecash(ecash)
            .deposits_after(None)
            .await?
            .len())
    }

    /// Identity key of a gateway that takes tickets of mixnet entries.
    pub(crate) fn provider(&self, number: u16) -> Result<String> {
        self.network
            .gateway(number)?
            .identity_key
            .clone()
            .context("the gateway's key")
    }
}

/// A run that has ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The one document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr))
    }
}

/// The names of an object's fields, sorted.
#[track_caller]
pub(crate) fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"))
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[track_caller]
pub(crate) fn has_fields(value: &Value, names: &[&str]) {
    let mut names = names.to_vec();
    names.sort_unstable();
    assert_eq!(fields(value), names);
}

/// Fields of a book (`cli.md` 5.3).
pub(crate) const BOOK: &[&str] = &[
    "id",
    "type",
    "expiration_date",
    "epoch_id",
    "tickets_left",
    "tickets_total",
    "bytes_left",
    "first_index",
    "last_index",
    "state",
    "reason",
    "home",
];
/// Fields of an issuance.
pub(crate) const ISSUANCE: &[&str] = &[
    "deposit_id",
    "type",
    "state",
    "reason",
    "shares",
    "threshold",
    "deadline",
    "next_try_at",
];

pub(crate) fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
