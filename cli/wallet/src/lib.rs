//! The holder's side as a library: obtain ticketbooks, keep them, recover what is unfinished, spend tickets. For VPN apps
//! and for `nym-cli`. It prints nothing; [`Observer`] tells what happens.
//!
//! # What an app needs
//! | | |
//! |---|---|
//! | [`Wallet::open`] | the wallet of one seed on one network; a second process is refused ([`WalletError::InUse`]) |
//! | [`Wallet::obtain`] | pays for books and obtains them; [`Wallet::recover`] finishes what an earlier run began |
//! | [`Wallet::top_up`] | the same by a [`StockPolicy`], to be called from time to time |
//! | [`Wallet::stock`] | books, pending and ended issuances, without asking anybody |
//! | [`Wallet::check_clock`] | measures the own clock by the network's; to be called now and then |
//! | [`Wallet::next_ticket`] | a ticket for a gateway as bytes for any transport: its index is burned when this returns |
//! | [`Wallet::report`] | what the gateway answered; [`Wallet::spend_at`] does both over HTTP |
//! | [`WalletError::code`], [`WalletError::advice`] | what to show, and what to do |
//!
//! ```no_run
//! # async fn demo(seed: ecash_wallet::Seed, account: nyx_client::Account, network: ecash_wallet::NetworkConfig,
//! #     gateway: ecash_requests::IdentityKey, token: ecash_requests::gateway::AccountToken) -> Result<(), ecash_wallet::WalletError> {
//! use ecash_ticketbook::TicketType;
//! use ecash_wallet::{Spending, StockPolicy, Wallet, WalletConfig};
//!
//! let wallet = Wallet::open(WalletConfig::new("alice.wallet.sqlite".into(), network), &seed).await?;
//! let policy = StockPolicy::of([TicketType::WireguardEntry]);
//! for report in wallet.top_up(&account, &policy, &()).await? {
//!     println!("{} books complete, {} pending", report.books.len(), report.pending.len());
//! }
//! let spent = wallet.spend_at(&gateway, &token, Spending::of(TicketType::WireguardEntry)).await?;
//! println!("ticket {}: {:?}", spent.ticket.index, spent.fate);
//! # Ok(()) }
//! ```
//! The whole of it, with a background task and a restart, is `examples/vpn_app.rs`. Deciding when to buy needs no network:
//!
//! ```
//! use ecash_ticketbook::{TicketType, UnixTime};
//! use ecash_wallet::{StockPolicy, Supply};
//!
//! let policy = StockPolicy::of([TicketType::MixnetEntry]);
//! let now = UnixTime(1_765_100_000);
//! assert_eq!(policy.due(&[], None, now).len(), 1, "nothing in stock");
//! assert!(policy.due(&[Supply::on_its_way(TicketType::MixnetEntry)], None, now).is_empty());
//! assert!(policy.due(&[], Some(now), now).is_empty(), "looked at a moment ago");
//! ```
//!
//! A wallet is shared by cloning it; all methods may be called from several tasks at once. Obtaining and recovering take
//! turns; tickets of different tasks have different indices.
//!
//! Two rules run through everything. **Nothing is lost**: every step that moves money or burns a ticket is stored with full
//! sync before it is done, and resumed after a crash at any point. **An index is burned** when a byte of its ticket may have
//! left the device; afterwards only the identical bytes go out again, to the same gateway.
//!
//! | module | concept |
//! |---|---|
//! | [`mod@derive`] | secrets that derive from the seed |
//! | [`domain`] | the decisions as pure functions: issuance, fate of a transaction, what signers recorded, epochs, clock, low stock, burn rule |
//! | `store` | the SQLite database, its only writer |
//! | `pay`, `follow`, `request`, `collect`, `advance`, `obtain` | deposit and its fate, request, shares, driving what is pending, the whole way |
//! | `status` | what the signers recorded for a deposit, its money back |
//! | `network` | the network as anyone sees it, without a wallet |
//! | `inspect` | what a ticket, or evidence against a signer, is worth to somebody who was given it |
//! | `signers`, `global`, `preflight` | who signs, public keys and signatures, checks before paying |
//! | `file_order` | a book whose home is a file: its state file, and writing it |
//! | `restock`, `advice` | buying by a policy; what a user interface makes of an error |
//! | `provider`, `ticket`, `spend`, `print` | gateways, tickets, spending them, handing them out |
//! | `shelf` | the books of a place without seed and network |
//! | `files` | ticketbooks and public data as files: import, export, verify |
//! | `reference` | the published clients' credential database |
//! | `witness` | every durable write and every send, seen from outside: for tests of crashes |
//!
//! **Architecture invariant:** nothing here knows whether it talks to an embedded chain, a test network or Nyx.

#![forbid(unsafe_code)]

mod advance;
mod advice;
mod collect;
mod config;
pub mod derive;
pub mod domain;
mod error;
mod event;
mod evidence;
mod file_order;
mod files;
mod follow;
mod global;
mod inspect;
pub mod limits;
mod network;
mod obtain;
mod pay;
mod preflight;
mod print;
mod provider;
mod reference;
mod report;
mod request;
mod restock;
mod share;
mod shelf;
mod signers;
mod spend;
mod status;
mod store;
mod ticket;
mod wallet;
mod witness;

pub use advice::Advice;
pub use config::{DATABASE_SUFFIX, NetworkConfig, WalletConfig, database_beside};
pub use derive::Seed;
pub use domain::issuance::State;
pub use domain::stock::{Purchase, StockPolicy, Supply};
pub use error::{ErrorClass, WalletError};
pub use event::{Event, Observer, Outcome, SignerOutcome};
pub use evidence::{BadShareEvidence, Judgement};
pub use file_order::{FileForm, FileWallet};
pub use files::{
    BookFile, Check, Export, Exported, FileError, FileKind, ImportedBook, IndexRange, KeyTrust,
    MAX_FILE_BYTES, Parts, from_base58, read_coin_signatures, read_date_signatures,
    read_master_key,
};
pub use inspect::{TicketFile, examine_evidence};
pub use network::{NetworkReader, SignerKeys};
pub use obtain::Order;
pub use preflight::NetworkHealth;
pub use print::PrintIndex;
pub use provider::{CheckedGateway, Gateway};
pub use reference::ReferenceError;
pub use report::{Book, Issuance, Report, Stock};
pub use shelf::Bookshelf;
pub use spend::{Fate, Spending, Spent};
pub use ticket::Ticket;
pub use wallet::Wallet;
pub use witness::{Moment, Witness};
