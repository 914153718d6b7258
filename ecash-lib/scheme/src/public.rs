//! Public signatures (spec 4): seven date signatures for each expiration date, fifty coin-index signatures for each key.
//! Every wallet uses the same ones; they carry no secret.

mod coins;
mod dates;
mod set;

pub use coins::{CoinIndexBases, CoinIndexSignature, CoinIndexSignatures};
pub use dates::{DateSignature, DateSignatures};
