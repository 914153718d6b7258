//! Messages of the ecash contract: deposits, prices, the registry of gateways (`spec/contracts.md` section 6).

pub mod events;
mod limits;
mod msg;
mod proof;
mod response;
mod role;
mod types;

pub use limits::*;
pub use msg::*;
pub use proof::gateway_proof_message;
pub use response::*;
pub use role::{Role, UnknownRole};
pub use types::*;
