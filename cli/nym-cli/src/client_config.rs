//! The client's configuration file (`cli.md` 2.7): TOML of any client, of which three things are needed.
//!
//! ```toml
//! id = "alice"
//!
//! [storage_paths]
//! credentials_database = "credentials_database.db"
//!
//! [storage_paths.keys]
//! private_identity_key_file = "private_identity.pem"
//! ```
//!
//! Relative paths are taken from the folder of the file. The key file is PEM with the label `ED25519 PRIVATE KEY` around
//! 32 raw bytes, mode 0600; its bytes are the seed of the ecash key and of every book.

use std::path::{Path, PathBuf};

use ecash_requests::{IdentityKey, IdentitySecret};
use ecash_service::{files, pem};
use ecash_wallet::{Seed, database_beside};
use rand::RngCore as _;
use toml::{Table, Value};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Largest configuration, in bytes.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;
/// Largest key file, in bytes.
const MAX_KEY_BYTES: u64 = 4 * 1024;
/// Label of the key file.
const KEY_LABEL: &str = "ED25519 PRIVATE KEY";
/// Raw bytes of a key.
const KEY_BYTES: usize = 32;

/// What is used of a client's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientConfig {
    /// Where it was read.
    pub(crate) path: PathBuf,
    /// The client's name.
    pub(crate) id: String,
    /// The reference's credential database; the wallet lies beside it.
    pub(crate) credentials_database: PathBuf,
    /// `None` in the configuration of a signer, which has a store only.
    key_file: Option<PathBuf>,
}

impl ClientConfig {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |reason: String| {
            Failure::new(
                Exit::Failed,
                format!("client configuration {}: {reason}", path.display()),
            )
        };
        let size = std::fs::metadata(path)
            .map_err(|error| failed(error.to_string()))?
            .len();
        if size > MAX_CONFIG_BYTES {
            return Err(failed(format!(
                "it has {size} bytes, more than {MAX_CONFIG_BYTES}"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| failed(error.to_string()))?;
        Self::from_table(path, &table).map_err(failed)
    }

    fn from_table(path: &Path, table: &Table) -> Result<Self, String> {
        let id = find_id(table).ok_or("it has no `id`")?;
        let base = path.parent().unwrap_or(Path::new(""));
        if let Some(monitor) = table
            .get("network_monitor")
            .and_then(|monitor| monitor.get("storage_paths"))
        {
            let database = monitor
                .get("credentials_database_path")
                .and_then(Value::as_str)
                .ok_or("[network_monitor.storage_paths] has no text `credentials_database_path`")?;
            return Ok(Self {
                path: path.to_path_buf(),
                id,
                credentials_database: base.join(database),
                key_file: None,
            });
        }
        let paths = table
            .get("storage_paths")
            .ok_or("it has no table [storage_paths]")?;
        let text = |value: Option<&Value>, name: &str| {
            value
                .and_then(Value::as_str)
                .map(PathBuf::from)
                .ok_or_else(|| format!("[storage_paths] has no text `{name}`"))
        };
        let database = text(paths.get("credentials_database"), "credentials_database")?;
        let key = paths
            .get("keys")
            .and_then(|keys| keys.get("private_identity_key_file"));
        let key = text(key, "keys.private_identity_key_file")?;
        Ok(Self {
            path: path.to_path_buf(),
            id,
            credentials_database: base.join(database),
            key_file: Some(base.join(key)),
        })
    }

    /// The wallet's database.
    pub(crate) fn wallet_database(&self) -> PathBuf {
        database_beside(&self.credentials_database)
    }

    /// Where books are kept: the credential database where there is one, else the wallet's own beside it.
    pub(crate) fn store(&self) -> PathBuf {
        if self.credentials_database.exists() {
            self.credentials_database.clone()
        } else {
            self.wallet_database()
        }
    }

    /// The seed: the client's private identity key.
    pub(crate) fn seed(&self) -> Result<Seed, Failure> {
        let file = self.key_file.as_ref().ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!(
                    "{} is the configuration of a signer: its store is understood (`list`, `verify`), but tickets are issued to clients; name the configuration of one",
                    self.path.display()
                ),
            )
        })?;
        let key = read_key(file)?;
        Ok(Seed::new(Zeroizing::new(key.to_vec()))?)
    }

    /// The key under which this client is known to one gateway: random, one per gateway, unrelated to the seed; kept
    /// beside the configuration.
    pub(crate) fn gateway_key(&self, gateway: &IdentityKey) -> Result<IdentitySecret, Failure> {
        let folder = self.path.parent().unwrap_or(Path::new("")).join("gateways");
        let path = folder.join(format!("{gateway}.pem"));
        if path.exists() {
            let key = read_key(&path)?;
            return Ok(IdentitySecret::from_bytes(&key));
        }
        files::create_private_dir(&folder)?;
        let key = IdentitySecret::generate(&mut rand::rngs::OsRng);
        files::create_private(
            &path,
            pem::encode(KEY_LABEL, key.to_bytes().as_slice()).as_bytes(),
        )?;
        Ok(key)
    }

    /// Writes the folder of a new client: configuration and a fresh key.
    pub(crate) fn create(directory: &Path, id: &str) -> Result<PathBuf, Failure> {
        let config = directory.join("config.toml");
        if config.exists() {
            return Err(Failure::new(
                Exit::Failed,
                format!(
                    "{} exists already; a client's key is never overwritten",
                    config.display()
                ),
            ));
        }
        files::create_private_dir(directory)?;
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        rand::rngs::OsRng.fill_bytes(key.as_mut_slice());
        files::create_private(
            &directory.join("private_identity.pem"),
            pem::encode(KEY_LABEL, key.as_slice()).as_bytes(),
        )?;
        let text = format!(
            "id = {}\n\n[storage_paths]\ncredentials_database = \"credentials_database.db\"\n\n[storage_paths.keys]\nprivate_identity_key_file = \"private_identity.pem\"\n",
            Value::String(id.to_owned())
        );
        files::create_private(&config, text.as_bytes())?;
        Ok(config)
    }
}

