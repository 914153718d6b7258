//! Date signatures (spec 4.1): on (E, d, τE), one for each spend date d of an expiration date E.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{SCALAR_BYTES, VALIDITY_DAYS};
use crate::dates::{spend_date_position, spend_dates};
use crate::error::{Error, Result};
use crate::hash::hash_to_g1;
use crate::keys::{SecretKey, VerificationKey};
use crate::params::parameters;
use crate::point::G1;
use crate::public::set::{Check, Row, Statements};
use crate::scalar::Scalar;
use crate::secret_products::g1_secret_products;
use crate::signature::Signature;

/// Name of the set in errors.
const WHAT: &str = "date signatures";

/// One date signature with the dates it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DateSignature {
    /// The signature.
    pub signature: Signature,
    /// E, unix seconds.
    #[serde(rename = "expiration_timestamp")]
    pub expiration: u32,
    /// d, unix seconds.
    #[serde(rename = "spending_timestamp")]
    pub spend_date: u32,
}

/// The seven date signatures of one expiration date, in ascending order of spend date. The order and the dates are right
/// by construction; whether the signatures verify is said by [`DateSignatures::verify`]. JSON: the list of entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<DateSignature>", into = "Vec<DateSignature>")]
pub struct DateSignatures(Vec<DateSignature>);

impl SecretKey {
    /// This signer's seven date signatures for the expiration date `expiration` (unix seconds of a midnight):
    /// `S_k = (x + y1·E + y2·d_k + y3·τE)·h_k` (spec 4.1), in constant time.
    ///
    /// # Errors
    /// [`Error::NotMidnight`], [`Error::ExpirationTooEarly`].
    pub fn sign_dates(&self, expiration: u32) -> Result<DateSignatures> {
        let [y1, y2, y3, _] = &self.y;
        let constant =
            &(&self.x + &(y1 * Scalar::from(expiration))) + &(y3 * parameters().date_tag);
        let dates: Vec<u32> = spend_dates(expiration)?.collect();
        let bases: Vec<G1> = dates.iter().map(|date| base(expiration, *date)).collect();
        let exponents: Vec<_> = dates
            .iter()
            .map(|date| &constant + &(y2 * Scalar::from(*date)))
            .collect();
        let answers = g1_secret_products(&bases, &exponents);
        let sign = |(spend_date, (h, s))| DateSignature {
            signature: Signature { h, s },
            expiration,
            spend_date,
        };
        let signed = dates.into_iter().zip(bases.into_iter().zip(answers));
        Ok(DateSignatures(signed.map(sign).collect()))
    }
}

