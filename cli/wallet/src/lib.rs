//! The holder's side as a library: obtain ticketbooks, keep them, recover what is unfinished, spend tickets. For VPN apps
//! and for `nym-cli`. It prints nothing; [`Observer`] tells what happens.
//!
//! ```no_run
//! # async fn demo(seed: ecash_wallet::Seed, account: nyx_client::Account, network: ecash_wallet::NetworkConfig,
//! #     gateway: ecash_requests::IdentityKey, token: ecash_requests::gateway::AccountToken) -> Result<(), ecash_wallet::WalletError> {
//! use ecash_ticketbook::TicketType;
//! use ecash_wallet::{Order, Spending, Wallet, WalletConfig};
//!
//! let wallet = Wallet::open(WalletConfig::new("alice.wallet.sqlite".into(), network), &seed).await?;
//! let order = Order { ticket_type: TicketType::WireguardEntry, count: 1, new_deposit: false };
//! let report = wallet.obtain(&account, order, &()).await?;
//! assert!(report.pending.is_empty(), "paid, not finished: call `recover` later");
//! let spent = wallet.spend_at(&gateway, &token, Spending::of(TicketType::WireguardEntry)).await?;
//! # Ok(()) }
//! ```
//!
//! Two rules run through everything. **Nothing is lost**: every step that moves money or burns a ticket is stored with full
//! sync before it is done, and resumed after a crash at any point. **An index is burned** when a byte of its ticket may have
//! left the device; afterwards only the identical bytes go out again, to the same gateway.
//!
//! | module | concept |
//! |---|---|
//! | [`mod@derive`] | secrets that derive from the seed |
//! | [`domain`] | the decisions as pure functions: issuance, fate of a transaction, epochs, clock, burn rule |
//! | `store` | the SQLite database, its only writer |
//! | `pay`, `follow`, `request`, `collect`, `obtain` | deposit and its fate, request, shares, the whole way |
//! | `status` | what the signers recorded for a deposit, its money back |
//! | `signers`, `global`, `preflight` | who signs, public keys and signatures, checks before paying |
//! | `file_order` | a book whose home is a file: its state file, and writing it |
//! | `provider`, `ticket`, `spend`, `print` | gateways, tickets, spending them, handing them out |
//! | `witness` | every durable write and every send, seen from outside: for tests of crashes |
//!
//! **Architecture invariant:** nothing here knows whether it talks to an embedded chain, a test network or Nyx.

#![forbid(unsafe_code)]

mod collect;
mod config;
pub mod derive;
pub mod domain;
mod error;
mod event;
mod evidence;
mod file_order;
mod follow;
mod global;
pub mod limits;
mod obtain;
mod pay;
mod preflight;
mod print;
mod provider;
mod report;
mod request;
mod share;
mod signers;
mod spend;
mod status;
mod store;
mod ticket;
mod wallet;
mod witness;

pub use config::{DATABASE_SUFFIX, NetworkConfig, WalletConfig, database_beside};
pub use derive::Seed;
pub use domain::issuance::State;
pub use error::{ErrorClass, WalletError};
pub use event::{Event, Observer, Outcome, SignerOutcome};
pub use evidence::{BadShareEvidence, Judgement};
pub use file_order::{FileForm, FileWallet};
pub use obtain::Order;
pub use preflight::NetworkHealth;
pub use print::PrintIndex;
pub use provider::{CheckedGateway, Gateway};
pub use report::{Book, Issuance, Report, Stock};
pub use spend::{Fate, Spending, Spent};
pub use ticket::Ticket;
pub use wallet::Wallet;
pub use witness::{Moment, Witness};
