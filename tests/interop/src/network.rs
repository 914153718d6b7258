//! `localnet up` in a folder of its own, reached by its URLs and files only.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Longest time for a network to come up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where `localnet` is, if it has been built already.
const PROGRAM: &str = "LOCALNET_BIN";

/// A running network. Its processes end with it.
pub struct LocalNetwork {
    home: tempfile::TempDir,
    _process: Child,
    /// `network.json`.
    pub description: Value,
    accounts: Value,
}

/// `localnet` as the product's own lock and features make it.
async fn program() -> PathBuf {
    if let Some(built) = std::env::var_os(PROGRAM).map(PathBuf::from) {
        assert!(
            built.is_file(),
            "{PROGRAM}: there is no {}",
            built.display()
        );
        return built;
    }
    let product = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = product.join("target");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "-p",
            "localnet",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(&product)
        .status()
        .await
        .unwrap();
    assert!(built.success(), "localnet cannot be built");
    target.join("debug/localnet")
}

impl LocalNetwork {
    /// Brings a network up, whole.
    pub async fn up(signers: u16, gateways: u16) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("net");
        let mut process = Command::new(program().await)
            .arg("up")
            .arg("--home")
            .arg(&folder)
            .args(["--signers", &signers.to_string()])
            .args(["--gateways", &gateways.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let is_up = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.starts_with("settings for clients") {
                    return true;
                }
            }
            false
        };
        let up = tokio::time::timeout(PATIENCE, is_up).await;
        assert!(up.is_ok_and(|up| up), "the network does not come up");
        let read = |name: &str| -> Value {
            serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
        };
        Self {
            description: read("network.json"),
            accounts: read("accounts.json"),
            home,
            _process: process,
        }
    }

    /// A text of the description.
    pub fn text(&self, pointer: &str) -> &str {
        self.description.pointer(pointer).unwrap().as_str().unwrap()
    }

    /// The chain's RPC, without a slash at the end.
    pub fn rpc(&self) -> &str {
        self.text("/rpc").trim_end_matches('/')
    }

    /// The announced URLs of the signers, without a slash at the end.
    pub fn signers(&self) -> Vec<&str> {
        let signers = self.description["signers"].as_array().unwrap();
        signers
            .iter()
            .map(|signer| signer["url"].as_str().unwrap().trim_end_matches('/'))
            .collect()
    }

    /// URL and base58 identity key of a gateway that takes tickets of this type.
    pub fn gateway_for(&self, ticket_type: &str) -> (&str, &str) {
        let gateways = self.description["gateways"].as_array().unwrap();
        let takes = |gateway: &&Value| {
            let roles = gateway["roles"].as_array().unwrap();
            roles.iter().any(|role| role == ticket_type)
        };
        let gateway = gateways.iter().find(takes).expect("a gateway of that role");
        (
            gateway["url"].as_str().unwrap(),
            gateway["identity_key"].as_str().unwrap(),
        )
    }

    /// Base58 identity key and payout account of every gateway.
    pub fn gateway_accounts(&self) -> Vec<(String, String)> {
        let gateways = self.description["gateways"].as_array().unwrap();
        let field = |gateway: &Value, name: &str| gateway[name].as_str().unwrap().to_owned();
        gateways
            .iter()
            .map(|gateway| (field(gateway, "identity_key"), field(gateway, "address")))
            .collect()
    }

    /// Kills the process of a signer.
    pub fn kill_signer(&self, number: u16) {
        let config = format!("net/signers/{number}/");
        let is_it = |pid: &str| {
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).into_owned();
            command.contains(&self.folder().display().to_string()) && command.contains(&config)
        };
        let pid = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .find(|name| name.parse::<u32>().is_ok() && is_it(name))
            .expect("the signer's process");
        let killed = std::process::Command::new("kill")
            .args(["-KILL", &pid])
            .status();
        assert!(killed.unwrap().success());
    }

    /// The words of a funded account.
    pub fn mnemonic(&self, name: &str) -> &str {
        let accounts = self.accounts["accounts"].as_array().unwrap();
        let account = accounts.iter().find(|account| account["name"] == name);
        account.unwrap()["mnemonic"].as_str().unwrap()
    }

    /// `localnet.env` with `more` lines, as a file beside it.
    pub fn env_file(&self, more: &str) -> PathBuf {
        let text = std::fs::read_to_string(self.home.path().join("net/localnet.env")).unwrap();
        let path = self.home.path().join("test.env");
        std::fs::write(&path, text + more).unwrap();
        path
    }

    /// A folder that goes with the network.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }
}
