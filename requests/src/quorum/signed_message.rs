use crate::{IdentityKey, IdentitySecret, RequestsError, Signature};
use serde::{Deserialize, Serialize};

/// A body and a signature over its compact JSON, fields in the order of declaration (`quorum-api.md` 1.6).
///
/// A verifier serialises what it decoded, so a body type must reproduce its JSON byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedMessage<T> {
    /// What is said.
    pub body: T,
    /// By the node's identity key, base58.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

impl<T: Serialize> SignedMessage<T> {
    /// Signs `body`.
    ///
    /// # Errors
    /// [`RequestsError::Decode`] if the body has no JSON form.
    pub fn sign(body: T, identity: &IdentitySecret) -> Result<Self, RequestsError> {
        let signature = identity.sign(&plaintext(&body)?);
        Ok(Self { body, signature })
    }

    /// Verifies the signature and gives the body.
    ///
    /// # Errors
    /// [`RequestsError::Signature`]; [`RequestsError::Decode`] if the body has no JSON form.
    pub fn verify(&self, what: &'static str, identity: &IdentityKey) -> Result<&T, RequestsError> {
        identity.verify(what, &plaintext(&self.body)?, &self.signature)?;
        Ok(&self.body)
    }
}

fn plaintext<T: Serialize>(body: &T) -> Result<Vec<u8>, RequestsError> {
    serde_json::to_vec(body).map_err(|error| RequestsError::Decode {
        what: "body of a signed message",
        reason: error.to_string(),
    })
}
