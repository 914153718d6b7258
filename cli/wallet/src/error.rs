//! What can go wrong, for the one who reads it.

use std::path::PathBuf;

use ecash_ticketbook::{DepositId, EpochId, TicketType};

use crate::files::FileError;
use crate::reference::ReferenceError;

/// What a failure means for the one who called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Something failed here: file, database, configuration, input.
    Failed,
    /// Something was paid or sent, is stored, and is not finished: resume.
    Pending,
    /// The network said no for good.
    Refused,
    /// Chain or signers cannot be reached or are not ready; nothing was begun.
    Unavailable,
}

/// Everything that can go wrong in this crate. [`WalletError::class`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// A seed too short to hang money on.
    #[error("the client secret has {found} bytes, at least {needed} are needed")]
    SeedTooShort {
        /// Bytes given.
        found: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// Sixteen attempts at the secrets of a book gave no usable h.
    #[error(
        "no usable secrets for deposit {deposit_id} in 16 attempts; report this, it cannot happen by chance"
    )]
    Attempts {
        /// The deposit.
        deposit_id: DepositId,
    },

    /// Another process uses the wallet.
    #[error("wallet {} is in use by process {pid}; let it finish, or end it", path.display())]
    InUse {
        /// The database.
        path: PathBuf,
        /// The process, as it wrote itself down.
        pid: String,
    },
    /// The database belongs to another seed, chain or contract.
    #[error("wallet {} belongs to {what} {stored}, not to {given}; use the configuration it was made with, or another database", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What the database is bound to.
        stored: String,
        /// What was given.
        given: String,
    },
    /// A file is where a book should be written.
    #[error("{} exists and is not overwritten; choose another output file, or move it away", path.display())]
    OutputExists {
        /// The file.
        path: PathBuf,
    },
    /// There is no wallet yet.
    #[error("there is no wallet at {}; obtain a ticketbook first", path.display())]
    NoWallet {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The published clients' credential database cannot be used.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A ticketbook or set of signatures cannot be taken in, or handed over.
    #[error(transparent)]
    BookFile(#[from] FileError),
    /// Opening a file or database failed.
    #[error(transparent)]
    File(#[from] ecash_service::Error),
    /// The lock file cannot be used.
    #[error("cannot lock wallet {}: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The disk, or the quota, is full. Nothing of the step that failed happened.
    #[error(
        "no space left for the wallet database ({0}); free some and try again, nothing is lost"
    )]
    DiskFull(#[source] sqlx::Error),
    /// Another program holds the database's lock. Nothing of the step that failed happened.
    #[error(
        "the wallet database is locked by another program ({0}); let it finish or close it, then try again"
    )]
    DatabaseLocked(#[source] sqlx::Error),
    /// A statement failed.
    #[error("wallet database: {0}")]
    Database(#[source] sqlx::Error),
    /// A stored value does not decode.
    #[error(
        "wallet database: {what} is damaged ({reason}); restore a copy and start with care: its books may be stale"
    )]
    Damaged {
        /// Table and column.
        what: &'static str,
        /// What was wrong.
        reason: String,
    },
    /// A step that the state machine does not know.
    #[error("issuance {issuance} is {state}, which does not allow: {input}")]
    NotAllowed {
        /// Row.
        issuance: i64,
        /// Its state.
        state: &'static str,
        /// What was attempted.
        input: &'static str,
    },

    /// The scheme refused something of our own.
    #[error(transparent)]
    Scheme(#[from] ecash_scheme::Error),
    /// A date, type or record is malformed.
    #[error(transparent)]
    Ticketbook(#[from] ecash_ticketbook::TicketbookError),
    /// A question to the chain failed.
    #[error("chain: {0}")]
    Chain(#[from] nyx_client::Error),
    /// The HTTP clients cannot be set up.
    #[error("HTTP client: {0}")]
    Http(String),

    /// The number of books is out of range.
    #[error("{asked} books asked for; between 1 and {most} are made in one call")]
    BookCount {
        /// Asked for.
        asked: u32,
        /// The most.
        most: u32,
    },
    /// The chain has no epoch under which books are issued.
    #[error(
        "the network has no epoch under which tickets are issued; try again after its key generation"
    )]
    NoIssuingEpoch,
    /// Fewer usable signers on chain than the threshold.
    #[error(
        "epoch {epoch}: only {usable} of the {threshold} signers needed have a usable key share on chain{dropped}"
    )]
    TooFewKeyShares {
        /// The epoch.
        epoch: EpochId,
        /// How many can be used.
        usable: usize,
        /// How many are needed.
        threshold: u64,
        /// Who was dropped and why.
        dropped: String,
    },
    /// The shares on chain contradict each other.
    #[error(
        "epoch {epoch}: the key shares on chain do not belong to one key ({reason}); nothing was paid; report this to the network's operators"
    )]
    ContradictingKeyShares {
        /// The epoch.
        epoch: EpochId,
        /// What did not fit.
        reason: String,
    },
    /// The epoch's key was revoked.
    #[error("epoch {epoch} was revoked by the network; wait for the next one")]
    RevokedEpoch {
        /// The epoch.
        epoch: EpochId,
    },
    /// Fewer healthy signers than the threshold.
    #[error(
        "{healthy} of {asked} signers can issue now, {threshold} are needed; nothing was paid{details}"
    )]
    TooFewSigners {
        /// Healthy ones.
        healthy: usize,
        /// All that were asked.
        asked: usize,
        /// Needed.
        threshold: u64,
        /// The others by name.
        details: String,
    },
    /// The own key is on the blacklist.
    #[error("this client's ecash key is on the network's blacklist; nothing was paid")]
    Blacklisted,
    /// The account cannot pay.
    #[error(
        "account {account} has {balance}{denom}, {needed}{denom} are needed for price and fee; fund it and try again"
    )]
    NotEnoughMoney {
        /// The account.
        account: String,
        /// What it has.
        balance: u128,
        /// What it needs.
        needed: u128,
        /// Denomination.
        denom: String,
    },
    /// Nobody served verifiable global data.
    #[error("no signer served {what} of epoch {epoch} that verifies{details}")]
    NoGlobalData {
        /// Which data.
        what: &'static str,
        /// The epoch.
        epoch: EpochId,
        /// Who said what.
        details: String,
    },
    /// The deposit transaction failed in its block.
    #[error(
        "the deposit transaction {hash} failed in block {height}: {log}; its fee is paid, no deposit was made"
    )]
    DepositFailed {
        /// Hash.
        hash: String,
        /// Block.
        height: u64,
        /// The contract's text.
        log: String,
    },
    /// The deposit transaction never entered a block.
    #[error("the deposit transaction {hash} never entered a block; nothing was paid, try again")]
    DepositAbandoned {
        /// Hash.
        hash: String,
    },
    /// The node refused the deposit transaction at once.
    #[error("the deposit would fail: {0}")]
    DepositRefused(String),
    /// The waiting time is over and something is unfinished.
    #[error("not finished within the waiting time: {0}")]
    StillPending(String),

    /// No book can be spent from.
    #[error("no usable ticketbook of type {0} with a ticket left; obtain one")]
    NoBook(TicketType),
    /// The wanted index is not free.
    #[error("ticket {index} of book {book} is not free: {why}")]
    TicketNotFree {
        /// Book row.
        book: i64,
        /// Index.
        index: u64,
        /// Why.
        why: String,
    },
    /// A key of a provider that cannot be one.
    #[error("provider key {0:?} is no base58 of a canonical ed25519 key of large order")]
    BadProviderKey(String),
    /// The gateway is not admitted on chain.
    #[error("gateway {0} is not admitted in the chain's registry; nothing was burned")]
    UnknownGateway(String),
    /// The gateway's signed statement about itself is wrong.
    #[error(
        "gateway {gateway}: its signed information is not acceptable: {reason}; nothing was burned"
    )]
    BadGatewayInfo {
        /// Announced address.
        gateway: String,
        /// What was wrong.
        reason: String,
    },
    /// The gateway cannot be reached.
    #[error("gateway {gateway} cannot be reached: {reason}; nothing was burned")]
    GatewayUnreachable {
        /// Announced address.
        gateway: String,
        /// Cause.
        reason: String,
    },
    /// The gateway does not take this type.
    #[error("gateway {gateway} does not take tickets of type {ticket_type}; nothing was burned")]
    WrongRole {
        /// Announced address.
        gateway: String,
        /// The type.
        ticket_type: TicketType,
    },
    /// Clocks differ.
    #[error(
        "the clock of gateway {gateway} differs from ours by {off_secs} s, more than {allowed_secs} s; nothing was burned; check this device's clock, then have the wallet measure it again"
    )]
    GatewayClock {
        /// Announced address.
        gateway: String,
        /// Difference.
        off_secs: u64,
        /// Allowed.
        allowed_secs: u64,
    },
    /// The gateway knows no epoch of the book.
    #[error(
        "gateway {gateway} accepts no epoch that this book can be labelled with (its own is {epoch}); nothing was burned"
    )]
    UnknownEpochThere {
        /// Announced address.
        gateway: String,
        /// Epoch of the book.
        epoch: EpochId,
    },
    /// Two tickets in a row were not accepted.
    #[error(
        "the last {strikes} tickets for gateway {gateway} were not accepted; no further one is made for it until unix time {until}, unless insisted upon"
    )]
    TwoStrikes {
        /// Its key in base58.
        gateway: String,
        /// How many.
        strikes: u32,
        /// Until when.
        until: u64,
    },
    /// The clock was set back behind the journal.
    #[error(
        "the clock shows {now}, earlier than the last journal entry at {last} (unix seconds); correct it, nothing is spent before"
    )]
    ClockBehindJournal {
        /// Now.
        now: u64,
        /// Last entry.
        last: u64,
    },
    /// No such ticket was handed out.
    #[error("no ticket {index} of book {book} is in the journal")]
    UnknownTicket {
        /// Book row.
        book: i64,
        /// Index.
        index: u64,
    },
    /// The time for sending the bytes again is over.
    #[error(
        "ticket {index} of book {book} was first sent {age_secs} s ago; its bytes are sent again for {allowed_secs} s only"
    )]
    TooLateToResend {
        /// Book row.
        book: i64,
        /// Index.
        index: u64,
        /// Age.
        age_secs: u64,
        /// Allowed.
        allowed_secs: u64,
    },
}

