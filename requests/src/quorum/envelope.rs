use super::{RequestHash, ResponseKey};
use crate::bytes::Base58;
use crate::freshness::check_time;
use crate::limits::{ENVELOPE_MAX_AGE_SECS, ENVELOPE_MAX_AHEAD_SECS};
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, Signature};
use ecash_ticketbook::{NodeIndex, UnixTime};
use serde::{Deserialize, Serialize};

const WHAT: &str = "envelope";

/// Freshness and address of a blind-sign request (`quorum-api.md` 3.1.3). Made anew at each sending; only the owner of
/// the deposit can make one. Signed text, by the deposit key:
///
/// `"zknym-envelope-v1" ‖ lp(chain id) ‖ lp(dkg contract) ‖ request_hash ‖ BE64 requested_at ‖ BE64 node_index ‖
/// (response_key, or 32 zero bytes)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Envelope {
    /// Unix seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub requested_at: UnixTime,
    /// The signer addressed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub node_index: NodeIndex,
    /// X25519 key to seal the answer for; a clear answer without one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub response_key: Option<Base58<32>>,
    /// By the deposit key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

/// The signer that checks an envelope, and when.
#[derive(Clone, Copy, Debug)]
pub struct Addressee {
    /// Its node index.
    pub node_index: NodeIndex,
    /// Its clock.
    pub now: UnixTime,
}

impl Envelope {
    /// Makes an envelope for one signer.
    #[must_use]
    pub fn sign(
        network: &NetworkIds,
        request: &RequestHash,
        requested_at: UnixTime,
        node_index: NodeIndex,
        response_key: Option<&ResponseKey>,
        deposit: &IdentitySecret,
    ) -> Self {
        let response_key = response_key.map(|key| Base58(*key.as_bytes()));
        let mut envelope = Self {
            requested_at,
            node_index,
            response_key,
            signature: Base58([0; 64]),
        };
        envelope.signature = deposit.sign_text(&envelope.text(network, request));
        envelope
    }

    /// Checks the envelope of a request: at most 48 hours old, at most 5 minutes ahead, addressed to `signer`, signed by
    /// the deposit key, with a response key that is canonical and not of small order. Gives the response key.
    ///
    /// # Errors
    /// [`RequestsError::TooOld`], [`RequestsError::FromTheFuture`], [`RequestsError::WrongNode`],
    /// [`RequestsError::Key`], [`RequestsError::Signature`].
    pub fn check(
        &self,
        network: &NetworkIds,
        request: &RequestHash,
        signer: Addressee,
        deposit: &IdentityKey,
    ) -> Result<Option<ResponseKey>, RequestsError> {
        check_time(
            WHAT,
            self.requested_at,
            signer.now,
            ENVELOPE_MAX_AGE_SECS,
            ENVELOPE_MAX_AHEAD_SECS,
        )?;
        if self.node_index != signer.node_index {
            return Err(RequestsError::WrongNode {
                what: WHAT,
                named: self.node_index,
                expected: signer.node_index,
            });
        }
        let response_key = self
            .response_key
            .map(|key| ResponseKey::from_bytes(key.as_bytes()))
            .transpose()?;
        deposit.verify_text(WHAT, &self.text(network, request), &self.signature)?;
        Ok(response_key)
    }

    fn text(&self, network: &NetworkIds, request: &RequestHash) -> SignedText {
        let response_key = self.response_key.unwrap_or(Base58([0; 32]));
        SignedText::new("zknym-envelope-v1")
            .lp(&network.chain_id)
            .lp(&network.dkg_contract)
            .raw(request.as_bytes())
            .be64(self.requested_at.get())
            .be64(self.node_index.get())
            .raw(response_key.as_bytes())
    }
}
