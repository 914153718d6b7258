//! Bounds and constants of the ecash contract (`spec/contracts.md` 6.6.1).

use std::ops::RangeInclusive;

/// Tickets of one book, and the lowest price in base units.
pub const TICKETS_PER_BOOK: u64 = 50;
/// Most accounts with a reduced price. A reduced price is at least half the default.
pub const MAX_REDUCED_PRICES: u32 = 100;
/// Most entries of the price history in one UTC day.
pub const MAX_PRICE_CHANGES_PER_DAY: u32 = 10;
/// Most accounts that a refused price change names.
pub const MAX_NAMED_ACCOUNTS: usize = 20;
/// Days before the spend day whose prices bound the value of a ticket.
pub const TICKET_VALUE_WINDOW_DAYS: u32 = 37;
/// Most days between a deposit and the first request for it.
pub const MAX_DEPOSIT_AGE_DAYS: u32 = 30;
/// Longest announce address of a gateway, in bytes.
pub const MAX_ANNOUNCE_BYTES: usize = 256;
/// How long gateways accept tickets made out to a gateway's previous identity, in seconds.
pub const OLD_IDENTITY_ACCEPT_SECS: u64 = 86_400;
/// How long signers take batches signed by a gateway's previous identity, in seconds: 24 h + the submit window.
pub const OLD_IDENTITY_BATCH_SECS: u64 = 345_600;
/// Appeal period of a withheld deposit unless instantiate says otherwise, in seconds.
pub const DEFAULT_APPEAL_PERIOD_SECS: u64 = 2_592_000;
/// Range of the appeal period, in seconds.
pub const APPEAL_PERIOD_SECS: RangeInclusive<u64> = 86_400..=31_536_000;
/// Length of an ed25519 identity key, in bytes.
pub const IDENTITY_KEY_BYTES: usize = 32;
/// Longest base58 text of an identity key, in bytes.
pub const MAX_IDENTITY_KEY_TEXT_BYTES: usize = 44;
/// Length of an ed25519 signature, in bytes.
pub const GATEWAY_PROOF_BYTES: usize = 64;
/// Seconds of a day.
pub const DAY_SECS: u64 = 86_400;

/// Deposits to a page: default and most. Also days, price entries, gateways and paying accounts.
pub const DEPOSITS_PAGE: (u32, u32) = (50, 100);
/// Blacklist entries to a page: default and most.
pub const BLACKLIST_PAGE: (u32, u32) = (50, 75);
/// Entries of the log of changes to a page: default and most.
pub const CHANGES_PAGE: (u32, u32) = (100, 500);
/// Most open proposals of one member, all on one page.
pub const MAX_OPEN_PROPOSALS: u32 = 64;
