//! Messages of the DKG contract (`spec/contracts.md` section 5, `spec/dkg.md` section 12): a bulletin board and the
//! clock of a ceremony. It knows no mathematics: keys and shares are text to it.

pub mod events;
mod limits;
mod msg;
mod response;
mod types;

pub use limits::*;
pub use msg::*;
pub use response::*;
pub use types::*;
