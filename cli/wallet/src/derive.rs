//! Secrets that derive from the seed (`client.md` 2.1): HKDF (RFC 5869) with SHA-256.
//!
//! ```text
//! root          = HKDF-Extract(salt "zknym-seed-v1", seed)
//! deposit key i = HKDF-Expand(root, "deposit" ‖ ctx ‖ BE32(i), 32)                     an ed25519 secret key
//! v, o, o1, o2  = HKDF-Expand(root, "book" ‖ ctx ‖ BE32(deposit id) ‖ deposit public key ‖ BE32(E) ‖ type
//!                                   ‖ BE16(attempt) ‖ name, 64)                        little-endian, mod r
//! nonce key     = HKDF-Expand(root, "nonce", 32)
//! ctx           = lp(chain id) ‖ lp(ecash contract)
//! ```
//!
//! The deposit id is inside, so two deposits never share a book's secrets, even under one deposit key.
//!
//! **Architecture invariant:** what is derived is stored before it is used, and recovery uses what is stored.

use ecash_ticketbook::{DepositId, EcashDate, TicketType};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::error::WalletError;
use crate::limits::{MAX_ATTEMPT, MIN_SEED_BYTES};

const SALT: &[u8] = b"zknym-seed-v1";
const FINGERPRINT_TAG: &[u8] = b"zknym-seed-id-v1";

/// Length of a seed's fingerprint in bytes.
pub const FINGERPRINT_BYTES: usize = 8;

/// The secret of a client from which its ecash key and all secrets of its books derive. No `Debug`; wiped when dropped.
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// Takes over the secret: the raw 32-byte ed25519 private key of a client, or any other bytes.
    ///
    /// # Errors
    /// [`WalletError::SeedTooShort`] below 16 bytes.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, WalletError> {
        if bytes.len() < MIN_SEED_BYTES {
            return Err(WalletError::SeedTooShort {
                found: bytes.len(),
                needed: MIN_SEED_BYTES,
            });
        }
        Ok(Self(bytes))
    }

    /// The bytes, which also seed the ecash key pair: `u = Hs(seed)`.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The root of everything derived.
    #[must_use]
    pub fn root(&self) -> Root {
        let (root, _) = Hkdf::<Sha256>::extract(Some(SALT), &self.0);
        Root(Zeroizing::new(root.into()))
    }
}

/// To which network secrets belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Chain id.
    pub chain_id: String,
    /// Address of the ecash contract in its bech32 form.
    pub ecash_contract: String,
}

impl Context {
    fn append(&self, info: &mut Vec<u8>) {
        for text in [&self.chain_id, &self.ecash_contract] {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX); // total: chain ids have at most 50, addresses at most 90 characters
            info.extend_from_slice(&length.to_be_bytes());
            info.extend_from_slice(text.as_bytes());
        }
    }
}

/// What a book's secrets are bound to.
#[derive(Clone, Copy, Debug)]
pub struct BookId<'a> {
    /// The deposit.
    pub deposit_id: DepositId,
    /// Public half of the deposit key.
    pub deposit_key: &'a [u8; 32],
    /// Expiration date E.
    pub expiration: EcashDate,
    /// Ticket type t.
    pub ticket_type: TicketType,
    /// 0, and one more only where h came out at infinity.
    pub attempt: u16,
}

/// 64-byte values of v, o, o1, o2, to be reduced mod r. No `Debug`; wiped when dropped.
#[derive(zeroize::ZeroizeOnDrop)]
pub struct BookSecrets {
    /// Wallet secret.
    pub v: [u8; 64],
    /// Opening of the joined commitment.
    pub o: [u8; 64],
    /// Opening of the first attribute's commitment.
    pub o1: [u8; 64],
    /// Opening of the second attribute's commitment.
    pub o2: [u8; 64],
}

/// The root of everything derived. No `Debug`; wiped when dropped.
#[derive(Clone)]
pub struct Root(Zeroizing<[u8; 32]>);

impl Root {
    /// A random root in place of a seed's (`client.md` 2.1, books for files).
    pub(crate) const fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Deposit key number `index`.
    #[must_use]
    pub fn deposit_key(&self, context: &Context, index: u32) -> SigningKey {
        let mut info = b"deposit".to_vec();
        context.append(&mut info);
        info.extend_from_slice(&index.to_be_bytes());
        let mut bytes = self.expand::<32>(&info);
        let key = SigningKey::from_bytes(&bytes);
        bytes.zeroize();
        key
    }

    /// The secrets of one book.
    ///
    /// # Errors
    /// [`WalletError::Attempts`] beyond attempt 15: that no usable h was found in sixteen attempts cannot happen by chance.
    pub fn book_secrets(
        &self,
        context: &Context,
        book: &BookId<'_>,
    ) -> Result<BookSecrets, WalletError> {
        if book.attempt > MAX_ATTEMPT {
            return Err(WalletError::Attempts {
                deposit_id: book.deposit_id,
            });
        }
        let mut info = b"book".to_vec();
        context.append(&mut info);
        info.extend_from_slice(&book.deposit_id.get().to_be_bytes());
        info.extend_from_slice(book.deposit_key);
        info.extend_from_slice(&book.expiration.unix().to_be_bytes());
        info.push(book.ticket_type.code());
        info.extend_from_slice(&book.attempt.to_be_bytes());
        let secret = |name: &[u8]| self.expand::<64>(&[info.as_slice(), name].concat());
        Ok(BookSecrets {
            v: secret(b"v"),
            o: secret(b"o"),
            o1: secret(b"o1"),
            o2: secret(b"o2"),
        })
    }

