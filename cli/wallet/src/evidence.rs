//! Evidence against a signer (`client.md` 3.5): a share that does not verify under a valid attestation. Anyone can judge
//! it without a secret, with the signer's verified key share of that epoch and its registered identity key.

use ecash_requests::quorum::{Attestation, RequestHash, ShareContext};
use ecash_requests::{IdentityKey, NetworkIds, ShortText, Signature};
use ecash_scheme::{BlindedSignature, UserPublicKey, VerificationKey, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, TicketType};
use serde::{Deserialize, Serialize};

use crate::error::WalletError;

/// A bad share and everything that shows it. It names deposit and ecash public key together, as the signers know them
/// anyway; the wallet keeps it and sends it nowhere by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadShareEvidence {
    /// Chain id.
    pub chain_id: String,
    /// Address of the ecash contract.
    pub ecash_contract: String,
    /// Address of the DKG contract.
    pub dkg_contract: String,
    /// Epoch that the share is of.
    pub epoch_id: EpochId,
    /// Index of the signer in that epoch.
    pub node_index: NodeIndex,
    /// The deposit.
    pub deposit_id: DepositId,
    /// The request, 397 bytes in hex.
    pub request: String,
    /// U, 48 bytes in hex.
    pub ecash_public_key: String,
    /// E.
    pub expiration_date: EcashDate,
    /// t.
    pub ticketbook_type: TicketType,
    /// h ‖ B, 96 bytes in hex.
    pub blinded_signature: String,
    /// The signer's attestation, 64 bytes in base58.
    pub attestation: Signature,
}

/// What a judge finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The signer vouched for a share that does not verify.
    Proven,
    /// It proves nothing, for this reason.
    NotProven(String),
}

impl BadShareEvidence {
    /// Its JSON.
    ///
    /// # Errors
    /// [`WalletError::Damaged`] if it has none.
    pub fn to_json(&self) -> Result<Vec<u8>, WalletError> {
        serde_json::to_vec(self).map_err(damaged)
    }

    /// Reads its JSON.
    ///
    /// # Errors
    /// [`WalletError::Damaged`].
    pub fn from_json(json: &[u8]) -> Result<Self, WalletError> {
        serde_json::from_slice(json).map_err(damaged)
    }

    /// Judges: the request's proof and base hold, the attestation is the signer's, and yet the share does not verify
    /// (`e(B, Ĝ) ≠ e(h, X̂ + E·Ŷ3 + t·Ŷ4) · e(M1, Ŷ1) · e(M2, Ŷ2)`).
    ///
    /// `key` and `identity` are the signer's verified share and registration of that epoch on chain.
    #[must_use]
    pub fn judge(&self, key: &VerificationKey, identity: &IdentityKey) -> Judgement {
        match self.parts_hold(key, identity) {
            Ok(true) => Judgement::NotProven("the share verifies".to_owned()),
            Ok(false) => Judgement::Proven,
            Err(reason) => Judgement::NotProven(reason),
        }
    }

    /// Whether the share verifies, once request and attestation do.
    fn parts_hold(&self, key: &VerificationKey, identity: &IdentityKey) -> Result<bool, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let bytes = |what: &str, hexed: &str| {
            hex::decode(hexed).map_err(|error| format!("{what}: {error}"))
        };
        let request = WithdrawalRequest::from_bytes(&bytes("request", &self.request)?)
            .map_err(|e| text(&e))?;
        let user = UserPublicKey::from_bytes(&bytes("ecash public key", &self.ecash_public_key)?)
            .map_err(|e| text(&e))?;
        let blinded =
            BlindedSignature::from_bytes(&bytes("blinded signature", &self.blinded_signature)?)
                .map_err(|e| text(&e))?;
        let (expiration, code) = (self.expiration_date.unix(), self.ticketbook_type.code());
        let verified = request
            .verify(&user, expiration, code)
            .map_err(|e| text(&e))?;
        let network = NetworkIds {
            chain_id: ShortText::new(self.chain_id.as_str()).map_err(|e| text(&e))?,
            ecash_contract: ShortText::new(self.ecash_contract.as_str()).map_err(|e| text(&e))?,
            dkg_contract: ShortText::new(self.dkg_contract.as_str()).map_err(|e| text(&e))?,
        };
        let hash = RequestHash::of(
            &network,
            self.deposit_id,
            &request,
            &user,
            self.expiration_date,
            self.ticketbook_type,
        );
        let context = ShareContext {
            network: &network,
            epoch_id: self.epoch_id,
            node_index: self.node_index,
            deposit_id: self.deposit_id,
            request: &hash,
        };
        let attestation = Attestation {
            epoch_id: self.epoch_id,
            node_index: self.node_index,
            signature: self.attestation,
        };
        attestation
            .verify(&context, &blinded, identity)
            .map_err(|e| text(&e))?;
        Ok(blinded.verify(&verified, key).is_ok())
    }
}

fn damaged(error: serde_json::Error) -> WalletError {
    WalletError::Damaged {
        what: "evidence",
        reason: error.to_string(),
    }
}
