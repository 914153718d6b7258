//! The constant-time routines on what any curve library offers: complete projective additions, no endomorphism.

use ff::PrimeField;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{DefaultIsZeroes, Zeroizing};

use super::{Fr, G1Affine, G1Projective, G2Affine, G2Projective, g1_to_affine, g2_to_affine};
use crate::curve::secret::{Parts, SecretCurve, Wiped};

macro_rules! plain {
    ($entry:ident, $projective:ident, $affine:ident, $to_affine:ident) => {
        /// A point in projective form.
        #[derive(Clone, Copy)]
        pub(crate) struct $entry($projective);

        impl Default for $entry {
            fn default() -> Self {
                Self($projective::identity())
            }
        }

        impl DefaultIsZeroes for $entry {}

        impl SecretCurve for $projective {
            type Entry = $entry;
            const PARTS: usize = 1;
            const PART_BITS: usize = 256;
            const TOGETHER_FROM: usize = 1;

            fn split(scalar: &Fr) -> Zeroizing<Parts> {
                let mut parts = Zeroizing::new(Parts::default());
                let repr = Zeroizing::new(scalar.to_repr());
                let [whole, ..] = &mut *parts;
                for (limb, bytes) in whole.iter_mut().zip(repr.as_chunks::<8>().0) {
                    *limb = u64::from_le_bytes(*bytes);
                }
                parts
            }

            fn endomorphism(_: usize, point: &$entry) -> $entry {
                *point
            }

            fn select(row: &[$entry], magnitude: u64, negative: u64) -> $entry {
                let mut selected = $projective::identity();
                for (multiple, entry) in (1u64..).zip(row) {
                    selected.conditional_assign(&entry.0, multiple.ct_eq(&magnitude));
                }
                let negated = -selected;
                selected.conditional_assign(&negated, negative.ct_eq(&1));
                $entry(selected)
            }

            fn add_neighbours(points: &[$entry]) -> Wiped<$entry> {
                let (pairs, _) = points.as_chunks::<2>();
                let mut sums = Wiped::with_capacity(pairs.len());
                sums.extend(pairs.iter().map(|[a, b]| $entry(a.0 + b.0)));
                sums
            }

            fn entry(point: &$affine) -> $entry {
                $entry(point.into())
            }

            fn entries(points: &[Self]) -> Wiped<$entry> {
                let mut entries = Wiped::with_capacity(points.len());
                entries.extend(points.iter().copied().map($entry));
                entries
            }

            fn add_entry(point: &Self, entry: &$entry) -> Self {
                point + entry.0
            }

            fn affine(entries: &[$entry]) -> Vec<$affine> {
                let points: Vec<_> = entries.iter().map(|entry| entry.0).collect();
                $to_affine(&points)
            }
        }
    };
}

plain!(G1Entry, G1Projective, G1Affine, g1_to_affine);
plain!(G2Entry, G2Projective, G2Affine, g2_to_affine);
