use crate::bytes::Base58;
use crate::freshness::check_time;
use crate::limits::SIGNED_TIME_TOLERANCE_SECS;
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, RequestsError, ShortText, Signature};
use ecash_ticketbook::{NodeIndex, UnixTime};
use sha2::{Digest, Sha256};

/// Header with the caller's identity key, base58.
pub const KEY_HEADER: &str = "zknym-key";
/// Header with the time of signing, unix seconds.
pub const TIME_HEADER: &str = "zknym-time";
/// Header with the signature, base58.
pub const SIGNATURE_HEADER: &str = "zknym-signature";

const WHAT: &str = "request";

/// The three headers that show who calls (`quorum-api.md` 11.1). Signed texts:
///
/// `"zknym-get-v1" ‖ lp(method) ‖ lp(path and query) ‖ BE64 time`,
/// `"zknym-post-v1" ‖ lp(path and query) ‖ BE64 time ‖ BE64 node index of the addressee ‖ SHA-256(body)`.
///
/// Path and query are as sent, from `/v1` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallerSignature {
    /// The caller's identity key.
    pub key: IdentityKey,
    /// When it signed.
    pub time: UnixTime,
    /// By the key.
    pub signature: Signature,
}

impl CallerSignature {
    /// Signs a `GET`.
    ///
    /// # Errors
    /// [`RequestsError::ShortText`] for a path that is none.
    pub fn get(
        identity: &IdentitySecret,
        path_and_query: &str,
        time: UnixTime,
    ) -> Result<Self, RequestsError> {
        Ok(Self::sign(identity, time, &get_text(path_and_query, time)?))
    }

    /// Signs a `POST` of `body` to the signer with this node index.
    ///
    /// # Errors
    /// [`RequestsError::ShortText`] for a path that is none.
    pub fn post(
        identity: &IdentitySecret,
        path_and_query: &str,
        time: UnixTime,
        addressee: NodeIndex,
        body: &[u8],
    ) -> Result<Self, RequestsError> {
        Ok(Self::sign(
            identity,
            time,
            &post_text(path_and_query, time, addressee, body)?,
        ))
    }

    /// Reads the three headers.
    ///
    /// # Errors
    /// [`RequestsError::Bytes`], [`RequestsError::Key`], [`RequestsError::Unexpected`] for a time that is no number.
    pub fn from_headers(key: &str, time: &str, signature: &str) -> Result<Self, RequestsError> {
        let time = time.parse().map_err(|_| RequestsError::Unexpected {
            what: "header zknym-time",
            actual: time.chars().take(32).collect(),
            expected: "unix seconds".to_owned(),
        })?;
        Ok(Self {
            key: key.parse()?,
            time,
            signature: signature.parse()?,
        })
    }

    /// Values of [`KEY_HEADER`], [`TIME_HEADER`] and [`SIGNATURE_HEADER`].
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 3] {
        [
            (KEY_HEADER, self.key.to_string()),
            (TIME_HEADER, self.time.to_string()),
            (SIGNATURE_HEADER, self.signature.to_string()),
        ]
    }

    /// Checks time (±120 s) and signature of a `GET`. Whether the key may call is for the caller to know.
    ///
    /// # Errors
    /// [`RequestsError::TooOld`], [`RequestsError::FromTheFuture`], [`RequestsError::Signature`],
    /// [`RequestsError::ShortText`].
    pub fn check_get(
        &self,
        path_and_query: &str,
        now: UnixTime,
    ) -> Result<IdentityKey, RequestsError> {
        self.check(now, &get_text(path_and_query, self.time)?)
    }

    /// Checks time (±120 s) and signature of a `POST` to the signer with node index `own`.
    ///
    /// # Errors
    /// As [`Self::check_get`].
    pub fn check_post(
        &self,
        path_and_query: &str,
        own: NodeIndex,
        body: &[u8],
        now: UnixTime,
    ) -> Result<IdentityKey, RequestsError> {
        self.check(now, &post_text(path_and_query, self.time, own, body)?)
    }

    fn sign(identity: &IdentitySecret, time: UnixTime, text: &SignedText) -> Self {
        Self {
            key: identity.public(),
            time,
            signature: identity.sign_text(text),
        }
    }

    fn check(&self, now: UnixTime, text: &SignedText) -> Result<IdentityKey, RequestsError> {
        check_time(
            WHAT,
            self.time,
            now,
            SIGNED_TIME_TOLERANCE_SECS,
            SIGNED_TIME_TOLERANCE_SECS,
        )?;
        self.key.verify_text(WHAT, text, &self.signature)?;
        Ok(self.key)
    }
}

fn get_text(path_and_query: &str, time: UnixTime) -> Result<SignedText, RequestsError> {
    let (method, path) = (ShortText::new("GET")?, ShortText::new(path_and_query)?);
    Ok(SignedText::new("zknym-get-v1")
        .lp(&method)
        .lp(&path)
        .be64(time.get()))
}

fn post_text(
    path: &str,
    time: UnixTime,
    node: NodeIndex,
    body: &[u8],
) -> Result<SignedText, RequestsError> {
    let digest = Base58::<32>(Sha256::digest(body).into());
    Ok(SignedText::new("zknym-post-v1")
        .lp(&ShortText::new(path)?)
        .be64(time.get())
        .be64(node.get())
        .raw(digest.as_bytes()))
}
