//! The one error type of this crate.

/// Why something was refused. The text says what was wrong and with which value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input ended too early.
    #[error("{what}: {needed} more bytes expected, {left} left")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// The input goes on after its end.
    #[error("{what}: {count} bytes after the end")]
    TrailingBytes {
        /// What was read.
        what: &'static str,
        /// Bytes too many.
        count: usize,
    },
    /// A fixed-length form has another length.
    #[error("{what}: length is {got}, expected {expected}")]
    WrongLength {
        /// What was being read.
        what: &'static str,
        /// Length expected, in bytes or entries.
        expected: usize,
        /// Length found.
        got: usize,
    },
    /// An integer is not in its shortest form, so that re-encoding would give other bytes.
    #[error("{what}: integer is not in its shortest form")]
    NonCanonicalInteger {
        /// What was being read.
        what: &'static str,
    },
    /// A number is outside what is allowed.
    #[error("{what}: {got} is not in {min}..={max}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// Smallest allowed.
        min: u64,
        /// Largest allowed.
        max: u64,
        /// Value found.
        got: u64,
    },
    /// 32 bytes that are not a scalar below r, little-endian.
    #[error("{what}: not a canonical scalar")]
    BadScalar {
        /// What was being read.
        what: &'static str,
    },
    /// Bytes that are not the canonical encoding of a point of the prime-order subgroup.
    #[error("{what}: not a canonical point of the prime-order subgroup")]
    BadPoint {
        /// What was being read.
        what: &'static str,
    },
    /// A text that is not base58, hex or UTF-8 as its place demands.
    #[error("{what}: not {expected} text")]
    BadText {
        /// What was being read.
        what: &'static str,
        /// The expected alphabet.
        expected: &'static str,
    },
    /// A value that its type does not have; for records built on the codec.
    #[error("{what}: {problem}")]
    Invalid {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it, with the value.
        problem: String,
    },
    /// The point at infinity where the protocol excludes it.
    #[error("{what} is the point at infinity")]
    Infinity {
        /// Which element.
        what: &'static str,
    },

    /// A key has fewer elements than the four attributes need.
    #[error("key has {q} elements y; {} are needed", crate::constants::ATTRIBUTES)]
    KeyTooShort {
        /// Elements found.
        q: usize,
    },
    /// Keys of different size cannot be aggregated.
    #[error("keys have different sizes: {first} and {other} elements")]
    KeySizesDiffer {
        /// Elements of the first key.
        first: usize,
        /// Elements of the differing key.
        other: usize,
    },
    /// e(Yj, Ĝ) ≠ e(G, Ŷj) for some j (spec 2.5).
    #[error(
        "verification key is inconsistent: its elements in G1 and G2 do not have the same logarithms"
    )]
    InconsistentKey,
    /// Key shares do not lie on one polynomial of degree threshold − 1.
    #[error("key shares do not lie on one polynomial of degree {}", .threshold.saturating_sub(1))]
    NotOnePolynomial {
        /// The threshold asked for.
        threshold: u64,
    },
    /// A decoded key pair in which U ≠ u·G.
    #[error("user key pair does not match: the public key is not that of the secret key")]
    UserKeyMismatch,
    /// A threshold of zero, or above the number of signers.
    #[error("threshold {threshold} is impossible with {signers} signers")]
    BadThreshold {
        /// Threshold asked for.
        threshold: u64,
        /// Number of signers.
        signers: usize,
    },
    /// Fewer shares than the threshold.
    #[error("{got} shares given, {needed} are needed")]
    TooFewShares {
        /// Shares given.
        got: usize,
        /// The threshold.
        needed: u64,
    },
    /// A signer index occurs twice.
    #[error("signer index {0} occurs twice")]
    DuplicateIndex(u64),
    /// Signer indices begin at 1.
    #[error("signer index 0 does not exist; indices begin at 1")]
    ZeroIndex,

    /// A date that is not 00:00:00 UTC.
    #[error("{0} is not a midnight UTC (unix seconds)")]
    NotMidnight(u32),
    /// An expiration date less than six days after 1970-01-01.
    #[error("expiration date {0} leaves no room for its first spend date")]
    ExpirationTooEarly(u32),
    /// A ticket type code that does not exist.
    #[error("ticket type {0} does not exist; codes are 0 to {max}", max = crate::constants::MAX_TICKET_TYPE)]
    UnknownTicketType(u8),

    /// h is not the hash of the request's commitment, expiration date and type.
    #[error("withdrawal request: h is not the hash of its commitment, expiration date and type")]
    CommitmentHash,
    /// The proof of a withdrawal request does not verify.
    #[error("withdrawal request: proof does not verify")]
    WithdrawalProof,
    /// h of a withdrawal came out at infinity: derive other secrets and try again.
    #[error("withdrawal request: h came out at infinity; use other secrets")]
    UnusableSecrets,
    /// A signature carries another h than the one it must have.
    #[error("{what}: h is not the expected one")]
    WrongBase {
        /// Which signature.
        what: &'static str,
    },
    /// A blinded signature does not verify under the signer's key.
    #[error("blinded signature does not verify under the signer's key")]
    BlindedSignature,
    /// A share of a wallet does not verify under the key of its signer.
    #[error("wallet share of signer {index} does not verify")]
    WalletShare {
        /// The signer.
        index: u64,
    },
    /// Aggregated wallet signatures do not verify under the master key.
    #[error("aggregated wallet signature does not verify under the master key")]
    WalletSignature,

    /// An entry of a set is not where it belongs or is about something else.
    #[error("{what}: entry {position} is annotated with {got}, expected {expected}")]
    WrongEntry {
        /// Which set.
        what: &'static str,
        /// Position in the set.
        position: usize,
        /// Expected annotation.
        expected: u64,
        /// Annotation found.
        got: u64,
    },
    /// A signature of a set does not verify.
    #[error("{what}: entry {position} does not verify")]
    BadEntry {
        /// Which set.
        what: &'static str,
        /// Position of the first bad entry.
        position: usize,
    },
    /// Shares of a set that do not verify, by signer.
    #[error("{what}: shares of signers {signers:?} do not verify")]
    BadShares {
        /// Which set.
        what: &'static str,
        /// All signers whose shares do not verify.
        signers: Vec<u64>,
    },
    /// Every share verifies under its own key, but the aggregate does not verify under the master key.
    #[error("{what}: every share verifies, but the keys of the shares do not make the master key")]
    WrongMasterKey {
        /// Which set.
        what: &'static str,
    },

    /// The book does not have that many tickets left.
    #[error(
        "{spent} tickets spent, {wanted} wanted, {} in a book",
        crate::constants::TICKETS_PER_BOOK
    )]
    NotEnoughTickets {
        /// Tickets already spent.
        spent: u64,
        /// Tickets wanted.
        wanted: u64,
    },
    /// The book cannot be spent on this date.
    #[error("spend date {date} is outside {first}..={last} (unix seconds)")]
    DateOutsideValidity {
        /// The date asked for.
        date: u32,
        /// First valid spend date.
        first: u32,
        /// Last valid spend date: the expiration date.
        last: u32,
    },
    /// v + ℓ + 1 = 0: this ticket has no serial number.
    #[error("ticket {0} of this book has no serial number; skip it")]
    NoSerialNumber(u64),

    /// Two tickets of one payment have the same serial number.
    #[error("tickets {first} and {second} of the payment have the same serial number")]
    DuplicateSerialNumber {
        /// Position of the first.
        first: usize,
        /// Position of the second.
        second: usize,
    },
    /// The proof of a payment does not verify.
    #[error("payment: proof does not verify")]
    PaymentProof,
    /// The ticketbook signature of a payment does not verify.
    #[error("payment: ticketbook signature does not verify")]
    PaymentWalletSignature,
    /// The date signature of a payment does not verify for this spend date.
    #[error("payment: date signature does not verify for spend date {date}")]
    PaymentDateSignature {
        /// The spend date it was verified for.
        date: u32,
    },
    /// The coin-index signature of a ticket does not verify.
    #[error("payment: coin-index signature of ticket {position} does not verify")]
    PaymentCoinSignature {
        /// Position in the payment.
        position: usize,
    },
    /// A handle that this batch did not give.
    #[error(
        "key {handle} does not exist in this batch of {keys} keys; use the handles that it gave"
    )]
    UnknownKey {
        /// Number of the handle.
        handle: usize,
        /// Keys of the batch.
        keys: usize,
    },
    /// A batch with too many tickets.
    #[error(
        "{tickets} tickets in one batch, at most {limit} are possible; verify it and begin another one"
    )]
    BatchFull {
        /// Tickets there would be.
        tickets: usize,
        /// Most possible.
        limit: usize,
    },
    /// Two different pay infos with the same hash; cannot happen unless SHA-256 is broken.
    #[error("two different pay infos have the same hash")]
    EqualPayInfoHashes,
}

/// Result with this crate's [`Error`].
pub type Result<T> = core::result::Result<T, Error>;
