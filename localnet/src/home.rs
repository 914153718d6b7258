//! The folder of a network: where everything lies, what is known of it, and its accounts.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use ecash_service::files;
use ecash_ticketbook::TicketType;
use nyx_client::{Account, Address};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::network::ADDRESS_PREFIX;

/// Most bytes that are read of a file of the folder.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Longest wait for children of an earlier run to end.
const CHILDREN_END: Duration = Duration::from_secs(30);
/// Wait between two looks at them.
const LOCK_RETRY: Duration = Duration::from_millis(50);
/// Mode of files that everybody may read.
const PUBLIC_FILE_MODE: u32 = 0o644;

/// Addresses of the contracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracts {
    /// The group of signers.
    pub group: Address,
    /// The multisig.
    pub multisig: Address,
    /// The DKG contract.
    pub dkg: Address,
    /// The ecash contract.
    pub ecash: Address,
}

/// One Quorum member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerEntry {
    /// 1, 2, …; not its node index.
    pub number: u16,
    /// Its account.
    pub address: Address,
    /// Its URL.
    pub url: Option<Url>,
    /// Its identity key, base58.
    pub identity_key: Option<String>,
}

/// One gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEntry {
    /// 1, 2, …
    pub number: u16,
    /// Its payout account.
    pub address: Address,
    /// Where clients reach it.
    pub url: Option<Url>,
    /// Where data plane and operator reach it.
    pub loopback_url: Option<Url>,
    /// Its identity key, base58.
    pub identity_key: Option<String>,
    /// The ticket types it takes.
    pub roles: Vec<TicketType>,
}

/// `network.json`: what is known of the network. URLs and contracts are filled in as they come into being and stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The chain's name.
    pub chain_id: String,
    /// The chain's RPC.
    pub rpc: Option<Url>,
    /// Shares that make a key, and votes that pass.
    pub threshold: u64,
    /// The contracts.
    pub contracts: Option<Contracts>,
    /// The Quorum.
    pub signers: Vec<SignerEntry>,
    /// The gateways.
    pub gateways: Vec<GatewayEntry>,
}

/// One account of `accounts.json`.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountEntry {
    pub(crate) name: String,
    pub(crate) address: Address,
    #[serde(with = "words")]
    pub(crate) mnemonic: Zeroizing<String>,
}

/// Words in JSON text, wiped in memory.
mod words {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(
        words: &Zeroizing<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(words)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new)
    }
}

/// `accounts.json`: the mnemonics of the funded accounts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Accounts {
    pub(crate) accounts: Vec<AccountEntry>,
}

impl Accounts {
    pub(crate) fn generate(names: impl IntoIterator<Item = String>) -> Result<Self> {
        let accounts = names
            .into_iter()
            .map(|name| {
                let mnemonic = Account::generate_mnemonic()?;
                let account = Account::from_mnemonic(&mnemonic, ADDRESS_PREFIX)?;
                Ok(AccountEntry {
                    name,
                    address: account.address().clone(),
                    mnemonic,
                })
            })
            .collect::<Result<_, nyx_client::Error>>()?;
        Ok(Self { accounts })
    }

    pub(crate) fn entry(&self, name: &str) -> Result<&AccountEntry> {
        self.accounts
            .iter()
            .find(|entry| entry.name == name)
            .with_context(|| format!("accounts.json has no account {name:?}"))
    }

    pub(crate) fn account(&self, name: &str) -> Result<Account> {
        let entry = self.entry(name)?;
        Ok(Account::from_mnemonic(&entry.mnemonic, ADDRESS_PREFIX)?)
    }
}

/// The folder. While it is held, no other network runs from it.
pub struct Home {
    path: PathBuf,
    _lock: File,
}

