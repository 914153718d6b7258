//! A whole network on one machine: an embedded chain with the four contracts, a Quorum and gateways, each in a process of
//! its own on a loopback port that the system chose.
//!
//! | module | concept |
//! |---|---|
//! | [`network`] | the network as a handle: start, stop, kill, restart; what the tests stand on |
//! | [`home`] | the folder: its layout, its description, its accounts |
//! | `process`, `child` | children: this program started again under a hidden subcommand |
//! | `setup`, `journal` | contracts and ceremony on chain; every step done once, also over a kill |
//! | `dealer` | the key material, dealt: the one thing that is not as on a real network |
//! | `env_file` | `localnet.env` |
//! | [`status`] | who answers |
//! | [`demo`] | one deposit on its whole way, and what must not work |
//!
//! A program whose binary calls [`main()`] can be given as [`network::Options::program`]: it is what children run.
//!
//! **Architecture invariant:** the network is reached by its URLs only; no test and no step of the demo looks into a
//! child's memory or files.

#![forbid(unsafe_code)]

mod child;
mod cli;
mod dealer;
pub mod demo;
mod env_file;
pub mod home;
mod journal;
pub mod network;
mod process;
mod progress;
mod setup;
pub mod status;

pub use cli::main;
pub use home::{Contracts, Description, GatewayEntry, Home, SignerEntry};
pub use network::{Network, Options};
pub use progress::{Progress, Quiet};
