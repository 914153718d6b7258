//! What a share file holds (kind 1 of `dkg.md` 15.1):
//! `lp(chain id) ‖ lp(contract) ‖ lp(address) ‖ u64 epoch ‖ u64 index ‖ u64 t ‖ u8 resharing ‖ u64 source epoch ‖
//! outcome (32) ‖ secret key (168) ‖ master X̂, Ŷ₁…Ŷ₄ (480) ‖ instance id (16)`, integers big-endian.

use std::path::{Path, PathBuf};

use ecash_scheme::{G2, SecretKey, VerificationKey};
use ecash_service::files;
use ecash_ticketbook::{EpochId, NodeIndex};
use zeroize::Zeroizing;

use super::file::{self, Kind, Protection};
use crate::error::{Error, Result};

/// Number of `y` elements of every key of the network.
pub const KEY_ELEMENTS: usize = 4;
/// Length of an instance id.
pub const INSTANCE_ID_BYTES: usize = 16;
/// Length of the outcome digest; zero for a key that came from no ceremony.
pub const OUTCOME_BYTES: usize = 32;

const SECRET_KEY_BYTES: usize = ecash_scheme::constants::secret_key_bytes(KEY_ELEMENTS);
const G2_BYTES: usize = ecash_scheme::constants::G2_BYTES;
/// The longest chain id or address.
const MAX_TEXT_BYTES: usize = 256;
/// The largest share file that is read.
const MAX_FILE_BYTES: u64 = 4096;

/// Random id of one database; a key file carries it, so that a key and a database that do not belong together are
/// noticed (`quorum-api.md` 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId([u8; INSTANCE_ID_BYTES]);

impl InstanceId {
    /// A fresh id.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; INSTANCE_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; INSTANCE_ID_BYTES] {
        &self.0
    }
}

impl std::fmt::Display for InstanceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The part of the master key that every member keeps: X̂ and Ŷ₁ … Ŷ₄, the values at 0 of the shared polynomials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterPoints(Vec<G2>);

impl MasterPoints {
    /// Those of a verification key.
    ///
    /// # Errors
    /// [`Error::ChainData`] when the key has another number of elements than the network's.
    pub fn of(key: &VerificationKey) -> Result<Self> {
        if key.elements() != KEY_ELEMENTS {
            return Err(Error::ChainData {
                what: "number of key elements",
                value: key.elements().to_string(),
                reason: format!("the network's keys have {KEY_ELEMENTS}"),
            });
        }
        let mut points = Vec::with_capacity(KEY_ELEMENTS + 1);
        points.push(*key.alpha());
        points.extend(key.beta_g2().iter().cloned());
        Ok(Self(points))
    }

    /// Whether `key` has these points.
    #[must_use]
    pub fn are_of(&self, key: &VerificationKey) -> bool {
        self.0
            .split_first()
            .is_some_and(|(alpha, betas)| alpha == key.alpha() && betas == key.beta_g2())
    }
}

/// A member's share of one epoch's key with everything that ties it to its place.
pub struct ShareRecord {
    /// Chain id.
    pub chain_id: String,
    /// Address of the DKG contract.
    pub contract: String,
    /// The member's account.
    pub address: String,
    /// Epoch of the key.
    pub epoch: EpochId,
    /// The member's node index: where the polynomials were evaluated.
    pub index: NodeIndex,
    /// Shares that make the master key.
    pub threshold: u64,
    /// Whether the epoch came from a resharing.
    pub resharing: bool,
    /// Epoch that was reshared, 0 if none.
    pub source_epoch: EpochId,
    /// Digest of the ceremony's outcome, zero for a key that came from no ceremony.
    pub outcome: [u8; OUTCOME_BYTES],
    /// The share.
    pub secret: SecretKey,
    /// The master key's points in G2.
    pub master: MasterPoints,
    /// The database that the key belongs to.
    pub instance: InstanceId,
}

/// Name of the share file of an epoch.
#[must_use]
pub fn file_name(epoch: EpochId) -> String {
    format!("epoch-{epoch}.share")
}

