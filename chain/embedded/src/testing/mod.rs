//! What tests of other crates need to make a chain misbehave.

mod proxy;

pub use proxy::{Fault, FaultyProxy};
