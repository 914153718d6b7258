use super::{RequestHash, SealedShare};
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, Signature};
use ecash_scheme::BlindedSignature;
use ecash_ticketbook::{DepositId, EpochId, NodeIndex};
use serde::{Deserialize, Serialize};

const WHAT: &str = "attestation of a share";

/// What a share is about: which signer signed which request of which deposit under which epoch's key.
#[derive(Clone, Copy, Debug)]
pub struct ShareContext<'a> {
    /// The network.
    pub network: &'a NetworkIds,
    /// Epoch of the key.
    pub epoch_id: EpochId,
    /// The signer's index in that epoch.
    pub node_index: NodeIndex,
    /// The deposit.
    pub deposit_id: DepositId,
    /// The request.
    pub request: &'a RequestHash,
}

impl ShareContext<'_> {
    /// `"zknym-share-v1" ‖ lp(chain id) ‖ lp(dkg contract) ‖ BE64 epoch ‖ BE64 node index ‖ BE32 deposit id ‖
    /// request_hash`: the attested text without the share, and the beginning of the seal's associated data.
    pub(super) fn text(&self) -> SignedText {
        SignedText::new("zknym-share-v1")
            .lp(&self.network.chain_id)
            .lp(&self.network.dkg_contract)
            .be64(self.epoch_id.get())
            .be64(self.node_index.get())
            .be32(self.deposit_id.get())
            .raw(self.request.as_bytes())
    }

    fn attested_text(&self, share: &BlindedSignature) -> SignedText {
        self.text().raw(&share.to_bytes())
    }
}

/// A signer's statement that a share is its own (`quorum-api.md` 3.1.4): by its identity key over the context's text ‖
/// enc(h) ‖ enc(B). A share that does not verify under a valid attestation convicts the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attestation {
    /// Epoch of the key that signed.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub epoch_id: EpochId,
    /// The signer.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub node_index: NodeIndex,
    /// By its identity key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

impl Attestation {
    /// Attests a share.
    #[must_use]
    pub fn sign(
        context: &ShareContext<'_>,
        share: &BlindedSignature,
        identity: &IdentitySecret,
    ) -> Self {
        Self {
            epoch_id: context.epoch_id,
            node_index: context.node_index,
            signature: identity.sign_text(&context.attested_text(share)),
        }
    }

    /// Checks that the attestation is about this share in this context, by the signer with key `identity`: the one
    /// registered for the context's node index in the context's epoch.
    ///
    /// # Errors
    /// [`RequestsError::Unexpected`] for another epoch, [`RequestsError::WrongNode`], [`RequestsError::Signature`].
    pub fn verify(
        &self,
        context: &ShareContext<'_>,
        share: &BlindedSignature,
        identity: &IdentityKey,
    ) -> Result<(), RequestsError> {
        if self.epoch_id != context.epoch_id {
            return Err(RequestsError::Unexpected {
                what: "epoch of the attestation",
                actual: self.epoch_id.to_string(),
                expected: context.epoch_id.to_string(),
            });
        }
        if self.node_index != context.node_index {
            return Err(RequestsError::WrongNode {
                what: WHAT,
                named: self.node_index,
                expected: context.node_index,
            });
        }
        identity.verify_text(WHAT, &context.attested_text(share), &self.signature)
    }
}

/// A share with its attestation, however it travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestedShare {
    /// The share.
    pub share: BlindedSignature,
    /// The signer's statement about it.
    pub attestation: Attestation,
}

impl AttestedShare {
    /// Opens a sealed answer and verifies the attestation inside.
    ///
    /// # Errors
    /// [`RequestsError::Unsealable`], [`RequestsError::Decode`], [`RequestsError::Signature`].
    pub fn open(
        sealed: &SealedShare,
        context: &ShareContext<'_>,
        secret: &super::ResponseSecret,
        identity: &IdentityKey,
    ) -> Result<Self, RequestsError> {
        let opened = sealed.open(context, secret)?;
        opened
            .attestation
            .verify(context, &opened.share, identity)?;
        Ok(opened)
    }
}
