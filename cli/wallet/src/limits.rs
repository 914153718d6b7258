//! Every bound of this crate, with its unit (`client.md` 1).

use std::ops::RangeInclusive;
use std::time::Duration;

/// Fewest bytes of a seed.
pub const MIN_SEED_BYTES: usize = 16;

/// Most books of one call and one deposit transaction.
pub const MAX_BOOKS: u32 = 20;

/// Most deposit keys in use that no block has confirmed.
pub const MAX_UNCONFIRMED_KEYS: u32 = 20;

/// Highest attempt of a book's secrets (0 … 15).
pub const MAX_ATTEMPT: u16 = 15;

/// Within this time of a deposit's block its first request must be made, in seconds.
pub const FIRST_REQUEST_SECS: u64 = 30 * 86_400;

/// After the conclusion of an epoch its predecessor signs for this long, in seconds (`dkg.md` 14.2).
pub const HANDOVER_SECS: u64 = 900;

/// A deposit counts as made under the predecessor up to this long after the conclusion, in seconds.
pub const OLD_DEPOSIT_MARGIN_SECS: u64 = 120;

/// One call to a signer or gateway, from connecting to the last byte.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Calls of one signer in one run.
pub const TRIES_PER_SIGNER: u32 = 3;

/// Pauses before the second and the third try.
pub const TRY_PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// Spread of the pauses in per cent, either way.
pub const PAUSE_SPREAD_PERCENT: u64 = 30;

/// Longest `Retry-After` that is obeyed; a longer one is asked again after this.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(600);

/// How long a foreground call waits for a network that says "later", unless the caller says otherwise.
pub const FOREGROUND_WAIT: Duration = Duration::from_secs(120);

/// How often the fate of a transaction is asked for, unless the caller says otherwise.
pub const TX_POLL: Duration = Duration::from_secs(4);

/// Blocks after the latest one in which a deposit transaction may still be included.
pub const TIMEOUT_BLOCKS: u64 = 30;

/// A transaction given up this recently is looked up again at every run, in seconds.
pub const ABANDONED_LOOKUP_SECS: u64 = 86_400;

/// A type is low in stock when at most this many of its tickets are long-lasting, as published clients have it.
pub const LOW_STOCK_TICKETS: u64 = 20;

/// A ticket is long-lasting when it can still be spent after this time, in seconds: published clients do not count a book on
/// its last day.
pub const LASTING_SECS: u64 = 86_400;

/// Pause between two looks at the stock, as published clients have it, in seconds.
pub const STOCK_CHECK_SECS: u64 = 3 * 3_600;

/// Shortest pause before signers that said "later" are asked again, whatever they say.
pub const MIN_LATER: Duration = Duration::from_secs(1);

/// Own clock and network may differ by this much, in seconds, before the wallet corrects for it.
pub const CLOCK_TOLERANCE_SECS: i64 = 30;

/// Clock of a gateway and corrected own clock may differ by this much, in seconds.
pub const GATEWAY_CLOCK_TOLERANCE_SECS: u64 = 30;

/// How often the epoch state is read again while signers say "later", at most.
pub const EPOCH_REREAD: Duration = Duration::from_secs(10);

/// For this long after the first sending the bytes of a ticket may be sent again, in seconds.
pub const RESEND_SECS: u64 = 600;

/// Tickets in a row without acceptance after which a gateway gets no further one.
pub const STRIKES: u32 = 2;

/// For how long, in seconds.
pub const STRIKE_SECS: u64 = 86_400;

/// How long the registry of gateways is kept, in seconds.
pub const REGISTRY_SECS: u64 = 3_600;

/// How often the known epochs are read again, at most, in seconds.
pub const EPOCHS_SECS: u64 = 3_600;

/// The journal of a book is kept this long after its expiration date, in days.
pub const JOURNAL_DAYS: u32 = 2;

/// A pending book's deadline is a warning in its last hours, in seconds.
pub const DEADLINE_WARNING_SECS: u64 = 48 * 3_600;

/// A refund is demanded once in this time, in seconds.
pub const REFUND_PAUSE_SECS: u64 = 86_400;

/// Signers that refuse a request are asked for the deposit's status once in this time, in seconds.
pub const STATUS_PAUSE_SECS: u64 = 3_600;

/// Between the status questions for two deposits lies a pause drawn from this range: together they would tell a signer
/// which deposits belong together (`client.md` 12.6).
pub const STATUS_PAUSES: RangeInclusive<Duration> =
    Duration::from_secs(5)..=Duration::from_secs(60);

/// How long a statement on the published clients' database waits for another program's lock, in milliseconds.
pub const LOCK_WAIT_MS: u64 = 5_000;

/// Most signers of an epoch (members of the group).
pub const MAX_SIGNERS: usize = 100;

/// Most evidence rows that are kept.
pub const MAX_EVIDENCE: u32 = 1_000;

/// Longest reason, log or refusal that is stored, in bytes.
pub const MAX_TEXT_BYTES: usize = 500;

/// Cuts a text of somebody else's to what is stored and shown: at most [`MAX_TEXT_BYTES`], no control characters.
#[must_use]
pub fn clip(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        if out.len() + c.len_utf8() > MAX_TEXT_BYTES {
            break;
        }
        out.push(c);
    }
    out
}
