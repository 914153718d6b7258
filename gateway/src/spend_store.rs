//! What the acceptance of tickets needs from a store, and what it relies on.

use std::future::Future;

use ecash_service::clock::UnixTime;
use ecash_ticketbook::PayInfo;

use crate::accept::reservation::{Reservation, Waiter};
use crate::accept::verified::VerifiedTicket;
use ecash_scheme::SerialNumber;

/// Number of a client account at this gateway; never given to another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

/// What is stored about a serial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Absent,
    /// It was spent here with this pay info.
    Spent {
        /// Pay info of the spend that was granted.
        pay_info: PayInfo,
        /// Who was granted, unless that account was deleted since.
        account: Option<AccountId>,
        /// Further payments kept as evidence, at most two.
        evidence: usize,
    },
    /// It was never granted here, but payments of it are kept as evidence.
    EvidenceOnly,
}

/// A spend that is about to be granted, in one transaction with its bytes, its place in the outbox and its bandwidth.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The ticket, verified.
    pub ticket: VerifiedTicket,
    /// Who is granted the bandwidth.
    pub account: AccountId,
    /// When it was received.
    pub received_at: UnixTime,
    /// Bandwidth of the ticket, in bytes.
    pub grant_bytes: i64,
    /// End of the balance after this grant.
    pub expires_at: UnixTime,
}

/// A verified payment of a serial that is spent already.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The ticket, verified, with pay info other than that of the spend.
    pub ticket: VerifiedTicket,
    /// When it was received.
    pub received_at: UnixTime,
}

/// What became of an [`Acceptance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Everything is on disk.
    Granted,
    /// The serial was there already; nothing was written.
    AlreadySpent,
}

/// What became of [`SpendStore::reserve`].
#[derive(Debug)]
pub enum Reserve {
    /// The serial is absent and reserved for the caller.
    Reserved(Reservation),
    /// Somebody else holds it; wait, then ask again.
    InFlight(Waiter),
    /// The serial is not absent.
    Known(Known),
}

/// Why something is not in the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Not committed: the database is locked or its queue is full. The same attempt can succeed in a moment.
    #[error(
        "nothing was written: the database is locked by another process or has too many writes waiting"
    )]
    Locked,
    /// Not committed: the database refused (full, damaged, not writable).
    #[error("nothing was written: {0}")]
    NotCommitted(String),
    /// The commit itself failed in a way that leaves open whether it is on disk.
    #[error("it is not known whether this was written: {0}")]
    Unknown(String),
}

/// The store of spent serials. A serial is *absent → reserved → committed* (`gateway.md` R3.18).
///
/// # Security contract
/// An implementation that breaks one of these lets a ticket be granted twice, or an honest one be lost:
///
/// * [`lookup`](Self::lookup) finds every committed serial of the retention window, also after a power cut.
/// * [`reserve`](Self::reserve) succeeds for at most one caller at a time and only while the serial is absent; dropping
///   the [`Reservation`] makes it absent again. Reservations are not durable: a crash drops them all.
/// * [`commit`](Self::commit) is one durable transaction of spend, bytes, outbox entry and grant. Its error says *not
///   committed* ([`CommitError::Locked`], [`CommitError::NotCommitted`]) or *unknown* ([`CommitError::Unknown`]),
///   nothing else. After success the serial is committed and never leaves that state before its day is dropped. It goes
///   through even if the caller stops waiting for it, or does nothing at all.
/// * [`evidence`](Self::evidence) never changes the state of the serial and keeps at most
///   [`MAX_EVIDENCE_PER_SERIAL`](crate::limits::MAX_EVIDENCE_PER_SERIAL) payments of it.
///
/// Only a [`VerifiedTicket`] can be committed or kept as evidence.
pub trait SpendStore: Send + Sync + 'static {
    /// What is stored about a serial.
    ///
    /// # Errors
    /// [`CommitError::Locked`] or [`CommitError::NotCommitted`] when the store cannot be read.
    fn lookup(
        &self,
        serial: &SerialNumber,
    ) -> impl Future<Output = Result<Known, CommitError>> + Send;

    /// Reserves an absent serial.
    ///
    /// # Errors
    /// As [`Self::lookup`].
    fn reserve(
        &self,
        serial: SerialNumber,
    ) -> impl Future<Output = Result<Reserve, CommitError>> + Send;

    /// Makes a reserved serial spent.
    ///
    /// # Errors
    /// Whether nothing was written or it is unknown; see the contract.
    fn commit(
        &self,
        reservation: &Reservation,
        acceptance: Acceptance,
    ) -> impl Future<Output = Result<Committed, CommitError>> + Send;

    /// Keeps a second or third payment of a serial for the Quorum, with its place in the outbox. `false`: it was kept
    /// before, or two are kept already.
    ///
    /// # Errors
    /// As [`Self::commit`].
    fn evidence(
        &self,
        evidence: Evidence,
    ) -> impl Future<Output = Result<bool, CommitError>> + Send;

    /// Whether the disk quota leaves room for more tickets (R4.14).
    fn has_room(&self) -> bool;
}
