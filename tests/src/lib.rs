//! The whole network under test: flows, faults, bad input. What the tests need is here.
//!
//! | module | concept |
//! |---|---|
//! | [`holder`] | a holder that can be dishonest: deposits, requests, books, tickets, step by step |
//! | [`tamper`] | requests and tickets with one thing wrong |
//! | [`http`] | one HTTP request, whatever is wrong with it |

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "this crate is tests"
)]

pub mod holder;
pub mod http;
pub mod tamper;
