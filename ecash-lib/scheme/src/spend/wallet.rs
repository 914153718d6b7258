//! Wallets: the aggregated signature on (u, v, E, t), and how many of its tickets are spent (spec 3.6).

use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{G1_BYTES, PAY_INFO_BYTES, SCALAR_BYTES, TICKETS_PER_BOOK, WALLET_BYTES};
use crate::curve::Size;
use crate::dates::{check_midnight, check_ticket_type, first_spend_date};
use crate::error::{Error, Result};
use crate::keys::{UserSecretKey, VerificationKey};
use crate::pairing::Equation;
use crate::point::G1;
use crate::public::{CoinIndexSignatures, DateSignatures};
use crate::scalar::{Scalar, SecretScalar};
use crate::secret_products::g2_secret_combination;
use crate::signature::Signature;
use crate::spend::prove::{Draw, Spend, prove};
use crate::spend::{MasterKey, Payment};

/// Name of the object in errors.
const WHAT: &str = "wallet signature";

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
pub struct SpendContext<'a, K = VerificationKey> {
    /// The master key of the book's epoch; a [`SpendingKey`](crate::SpendingKey) makes payments faster.
    pub master: &'a K,
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
        let mut bytes = Zeroizing::new(Vec::with_capacity(WALLET_BYTES));
        bytes.extend_from_slice(&self.h.to_bytes());
        bytes.extend_from_slice(&self.s.to_bytes());
        bytes.extend_from_slice(&*self.v.to_bytes());
        bytes.extend_from_slice(&self.expiration.to_be_bytes());
        bytes.push(self.ticket_type);
        bytes
    }

    /// Reads the 133 bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::BadPoint`], [`Error::BadScalar`], and those about dates
    /// and types.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(bytes);
        let signatures = Self::read_fixed(&mut input)?;
        input.finish(WHAT)?;
        Ok(signatures)
    }

    fn read_fixed(input: &mut Reader<'_>) -> Result<Self> {
        Self {
            h: G1::from_bytes(input.raw(WHAT, G1_BYTES)?)?,
            s: G1::from_bytes(input.raw(WHAT, G1_BYTES)?)?,
            v: SecretScalar::from_bytes(input.raw(WHAT, SCALAR_BYTES)?)?,
            expiration: u32::from_be_bytes(input.array(WHAT)?),
            ticket_type: input.u8(WHAT)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        first_spend_date(self.expiration)?;
        check_ticket_type(self.ticket_type)?;
        Ok(self)
    }

    /// Verifies the signature under `key` for the user: `e(h, X̂ + u·Ŷ1 + v·Ŷ2 + E·Ŷ3 + t·Ŷ4) = e(S, Ĝ)` (spec 3.5,
    /// step 5). Cost: 2 Miller loops.
    ///
    /// # Errors
    /// [`Error::Infinity`], [`Error::WalletSignature`].
    pub fn verify(&self, user: &UserSecretKey, key: &VerificationKey) -> Result<()> {
        let h = self.h.not_infinity(WHAT)?;
        let s = self.s.not_infinity(WHAT)?;
        let [y1, y2, y3, y4] = key.y_g2();
        let expiration = SecretScalar::from(Scalar::from(self.expiration));
        let types = core::iter::repeat_n(y4, self.ticket_type.into());
        // E is public here; among the secrets it shares their doublings.
        let q = g2_secret_combination(
            types.chain([key.alpha]),
            [
                (y1, &user.0, Size::Full),
                (y2, &self.v, Size::Full),
                (y3, &expiration, Size::Bits(u32::BITS as usize)),
            ],
        )
        .projective();
        if (Equation { h, q, s }).holds() {
            Ok(())
        } else {
            Err(Error::WalletSignature)
        }
    }
}

impl Wallet {
    /// A wallet of which `spent` tickets are spent already.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] above the size of a book.
    pub fn new(signatures: WalletSignatures, spent: u64) -> Result<Self> {
        if spent > TICKETS_PER_BOOK {
            return Err(Error::OutOfRange {
                what: "spent tickets",
                min: 0,
                max: TICKETS_PER_BOOK,
                got: spent,
            });
        }
        Ok(Self { signatures, spent })
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
        TICKETS_PER_BOOK.saturating_sub(self.spent)
    }

