//! The JSON-RPC of CometBFT 0.37 over HTTP POST.
//!
//! `server` takes HTTP apart under limits, `request` the JSON-RPC envelope, `methods` answers; `query` answers
//! `abci_query`, whose paths are the gRPC services of the Cosmos SDK and of wasmd.

mod methods;
mod query;
mod request;
mod server;

pub(crate) use server::serve;
pub use server::{MAX_BATCH, MAX_BODY_BYTES, MAX_CONCURRENT};
