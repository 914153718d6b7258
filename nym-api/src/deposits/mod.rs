//! What the owner of a deposit can ask, signed with the deposit key: which request the deposit is bound to here, and the
//! money back (`quorum-api.md` 11.2).

pub mod answer;
pub mod decide;
pub(crate) mod http;

pub use answer::{Owners, OwnersOptions, OwnersParts};
