//! Date signatures (spec 4.1): on (E, d, τE), one for each spend date d of an expiration date E.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::error::Result;
use crate::keys::{SecretKey, VerificationKey};
use crate::signature::Signature;

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
    /// This signer's seven date signatures for the expiration date `expiration` (unix seconds of a midnight).
    ///
    /// # Errors
    /// [`crate::Error::NotMidnight`], [`crate::Error::ExpirationTooEarly`].
    pub fn sign_dates(&self, expiration: u32) -> Result<DateSignatures> {
        let _ = expiration;
        todo!()
    }
}

impl DateSignatures {
    /// Checks count, order and dates of a list (spec 8.2, R4, R5, R10).
    ///
    /// # Errors
    /// [`crate::Error::WrongLength`], [`crate::Error::WrongEntry`], [`crate::Error::NotMidnight`],
    /// [`crate::Error::ExpirationTooEarly`].
    pub fn from_vec(entries: Vec<DateSignature>) -> Result<Self> {
        let _ = entries;
        todo!()
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
    /// [`crate::Error::DateOutsideValidity`].
    pub fn for_date(&self, date: u32) -> Result<&DateSignature> {
        let _ = date;
        todo!()
    }

    /// Verifies all seven under one key, with fresh random weights. Cost: 3 Miller loops, 7 hashes to G1.
    ///
    /// # Errors
    /// [`crate::Error::WrongBase`], [`crate::Error::Infinity`], [`crate::Error::BadEntry`].
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(&self, key: &VerificationKey, rng: &mut R) -> Result<()> {
        let _ = (key, rng);
        todo!()
    }

    /// Aggregates shares (signer index, that signer's key, that signer's set) and verifies the result under `master`; the
    /// shares themselves are looked at only if that fails, to name the signers.
    ///
    /// # Errors
    /// [`crate::Error::TooFewShares`], [`crate::Error::DuplicateIndex`], [`crate::Error::ZeroIndex`],
    /// [`crate::Error::WrongEntry`] for shares of different expiration dates, [`crate::Error::BadShares`],
    /// [`crate::Error::WrongMasterKey`].
    pub fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        rng: &mut R,
    ) -> Result<Self> {
        let _ = (shares, threshold, master, rng);
        todo!()
    }
}

impl TryFrom<Vec<DateSignature>> for DateSignatures {
    type Error = crate::Error;
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
        Self::from_vec(input.list("date signatures", crate::constants::VALIDITY_DAYS as usize)?)
    }
}
