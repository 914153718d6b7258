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
    #[error("{what} was made at unix time {made_at}, more than {limit_secs} s before {now}: make it anew")]
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
    #[error("{what} was made at unix time {made_at}, more than {limit_secs} s after {now}: check the clock")]
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
    #[error("sealed share does not open: it was sealed for another key, request, epoch or signer, or altered")]
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
}
