//! The chain as a client sees it: typed queries and transactions over CometBFT's JSON-RPC (0.37 dialect, HTTP POST).
//!
//! * [`QueryClient`] asks: node status, blocks, transactions, balances, accounts, contracts. It knows one or more
//!   endpoints, bounds every call in time and size, and goes to the next endpoint when one is unreachable, silent or
//!   answers garbage. What the chain *refused* is an answer and is never asked elsewhere.
//! * [`Dkg`], [`Ecash`], [`Group`], [`Multisig`] are the contracts' queries with the types of
//!   `ecash-contract-messages`; lists are read page by page under a bound.
//! * [`Account`] is a key from a mnemonic; [`Sender`] is the one task that owns the account's sequence number. It
//!   journals every signed transaction ([`TxJournal`]) before the first byte leaves, and sends the same bytes again
//!   until it knows their [`Fate`].
//!
//! **Architecture invariant:** nothing here knows whether the node is an embedded chain, a test network or Nyx; there
//! is no gRPC, no REST and no websocket.

mod account;
mod contracts;
mod error;
mod included;
mod journal;
pub mod limits;
mod message;
mod query;
mod sender;
mod transaction;
mod transport;

pub use account::{Account, DERIVATION_PATH, parse_address};
pub use contracts::{
    dkg::Dkg,
    ecash::Ecash,
    group::{Group, GroupMember},
    multisig::Multisig,
};
pub use cosmrs::AccountId as Address;
pub use error::Error;
pub use included::{Included, MsgResponse, TxEvent};
#[cfg(any(test, feature = "testing"))]
pub use journal::MemoryJournal;
pub use journal::{JournalError, OpenTx, TxJournal};
pub use message::Msg;
pub use query::{
    AccountState, ChainHead, CheckTx, ContractInfo, ExecutedTx, NodeStatus, QueryClient,
};
pub use sender::{Fate, Sender, SenderConfig};
pub use transaction::{Fee, GasPrice, SignedTx, TxHash};
