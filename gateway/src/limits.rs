//! Every bound of this crate, with its unit. Rates and sizes that an operator may change are only defaults here.

/// Largest body of a request that carries a ticket (R1.3).
pub const MAX_TICKET_BODY_BYTES: usize = 16 * 1024;
/// Largest body of any other request (R1.3).
pub const MAX_REQUEST_BODY_BYTES: usize = 4 * 1024;
/// How long a body may take to arrive, in seconds.
pub const BODY_TIMEOUT_SECS: u64 = 10;
/// Ticket requests under way in all; more are told `Busy`.
pub const MAX_TICKETS_IN_FLIGHT: usize = 4096;

/// `TS_WINDOW`: tolerance between clocks of spender and gateway, in seconds (R1.10).
pub const CLOCK_WINDOW_SECS: u64 = 120;
/// Days a serial is kept after its spend date, the spend date included: the rows of day D go at 00:00 of D + 8 (R3.2).
pub const SERIAL_KEEP_DAYS: u32 = 8;
/// Days after the spend date until ticket bytes, evidence and outbox entries go, whatever became of them (R3.2).
pub const BLOB_KEEP_DAYS: u32 = 11;
/// Days after the spend date at whose start the Quorum stops taking the ticket: `CLOSE(D)` is 00:00 of D + 4.
pub const CLOSE_DAYS: u32 = 4;
/// Evidence payments kept for one serial.
pub const MAX_EVIDENCE_PER_SERIAL: usize = 2;

/// Longest wait for another request that holds the same serial, in milliseconds (R1.14 step 6).
pub const RESERVATION_WAIT_MS: u64 = 1_000;
/// Jobs that may wait for the verification pool, per thread of the machine. A job is a batch of tickets.
pub const POOL_QUEUE_PER_CORE: usize = 4;
/// Tickets that may wait for their verification, per thread of the pool: about half a second of work.
pub const VERIFY_QUEUE_PER_THREAD: usize = 256;
/// Verifications that must fail within [`INVALID_WINDOW_SECS`] to close an account for [`INVALID_PAUSE_SECS`] (R1.23).
pub const INVALID_LIMIT: usize = 16;
/// Window of [`INVALID_LIMIT`], in seconds.
pub const INVALID_WINDOW_SECS: u64 = 60;
/// How long an account stays closed, in seconds.
pub const INVALID_PAUSE_SECS: u64 = 60;
/// `Retry-After` of `Busy` and `StorageUnavailable`, in seconds.
pub const RETRY_AFTER_SECS: u64 = 5;

/// Days of a balance: it ends with the UTC day (grant day + 6) (R2.2).
pub const BALANCE_DAYS: u64 = 6;
/// Consumption of one client that makes the flusher run before its time, in bytes (R2.3).
pub const FLUSH_PENDING_BYTES: i64 = 16 * 1024 * 1024;
/// Interval of the flusher, in milliseconds (R2.3).
pub const FLUSH_INTERVAL_MS: u64 = 1_000;
/// Longest time that the last flush may take while the service stops, in seconds (R2.3).
pub const SHUTDOWN_FLUSH_SECS: u64 = 5;
/// Accounts written in one flush job.
pub const FLUSH_CHUNK: usize = 1_024;

/// Accounts that a gateway keeps unless configured otherwise (R1.21).
pub const DEFAULT_MAX_ACCOUNTS: usize = 100_000;
/// How long an account that never had a ticket accepted is kept, in seconds (R1.21).
pub const UNUSED_ACCOUNT_SECS: u64 = 3_600;
/// How long an account without balance is kept after it was last seen, in seconds (R1.21).
pub const IDLE_ACCOUNT_SECS: u64 = 30 * 86_400;
/// How stale the stored time of an account's last request may be, in seconds.
pub const LAST_SEEN_GRAIN_SECS: u64 = 3_600;

/// Writes that may wait for the writer; more are told that the store is busy.
pub const WRITER_QUEUE: usize = 8_192;
/// Writes that share one transaction at most.
pub const WRITER_GROUP: usize = 256;
/// How long the writer waits for a lock of another process, in milliseconds.
pub const WRITER_LOCK_MS: u64 = 800;
/// Disk that the database may use unless configured otherwise, in bytes (R4.14).
pub const DEFAULT_DISK_QUOTA_BYTES: u64 = 20_000_000_000;
/// Part of the disk quota at which no more tickets are accepted, in percent (R4.14).
pub const QUOTA_STOP_PERCENT: u64 = 90;

/// Interval of reading the own registry entry, in seconds (R1.25).
pub const REGISTRY_INTERVAL_SECS: u64 = 60;
/// How long a registry entry stands while the chain cannot be reached, in seconds (R1.25).
pub const REGISTRY_STALE_SECS: u64 = 24 * 3_600;
/// Least time between two readings of epochs and keys, in seconds (R1.27).
pub const EPOCH_INTERVAL_SECS: u64 = 30;
/// Steps along `predecessor` at a cold start (R1.27).
pub const MAX_PREDECESSORS: usize = 64;
/// How long an epoch stays known after its successor came into service, in seconds (R1.27).
pub const EPOCH_KEEP_SECS: u64 = 8 * 86_400;
/// Signers of an epoch that are taken into account.
pub const MAX_SIGNERS: usize = 100;

/// Interval of looking again for what is missing for taking tickets at all: keys, admission, a first estimate of the
/// clock. In seconds.
pub const WAITING_INTERVAL_SECS: u64 = 2;
/// How many such looks in a row are quick; after ten minutes the ordinary intervals apply.
pub const MAX_WAITING_LOOKS: u32 = 300;

/// Interval of estimating the own clock's offset, in seconds (R1.12).
pub const SKEW_INTERVAL_SECS: u64 = 60;
/// Largest offset under which tickets are accepted, in seconds (R1.12).
pub const MAX_SKEW_SECS: i64 = 30;
/// Age of the last estimate that raises an alarm, in seconds (R1.12).
pub const SKEW_ALARM_SECS: u64 = 600;
/// How long a signer may take to show its clock, in seconds.
pub const SKEW_PROBE_SECS: u64 = 5;

/// First wait after a failed delivery to a Quorum member, in seconds (R4.3).
pub const BACKOFF_FIRST_SECS: u64 = 5;
/// Longest wait after failed deliveries, in seconds (R4.3).
pub const BACKOFF_MAX_SECS: u64 = 600;
/// How much a wait varies, in percent to either side (R4.3).
pub const BACKOFF_JITTER_PERCENT: u64 = 30;
/// Tickets sent to one member at a time.
pub const DELIVERY_WINDOW: usize = 8;
/// How long an idle delivery waits before it looks again, in seconds.
pub const DELIVERY_IDLE_SECS: u64 = 5;
/// Refusals of one member that the status page lists.
pub const MAX_REFUSALS_SHOWN: usize = 50;
/// Longest detail of a refusal that is stored, in bytes.
pub const MAX_REFUSAL_DETAIL_BYTES: usize = 512;

/// Interval of the task that drops old days, expired balances and unused accounts, in seconds.
pub const HOUSEKEEPING_INTERVAL_SECS: u64 = 30;
/// Rows that one retention job deletes from one table.
pub const RETENTION_CHUNK: i64 = 2_000;
