//! What is on disk: a snapshot and the log of the blocks since.

pub(crate) mod codec;
pub(crate) mod folder;
pub(crate) mod log;
pub(crate) mod record;
pub(crate) mod snapshot;
