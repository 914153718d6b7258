//! The wallet's decisions as pure functions: no I/O, no clock, no randomness. Time, stored state and answers come in as
//! arguments, the next state and what to do about it go out.

pub mod asking;
pub mod clock;
pub mod epoch;
pub mod fate;
pub mod issuance;
pub mod keys;
pub mod spending;
pub mod stock;