/// Primary result codes of SQLite.
mod sqlite_code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const FULL: i32 = 13;
    /// An extended code has its primary one in the low byte.
    pub(super) const PRIMARY: i32 = 0xff;
}

impl From<sqlx::Error> for WalletError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Io(cause) = &error
            && cause.kind() == std::io::ErrorKind::StorageFull
        {
            return Self::DiskFull(error);
        }
        let code = error
            .as_database_error()
            .and_then(|database| database.code()?.parse::<i32>().ok())
            .map(|code| code & sqlite_code::PRIMARY);
        match code {
            Some(sqlite_code::BUSY | sqlite_code::LOCKED) => Self::DatabaseLocked(error),
            Some(sqlite_code::FULL) => Self::DiskFull(error),
            _ => Self::Database(error),
        }
    }
}

impl WalletError {
    /// What this means for the caller.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::StillPending(_) => ErrorClass::Pending,
            Self::Blacklisted
            | Self::NotEnoughMoney { .. }
            | Self::DepositFailed { .. }
            | Self::DepositRefused(_)
            | Self::ContradictingKeyShares { .. }
            | Self::UnknownGateway(_)
            | Self::BadGatewayInfo { .. }
            | Self::WrongRole { .. }
            | Self::TwoStrikes { .. }
            | Self::UnknownEpochThere { .. } => ErrorClass::Refused,
            Self::NoIssuingEpoch
            | Self::TooFewKeyShares { .. }
            | Self::RevokedEpoch { .. }
            | Self::TooFewSigners { .. }
            | Self::NoGlobalData { .. }
            | Self::DepositAbandoned { .. }
            | Self::GatewayUnreachable { .. }
            | Self::GatewayClock { .. } => ErrorClass::Unavailable,
            Self::Chain(error) if error.is_transient() => ErrorClass::Unavailable,
            _ => ErrorClass::Failed,
        }
    }
}
