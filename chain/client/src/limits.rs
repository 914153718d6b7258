//! Every bound of this crate, with its unit.

use std::time::Duration;

/// Longest wait for one answer of a node, from connecting to the last byte.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest answer that is read from a node, in bytes. The largest honest ones are pages of key shares (30 × 1.3 kB) and
/// transactions of 20 deposits; base64 and events included they stay below a tenth of this.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Largest signed transaction that is sent, in bytes. Simulation carries it as hex, and CometBFT reads request bodies
/// up to 1 000 000 bytes.
pub const MAX_TX_BYTES: usize = 400_000;

/// Most messages in one transaction.
pub const MAX_TX_MESSAGES: usize = 50;

/// Longest memo, in bytes (the default of the SDK's `auth` module).
pub const MAX_MEMO_BYTES: usize = 256;

/// Most endpoints of one client.
pub const MAX_ENDPOINTS: usize = 16;

/// Most pages that one list is read for. At 100 entries a page that is a million.
pub const MAX_PAGES: usize = 10_000;

/// Most balances of one account that are read.
pub const MAX_BALANCE_PAGES: usize = 20;

/// Blocks after the latest one for which a transaction stays valid (`timeout_height`).
pub const TIMEOUT_BLOCKS: u64 = 30;

/// Transactions that wait for the sender's task.
pub const SENDER_QUEUE: usize = 64;

/// First wait before a transaction's fate is asked for again; doubles up to [`POLL_INTERVAL`].
pub const FIRST_POLL: Duration = Duration::from_millis(50);

/// Longest wait between two questions for a transaction's fate, and the least wait between two sendings of its bytes.
pub const POLL_INTERVAL: Duration = Duration::from_secs(4);

/// How many answers in a row must say that a transaction is in no block, once it can enter none any more, before it is
/// given up. A node indexes a transaction a moment after its block.
pub const NOT_FOUND_ANSWERS: u32 = 3;

/// How often writing a fate into the journal is tried before the caller is told that the journal fails.
pub const SETTLE_ATTEMPTS: u32 = 5;

/// Longest log text of a node that is kept in an error, in bytes.
pub const MAX_LOG_BYTES: usize = 2_048;
