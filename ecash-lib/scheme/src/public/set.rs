//! Sets of signatures that differ in one attribute, of one signer or of many: verified in three Miller loops, whatever
//! their number (spec 9.4, 9.5).
//!
//! Entry k of a set has the base hₖ and satisfies `e(hₖ, Âᵢ + mₖ·Ŷᵢ) = e(Sᵢₖ, Ĝ)` under the key i. The bases are the same
//! for all signers, so with product weights ρᵢₖ = σᵢ·τₖ
//!
//! `e(Σ τₖ·hₖ, Σ σᵢ·Âᵢ) · e(Σ mₖ·τₖ·hₖ, Σ σᵢ·Ŷᵢ) · e(−Σ σᵢ·Σ τₖ·Sᵢₖ, Ĝ) = 1`.
//!
//! Soundness: where some entry of signer i is wrong, the τ-combination of its row vanishes with probability at most 2⁻¹³⁶,
//! and if it does not, the σ-combination of the rows does with at most 2⁻¹³⁶. Cost for m signers and n entries: 3 Miller
//! loops, one final exponentiation, m + 2 sums of n points of G1, and sums of m points.

use core::ops::Range;

use rand_core::{CryptoRng, RngCore};

use crate::constants::WIDE_BYTES;
use crate::curve::{self, G1Projective, G2Projective, Sum};
use crate::error::{Error, Result};
use crate::keys::{Lagrange, VerificationKey, check_indices};
use crate::pairing::{g1_combination, g2_combination, product_is_one};
use crate::point::{G1, G2};
use crate::scalar::Scalar;
use crate::signature::Signature;

/// Bytes of each factor of a product weight: above 129 bits, so that two chances of passing stay below 2⁻¹²⁸.
const FACTOR_BYTES: usize = 17;

/// Attributes of a public signature.
const PUBLIC_ATTRIBUTES: usize = 3;

/// The signatures of one signer, with the key that they should verify under.
pub(super) struct Row<'a> {
    pub(super) index: u64,
    pub(super) key: &'a VerificationKey,
    pub(super) signatures: Vec<Signature>,
}

/// Which shares are looked at when sets are aggregated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// The aggregate alone; the shares only if it does not verify.
    Aggregate,
    /// Every share as well, in the same product.
    EveryShare,
}

/// What the signatures of a set are about.
pub(super) struct Statements {
    /// Name of the set in errors.
    pub(super) what: &'static str,
    /// hₖ.
    pub(super) bases: Vec<G1>,
    /// mₖ, the attribute in which the entries differ.
    pub(super) attributes: Vec<Scalar>,
    /// The coefficients of Ŷ1, Ŷ2, Ŷ3 in Â = X̂ + Σ cⱼ·Ŷⱼ.
    pub(super) constant: [Scalar; PUBLIC_ATTRIBUTES],
    /// Which of Ŷ1, Ŷ2, Ŷ3, counted from 0, the differing attribute belongs to.
    pub(super) varying: usize,
}

impl Statements {
    /// Verifies one set under one key.
    ///
    /// # Errors
    /// [`Error::BadEntry`] with the first position that does not verify.
    pub(super) fn verify<R: RngCore + CryptoRng + ?Sized>(
        &self,
        signatures: Vec<Signature>,
        key: &VerificationKey,
        rng: &mut R,
    ) -> Result<()> {
        self.check_bases(&signatures)?;
        let row = Row {
            index: 0,
            key,
            signatures,
        };
        match self.first_bad(&row, 0..self.bases.len(), rng) {
            None => Ok(()),
            Some(position) => Err(Error::BadEntry {
                what: self.what,
                position,
            }),
        }
    }

