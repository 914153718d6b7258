//! Signing keys: where they rest, and the one place where they work.
//!
//! | module | concept |
//! |---|---|
//! | [`mod@file`] | the encrypted container of one secret (`dkg.md` 15.1) |
//! | [`share`] | what a share file holds, and writing one |
//! | [`signing`] | a loaded key: leaves the process only as a signature |
//! | [`ring`] | the keys of all epochs and which of them may be used |
//! | [`identity`] | the node's ed25519 identity |

pub mod file;
pub mod identity;
pub mod ring;
pub mod share;
pub mod signing;

pub use file::Protection;
pub use ring::{KeyRing, KeyState};
pub use share::{InstanceId, ShareRecord};
pub use signing::SigningKey;
