//! The log: one frame per block, appended and synced before the block is visible.
//!
//! A frame is a head of 16 bytes, the application hash after the block, and the record:
//! `"NYXB" ‖ length of the record (u32) ‖ first 8 bytes of SHA-256(of these 8 bytes) ‖ app hash ‖ record`.
//! The head has its own check so that a damaged length cannot pass for an unfinished frame and take the blocks behind it
//! along. The application hash is a SHA-256 over the record and so checks it.
//!
//! A process that dies while it appends leaves a frame that the file's end cuts off; a machine that dies may leave a
//! last frame of the right length with other bytes, or zeros. Such a last frame was never acknowledged to anybody: it is
//! cut off. The same anywhere before the last frame is damage.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::codec::Reader;
use super::folder::{Folder, io_error, private};
use super::record::BlockRecord;
use crate::error::ChainError;

const MAGIC: &[u8; 4] = b"NYXB";
const HEAD_BYTES: usize = 16;
const APP_HASH_BYTES: usize = 32;

/// Longest record. A block's bytes are bounded by what a block takes from the mempool and by what its gas can write.
pub(crate) const MAX_RECORD_BYTES: usize = 256 * 1024 * 1024;

/// The open log, at its end.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

fn head(length: u32) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    let start = [MAGIC.as_slice(), &length.to_le_bytes()].concat();
    let check = Sha256::digest(&start);
    for (to, from) in head.iter_mut().zip(start.iter().chain(check.iter())) {
        *to = *from;
    }
    head
}

/// What follows in the file.
enum Frame {
    /// A whole frame: the application hash and the record.
    Whole([u8; APP_HASH_BYTES], Vec<u8>),
    /// Nothing, or a frame that a crash left unfinished.
    End,
}

impl Log {
    /// Reads every record through `apply`, in order, cuts off an unfinished last frame, and stands ready to append.
    ///
    /// # Errors
    /// [`ChainError::Damaged`], [`ChainError::Io`], and those of `apply`, which gets each record with the application
    /// hash after it and may refuse with a reason.
    pub(crate) fn open(
        folder: &Folder,
        mut apply: impl FnMut(BlockRecord, [u8; 32]) -> Result<(), String>,
    ) -> Result<Self, ChainError> {
        let path = folder.log_path();
        let file = private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io_error(&path, "opening"))?;
        let size = file.metadata().map_err(io_error(&path, "measuring"))?.len();
        let mut reader = BufReader::new(&file);
        let mut offset = 0;
        while let Frame::Whole(app_hash, record) = next_frame(&mut reader, &path, offset, size)? {
            let start = offset + as_u64(HEAD_BYTES + APP_HASH_BYTES);
            let after = start + as_u64(record.len());
            let parsed = BlockRecord::from_bytes(Reader::new(&path, start, &record))?;
            apply(parsed, app_hash).map_err(|reason| ChainError::Damaged {
                path: path.clone(),
                offset,
                reason,
            })?;
            offset = after;
        }
        let mut log = Self { path, file };
        if offset < size {
            tracing::warn!(path = %log.path.display(), bytes = size - offset, "cutting off an unfinished block at the end of the log");
            log.cut(offset)?;
        }
        log.file
            .seek(SeekFrom::End(0))
            .map_err(io_error(&log.path, "seeking"))?;
        Ok(log)
    }

    /// Appends a record; it is on disk when this returns.
    ///
    /// # Errors
    /// [`ChainError::Io`]. The log may end in an unfinished frame then and must not be appended to again.
    pub(crate) fn append(&mut self, record: &[u8], app_hash: &[u8; 32]) -> Result<(), ChainError> {
        let length = match u32::try_from(record.len()) {
            Ok(length) if record.len() <= MAX_RECORD_BYTES => length,
            _ => {
                let reason = format!(
                    "a block of {} bytes, at most {MAX_RECORD_BYTES}",
                    record.len()
                );
                return Err(ChainError::Internal(reason));
            }
        };
        let frame = [head(length).as_slice(), app_hash, record].concat();
        self.file
            .write_all(&frame)
            .map_err(io_error(&self.path, "appending"))?;
        self.file
            .sync_data()
            .map_err(io_error(&self.path, "syncing"))
    }

    /// Empties the log, after a snapshot has taken its place.
    pub(crate) fn clear(&mut self) -> Result<(), ChainError> {
        self.cut(0)
    }

    fn cut(&mut self, length: u64) -> Result<(), ChainError> {
        self.file
            .set_len(length)
            .map_err(io_error(&self.path, "cutting"))?;
        self.file
            .seek(SeekFrom::Start(length))
            .map_err(io_error(&self.path, "seeking"))?;
        self.file
            .sync_all()
            .map_err(io_error(&self.path, "syncing"))
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn next_frame(
    reader: &mut impl Read,
    path: &Path,
    offset: u64,
    size: u64,
) -> Result<Frame, ChainError> {
    let left = size - offset;
    if left < as_u64(HEAD_BYTES) {
        return Ok(Frame::End);
    }
    let mut found = [0; HEAD_BYTES];
    reader
        .read_exact(&mut found)
        .map_err(io_error(path, "reading"))?;
    let length = match found {
        [_, _, _, _, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
    };
    if found != head(length) {
        return match only_zeros(&found, reader) {
            Ok(true) => Ok(Frame::End),
            Ok(false) => Err(ChainError::Damaged {
                path: path.to_owned(),
                offset,
                reason: "not the head of a block".to_owned(),
            }),
            Err(source) => Err(ChainError::Io {
                path: path.to_owned(),
                action: "reading",
                source,
            }),
        };
    }
    let frame = as_u64(HEAD_BYTES + APP_HASH_BYTES).saturating_add(u64::from(length));
    if left < frame {
        return Ok(Frame::End);
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_RECORD_BYTES {
        let reason = format!("a block of {length} bytes, at most {MAX_RECORD_BYTES}");
        return Err(ChainError::Damaged {
            path: path.to_owned(),
            offset,
            reason,
        });
    }
    let mut app_hash = [0; APP_HASH_BYTES];
    reader
        .read_exact(&mut app_hash)
        .map_err(io_error(path, "reading"))?;
    let mut record = vec![0; length];
    reader
        .read_exact(&mut record)
        .map_err(io_error(path, "reading"))?;
    if BlockRecord::app_hash(&record) == app_hash {
        return Ok(Frame::Whole(app_hash, record));
    }
    if left == frame {
        return Ok(Frame::End);
    }
    let reason = "the block does not match its checksum".to_owned();
    Err(ChainError::Damaged {
        path: path.to_owned(),
        offset,
        reason,
    })
}

/// Whether everything from here on is zero: space that a file system had given out before the machine stopped.
fn only_zeros(found: &[u8], reader: &mut impl Read) -> std::io::Result<bool> {
    if found.iter().any(|byte| *byte != 0) {
        return Ok(false);
    }
    let mut chunk = [0; 4096];
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(true);
        }
        if chunk.iter().take(read).any(|byte| *byte != 0) {
            return Ok(false);
        }
    }
}
