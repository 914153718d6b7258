//! Coin-index signatures (spec 4.2): on (ℓ, τI, τI), one for each ticket index ℓ, for one master key.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{BOOK, TICKETS_PER_BOOK};
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
const WHAT: &str = "coin-index signatures";

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
        let prefix = master.to_bytes();
        let base = |index: u64| hash_to_g1(&[prefix.as_slice(), &index.to_le_bytes()].concat());
        Self((0..TICKETS_PER_BOOK).map(base).collect())
    }
}

impl SecretKey {
    /// This signer's fifty coin-index signatures under the master key of `bases`:
    /// `S_ℓ = (x + ℓ·y1 + τI·(y2 + y3))·h_ℓ` (spec 4.2), in constant time. Cost: fifty products, their tables made together.
    #[must_use]
    pub fn sign_coin_indices(&self, bases: &CoinIndexBases) -> CoinIndexSignatures {
        let [y1, y2, y3, _] = &self.y;
        let constant = &self.x + &(&(y2 + y3) * parameters().coin_index_tag);
        let exponents: Vec<_> = (0..TICKETS_PER_BOOK)
            .map(|index| &constant + &(y1 * Scalar::from(index)))
            .collect();
        let answers = g1_secret_products(&bases.0, &exponents);
        let sign = |(index, (h, s)): (u64, (&G1, G1))| CoinIndexSignature {
            signature: Signature { h: *h, s },
            index,
        };
        CoinIndexSignatures((0..).zip(bases.0.iter().zip(answers)).map(sign).collect())
    }
}

impl CoinIndexSignatures {
    /// Checks count and order of a list (spec 8.2, R4, R5).
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::WrongEntry`].
    pub fn from_vec(entries: Vec<CoinIndexSignature>) -> Result<Self> {
        if entries.len() != BOOK {
            return Err(Error::WrongLength {
                what: WHAT,
                expected: BOOK,
                got: entries.len(),
            });
        }
        let expected_and_entry = (0..).zip(&entries);
        for (position, (expected, entry)) in expected_and_entry.enumerate() {
            if entry.index != expected {
                return Err(Error::WrongEntry {
                    what: WHAT,
                    position,
                    expected,
                    got: entry.index,
                });
            }
        }
        Ok(Self(entries))
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
    /// [`Error::WrongBase`], [`Error::Infinity`], [`Error::BadEntry`].
    pub fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        key: &VerificationKey,
        bases: &CoinIndexBases,
        rng: &mut R,
    ) -> Result<()> {
        statements(bases).verify(self.signatures(), key, rng)
    }

    /// Aggregates shares (signer index, that signer's key, that signer's set) and verifies the result under `master`; the
    /// shares themselves are looked at only if that fails, to name the signers. `bases` are those of `master`.
    ///
    /// # Errors
    /// [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`],
    /// [`Error::BadShares`], [`Error::WrongMasterKey`].
    pub fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        bases: &CoinIndexBases,
        rng: &mut R,
    ) -> Result<Self> {
        Self::combine(shares, threshold, master, bases, Check::Aggregate, rng)
    }

    /// As [`CoinIndexSignatures::aggregate`], and every share is verified under its signer's key as well, all in one product
    /// of three pairings: for who keeps the shares, or must know at once whose is bad.
    ///
    /// # Errors
    /// Those of [`CoinIndexSignatures::aggregate`].
    pub fn aggregate_every_share<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        bases: &CoinIndexBases,
        rng: &mut R,
    ) -> Result<Self> {
        Self::combine(shares, threshold, master, bases, Check::EveryShare, rng)
    }

    fn combine<R: RngCore + CryptoRng + ?Sized>(
        shares: &[(u64, &VerificationKey, &Self)],
        threshold: u64,
        master: &VerificationKey,
        bases: &CoinIndexBases,
        check: Check,
        rng: &mut R,
    ) -> Result<Self> {
        let rows: Vec<Row<'_>> = shares
            .iter()
            .map(|(index, key, set)| Row {
                index: *index,
                key,
                signatures: set.signatures(),
            })
            .collect();
        let aggregated = statements(bases).aggregate(&rows, threshold, master, check, rng)?;
        Ok(Self(
            (0..)
                .zip(aggregated)
                .map(|(index, signature)| CoinIndexSignature { signature, index })
                .collect(),
        ))
    }

    fn signatures(&self) -> Vec<Signature> {
        self.0.iter().map(|entry| entry.signature).collect()
    }
}

/// `e(h_ℓ, X̂ + τI·(Ŷ2 + Ŷ3) + ℓ·Ŷ1) = e(S_ℓ, Ĝ)`.
fn statements(bases: &CoinIndexBases) -> Statements {
    let tag = parameters().coin_index_tag;
    Statements {
        what: WHAT,
        bases: bases.0.clone(),
        attributes: (0..TICKETS_PER_BOOK).map(Scalar::from).collect(),
        constant: [Scalar::ZERO, tag, tag],
        varying: 0,
    }
}

impl TryFrom<Vec<CoinIndexSignature>> for CoinIndexSignatures {
    type Error = Error;
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
        Ok(Self {
            signature: Signature::decode(input)?,
            index: input.u64("coin index")?,
        })
    }
}

impl Encode for CoinIndexSignatures {
    fn encode(&self, out: &mut Writer) {
        out.list(&self.0);
    }
}

impl Decode for CoinIndexSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_vec(input.list(WHAT, BOOK)?)
    }
}
