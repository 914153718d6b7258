use crate::bytes::Base58;
use crate::freshness::check_time;
use crate::limits::SIGNED_TIME_TOLERANCE_SECS;
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, RequestsError, Signature};
use ecash_ticketbook::UnixTime;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

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
        Self {
            client_key: Base58(*client.public().as_bytes()),
            time,
            signature,
        }
    }

    /// Checks key, time (±120 s) and signature; the client key is the account. That `time` is later than the last one
    /// accepted for this key is for the caller to check.
    ///
    /// # Errors
    /// [`RequestsError::Key`], [`RequestsError::TooOld`], [`RequestsError::FromTheFuture`],
    /// [`RequestsError::Signature`].
    pub fn check(
        &self,
        gateway: &IdentityKey,
        now: UnixTime,
    ) -> Result<IdentityKey, RequestsError> {
        let client = IdentityKey::from_bytes(self.client_key.as_bytes())?;
        check_time(
            WHAT,
            self.time,
            now,
            SIGNED_TIME_TOLERANCE_SECS,
            SIGNED_TIME_TOLERANCE_SECS,
        )?;
        client.verify_text(WHAT, &text(gateway, self.time), &self.signature)?;
        Ok(client)
    }
}

fn text(gateway: &IdentityKey, time: UnixTime) -> SignedText {
    SignedText::new("zknym-account-v1")
        .raw(gateway.as_bytes())
        .be64(time.get())
}

/// The bearer token of an account: 32 random bytes. Wiped when dropped, not shown by `Debug`; the gateway stores its
/// digest only.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountToken(Zeroizing<[u8; 32]>);

impl AccountToken {
    /// A fresh token.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// Base58 of the 32 bytes, what follows `Bearer ` in the `Authorization` header.
    #[must_use]
    pub fn to_base58(&self) -> Zeroizing<String> {
        Zeroizing::new(Base58(*self.0).to_string())
    }

    /// Reads base58 of 32 bytes.
    ///
    /// # Errors
    /// [`RequestsError::Token`]; the text is not repeated in it.
    pub fn from_base58(text: &str) -> Result<Self, RequestsError> {
        text.parse::<Base58<32>>()
            .map(|bytes| Self(Zeroizing::new(bytes.0)))
            .map_err(|_| RequestsError::Token)
    }

    /// SHA-256 of the 32 bytes: what is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }
}

impl fmt::Debug for AccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountToken(…)")
    }
}

impl Serialize for AccountToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base58())
    }
}

impl<'de> Deserialize<'de> for AccountToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Self::from_base58(&text).map_err(serde::de::Error::custom)
    }
}

/// Answer of `POST /v1/accounts`, status 201.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountCreated {
    /// To be sent as `Authorization: Bearer …`; replaces any earlier one of the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token: AccountToken,
}
