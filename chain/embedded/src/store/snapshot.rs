//! The snapshot: everything the chain is after some block, written at start-up so that the log can begin anew.
//!
//! `"NYXSNAP1" ‖ SHA-256(body) ‖ body`; body: hash of the genesis, chain id, height, time, application hash, state,
//! blocks.

use std::fs;
use std::io::ErrorKind;

use cosmwasm_std::Storage;
use sha2::{Digest, Sha256};

use super::codec::{Reader, Writer};
use super::folder::{Folder, io_error};
use crate::blocks::Blocks;
use crate::error::ChainError;
use crate::state::Kv;

const MAGIC: &[u8; 8] = b"NYXSNAP1";
const CHECKED: usize = 40;

/// What a snapshot holds. Height, time and hashes of the head are those of the last block.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) genesis_hash: [u8; 32],
    pub(crate) chain_id: String,
    /// Application hash after the last block, or of genesis.
    pub(crate) app_hash: [u8; 32],
    pub(crate) kv: Kv,
    pub(crate) blocks: Blocks,
}

impl Snapshot {
    /// Writes it in place of the one before.
    ///
    /// # Errors
    /// [`ChainError::Io`].
    pub(crate) fn save(&self, folder: &Folder) -> Result<(), ChainError> {
        let mut body = Writer::default();
        body.array(&self.genesis_hash);
        body.text(&self.chain_id);
        body.array(&self.app_hash);
        body.length(self.kv.len());
        for (key, value) in self.kv.iter() {
            body.bytes(key);
            body.bytes(value);
        }
        self.blocks.write(&mut body);
        let body = body.into_bytes();
        let digest = Sha256::digest(&body);
        folder.replace_snapshot(&[MAGIC.as_slice(), &digest, &body].concat())
    }

    /// Reads it; `None` if there is none yet.
    ///
    /// # Errors
    /// [`ChainError::Damaged`], [`ChainError::Io`].
    pub(crate) fn load(folder: &Folder) -> Result<Option<Self>, ChainError> {
        let path = folder.snapshot_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(&path, "reading")(error)),
        };
        let damaged = |reason: &str| ChainError::Damaged {
            path: path.clone(),
            offset: 0,
            reason: reason.to_owned(),
        };
        let Some((checked, body)) = bytes.split_at_checked(CHECKED) else {
            return Err(damaged("shorter than a snapshot's head"));
        };
        if !checked.starts_with(MAGIC) {
            return Err(damaged("not a snapshot of this version"));
        }
        if !checked.ends_with(&Sha256::digest(body)) {
            return Err(damaged("the content does not match its checksum"));
        }
        let base = u64::try_from(CHECKED).unwrap_or_default();
        let mut from = Reader::new(&path, base, body);
        let genesis_hash = from.array()?;
        let chain_id = from.text()?;
        let app_hash = from.array()?;
        let mut kv = Kv::default();
        for (key, value) in from.list(|from| Ok((from.bytes()?, from.bytes()?)))? {
            kv.set(&key, &value);
        }
        let blocks = Blocks::read(&mut from)?;
        let snapshot = Self {
            genesis_hash,
            chain_id,
            app_hash,
            kv,
            blocks,
        };
        from.end()?;
        Ok(Some(snapshot))
    }
}