    /// The key that proof nonces are hashed under together with fresh randomness.
    #[must_use]
    pub fn nonce_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.expand::<32>(b"nonce"))
    }

    /// Eight bytes that name the seed without telling anything about it: `SHA-256("zknym-seed-id-v1" ‖ root)`, shortened.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; FINGERPRINT_BYTES] {
        let digest = Sha256::new()
            .chain_update(FINGERPRINT_TAG)
            .chain_update(self.0.as_slice())
            .finalize();
        let mut out = [0; FINGERPRINT_BYTES];
        out.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        out
    }

    #[expect(
        clippy::expect_used,
        reason = "the root has the length of the hash, and N is far below 255 of them"
    )]
    fn expand<const N: usize>(&self, info: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        let hkdf = Hkdf::<Sha256>::from_prk(self.0.as_slice()).expect("32 bytes"); // total: the root is a SHA-256 output
        hkdf.expand(info, &mut out).expect("at most 64 bytes"); // total: HKDF gives up to 8160
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation, missing_docs)]
    use super::*;

    fn seed() -> Seed {
        Seed::new(Zeroizing::new((0..32).collect())).unwrap()
    }

    fn context() -> Context {
        Context {
            chain_id: "zknym-local-0badcafe".to_owned(),
            ecash_contract: "n1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0spwla79"
                .to_owned(),
        }
    }

    #[test]
    fn root_and_deposit_key_are_the_known_ones() {
        let root = seed().root();
        assert_eq!(
            hex::encode(root.0.as_slice()),
            "87027bd189b9e8db9ed4a890bfe6f3d3d4dd0916c72f2b27bccf8f752b1771b7"
        );
        let key = root.deposit_key(&context(), 0);
        assert_eq!(
            hex::encode(key.to_bytes()),
            "0d2103ca55113559c05bab06874f57c82b92390fedb75459f254fffcbecf112d"
        );
        assert_eq!(
            hex::encode(key.verifying_key().to_bytes()),
            "af8866fe077e2f81bd09389515b37f47fd299648d508263a00ee271290095ca5"
        );
    }

    #[test]
    fn the_secrets_of_a_book_are_the_known_ones() {
        let key = seed()
            .root()
            .deposit_key(&context(), 0)
            .verifying_key()
            .to_bytes();
        let book = known_book(&key, 7, 0);
        let scalar = |wide: &[u8; 64]| {
            hex::encode(*ecash_scheme::SecretScalar::from_wide_bytes(wide).to_bytes())
        };
        assert_eq!(
            scalar(&book.v),
            "d1ed039ec785f7d92a55c1c60d7112bd538aa56ff693cb43f9dce6ceeedc3a17"
        );
        assert_eq!(
            scalar(&book.o),
            "5cefbbf4224213fe46c9eddea305bb3618704b76f473a50f0b347ba2d7247e01"
        );
        assert_eq!(
            scalar(&book.o1),
            "3d22c9adf4fbc07f4c370f1b51fb1ebfa5b76594c7b44e14721b824b4ca39143"
        );
        assert_eq!(
            scalar(&book.o2),
            "459dc36cc17181643969017e62ff60d81fad17808df11a2b8c275bb2fb747b1c"
        );
    }

    fn known_book(key: &[u8; 32], deposit_id: u32, attempt: u16) -> BookSecrets {
        seed()
            .root()
            .book_secrets(
                &context(),
                &BookId {
                    deposit_id: DepositId(deposit_id),
                    deposit_key: key,
                    expiration: EcashDate::from_unix(1_765_065_600).unwrap(),
                    ticket_type: TicketType::MixnetEntry,
                    attempt,
                },
            )
            .unwrap()
    }

    #[test]
    fn two_deposits_under_one_key_and_two_attempts_share_no_secret() {
        let key = [7; 32];
        let books = [
            known_book(&key, 7, 0),
            known_book(&key, 8, 0),
            known_book(&key, 7, 1),
        ];
        let mut all: Vec<[u8; 64]> = books.iter().flat_map(|b| [b.v, b.o, b.o1, b.o2]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn another_chain_or_contract_gives_other_keys() {
        let root = seed().root();
        let here = root.deposit_key(&context(), 0);
        let mut other = context();
        other.chain_id.push('x');
        assert_ne!(here, root.deposit_key(&other, 0));
        let mut other = context();
        other.ecash_contract.push('x');
        assert_ne!(here, root.deposit_key(&other, 0));
    }

    #[test]
    fn a_seed_of_fifteen_bytes_is_refused_with_both_lengths() {
        let error = Seed::new(Zeroizing::new(vec![1; 15])).err().unwrap();
        assert!(
            error.to_string().contains("15") && error.to_string().contains("16"),
            "{error}"
        );
    }
}
