//! Issuance: one deposit buys one withdrawal request, for ever (`quorum-api.md` 3.1).
//!
//! [`checks`] and [`decide`] are pure: a request, what is known, a time → what to do. [`answer`] runs them in the order
//! of the specification and records before anything leaves.

pub mod answer;
pub mod checks;
pub mod decide;
pub(crate) mod http;

pub use answer::Issuer;
