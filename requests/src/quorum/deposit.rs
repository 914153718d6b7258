use super::{BlindSignRequestBody, RequestHash};
use crate::bytes::{Base58, Base64};
use crate::freshness::check_time;
use crate::limits::SIGNED_TIME_TOLERANCE_SECS;
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, Signature};
use ecash_scheme::constants::WITHDRAWAL_REQUEST_BYTES;
use ecash_scheme::{UserPublicKey, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, TicketType, UnixTime};
use serde::{Deserialize, Serialize};

/// What a deposit's owner can ask of a signer (`quorum-api.md` 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerAction {
    /// Which request the signer recorded for the deposit.
    Status,
    /// The money back.
    Refund,
}

impl OwnerAction {
    const fn tag(self) -> &'static str {
        match self {
            Self::Status => "zknym-deposit-status-v1",
            Self::Refund => "zknym-refund-v1",
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Status => "deposit status request",
            Self::Refund => "refund request",
        }
    }

    /// Path of the action for a deposit.
    #[must_use]
    pub fn path(self, deposit: DepositId) -> String {
        let action = match self {
            Self::Status => "status",
            Self::Refund => "refund",
        };
        format!("/v1/ecash/deposits/{deposit}/{action}")
    }
}

/// Body of a deposit owner's request, signed by the deposit key over tag ‖ lp(chain id) ‖ lp(ecash contract) ‖ BE32 id ‖
/// BE64 time; the tag is `zknym-deposit-status-v1` or `zknym-refund-v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositOwnerRequest {
    /// Unix seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub time: UnixTime,
    /// By the deposit key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

impl DepositOwnerRequest {
    /// Signs a request.
    #[must_use]
    pub fn sign(
        action: OwnerAction,
        network: &NetworkIds,
        deposit: DepositId,
        time: UnixTime,
        key: &IdentitySecret,
    ) -> Self {
        Self {
            time,
            signature: key.sign_text(&text(action, network, deposit, time)),
        }
    }

    /// Checks time (±120 s) and signature.
    ///
    /// # Errors
    /// [`RequestsError::TooOld`], [`RequestsError::FromTheFuture`], [`RequestsError::Signature`].
    pub fn check(
        &self,
        action: OwnerAction,
        network: &NetworkIds,
        deposit: DepositId,
        key: &IdentityKey,
        now: UnixTime,
    ) -> Result<(), RequestsError> {
        let tolerance = SIGNED_TIME_TOLERANCE_SECS;
        check_time(action.what(), self.time, now, tolerance, tolerance)?;
        key.verify_text(
            action.what(),
            &text(action, network, deposit, self.time),
            &self.signature,
        )
    }
}

fn text(
    action: OwnerAction,
    network: &NetworkIds,
    deposit: DepositId,
    time: UnixTime,
) -> SignedText {
    SignedText::new(action.tag())
        .lp(&network.chain_id)
        .lp(&network.ecash_contract)
        .be32(deposit.get())
        .be64(time.get())
}

/// Answer of the status request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositStatusResponse {
    /// The request that the deposit is bound to at this signer, if there is one.
    pub recorded: Option<RecordedRequest>,
}

/// A recorded request with the owner's own signature over it as proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedRequest {
    /// Its identity.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub request_hash: RequestHash,
    /// Its canonical bytes, base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub request: Base64<WITHDRAWAL_REQUEST_BYTES>,
    /// By the deposit key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_signature: Base58<64>,
    /// The user's public key.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub ecash_pubkey: UserPublicKey,
    /// Expiration date of the book.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub expiration_date: EcashDate,
    /// Type of the book.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ticketbook_type: TicketType,
}

const RECORD: &str = "recorded request";

impl RecordedRequest {
    /// The record of a request.
    #[must_use]
    pub fn of(network: &NetworkIds, body: &BlindSignRequestBody) -> Self {
        Self {
            request_hash: body.request_hash(network),
            request: Base64(body.inner_sign_request.to_bytes()),
            deposit_signature: body.signature,
            ecash_pubkey: body.ecash_pubkey,
            expiration_date: body.expiration_date,
            ticketbook_type: body.ticketbook_type,
        }
    }

    /// Whether this is a record that counts (`client.md` 12.3): its hash is that of its content, its owner's signature
    /// verifies, h belongs to its commitment, date and type, and its proof holds for its key. Gives the request, to be
    /// sent again.
    ///
    /// # Errors
    /// [`RequestsError::Decode`] for bytes that are no request and for a proof that does not hold,
    /// [`RequestsError::Unexpected`] for a hash of something else, [`RequestsError::Signature`].
    pub fn check(
        &self,
        network: &NetworkIds,
        deposit_id: DepositId,
        owner: &IdentityKey,
    ) -> Result<BlindSignRequestBody, RequestsError> {
        let refused = |error: ecash_scheme::Error| RequestsError::Decode {
            what: RECORD,
            reason: error.to_string(),
        };
        let request = WithdrawalRequest::from_bytes(self.request.as_bytes()).map_err(refused)?;
        let body = BlindSignRequestBody {
            inner_sign_request: request,
            deposit_id,
            signature: self.deposit_signature,
            ecash_pubkey: self.ecash_pubkey,
            expiration_date: self.expiration_date,
            ticketbook_type: self.ticketbook_type,
            envelope: None,
        };
        let hash = body.request_hash(network);
        if hash != self.request_hash {
            return Err(RequestsError::Unexpected {
                what: "hash of a recorded request",
                actual: self.request_hash.to_string(),
                expected: hash.to_string(),
            });
        }
        body.check_signature(owner)?;
        let (date, code) = (self.expiration_date.unix(), self.ticketbook_type.code());
        body.inner_sign_request
            .verify(&self.ecash_pubkey, date, code)
            .map_err(refused)?;
        Ok(body)
    }
}

/// Answer of the refund demand, status 202: it was written down. What follows shows on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundResponse {
    /// What became of it.
    pub state: RefundState,
}

/// What became of a refund demand at one signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RefundState {
    /// It is on record; the signer votes for it when it may.
    Recorded,
}