    /// Spends the next `count` tickets on `pay_info` at `spend_date` (unix seconds of a midnight), and counts them as spent
    /// only if a payment was made. Whoever calls this must have recorded the indices as burnt before the payment leaves.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a count of 0, [`Error::NotEnoughTickets`],
    /// [`Error::DateOutsideValidity`], [`Error::NoSerialNumber`].
    pub fn spend<K: MasterKey, R: RngCore + CryptoRng + ?Sized>(
        &mut self,
        user: &UserSecretKey,
        context: &SpendContext<'_, K>,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        count: u64,
        rng: &mut R,
    ) -> Result<Payment> {
        self.spend_with(user, context, pay_info, spend_date, count, &mut |_| {
            SecretScalar::random(rng)
        })
    }

    /// [`Wallet::spend`] with everything random given by `draw`.
    pub(crate) fn spend_with<K: MasterKey>(
        &mut self,
        user: &UserSecretKey,
        context: &SpendContext<'_, K>,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
        count: u64,
        draw: &mut dyn FnMut(Draw) -> SecretScalar,
    ) -> Result<Payment> {
        if count == 0 {
            return Err(Error::OutOfRange {
                what: "tickets to spend",
                min: 1,
                max: TICKETS_PER_BOOK,
                got: 0,
            });
        }
        let spent_after = self
            .spent
            .checked_add(count)
            .filter(|spent| *spent <= TICKETS_PER_BOOK)
            .ok_or(Error::NotEnoughTickets {
                spent: self.spent,
                wanted: count,
            })?;
        let WalletSignatures {
            h,
            s,
            v,
            expiration,
            ticket_type,
        } = &self.signatures;
        check_midnight(spend_date)?;
        if context.dates.expiration() != *expiration {
            return Err(Error::WrongEntry {
                what: "date signatures",
                position: 0,
                expected: (*expiration).into(),
                got: context.dates.expiration().into(),
            });
        }
        let coins: Vec<(u64, Signature)> = context
            .coins
            .entries()
            .iter()
            .filter(|entry| (self.spent..spent_after).contains(&entry.index))
            .map(|entry| (entry.index, entry.signature))
            .collect();
        let spend = Spend {
            u: &user.0,
            v,
            expiration: *expiration,
            ticket_type: *ticket_type,
            wallet: Signature { h: *h, s: *s },
            date: context.dates.for_date(spend_date)?.signature,
            coins: &coins,
        };
        let parts = prove(&spend, &context.master.prepared(), pay_info, draw)?;
        self.spent = spent_after;
        Ok(Payment::from_parts(parts))
    }

    /// [`WalletSignatures::to_bytes`] ‖ BE64(spent), 141 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = self.signatures.to_bytes();
        bytes.extend_from_slice(&self.spent.to_be_bytes());
        bytes
    }

    /// Reads the 141 bytes.
    ///
    /// # Errors
    /// Those of [`WalletSignatures::from_bytes`] and [`Wallet::new`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(bytes);
        let signatures = WalletSignatures::read_fixed(&mut input)?;
        let spent = u64::from_be_bytes(input.array(WHAT)?);
        input.finish(WHAT)?;
        Self::new(signatures, spent)
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
        Self {
            h: G1::decode(input)?,
            s: G1::decode(input)?,
            v: SecretScalar::decode(input)?,
            expiration: input.u32("expiration date")?,
            ticket_type: input.u8("ticket type")?,
        }
        .checked()
    }
}

impl Encode for Wallet {
    fn encode(&self, out: &mut Writer) {
        self.signatures.encode(out);
        out.uint(self.spent);
    }
}

impl Decode for Wallet {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::new(
            WalletSignatures::decode(input)?,
            input.u64("spent tickets")?,
        )
    }
}
