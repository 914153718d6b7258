//! Forgers: malicious provers, signers and users that know the structure of what they forge, built from the specification
//! and a curve library of their own. Each attack is first shown to work against a verifier that lacks the rule it is made
//! for, then to fail against ours: one by one, in batches, and in a stream (spec 8.1, F1 to F10; 8.2, R1 to R15).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub
)]

#[path = "forgeries/algebra.rs"]
mod algebra;
#[path = "forgeries/batches.rs"]
mod batches;
mod common;
#[path = "forgeries/draft.rs"]
mod draft;
#[path = "forgeries/encodings.rs"]
mod encodings;
#[path = "forgeries/from_nothing.rs"]
mod from_nothing;
#[path = "forgeries/identification.rs"]
mod identification;
#[path = "forgeries/keys.rs"]
mod keys;
#[path = "forgeries/payments.rs"]
mod payments;
#[path = "forgeries/prover.rs"]
mod prover;
#[path = "forgeries/prover_limits.rs"]
mod prover_limits;
#[path = "forgeries/requests.rs"]
mod requests;
#[path = "forgeries/sets.rs"]
mod sets;
#[path = "forgeries/verifier.rs"]
mod verifier;
#[path = "forgeries/world.rs"]
mod world;
