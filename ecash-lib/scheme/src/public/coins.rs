//! Coin-index signatures (spec 4.2): on (ℓ, τI, τI), one for each ticket index ℓ, for one master key.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::error::Result;
use crate::keys::{SecretKey, VerificationKey};
use crate::point::G1;
use crate::signature::Signature;

/// One coin-index signature with the index it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CoinIndexSignature {
    /// The signature.
    pub signature: Signature,
    /// ℓ.
    pub index: u64,
}

/// The fifty coin-index signatures of a key, in order of index: right by construction; whether they verify is said by
/// [`CoinIndexSignatures::verify`]. JSON: the list of entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<CoinIndexSignature>", into = "Vec<CoinIndexSignature>")]
pub struct CoinIndexSignatures(Vec<CoinIndexSignature>);

/// The bases `h_ℓ = H1(master key ‖ LE64(ℓ))` of all coin-index signatures under one master key: fifty hashes to G1,
/// the same for every signer. Made once for each epoch.
#[derive(Clone, Debug)]
pub struct CoinIndexBases(Vec<G1>);

impl CoinIndexBases {
    /// Hashes the bases for the aggregated key `master`.
    #[must_use]
    pub fn new(master: &VerificationKey) -> Self {
        let _ = master;
        todo!()
    }
}

impl SecretKey {
    /// This signer's fifty coin-index signatures under the master key of `bases`.
    #[must_use]
    pub fn sign_coin_indices(&self, bases: &CoinIndexBases) -> CoinIndexSignatures {
        let _ = bases;
        todo!()
    }
}

impl CoinIndexSignatures {
    /// Checks count and order of a list (spec 8.2, R4, R5).
    ///
    /// # Errors
    /// [`crate::Error::WrongLength`], [`crate::Error::WrongEntry`].
    pub fn from_vec(entries: Vec<CoinIndexSignature>) -> Result<Self> {
        let _ = entries;
        todo!()
    }

    /// The entries, in order of index.
    #[must_use]
    pub fn entries(&self) -> &[CoinIndexSignature] {
        &self.0
    }

    /// Verifies all fifty under `key` (a signer's, or the master key itself), with fresh random weights. Cost: 3 Miller
    /// loops.
    ///
    /// # Errors
    /// [`crate::Error::WrongBase`], [`crate::Error::Infinity`], [`crate::Error::BadEntry`].
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        key: &VerificationKey,
        bases: &CoinIndexBases,
        rng: &mut R,
    ) -> Result<()> {
        let _ = (key, bases, rng);
        todo!()
    }

    /// Aggregates shares (signer index, that signer's key, that signer's set) and verifies the result under `master`; the
    /// shares themselves are looked at only if that fails, to name the signers. `bases` are those of `master`.
    ///
    /// # Errors
    /// [`crate::Error::TooFewShares`], [`crate::Error::DuplicateIndex`], [`crate::Error::ZeroIndex`],
    /// [`crate::Error::BadShares`], [`crate::Error::WrongMasterKey`].
    pub fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        bases: &CoinIndexBases,
        rng: &mut R,
    ) -> Result<Self> {
        let _ = (shares, threshold, master, bases, rng);
        todo!()
    }
}

impl TryFrom<Vec<CoinIndexSignature>> for CoinIndexSignatures {
    type Error = crate::Error;
    fn try_from(entries: Vec<CoinIndexSignature>) -> Result<Self> {
        Self::from_vec(entries)
    }
}

impl From<CoinIndexSignatures> for Vec<CoinIndexSignature> {
    fn from(set: CoinIndexSignatures) -> Self {
        set.0
    }
}

impl Encode for CoinIndexSignature {
    fn encode(&self, out: &mut Writer) {
        self.signature.encode(out);
        out.uint(self.index);
    }
}

impl Decode for CoinIndexSignature {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self { signature: Signature::decode(input)?, index: input.u64("coin index")? })
    }
}

impl Encode for CoinIndexSignatures {
    fn encode(&self, out: &mut Writer) {
        out.list(&self.0);
    }
}

impl Decode for CoinIndexSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_vec(input.list("coin-index signatures", crate::constants::TICKETS_PER_BOOK as usize)?)
    }
}
