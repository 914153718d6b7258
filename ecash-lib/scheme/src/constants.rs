//! Every size and constant of the scheme (spec 1.8 and 7). Lengths are in bytes.

/// Tickets in one book, L. Ticket indices are 0 … L − 1.
pub const TICKETS_PER_BOOK: u64 = BOOK as u64;
/// [`TICKETS_PER_BOOK`] as a number of list entries.
pub(crate) const BOOK: usize = 50;
/// Most tickets one payment may spend; equal to a whole book.
pub const MAX_TICKETS_PER_PAYMENT: u64 = TICKETS_PER_BOOK;
/// Spend dates of one expiration date E: E − 6 days … E, E included.
pub const VALIDITY_DAYS: u32 = 7;
/// Seconds of a day.
pub const SECONDS_PER_DAY: u32 = 86_400;
/// Attributes of a ticketbook: u, v (private), E, t (public). A key needs as many `y`.
pub const ATTRIBUTES: usize = 4;
/// Highest ticket type code; codes are 0 … 3.
pub const MAX_TICKET_TYPE: u8 = 3;
/// Most `y` elements a key may have; bounds what a stranger's key makes us allocate.
pub const MAX_KEY_ELEMENTS: usize = 64;
/// Most shares one aggregation takes: the contracts admit at most 100 signers.
pub const MAX_SHARES: usize = 100;

/// Most tickets one batch takes; bounds what waits in memory for its verification.
pub const MAX_BATCH_TICKETS: usize = 16_384;

/// Length of an encoded scalar, little-endian.
pub const SCALAR_BYTES: usize = 32;
/// Length of an encoded point of G1, compressed.
pub const G1_BYTES: usize = 48;
/// Length of an encoded point of G2, compressed.
pub const G2_BYTES: usize = 96;
/// Length of the uniform bytes that are reduced to one scalar (spec 1.9).
pub const WIDE_BYTES: usize = 64;
/// Length of the pay info, opaque to the scheme (spec 5.1).
pub const PAY_INFO_BYTES: usize = 72;
/// Length of one serial number.
pub const SERIAL_NUMBER_BYTES: usize = G1_BYTES;

/// Length of a user's secret key.
pub const USER_SECRET_KEY_BYTES: usize = SCALAR_BYTES;
/// Length of a user's public key.
pub const USER_PUBLIC_KEY_BYTES: usize = G1_BYTES;
/// Length of a user's key pair, secret then public.
pub const USER_KEY_PAIR_BYTES: usize = USER_SECRET_KEY_BYTES + USER_PUBLIC_KEY_BYTES;
/// Length of any signature, blinded or not: two points of G1.
pub const SIGNATURE_BYTES: usize = 2 * G1_BYTES;
/// Length of a withdrawal request.
pub const WITHDRAWAL_REQUEST_BYTES: usize = 397;
/// Length of the instance that a withdrawal proof is about (spec 3.1).
pub const WITHDRAWAL_INSTANCE_BYTES: usize = 246;
/// Length of what the user keeps of a withdrawal request.
pub const REQUEST_INFO_BYTES: usize = 248;
/// Length of one verified share of a wallet.
pub const PARTIAL_WALLET_BYTES: usize = 200;
/// Length of the wallet signatures.
pub const WALLET_SIGNATURES_BYTES: usize = 133;
/// Length of a wallet: its signatures and the count of spent tickets.
pub const WALLET_BYTES: usize = WALLET_SIGNATURES_BYTES + 8;

/// Length of a signer's secret key with `q` elements `y`: 168 for q = 4.
#[must_use]
pub const fn secret_key_bytes(q: usize) -> usize {
    SCALAR_BYTES + 8 + q * SCALAR_BYTES
}

/// Length of a verification key with `q` elements `y`: 680 for q = 4.
#[must_use]
pub const fn verification_key_bytes(q: usize) -> usize {
    G2_BYTES + 8 + q * (G1_BYTES + G2_BYTES)
}

/// Length of a payment of `n` tickets: 1190 for n = 1.
#[must_use]
pub const fn payment_bytes(n: usize) -> usize {
    683 + 507 * n
}

/// Tag of hashes to G1 (spec 1.4).
pub(crate) const TAG_HASH_TO_G1: &[u8] = b"NYMECASH-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
/// Tag of hashes to a scalar (spec 1.5).
pub(crate) const TAG_HASH_TO_SCALAR: &[u8] = b"NYMECASH-V01-CS02-with-expander-SHA256";
/// τE, the third attribute of date signatures, as its encoding.
pub(crate) const DATE_TAG: &[u8; SCALAR_BYTES] = b"ZKNYMEXPIRATIONDATE4llCBMEypAxr3";
/// τI, the second and third attribute of coin-index signatures, as its encoding.
pub(crate) const COIN_INDEX_TAG: &[u8; SCALAR_BYTES] = b"ZKNYMSINDICESh^7gTYbhnap*12n5GG6";