impl Home {
    /// Takes the folder, making it with mode 0700 where there is none.
    ///
    /// # Errors
    /// If it cannot be made, is open to others, or another network runs from it.
    pub fn take(path: &Path) -> Result<Self> {
        files::create_private_dir(path)
            .with_context(|| format!("cannot use {} as the network's folder", path.display()))?;
        let path = path.canonicalize()?;
        let lock = open_lock(&path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "a network is already running from {}; stop it first, or give another --home",
                path.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let home = Self { path, _lock: lock };
        home.await_earlier_children()?;
        Ok(home)
    }

    /// Children of a run that was killed end by themselves, but not at once; until then they hold ports and files.
    fn await_earlier_children(&self) -> Result<()> {
        let deadline = Instant::now() + CHILDREN_END;
        let lock = open_lock(&self.children_lock())?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => bail!(
                    "children of an earlier run from {} still run after {CHILDREN_END:?}; end them first",
                    self.path.display()
                ),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY),
            }
        }
    }

    /// Held by every child, shared, for as long as it runs.
    pub(crate) fn children_lock(&self) -> PathBuf {
        self.path.join("children.lock")
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn description(&self) -> Result<Option<Description>> {
        read_description(&self.path)
    }

    pub(crate) fn save(&self, description: &Description) -> Result<()> {
        let json = serde_json::to_vec_pretty(description)?;
        files::write_atomic(&description_path(&self.path), &json, PUBLIC_FILE_MODE)?;
        Ok(())
    }

    pub(crate) fn accounts(&self) -> Result<Option<Accounts>> {
        let path = self.path.join("accounts.json");
        if !path.exists() {
            return Ok(None);
        }
        let bytes = files::read_private(&path, MAX_FILE_BYTES)?;
        Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
            format!("{} is damaged", path.display())
        })?))
    }

    pub(crate) fn save_accounts(&self, accounts: &Accounts) -> Result<()> {
        let json = Zeroizing::new(serde_json::to_vec_pretty(accounts)?);
        files::write_private(&self.path.join("accounts.json"), &json)?;
        Ok(())
    }

    /// Where `localnet.env` lies.
    #[must_use]
    pub fn env_file(&self) -> PathBuf {
        self.path.join("localnet.env")
    }

    pub(crate) fn chain_dir(&self) -> PathBuf {
        self.path.join("chain")
    }

    pub(crate) fn setup_dir(&self) -> PathBuf {
        self.path.join("setup")
    }

    pub(crate) fn dealer_dir(&self) -> PathBuf {
        self.path.join("dealer")
    }

    pub(crate) fn signer_dir(&self, number: u16) -> PathBuf {
        self.path.join("signers").join(number.to_string())
    }

    pub(crate) fn gateway_dir(&self, number: u16) -> PathBuf {
        self.path.join("gateways").join(number.to_string())
    }

    /// Makes a private directory and those above it inside the folder.
    pub(crate) fn make_dir(&self, path: &Path) -> Result<()> {
        if let Some(parent) = path.parent()
            && parent != self.path
            && parent.starts_with(&self.path)
        {
            self.make_dir(parent)?;
        }
        files::create_private_dir(path)?;
        Ok(())
    }
}

/// A child's hold on the folder: kept until it ends.
pub(crate) fn hold_as_child(lock: &Path) -> Result<File> {
    let file = open_lock(lock)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("the folder is being taken over"),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn open_lock(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn description_path(home: &Path) -> PathBuf {
    home.join("network.json")
}

/// Reads the description of the network in `home`; `None` where there is none yet.
///
/// # Errors
/// If the file cannot be read or is damaged.
pub fn read_description(home: &Path) -> Result<Option<Description>> {
    let path = description_path(home);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
    };
    Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
        format!("{} is damaged", path.display())
    })?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_folder_belongs_to_one_network_at_a_time_and_to_its_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("net");
        let home = Home::take(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        let Err(refused) = Home::take(&path) else {
            unreachable!("taken twice")
        };
        assert!(refused.to_string().contains("already running"), "{refused}");
        drop(home);
        Home::take(&path).unwrap();
    }

    #[test]
    fn a_running_child_keeps_the_folder_from_being_taken_over() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("net");
        let lock = Home::take(&path).unwrap().children_lock();
        let child = hold_as_child(&lock).unwrap();
        let another = hold_as_child(&lock).unwrap();
        let taking = std::thread::spawn(move || Home::take(&path).map(|_| ()));
        assert!(open_lock(&lock).unwrap().try_lock().is_err());
        drop((child, another));
        taking.join().unwrap().unwrap();
    }

    #[test]
    fn accounts_are_read_back_as_they_were_written_and_private() {
        let parent = tempfile::tempdir().unwrap();
        let home = Home::take(&parent.path().join("net")).unwrap();
        assert!(home.accounts().unwrap().is_none());
        let accounts = Accounts::generate(["alice".to_owned(), "bob".to_owned()]).unwrap();
        home.save_accounts(&accounts).unwrap();
        let file = home.path().join("accounts.json");
        assert_eq!(mode(&file), 0o600);
        let read = home.accounts().unwrap().unwrap();
        for name in ["alice", "bob"] {
            assert_eq!(
                read.entry(name).unwrap().mnemonic,
                accounts.entry(name).unwrap().mnemonic
            );
            let address = &accounts.entry(name).unwrap().address;
            assert_eq!(read.account(name).unwrap().address(), address);
        }
        assert!(read.account("carol").is_err());

        std::fs::write(&file, b"{").unwrap();
        assert!(home.accounts().is_err());
    }
}
