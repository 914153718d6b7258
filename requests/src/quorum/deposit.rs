use super::RequestHash;
use crate::bytes::{Base58, Base64};
use crate::freshness::check_time;
use crate::limits::SIGNED_TIME_TOLERANCE_SECS;
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, Signature};
use ecash_scheme::UserPublicKey;
use ecash_scheme::constants::WITHDRAWAL_REQUEST_BYTES;
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