    /// Lagrange combination of the signers' sets, verified under `master`. The bases are the recomputed ones.
    ///
    /// # Errors
    /// Those of the indices; [`Error::BadShares`] names every signer whose set does not verify under its key;
    /// [`Error::WrongMasterKey`] where all do and the aggregate does not.
    pub(super) fn aggregate<R: RngCore + CryptoRng + ?Sized>(
        &self,
        shares: &[Row<'_>],
        threshold: u64,
        master: &VerificationKey,
        check: Check,
        rng: &mut R,
    ) -> Result<Vec<Signature>> {
        let indices: Vec<u64> = shares.iter().map(|share| share.index).collect();
        check_indices(&indices, threshold)?;
        let whole = 0..self.bases.len();
        if shares.iter().all(|share| self.fits(share)) {
            let signatures = self.combine(shares, &indices);
            let aggregate = Row {
                index: 0,
                key: master,
                signatures,
            };
            let mut rows = vec![&aggregate];
            if check == Check::EveryShare {
                rows.extend(shares);
            }
            if self.check_bases(&aggregate.signatures).is_ok() && self.hold(&rows, &whole, rng) {
                return Ok(aggregate.signatures);
            }
        }
        let (fitting, misfits): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
            shares.iter().partition(|share| self.fits(share));
        let mut signers: Vec<u64> = misfits.iter().map(|share| share.index).collect();
        self.bad_signers(&fitting, &whole, &mut signers, rng);
        if signers.is_empty() {
            return Err(Error::WrongMasterKey { what: self.what });
        }
        signers.sort_unstable();
        Err(Error::BadShares {
            what: self.what,
            signers,
        })
    }

    fn combine(&self, shares: &[Row<'_>], indices: &[u64]) -> Vec<Signature> {
        let lagrange = Lagrange::at_zero(indices);
        let answers = |position: usize| -> Vec<G1> {
            shares
                .iter()
                .filter_map(|share| share.signatures.get(position))
                .map(|signature| signature.s)
                .collect()
        };
        let lists: Vec<_> = (0..self.bases.len()).map(answers).collect();
        let combined = lagrange.combine_g1(&lists);
        let signature = |(h, s): (&G1, G1)| Signature { h: *h, s };
        self.bases.iter().zip(combined).map(signature).collect()
    }

    fn fits(&self, share: &Row<'_>) -> bool {
        self.check_bases(&share.signatures).is_ok()
    }

    /// Every received h must be the recomputed one, and no S infinity (spec 8.2, R14).
    fn check_bases(&self, signatures: &[Signature]) -> Result<()> {
        if signatures.len() != self.bases.len() {
            return Err(Error::WrongLength {
                what: self.what,
                expected: self.bases.len(),
                got: signatures.len(),
            });
        }
        let wrong = |(signature, base): (&Signature, &G1)| {
            signature.h != *base || signature.s.is_infinity()
        };
        match signatures.iter().zip(&self.bases).position(wrong) {
            None => Ok(()),
            Some(position) => Err(Error::BadEntry {
                what: self.what,
                position,
            }),
        }
    }

    /// The first entry of `range` that does not verify, found by halving.
    fn first_bad<R: RngCore + CryptoRng + ?Sized>(
        &self,
        row: &Row<'_>,
        range: Range<usize>,
        rng: &mut R,
    ) -> Option<usize> {
        if self.hold(&[row], &range, rng) {
            return None;
        }
        if range.len() <= 1 {
            return Some(range.start);
        }
        let middle = range.start.midpoint(range.end);
        self.first_bad(row, range.start..middle, rng)
            .or_else(|| self.first_bad(row, middle..range.end, rng))
    }

    /// Adds the signers of `rows` whose sets do not verify to `bad`, found by halving.
    fn bad_signers<R: RngCore + CryptoRng + ?Sized>(
        &self,
        rows: &[&Row<'_>],
        whole: &Range<usize>,
        bad: &mut Vec<u64>,
        rng: &mut R,
    ) {
        if rows.is_empty() || self.hold(rows, whole, rng) {
            return;
        }
        if let [row] = rows {
            bad.push(row.index);
            return;
        }
        let (first, second) = rows.split_at(rows.len() / 2);
        self.bad_signers(first, whole, bad, rng);
        self.bad_signers(second, whole, bad, rng);
    }

    /// Whether the entries `range` of all `rows` verify, each row under its key: the product at the head of this file, with
    /// fresh weights.
    fn hold<R: RngCore + CryptoRng + ?Sized>(
        &self,
        rows: &[&Row<'_>],
        range: &Range<usize>,
        rng: &mut R,
    ) -> bool {
        let tau = factors(range.len(), rng);
        // One row needs no second factor.
        let sigma = if rows.len() == 1 {
            vec![Scalar::ONE]
        } else {
            factors(rows.len(), rng)
        };
        let bases = self.bases.get(range.clone()).unwrap_or_default();
        let attributes = self.attributes.get(range.clone()).unwrap_or_default();
        let multiples = attributes.iter().zip(&tau).map(|(m, t)| *m * *t);
        let mut sums = vec![sum_of(bases, tau.iter().copied()), sum_of(bases, multiples)];
        sums.extend(rows.iter().map(|row| {
            let entries = row.signatures.get(range.clone()).unwrap_or_default();
            let answers: Vec<G1> = entries.iter().map(|entry| entry.s).collect();
            sum_of(&answers, tau.iter().copied())
        }));
        let mut sums = curve::g1_sums(&sums).into_iter().map(G1);
        let (Some(of_bases), Some(of_multiples)) = (sums.next(), sums.next()) else {
            return false; // total: as many results as sums
        };
        let answers: Vec<G1> = sums.collect();
        let (constant, varying) = self.combined_keys(rows, &sigma);
        product_is_one(&[
            (of_bases.projective(), constant),
            (of_multiples.projective(), varying),
            (
                -g1_combination(&sigma, &answers),
                G2::generator().projective(),
            ),
        ])
    }

    /// (Σ σᵢ·Âᵢ, Σ σᵢ·Ŷᵢ): the keys are combined first, the coefficients of Â are applied once.
    fn combined_keys(&self, rows: &[&Row<'_>], sigma: &[Scalar]) -> (G2Projective, G2Projective) {
        let combine = |element: &dyn Fn(&VerificationKey) -> G2| {
            let elements = rows.iter().map(|row| element(row.key).0);
            Sum::of(elements.zip(sigma.iter().copied()))
        };
        let sums = [
            combine(&|key| key.alpha),
            combine(&|key| key.y_g2()[0]),
            combine(&|key| key.y_g2()[1]),
            combine(&|key| key.y_g2()[2]),
        ];
        let combined: Vec<G2> = curve::g2_sums(&sums).into_iter().map(G2).collect();
        let Ok([alpha, y @ ..]) = <[G2; PUBLIC_ATTRIBUTES + 1]>::try_from(combined) else {
            return (G2::generator().projective(), G2::generator().projective()); // total: as many results as sums
        };
        let varying = y
            .get(self.varying)
            .map_or(alpha.projective(), G2::projective); // total: below 3
        (
            alpha.projective() + g2_combination(&self.constant, &y),
            varying,
        )
    }
}

fn sum_of(points: &[G1], scalars: impl Iterator<Item = Scalar>) -> Sum<'static, G1Projective> {
    Sum::of(points.iter().map(|point| point.0).zip(scalars))
}

/// `count` fresh factors of product weights.
fn factors<R: RngCore + CryptoRng + ?Sized>(count: usize, rng: &mut R) -> Vec<Scalar> {
    let factor = |_| {
        let mut wide = [0; WIDE_BYTES];
        let (low, _) = wide.split_at_mut(FACTOR_BYTES);
        rng.fill_bytes(low);
        Scalar::from_wide_bytes(&wide)
    };
    (0..count).map(factor).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use crate::keys::Lagrange;
    use crate::pairing::g1_combination;
    use crate::{
        CoinIndexBases, CoinIndexSignatures, DateSignatures, Error, G1, Scalar, SecretKey,
        Signature, VerificationKey, deal,
    };

    const EXPIRATION: u32 = 1_765_065_600;
    const INDICES: [u64; 5] = [1, 2, 4, 7, 9];
    const THRESHOLD: u64 = 3;

    struct Network {
        master: VerificationKey,
        signers: Vec<(u64, VerificationKey, SecretKey)>,
    }

    impl Network {
        fn new(rng: &mut ChaCha20Rng) -> Self {
            let (master, secrets) = deal(THRESHOLD, &INDICES, rng).unwrap();
            let with_key = |(index, secret): (u64, SecretKey)| {
                let key = secret.verification_key();
                (index, key, secret)
            };
            Self {
                master,
                signers: secrets.into_iter().map(with_key).collect(),
            }
        }

        fn shares<'a, S>(&'a self, sets: &'a [S]) -> Vec<(u64, &'a VerificationKey, &'a S)> {
            self.signers
                .iter()
                .zip(sets)
                .map(|((index, key, _), set)| (*index, key, set))
                .collect()
        }
    }

    /// S + s·G.
    fn shift(signature: &mut Signature, s: Scalar) {
        let error = g1_combination(&[s], &[G1::generator()]);
        signature.s = (signature.s.projective() + error).into();
    }

    #[test]
    fn errors_that_cancel_in_the_aggregate_are_seen_when_every_share_is_verified() {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        let network = Network::new(rng);
        let mut sets: Vec<DateSignatures> = network
            .signers
            .iter()
            .map(|(.., secret)| secret.sign_dates(EXPIRATION).unwrap())
            .collect();
        let honest = DateSignatures::aggregate_every_share(
            &network.shares(&sets),
            THRESHOLD,
            &network.master,
            rng,
        );
        // λ1·e + λ2·(−λ1/λ2·e) = 0
        let lambda = Lagrange::at_zero(&INDICES).scalars();
        let second = -(lambda[0] * lambda[1].invert().unwrap());
        for (signer, error) in [(0, Scalar::ONE), (1, second)] {
            let mut entries = sets[signer].entries().to_vec();
            shift(&mut entries[3].signature, error);
            sets[signer] = DateSignatures::from_vec(entries).unwrap();
        }
        let shares = network.shares(&sets);
        let master = &network.master;
        assert_eq!(
            DateSignatures::aggregate_every_share(&shares, THRESHOLD, master, rng),
            Err(Error::BadShares {
                what: "date signatures",
                signers: vec![1, 2]
            })
        );
        // The aggregate itself is the right one.
        assert!(honest.is_ok());
        assert_eq!(
            DateSignatures::aggregate(&shares, THRESHOLD, master, rng),
            honest
        );
    }

    #[test]
    fn opposite_errors_of_two_signers_at_one_position_do_not_cancel() {
        let rng = &mut ChaCha20Rng::seed_from_u64(2);
        let network = Network::new(rng);
        let bases = CoinIndexBases::new(&network.master);
        let mut sets: Vec<CoinIndexSignatures> = network
            .signers
            .iter()
            .map(|(.., secret)| secret.sign_coin_indices(&bases))
            .collect();
        for (signer, error) in [(1, Scalar::ONE), (4, -Scalar::ONE)] {
            let mut entries = sets[signer].entries().to_vec();
            shift(&mut entries[49].signature, error);
            sets[signer] = CoinIndexSignatures::from_vec(entries).unwrap();
        }
        let refused = CoinIndexSignatures::aggregate_every_share(
            &network.shares(&sets),
            THRESHOLD,
            &network.master,
            &bases,
            rng,
        );
        assert_eq!(
            refused,
            Err(Error::BadShares {
                what: "coin-index signatures",
                signers: vec![2, 9]
            })
        );
    }
}
