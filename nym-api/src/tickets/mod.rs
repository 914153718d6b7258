//! Spent tickets (`gateway.md` 5.3): proof first, then one spend per serial number, for ever. Nobody is identified and
//! nothing is stored from a payment that does not verify.

mod accept;
mod decide;
pub(crate) mod http;

pub use accept::{Accepter, AccepterParts};
pub use decide::{
    Facts, SUBMIT_WINDOW_DAYS, Status, Step, TS_WINDOW_SECS, closes_at, date_is_right, decide,
};
