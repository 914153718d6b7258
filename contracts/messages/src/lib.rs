//! JSON messages, responses and events of the four contracts (`spec/contracts.md`, `spec/dkg.md` section 12).
//!
//! One module per contract: [`ecash`], [`dkg`], [`group`], [`multisig`]. Every type is exactly what travels: an object
//! with one key, the snake_case name of the message, and its fields; amounts and timestamps are decimal strings;
//! unknown fields are ignored. The crate holds no logic of the contracts and depends on nothing of ours, so that
//! contracts, clients and tests share one definition.
//!
//! Addresses in messages are `String` (the contract validates them), in responses [`cosmwasm_std::Addr`].

#![forbid(unsafe_code)]

pub mod dkg;
pub mod ecash;
pub mod group;
pub mod multisig;
