//! Wallets: the aggregated signature on (u, v, E, t), and how many of its tickets are spent (spec 3.6).

use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::PAY_INFO_BYTES;
use crate::error::Result;
use crate::keys::{UserSecretKey, VerificationKey};
use crate::point::G1;
use crate::public::{CoinIndexSignatures, DateSignatures};
use crate::scalar::SecretScalar;
use crate::spend::Payment;

/// The aggregated signature of a book with its wallet secret, expiration date and type. 133 bytes (137 as `bin`). Wiped
/// when dropped; has no `Debug`.
#[derive(Clone)]
pub struct WalletSignatures {
    pub(crate) h: G1,
    pub(crate) s: G1,
    pub(crate) v: SecretScalar,
    pub(crate) expiration: u32,
    pub(crate) ticket_type: u8,
}

/// A book of tickets: [`WalletSignatures`] and the count of spent ones. 141 bytes (138 as `bin`).
#[derive(Clone)]
pub struct Wallet {
    signatures: WalletSignatures,
    spent: u64,
}

/// What every payment under one key needs beside the wallet: the master key and the public signatures.
#[derive(Clone, Copy, Debug)]
pub struct SpendContext<'a> {
    /// The master key of the book's epoch.
    pub master: &'a VerificationKey,
    /// The date signatures of the book's expiration date.
    pub dates: &'a DateSignatures,
    /// The coin-index signatures of the epoch.
    pub coins: &'a CoinIndexSignatures,
}

impl WalletSignatures {
    /// E, unix seconds.
    #[must_use]
    pub const fn expiration(&self) -> u32 {
        self.expiration
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }

    /// `enc(h) ‖ enc(S) ‖ enc(v) ‖ BE32(E) ‖ t`, 133 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        todo!()
    }

    /// Reads the 133 bytes.
    ///
    /// # Errors
    /// [`crate::Error::WrongLength`], [`crate::Error::BadPoint`], [`crate::Error::BadScalar`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let _ = bytes;
        todo!()
    }

    /// Checks that this signature verifies under `master` for the user (spec 3.5, step 5).
    ///
    /// # Errors
    /// [`crate::Error::Infinity`], [`crate::Error::WalletSignature`].
    pub fn verify(&self, user: &UserSecretKey, master: &VerificationKey) -> Result<()> {
        let _ = (user, master);
        todo!()
    }
}

impl Wallet {
    /// A wallet of which `spent` tickets are spent already.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] above the size of a book.
    pub fn new(signatures: WalletSignatures, spent: u64) -> Result<Self> {
        let _ = (&signatures, spent);
        todo!()
    }

    /// The signatures.
    #[must_use]
    pub const fn signatures(&self) -> &WalletSignatures {
        &self.signatures
    }

    /// Tickets spent; the next payment begins with this index.
    #[must_use]
    pub const fn spent(&self) -> u64 {
        self.spent
    }

    /// Tickets left.
    #[must_use]
    pub fn left(&self) -> u64 {
        crate::constants::TICKETS_PER_BOOK.saturating_sub(self.spent)
    }

    /// Spends the next `count` tickets on `pay_info` at `spend_date` (unix seconds of a midnight), and counts them as spent
    /// only if a payment was made. Whoever calls this must have recorded the indices as burnt before the payment leaves.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] for a count of 0, [`crate::Error::NotEnoughTickets`],
    /// [`crate::Error::DateOutsideValidity`], [`crate::Error::NoSerialNumber`].
    pub fn spend<R: RngCore + CryptoRng + ?Sized>(
        &mut self,
        user: &UserSecretKey,
        context: &SpendContext<'_>,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        count: u64,
        rng: &mut R,
    ) -> Result<Payment> {
        let _ = (user, context, pay_info, spend_date, count, rng);
        todo!()
    }

    /// [`WalletSignatures::to_bytes`] ‖ BE64(spent), 141 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        todo!()
    }

    /// Reads the 141 bytes.
    ///
    /// # Errors
    /// Those of [`WalletSignatures::from_bytes`] and [`Wallet::new`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let _ = bytes;
        todo!()
    }
}

impl Encode for WalletSignatures {
    fn encode(&self, out: &mut Writer) {
        self.h.encode(out);
        self.s.encode(out);
        self.v.encode(out);
        out.uint(self.expiration.into());
        out.u8(self.ticket_type);
    }
}

impl Decode for WalletSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            h: G1::decode(input)?,
            s: G1::decode(input)?,
            v: SecretScalar::decode(input)?,
            expiration: input.u32("expiration date")?,
            ticket_type: input.u8("ticket type")?,
        })
    }
}
