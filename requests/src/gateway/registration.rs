use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, RequestsError, ShortText, Signature};

const WHAT: &str = "gateway registration";

/// Proof that whoever registers a gateway on chain holds its identity key: a signature over
/// `"zknym-gateway-v1" ‖ lp(chain id) ‖ lp(ecash contract) ‖ lp(sender)` (`contracts.md` 6.6.5).
#[derive(Clone, Copy, Debug)]
pub struct RegistrationProof;

impl RegistrationProof {
    /// The 64 bytes for the field `proof` of `register_gateway` and `rotate_gateway_identity`.
    #[must_use]
    pub fn sign(
        identity: &IdentitySecret,
        chain_id: &ShortText,
        contract: &ShortText,
        sender: &ShortText,
    ) -> Signature {
        identity.sign_text(&text(chain_id, contract, sender))
    }

    /// Checks a proof.
    ///
    /// # Errors
    /// [`RequestsError::Signature`].
    pub fn verify(
        proof: &Signature,
        identity: &IdentityKey,
        chain_id: &ShortText,
        contract: &ShortText,
        sender: &ShortText,
    ) -> Result<(), RequestsError> {
        identity.verify_text(WHAT, &text(chain_id, contract, sender), proof)
    }
}

fn text(chain_id: &ShortText, contract: &ShortText, sender: &ShortText) -> SignedText {
    SignedText::new("zknym-gateway-v1")
        .lp(chain_id)
        .lp(contract)
        .lp(sender)
}