/// The 32 bytes of a PEM key file.
fn read_key(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>, Failure> {
    let failed = |reason: String| {
        Failure::new(
            Exit::Failed,
            format!("key file {}: {reason}", path.display()),
        )
    };
    let bytes = files::read_private(path, MAX_KEY_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is not text".to_owned()))?;
    let key = pem::decode(KEY_LABEL, text).map_err(|error| failed(error.to_string()))?;
    <[u8; KEY_BYTES]>::try_from(key.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| {
            failed(format!(
                "it holds {} bytes in place of {KEY_BYTES}",
                key.len()
            ))
        })
}

/// The first `id` that is a text, wherever it stands.
fn find_id(table: &Table) -> Option<String> {
    if let Some(Value::String(id)) = table.get("id") {
        return Some(id.clone());
    }
    table.values().filter_map(Value::as_table).find_map(find_id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn parse(text: &str) -> Result<ClientConfig, String> {
        ClientConfig::from_table(
            Path::new("/clients/alice/config.toml"),
            &text.parse().unwrap(),
        )
    }

    #[test]
    fn id_database_and_key_are_found_in_a_usual_client_configuration() {
        let config = parse(
            "[client]\nid = 'alice'\n[storage_paths]\ncredentials_database = 'c.db'\ngateway_registrations = 'g.db'\n\
             [storage_paths.keys]\nprivate_identity_key_file = '/keys/i.pem'\nack_key_file = 'a.pem'\n",
        )
        .unwrap();
        assert_eq!(config.id, "alice");
        assert_eq!(
            config.wallet_database(),
            Path::new("/clients/alice/c.db.wallet.sqlite")
        );
        assert_eq!(config.key_file.as_deref(), Some(Path::new("/keys/i.pem")));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(parse("id = 'a'").unwrap_err().contains("storage_paths"));
        assert!(
            parse("[storage_paths]\ncredentials_database = 'c'")
                .unwrap_err()
                .contains("id")
        );
        assert!(
            parse("id = 'a'\n[storage_paths]\ncredentials_database = 'c'")
                .unwrap_err()
                .contains("private_identity_key_file")
        );
    }

    #[test]
    fn of_a_signer_the_store_is_known_and_that_it_has_no_seed_is_said() {
        let signer = parse(
            "[base]\nid = 'a'\n[network_monitor.storage_paths]\ncredentials_database_path = 'c.db'",
        )
        .unwrap();
        assert_eq!(signer.id, "a");
        assert_eq!(
            signer.credentials_database,
            Path::new("/clients/alice/c.db")
        );
        let failure = signer.seed().err().unwrap();
        assert!(failure.message.contains("signer"), "{}", failure.message);
        assert!(parse("id = 'a'\n[network_monitor.storage_paths]").is_err());
    }

    #[test]
    fn a_new_client_has_a_private_key_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("alice");
        let path = ClientConfig::create(&home, "al\"ice").unwrap();
        let config = ClientConfig::read(&path).unwrap();
        assert_eq!(config.id, "al\"ice");
        let fingerprint = config.seed().unwrap().root().fingerprint();
        assert!(
            ClientConfig::create(&home, "alice")
                .unwrap_err()
                .message
                .contains("exists")
        );
        assert_eq!(
            ClientConfig::read(&path)
                .unwrap()
                .seed()
                .unwrap()
                .root()
                .fingerprint(),
            fingerprint
        );
    }

    #[test]
    fn a_configuration_or_key_cut_at_any_byte_is_refused_or_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = ClientConfig::create(&dir.path().join("alice"), "alice").unwrap();
        let whole = ClientConfig::read(&path).unwrap();
        let text = std::fs::read(&path).unwrap();
        for length in 0..text.len() {
            std::fs::write(&path, &text[..length]).unwrap();
            match ClientConfig::read(&path) {
                Ok(config) => assert_eq!(config, whole, "only the last line break is missing"),
                Err(failure) => assert!(failure.message.contains("config.toml")),
            }
        }
        let key_file = whole.key_file.as_deref().unwrap();
        let pem = std::fs::read(key_file).unwrap();
        for length in 0..pem.len() - 1 {
            files::write_private(key_file, &pem[..length]).unwrap();
            let failure = whole.seed().err().unwrap();
            assert!(failure.message.contains("private_identity.pem"), "{length}");
        }
    }

    #[test]
    fn a_home_below_a_regular_file_and_a_key_that_is_none_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"x").unwrap();
        assert!(ClientConfig::create(&file.join("alice"), "alice").is_err());
        let path = ClientConfig::create(&dir.path().join("bob"), "bob").unwrap();
        let config = ClientConfig::read(&path).unwrap();
        let key_file = config.key_file.as_deref().unwrap();
        files::write_private(key_file, pem::encode(KEY_LABEL, &[1; 31]).as_bytes()).unwrap();
        assert!(config.seed().err().unwrap().message.contains("31"));
        files::write_private(key_file, b"not pem").unwrap();
        assert!(config.seed().is_err());
    }
}
