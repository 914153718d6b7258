//! What the wallet tells its caller at the end of a call.

use ecash_ticketbook::{DepositId, EcashDate, EpochId, TicketType, UnixTime};

use crate::domain::issuance::{self, State};
use crate::event::SignerOutcome;
use crate::store::{BookRow, IssuanceRow};

/// A ticketbook of this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Row, for further commands.
    pub id: i64,
    /// Its type.
    pub ticket_type: TicketType,
    /// Last day on which it can be spent.
    pub expiration: EcashDate,
    /// Epoch of the key that signed it.
    pub epoch: EpochId,
    /// Tickets that can still be spent.
    pub tickets_left: u64,
    /// Indices that belong to this device.
    pub tickets_total: u64,
    /// First of them.
    pub first_index: u64,
    /// Last of them; `first_index` − 1 where none is left to this device.
    pub last_index: i64,
    /// First index that was handed over to another device.
    pub exported_from: Option<u64>,
    /// `ready`, `spent`, `expired`, or a stored state.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// Where it lives: `own` or `reference`.
    pub home: String,
}

impl Book {
    pub(crate) fn of(row: &BookRow, today: EcashDate) -> Self {
        let state = if !row.is_ready() {
            row.state.clone()
        } else if row.expiration < today {
            "expired".to_owned()
        } else if row.left() == 0 {
            "spent".to_owned()
        } else {
            row.state.clone()
        };
        Self {
            id: row.id,
            ticket_type: row.ticket_type,
            expiration: row.expiration,
            epoch: row.epoch,
            tickets_left: if row.expiration < today {
                0
            } else {
                row.left()
            },
            tickets_total: row.total(),
            first_index: row.first_index,
            last_index: row.last_index(),
            exported_from: row.exported_from,
            state,
            reason: row.reason.clone(),
            home: row.home.clone(),
        }
    }

    /// Bandwidth left in it, in bytes.
    #[must_use]
    pub fn bytes_left(&self) -> u64 {
        self.tickets_left
            .saturating_mul(self.ticket_type.bandwidth_bytes())
    }

    /// Whether tickets can be spent from it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.state == "ready" && self.tickets_left > 0
    }
}

/// An issuance that is not a book, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// Deposit id, once the transaction is in a block.
    pub deposit_id: Option<DepositId>,
    /// Type of the book.
    pub ticket_type: TicketType,
    /// Where it stands.
    pub state: State,
    /// Why, where there is a reason.
    pub reason: Option<String>,
    /// Good shares stored, of the epoch with the most.
    pub shares: usize,
    /// Shares needed, where known.
    pub threshold: Option<u64>,
    /// Until when it can become a book.
    pub deadline: Option<UnixTime>,
    /// When it is tried again, where a signer named a time.
    pub next_try_at: Option<UnixTime>,
    /// Hash of its transaction in hex.
    pub tx_hash: Option<String>,
}

impl Issuance {
    pub(crate) fn of(row: &IssuanceRow, shares: usize, threshold: Option<u64>) -> Self {
        Self {
            deposit_id: row.deposit_id,
            ticket_type: row.ticket_type,
            state: row.state,
            reason: row.reason.clone(),
            shares,
            threshold,
            deadline: issuance::deadline(row.state, &row.facts(None)),
            next_try_at: row.next_try_at,
            tx_hash: row.tx_hash.map(hex::encode_upper),
        }
    }
}

/// What a call achieved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Books completed by this call.
    pub books: Vec<Book>,
    /// Issuances that are not finished, with deadline and reason.
    pub pending: Vec<Issuance>,
    /// What the signers did, by name; those that were not needed included.
    pub signers: Vec<SignerOutcome>,
    /// The deposit transaction that this call made, in hex.
    pub tx_hash: Option<String>,
}

/// What the database holds, without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// All books, earliest expiration first.
    pub books: Vec<Book>,
    /// Issuances that are not finished.
    pub pending: Vec<Issuance>,
    /// Issuances that ended without a book.
    pub closed: Vec<Issuance>,
    /// Latest deposit id when the wallet was made: to be kept with the seed.
    pub birthday: Option<u64>,
    /// Names the seed, in hex.
    pub seed_fingerprint: Option<String>,
    /// Rows of evidence against signers.
    pub evidence: usize,
}
