use super::{Attestation, Envelope, RequestHash, SealedShare};
use crate::bytes::{Base58, number_array};
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, Signature};
use ecash_scheme::{BlindedSignature, UserPublicKey, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, TicketType};
use serde::{Deserialize, Serialize};

/// Body of `POST ecash/blind-sign` (`quorum-api.md` 3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlindSignRequestBody {
    /// The withdrawal request.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub inner_sign_request: WithdrawalRequest,
    /// The deposit that pays for the book.
    #[cfg_attr(feature = "openapi", schema(value_type = u32))]
    pub deposit_id: DepositId,
    /// By the deposit key, over the request's 397 bytes ‖ BE32 deposit id; an array of 64 numbers.
    #[serde(with = "signature_array")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<u8>))]
    pub signature: Signature,
    /// The user's public key.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub ecash_pubkey: UserPublicKey,
    /// Expiration date of the book.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub expiration_date: EcashDate,
    /// Type of the book.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ticketbook_type: TicketType,
    /// Freshness and address. Published clients send none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Envelope>,
}

impl BlindSignRequestBody {
    /// A body without envelope, signed by the deposit key.
    #[must_use]
    pub fn sign(
        request: WithdrawalRequest,
        deposit_id: DepositId,
        deposit: &IdentitySecret,
        user: UserPublicKey,
        expiration_date: EcashDate,
        ticketbook_type: TicketType,
    ) -> Self {
        let signature = deposit.sign(&signed_bytes(&request, deposit_id));
        Self {
            inner_sign_request: request,
            deposit_id,
            signature,
            ecash_pubkey: user,
            expiration_date,
            ticketbook_type,
            envelope: None,
        }
    }

    /// Checks the deposit key's signature.
    ///
    /// # Errors
    /// [`RequestsError::Signature`].
    pub fn check_signature(&self, deposit: &IdentityKey) -> Result<(), RequestsError> {
        let message = signed_bytes(&self.inner_sign_request, self.deposit_id);
        deposit.verify("withdrawal request", &message, &self.signature)
    }

    /// Identity of the request.
    #[must_use]
    pub fn request_hash(&self, network: &NetworkIds) -> RequestHash {
        RequestHash::of(
            network,
            self.deposit_id,
            &self.inner_sign_request,
            &self.ecash_pubkey,
            self.expiration_date,
            self.ticketbook_type,
        )
    }
}

fn signed_bytes(request: &WithdrawalRequest, deposit_id: DepositId) -> Vec<u8> {
    let mut bytes = request.to_bytes().to_vec();
    bytes.extend_from_slice(&deposit_id.get().to_be_bytes());
    bytes
}

/// Answer of `POST ecash/blind-sign`: clear, or sealed for the envelope's response key and then without any other field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum BlindSignResponse {
    /// The share, with the signer's attestation where it makes one; published signers make none.
    Clear {
        /// The share.
        blinded_signature: BlindedSignature,
        /// The signer's statement about it.
        attestation: Option<Attestation>,
    },
    /// Share and attestation, sealed.
    Sealed(SealedShare),
}

#[derive(Serialize, Deserialize)]
struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blinded_signature: Option<BlindedSignature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attestation: Option<Attestation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_share: Option<SealedShare>,
}

impl TryFrom<Fields> for BlindSignResponse {
    type Error = RequestsError;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        match fields {
            Fields {
                blinded_signature: Some(blinded_signature),
                attestation,
                sealed_share: None,
            } => Ok(Self::Clear {
                blinded_signature,
                attestation,
            }),
            Fields {
                blinded_signature: None,
                attestation: None,
                sealed_share: Some(sealed),
            } => Ok(Self::Sealed(sealed)),
            _ => Err(RequestsError::Decode {
                what: "answer of blind-sign",
                reason: "expected either blinded_signature, or sealed_share and no other field"
                    .to_owned(),
            }),
        }
    }
}

impl From<BlindSignResponse> for Fields {
    fn from(response: BlindSignResponse) -> Self {
        match response {
            BlindSignResponse::Clear {
                blinded_signature,
                attestation,
            } => Self {
                blinded_signature: Some(blinded_signature),
                attestation,
                sealed_share: None,
            },
            BlindSignResponse::Sealed(sealed) => Self {
                blinded_signature: None,
                attestation: None,
                sealed_share: Some(sealed),
            },
        }
    }
}

/// The signature of this one body travels as an array of 64 numbers.
mod signature_array {
    use super::{Base58, Signature, number_array};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        signature: &Signature,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number_array::serialize(signature.as_bytes(), serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Signature, D::Error> {
        number_array::deserialize(deserializer).map(Base58)
    }
}
