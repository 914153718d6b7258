//! Why a request is refused, and what that means over HTTP: 400 for what repeating cannot mend, 503 with `Retry-After`
//! for what it can, 429 for rates (`quorum-api.md` 1.3, 10.10).

use axum::response::{IntoResponse, Response};
use ecash_requests::RequestsError;
use ecash_service::http::{HttpError, RetryAfter};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, UnixTime};

use crate::error::Error;
use crate::store::deposits::DepositState;

/// A request that is not served.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Signing is switched off here.
    #[error("this node does not sign: signing is disabled in its configuration")]
    SignerDisabled,
    /// This member has no verified share in the epoch.
    #[error("this node is not a signer of epoch {0}")]
    NotASigner(EpochId),
    /// This member is registered neither for the issuing epoch nor for the one before.
    #[error("this node is not a member of the Quorum")]
    NotAMember,
    /// No key issues at present.
    #[error("no epoch issues ticketbooks at present (current epoch: {current}); try again")]
    NoIssuingEpoch {
        /// The contract's current epoch.
        current: EpochId,
    },
    /// The epoch never concluded, or its key is revoked.
    #[error("epoch {asked} is not in service; the issuing epoch is {issuing}")]
    EpochNotServed {
        /// The epoch asked for.
        asked: EpochId,
        /// The epoch that issues.
        issuing: EpochId,
    },
    /// The key of the epoch is not held here.
    #[error("the key of epoch {asked} is not held here; the issuing epoch is {issuing}")]
    KeyNotHeld {
        /// The epoch asked for.
        asked: EpochId,
        /// The epoch that issues.
        issuing: EpochId,
    },
    /// What is known of the chain is too old to decide from.
    #[error("this node's view of the chain ({what}) is older than 60 s; try again")]
    ChainStale {
        /// Which part of the view.
        what: &'static str,
    },
    /// The signers have not been probed yet.
    #[error("the signers have not been probed yet; try again")]
    NotSurveyed,
    /// The chain was asked and did not answer.
    #[error("the chain cannot be reached at present; try again")]
    ChainUnreachable,
    /// The book would expire on a date for which none is issued.
    #[error("expiration date {asked} is outside {first} … {last}")]
    ExpirationDate {
        /// The date asked for.
        asked: EcashDate,
        /// The first date allowed.
        first: EcashDate,
        /// The last date allowed.
        last: EcashDate,
    },
    /// There is no such deposit.
    #[error("deposit {0} does not exist; if it was made just now, try again in a few seconds")]
    UnknownDeposit(DepositId),
    /// The deposit was withheld or refunded.
    #[error("deposit {id} is {}; only an open deposit is signed for", state.text())]
    DepositNotOpen {
        /// The deposit.
        id: DepositId,
        /// Its state.
        state: DepositState,
    },
    /// This member gave the deposit up, or knows two requests for it.
    #[error("deposit {0} is closed: it is never signed for again")]
    DepositClosed(DepositId),
    /// The deposit is bound to a request that is not this one.
    #[error("deposit {0} is bound to another request; repeat that one")]
    OtherRequest(DepositId),
    /// The deposit is too old for a first request.
    #[error("deposit {id} of {made_at} is older than 30 days; ask for a refund")]
    DepositTooOld {
        /// The deposit.
        id: DepositId,
        /// Time of its block.
        made_at: UnixTime,
    },
    /// The deposit is bound to a request, so it is not refunded.
    #[error("deposit {0} is bound to a request; it is not refunded, repeat the request")]
    DepositBound(DepositId),
    /// The deposit can still be used, so it is not refunded yet.
    #[error(
        "deposit {id} of {made_at} is not older than 30 days; use it, or ask for a refund later"
    )]
    RefundTooEarly {
        /// The deposit.
        id: DepositId,
        /// Time of its block.
        made_at: UnixTime,
    },
    /// This member lost records and has not caught up.
    #[error(
        "this node was put back from a copy and has not caught up with the others yet; try again"
    )]
    Behind,
    /// The deposit's key on chain is none.
    #[error("the key of deposit {id} is refused: {reason}")]
    DepositKey {
        /// The deposit.
        id: DepositId,
        /// Why.
        reason: RequestsError,
    },
    /// A signature, an envelope or a named key is refused.
    #[error(transparent)]
    Statement(#[from] RequestsError),
    /// An envelope is required here.
    #[error("this node requires an envelope (`envelope` in the body); update the wallet")]
    EnvelopeRequired,
    /// A sealed answer is bound to an epoch, so the request must name one.
    #[error("a request with response_key must name the epoch: add `?epoch_id=`")]
    EnvelopeWithoutEpoch,
    /// An answer to an envelope has no binary form.
    #[error("a request with an envelope is answered in json or yaml, not in bincode")]
    EnvelopeInBincode,
    /// The user's key is on the blacklist.
    #[error("this ecash key is blacklisted; no ticketbook is issued to it")]
    Blacklisted,
    /// Another epoch signs this deposit.
    #[error("epoch {asked} signs nothing new for this deposit; ask under epoch {under}")]
    OtherEpoch {
        /// The epoch asked for.
        asked: EpochId,
        /// The epoch to ask under.
        under: EpochId,
    },
    /// The deposit is being handed over between two epochs.
    #[error("this deposit is handed over between two epochs; {}", match under { Some(epoch) => format!("it is signed under epoch {epoch} now"), None => "try again".to_owned() })]
    Handover {
        /// Where it is signed now, if anywhere.
        under: Option<EpochId>,
    },
    /// The withdrawal request does not verify.
    #[error("the withdrawal request does not verify: {0}")]
    Withdrawal(ecash_scheme::Error),
    /// A gateway that is not admitted.
    #[error("gateway {0} is not an admitted gateway of this network")]
    UnknownGateway(String),
    /// A gateway that delivers batches.
    #[error("gateway {0} delivers its tickets in batches; this route is closed to it")]
    DeliversBatches(String),
    /// The key of a ticket's epoch is not at hand.
    #[error("the key of epoch {0} is not at hand; try again")]
    EpochKeyMissing(EpochId),
    /// Too few signers answered.
    #[error("only {have} of the {need} signers needed answered with valid signatures")]
    TooFewSigners {
        /// How many did.
        have: usize,
        /// How many are needed.
        need: u64,
    },
    /// The queue of verifications is full.
    #[error("overloaded; try again")]
    Overloaded,
    /// A rate is exceeded.
    #[error("too many requests; try again in {0}")]
    Rate(RetryAfter),
    /// A parameter of the query string is not what it has to be.
    #[error("{0}")]
    Parameter(String),
    /// The database did not do what it was asked: locked, full, or gone. Nothing was written.
    #[error("storage is unavailable at present; try again")]
    StorageUnavailable,
    /// A failure inside this member.
    #[error("internal error")]
    Internal(#[source] Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(cause) => {
                tracing::error!(%cause, "a statement of the database failed");
                Self::StorageUnavailable
            }
            other => Self::Internal(other),
        }
    }
}

impl Refusal {
    fn retry_after(&self) -> Option<RetryAfter> {
        let secs = match self {
            Self::NoIssuingEpoch { .. } | Self::Handover { .. } | Self::Behind => 30,
            Self::NotSurveyed
            | Self::ChainStale { .. }
            | Self::ChainUnreachable
            | Self::EpochKeyMissing(_)
            | Self::TooFewSigners { .. } => 5,
            Self::Overloaded | Self::StorageUnavailable => 1,
            _ => return None,
        };
        Some(RetryAfter::from_secs(secs))
    }
}

impl From<RetryAfter> for Refusal {
    fn from(retry_after: RetryAfter) -> Self {
        Self::Rate(retry_after)
    }
}

impl From<Refusal> for HttpError {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::Internal(cause) => Self::internal(cause),
            Refusal::Rate(retry_after) => Self::too_many_requests(*retry_after),
            other => match other.retry_after() {
                Some(retry_after) => Self::unavailable(other.to_string(), retry_after),
                None => Self::bad_request(other.to_string()),
            },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        HttpError::from(self).into_response()
    }
}
