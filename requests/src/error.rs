use ecash_ticketbook::{NodeIndex, UnixTime};

/// What was wrong with something that travelled, with the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestsError {
    /// A text that cannot be part of a signed text.
    #[error("\"{start}\" ({bytes} bytes) is not 1 … 1024 bytes of visible ASCII")]
    ShortText {
        /// Its length.
        bytes: usize,
        /// How it begins.
        start: String,
    },
    /// A text that does not stand for the right number of bytes.
    #[error("\"{start}…\" ({length} characters) is not the {alphabet} form of {expected} bytes")]
    Bytes {
        /// The alphabet expected.
        alphabet: &'static str,
        /// The number of bytes expected.
        expected: usize,
        /// How the text begins.
        start: String,
        /// Its length in bytes.
        length: usize,
    },
    /// An ed25519 or X25519 public key that is refused.
    #[error("public key {key} is refused: {reason}")]
    Key {
        /// The key, base58.
        key: String,
        /// Why.
        reason: &'static str,
    },
    /// A signature that does not verify.
    #[error("signature of the {what} does not verify under {key}")]
    Signature {
        /// What is signed.
        what: &'static str,
        /// The public key, base58.
        key: String,
    },
    /// Something signed too long ago.
    #[error(
        "{what} was made at unix time {made_at}, more than {limit_secs} s before {now}: make it anew"
    )]
    TooOld {
        /// What is too old.
        what: &'static str,
        /// When it was made.
        made_at: UnixTime,
        /// The reader's time.
        now: UnixTime,
        /// The age that is allowed.
        limit_secs: u64,
    },
    /// Something signed in the future.
    #[error(
        "{what} was made at unix time {made_at}, more than {limit_secs} s after {now}: check the clock"
    )]
    FromTheFuture {
        /// What lies in the future.
        what: &'static str,
        /// When it was made.
        made_at: UnixTime,
        /// The reader's time.
        now: UnixTime,
        /// The difference that is allowed.
        limit_secs: u64,
    },
    /// Something addressed to, or signed for, another signer.
    #[error("{what} names node index {named}, expected {expected}")]
    WrongNode {
        /// What names it.
        what: &'static str,
        /// The index named.
        named: NodeIndex,
        /// The index expected.
        expected: NodeIndex,
    },
    /// A field that does not have the value it must have.
    #[error("{what} is {actual}, expected {expected}")]
    Unexpected {
        /// The field.
        what: &'static str,
        /// Its value.
        actual: String,
        /// The value it must have.
        expected: String,
    },
    /// Bytes that do not decode.
    #[error("{what} does not decode: {reason}")]
    Decode {
        /// What was decoded.
        what: &'static str,
        /// Why it does not decode.
        reason: String,
    },
    /// A sealed answer that does not open.
    #[error(
        "sealed share does not open: it was sealed for another key, request, epoch or signer, or altered"
    )]
    Unsealable,
    /// A share could not be sealed.
    #[error("share cannot be sealed for this response key")]
    Sealing,
    /// More entries than allowed.
    #[error("{count} {what}, at most {max} are allowed")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
    /// A bearer token that is none.
    #[error("the token is not the base58 form of 32 bytes")]
    Token,

    /// A URL that cannot or may not be called.
    #[cfg(feature = "client")]
    #[error("{url} is not called: {reason}")]
    Url {
        /// The URL, at most 256 characters of it.
        url: String,
        /// Why.
        reason: String,
    },
    /// The HTTP client could not be set up.
    #[cfg(feature = "client")]
    #[error("HTTP client cannot be set up: {reason}")]
    HttpClient {
        /// Why.
        reason: String,
    },
    /// No connection; nothing was sent.
    #[cfg(feature = "client")]
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The URL called.
        url: String,
        /// Why.
        reason: String,
    },
    /// No complete answer in time; the request may have been received.
    #[cfg(feature = "client")]
    #[error("{url} did not answer in time")]
    TimedOut {
        /// The URL called.
        url: String,
    },
    /// The connection broke; the request may have been received.
    #[cfg(feature = "client")]
    #[error("connection to {url} broke: {reason}")]
    Broken {
        /// The URL called.
        url: String,
        /// Why.
        reason: String,
    },
    /// An answer that is not 2xx.
    #[cfg(feature = "client")]
    #[error("{url} refused with status {status}: {text}")]
    Refused {
        /// The URL called.
        url: String,
        /// HTTP status.
        status: u16,
        /// What it says, at most 1 KiB.
        text: String,
        /// When to try again, if it says so; at most an hour.
        retry_after: Option<std::time::Duration>,
        /// Its `Date` header.
        date: Option<UnixTime>,
    },
    /// An answer beyond the limit.
    #[cfg(feature = "client")]
    #[error("answer of {url} is longer than {limit_bytes} bytes")]
    AnswerTooLong {
        /// The URL called.
        url: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// An answer that does not decode.
    #[cfg(feature = "client")]
    #[error("answer of {url} does not decode: {reason}")]
    NotUnderstood {
        /// The URL called.
        url: String,
        /// Why.
        reason: String,
    },
}

#[cfg(feature = "client")]
impl RequestsError {
    /// Whether the same request may succeed later: nothing was reached, nothing came back in time, or the other says so
    /// (408, 429, 5xx).
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Refused { status, .. } => matches!(*status, 408 | 429 | 500..=599),
            _ => false,
        }
    }

    /// When to try again, if the other says so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