impl ShareRecord {
    /// Writes the share into the key directory `dir`, encrypted, atomically, with mode 0600, and reads it back.
    ///
    /// # Errors
    /// [`Error::KeyFile`] for a text that is too long, [`Error::Service`] when the file cannot be written or the
    /// directory is open to others.
    pub fn write(&self, dir: &Path, protection: &Protection) -> Result<PathBuf> {
        files::check_private_dir(dir)?;
        let path = dir.join(file_name(self.epoch));
        let plaintext = self.encode(&path)?;
        let bytes = file::seal(protection, Kind::Share, self.epoch, self.index, &plaintext)?;
        files::write_private(&path, &bytes)?;
        Self::read(&path, protection)?;
        Ok(path)
    }

    /// Reads a share file.
    ///
    /// # Errors
    /// [`Error::Service`] when the file is missing, too large, not ours or open to others; [`Error::KeyFile`] when it
    /// does not open or its content contradicts its header.
    pub fn read(path: &Path, protection: &Protection) -> Result<Self> {
        let bytes = files::read_private(path, MAX_FILE_BYTES)?;
        let opened = file::open(protection, Kind::Share, path, &bytes)?;
        let record = Self::decode(path, &opened.plaintext)?;
        if record.epoch != opened.epoch || record.index != opened.index {
            return Err(Error::KeyFile {
                path: path.to_path_buf(),
                reason: format!(
                    "its header names epoch {} and node {}, its content epoch {} and node {}",
                    opened.epoch, opened.index, record.epoch, record.index
                ),
            });
        }
        Ok(record)
    }

    fn encode(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>> {
        let fail = |reason: &str| Error::KeyFile {
            path: path.to_path_buf(),
            reason: reason.to_owned(),
        };
        let mut out = Zeroizing::new(Vec::with_capacity(1024));
        for text in [&self.chain_id, &self.contract, &self.address] {
            if text.len() > MAX_TEXT_BYTES {
                return Err(fail("a chain id or address is longer than 256 bytes"));
            }
            let length = u16::try_from(text.len()).map_err(|_| fail("a text is too long"))?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        for number in [self.epoch.get(), self.index.get(), self.threshold] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.push(u8::from(self.resharing));
        out.extend_from_slice(&self.source_epoch.get().to_be_bytes());
        out.extend_from_slice(&self.outcome);
        let secret = self.secret.to_bytes();
        if secret.len() != SECRET_KEY_BYTES || self.master.0.len() != KEY_ELEMENTS + 1 {
            return Err(fail(
                "the key has another number of elements than the network's",
            ));
        }
        out.extend_from_slice(&secret);
        for point in &self.master.0 {
            out.extend_from_slice(&point.to_bytes());
        }
        out.extend_from_slice(self.instance.as_bytes());
        Ok(out)
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self> {
        let fail = |reason: String| Error::KeyFile {
            path: path.to_path_buf(),
            reason,
        };
        let mut input = Input { left: bytes, path };
        let record = Self {
            chain_id: input.text()?,
            contract: input.text()?,
            address: input.text()?,
            epoch: EpochId(input.number()?),
            index: NodeIndex(input.number()?),
            threshold: input.number()?,
            resharing: match input.array::<1>()? {
                [0] => false,
                [1] => true,
                [other] => return Err(fail(format!("its resharing flag is {other}"))),
            },
            source_epoch: EpochId(input.number()?),
            outcome: input.array()?,
            secret: SecretKey::from_bytes(input.take(SECRET_KEY_BYTES)?)
                .map_err(|e| fail(e.to_string()))?,
            master: MasterPoints(
                (0..=KEY_ELEMENTS)
                    .map(|_| G2::from_bytes(input.take(G2_BYTES)?).map_err(|e| fail(e.to_string())))
                    .collect::<Result<_>>()?,
            ),
            instance: InstanceId(input.array()?),
        };
        if !input.left.is_empty() {
            return Err(fail(format!(
                "{} bytes follow its content",
                input.left.len()
            )));
        }
        Ok(record)
    }
}

/// Reads the fields of a record in their order.
struct Input<'a> {
    left: &'a [u8],
    path: &'a Path,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (field, rest) = self
            .left
            .split_at_checked(length)
            .ok_or_else(|| Error::KeyFile {
                path: self.path.to_path_buf(),
                reason: "its content is cut off".to_owned(),
            })?;
        self.left = rest;
        Ok(field)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn number(&mut self) -> Result<u64> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String> {
        let length = usize::from(u16::from_be_bytes(self.array()?));
        let path = self.path;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| Error::KeyFile {
            path: path.to_path_buf(),
            reason: "a text in it is not UTF-8".to_owned(),
        })
    }
}
