use serde::{Deserialize, Serialize};
use std::fmt;

/// What a gateway says about a ticket (`gateway.md` R1.15). Answered to every ticket that a caller with a token sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Verdict {
    /// Verified, recorded, bandwidth granted.
    Accepted,
    /// The same account sent this ticket before; nothing is granted twice.
    AlreadyAccepted,
    /// Not the bytes of one ticket.
    Malformed,
    /// Made for another gateway.
    WrongProvider,
    /// Of a type that this gateway does not take.
    WrongType,
    /// Another account was granted for this very ticket.
    TicketReplay,
    /// The serial number was spent with another pay info.
    DoubleSpend,
    /// Its proof, a signature or a point does not verify.
    InvalidTicket,
    /// Its date or time is outside the window.
    StaleOrFuture,
    /// Of an epoch that is not known here, or whose key was revoked.
    UnknownEpoch,
    /// In the form of an older version.
    UnsupportedFormat,
    /// Not now; the same bytes may succeed later.
    Busy,
    /// Could not be recorded, hence not granted.
    StorageUnavailable,
}

/// Whether sending the identical bytes to the same gateway again can help (`gateway.md` R1.8). It never frees the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Consumed {
    /// The spend is recorded here; the answer will be the same.
    Yes,
    /// Nothing is recorded.
    No,
    /// The gateway cannot tell: ask again.
    Unknown,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 13] = [
        Self::Accepted,
        Self::AlreadyAccepted,
        Self::Malformed,
        Self::WrongProvider,
        Self::WrongType,
        Self::TicketReplay,
        Self::DoubleSpend,
        Self::InvalidTicket,
        Self::StaleOrFuture,
        Self::UnknownEpoch,
        Self::UnsupportedFormat,
        Self::Busy,
        Self::StorageUnavailable,
    ];

    /// HTTP status of the answer.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Accepted | Self::AlreadyAccepted => 200,
            Self::Malformed => 400,
            Self::WrongProvider | Self::WrongType => 403,
            Self::TicketReplay | Self::DoubleSpend => 409,
            Self::InvalidTicket
            | Self::StaleOrFuture
            | Self::UnknownEpoch
            | Self::UnsupportedFormat => 422,
            Self::Busy | Self::StorageUnavailable => 503,
        }
    }

    /// What `consumed` says with this verdict; with [`Self::StorageUnavailable`] it is [`Consumed::Unknown`] instead
    /// where the result of the commit itself is unknown.
    #[must_use]
    pub const fn consumed(self) -> Consumed {
        match self {
            Self::Accepted | Self::AlreadyAccepted | Self::TicketReplay | Self::DoubleSpend => {
                Consumed::Yes
            }
            _ => Consumed::No,
        }
    }

    /// Whether bandwidth was granted for this ticket, now or before.
    #[must_use]
    pub const fn is_granted(self) -> bool {
        matches!(self, Self::Accepted | Self::AlreadyAccepted)
    }

    /// Whether the identical bytes may succeed at the same gateway later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Busy | Self::StorageUnavailable | Self::UnknownEpoch
        )
    }

    /// The code's name, its text in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::AlreadyAccepted => "AlreadyAccepted",
            Self::Malformed => "Malformed",
            Self::WrongProvider => "WrongProvider",
            Self::WrongType => "WrongType",
            Self::TicketReplay => "TicketReplay",
            Self::DoubleSpend => "DoubleSpend",
            Self::InvalidTicket => "InvalidTicket",
            Self::StaleOrFuture => "StaleOrFuture",
            Self::UnknownEpoch => "UnknownEpoch",
            Self::UnsupportedFormat => "UnsupportedFormat",
            Self::Busy => "Busy",
            Self::StorageUnavailable => "StorageUnavailable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Answer of `POST /v1/tickets`: the same object for every verdict and status (`gateway.md` R1.22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketAnswer {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether sending the same bytes again can help.
    pub consumed: Consumed,
    /// Serial number of the ticket, base58; `None` where none could be read.
    pub serial: Option<String>,
    /// Balance of the account after the verdict, in bytes of bandwidth.
    pub available: i64,
}