impl DateSignatures {
    /// Checks count, order and dates of a list (spec 8.2, R4, R5, R10).
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::WrongEntry`], [`Error::NotMidnight`],
    /// [`Error::ExpirationTooEarly`].
    pub fn from_vec(entries: Vec<DateSignature>) -> Result<Self> {
        if entries.len() != VALIDITY_DAYS as usize {
            return Err(Error::WrongLength {
                what: WHAT,
                expected: VALIDITY_DAYS as usize,
                got: entries.len(),
            });
        }
        let expiration = entries.first().map_or(0, |entry| entry.expiration);
        for ((position, entry), date) in entries.iter().enumerate().zip(spend_dates(expiration)?) {
            let wrong = |expected: u32, got: u32| Error::WrongEntry {
                what: WHAT,
                position,
                expected: expected.into(),
                got: got.into(),
            };
            if entry.expiration != expiration {
                return Err(wrong(expiration, entry.expiration));
            }
            if entry.spend_date != date {
                return Err(wrong(date, entry.spend_date));
            }
        }
        Ok(Self(entries))
    }

    /// The entries, in ascending order of spend date.
    #[must_use]
    pub fn entries(&self) -> &[DateSignature] {
        &self.0
    }

    /// E, unix seconds.
    #[must_use]
    pub fn expiration(&self) -> u32 {
        self.0.first().map_or(0, |entry| entry.expiration)
    }

    /// The entry for the day that `date` (unix seconds) lies in.
    ///
    /// # Errors
    /// [`Error::DateOutsideValidity`].
    pub fn for_date(&self, date: u32) -> Result<&DateSignature> {
        let position = spend_date_position(self.expiration(), date)?;
        self.0.get(position).ok_or(Error::WrongLength {
            what: WHAT,
            expected: VALIDITY_DAYS as usize,
            got: self.0.len(),
        })
    }

    /// Verifies all seven under one key, with fresh random weights. Cost: 3 Miller loops, 7 hashes to G1.
    ///
    /// # Errors
    /// [`Error::WrongBase`], [`Error::Infinity`], [`Error::BadEntry`].
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        key: &VerificationKey,
        rng: &mut R,
    ) -> Result<()> {
        self.statements().verify(self.signatures(), key, rng)
    }

    /// Aggregates shares (signer index, that signer's key, that signer's set) and verifies the result under `master`; the
    /// shares themselves are looked at only if that fails, to name the signers.
    ///
    /// # Errors
    /// [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`],
    /// [`Error::WrongEntry`] for shares of different expiration dates, [`Error::BadShares`],
    /// [`Error::WrongMasterKey`].
    pub fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        rng: &mut R,
    ) -> Result<Self> {
        Self::combine(shares, threshold, master, Check::Aggregate, rng)
    }

    /// As [`DateSignatures::aggregate`], and every share is verified under its signer's key as well, all in one product of
    /// three pairings: for who keeps the shares, or must know at once whose is bad.
    ///
    /// # Errors
    /// Those of [`DateSignatures::aggregate`].
    pub fn aggregate_every_share<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        rng: &mut R,
    ) -> Result<Self> {
        Self::combine(shares, threshold, master, Check::EveryShare, rng)
    }

    fn combine<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        check: Check,
        rng: &mut R,
    ) -> Result<Self> {
        let Some((_, _, first)) = shares.first() else {
            return Err(Error::TooFewShares {
                got: 0,
                needed: threshold,
            });
        };
        let expected = first.expiration();
        if let Some((_, _, other)) = shares.iter().find(|(.., set)| set.expiration() != expected) {
            let got = other.expiration().into();
            return Err(Error::WrongEntry {
                what: WHAT,
                position: 0,
                expected: expected.into(),
                got,
            });
        }
        let rows: Vec<Row<'_>> = shares
            .iter()
            .map(|(index, key, set)| Row {
                index: *index,
                key,
                signatures: set.signatures(),
            })
            .collect();
        let aggregated = first
            .statements()
            .aggregate(&rows, threshold, master, check, rng)?;
        Ok(Self(
            first
                .0
                .iter()
                .zip(aggregated)
                .map(|(entry, signature)| DateSignature {
                    signature,
                    ..*entry
                })
                .collect(),
        ))
    }

    fn signatures(&self) -> Vec<Signature> {
        self.0.iter().map(|entry| entry.signature).collect()
    }

    /// `e(hₖ, X̂ + E·Ŷ1 + dₖ·Ŷ2 + τE·Ŷ3) = e(Sₖ, Ĝ)`.
    fn statements(&self) -> Statements {
        let expiration = self.expiration();
        Statements {
            what: WHAT,
            bases: self
                .0
                .iter()
                .map(|entry| base(expiration, entry.spend_date))
                .collect(),
            attributes: self.0.iter().map(|entry| entry.spend_date.into()).collect(),
            constant: [expiration.into(), Scalar::ZERO, parameters().date_tag],
            varying: 1,
        }
    }
}

/// `h = H1(enc(E) ‖ enc(d))`, the same for every signer and key.
fn base(expiration: u32, spend_date: u32) -> G1 {
    let mut message = [0; 2 * SCALAR_BYTES];
    let (first, second) = message.split_at_mut(SCALAR_BYTES);
    first.copy_from_slice(&Scalar::from(expiration).to_bytes());
    second.copy_from_slice(&Scalar::from(spend_date).to_bytes());
    hash_to_g1(&message)
}

impl TryFrom<Vec<DateSignature>> for DateSignatures {
    type Error = Error;
    fn try_from(entries: Vec<DateSignature>) -> Result<Self> {
        Self::from_vec(entries)
    }
}

impl From<DateSignatures> for Vec<DateSignature> {
    fn from(set: DateSignatures) -> Self {
        set.0
    }
}

impl Encode for DateSignature {
    fn encode(&self, out: &mut Writer) {
        self.signature.encode(out);
        out.uint(self.expiration.into());
        out.uint(self.spend_date.into());
    }
}

impl Decode for DateSignature {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            signature: Signature::decode(input)?,
            expiration: input.u32("expiration date")?,
            spend_date: input.u32("spend date")?,
        })
    }
}

impl Encode for DateSignatures {
    fn encode(&self, out: &mut Writer) {
        out.list(&self.0);
    }
}

impl Decode for DateSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_vec(input.list(WHAT, VALIDITY_DAYS as usize)?)
    }
}
