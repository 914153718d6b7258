use crate::bytes::Base58;
use crate::limits::SIGNED_TIME_TOLERANCE_SECS;
use crate::freshness::check_time;
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, RequestsError, Signature};
use ecash_ticketbook::UnixTime;
use serde::{Deserialize, Serialize};

const WHAT: &str = "account registration";

/// Body of `POST /v1/accounts`. The account is the client key; the signature shows that the caller holds it.
///
/// Signed text: `"zknym-account-v1" ‖ gateway key ‖ BE64 time` (`gateway.md` R1.21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountBody {
    /// The client key, used at this gateway only.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub client_key: Base58<32>,
    /// Unix seconds; later than in any registration of this key before.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub time: UnixTime,
    /// By the client key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

impl AccountBody {
    /// A registration of `client`'s key at the gateway with key `gateway`.
    #[must_use]
    pub fn sign(client: &IdentitySecret, gateway: &IdentityKey, time: UnixTime) -> Self {
        let signature = client.sign_text(&text(gateway, time));
        Self { client_key: Base58(*client.public().as_bytes()), time, signature }
    }

    /// Checks key, time (±120 s) and signature; the client key is the account. That `time` is later than the last one
    /// accepted for this key is for the caller to check.
    ///
    /// # Errors
    /// [`RequestsError::Key`], [`RequestsError::TooOld`], [`RequestsError::FromTheFuture`],
    /// [`RequestsError::Signature`].
    pub fn check(&self, gateway: &IdentityKey, now: UnixTime) -> Result<IdentityKey, RequestsError> {
        let client = IdentityKey::from_bytes(self.client_key.as_bytes())?;
        check_time(WHAT, self.time, now, SIGNED_TIME_TOLERANCE_SECS, SIGNED_TIME_TOLERANCE_SECS)?;
        client.verify_text(WHAT, &text(gateway, self.time), &self.signature)?;
        Ok(client)
    }
}

fn text(gateway: &IdentityKey, time: UnixTime) -> SignedText {
    SignedText::new("zknym-account-v1").raw(gateway.as_bytes()).be64(time.get())
}

/// The bearer token of an account: 32 random bytes. The gateway stores its hash only.
pub type AccountToken = Base58<32>;

/// Answer of `POST /v1/accounts`, status 201.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountCreated {
    /// To be sent as `Authorization: Bearer …`; replaces any earlier one of the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token: AccountToken,
}
