//! Tables of the constants that secrets multiply: made on first use, once in a process.

use std::sync::LazyLock;

use crate::curve::{G1Projective, G2Projective, SecretSum, SecretTable, Shape, secret_sums};
use crate::params::parameters;
use crate::point::{G1, G2};

/// Bits of a window: tables of 68 KiB each, made in under a millisecond together; wider windows save less than the cache
/// that they push out costs.
const WINDOW: usize = 6;

/// The bases of all commitments and of all keys.
pub(crate) struct SecretBases {
    pub(crate) g: SecretTable<G1Projective>,
    pub(crate) gamma1: SecretTable<G1Projective>,
    pub(crate) gamma2: SecretTable<G1Projective>,
    pub(crate) delta: SecretTable<G1Projective>,
    pub(crate) g2: SecretTable<G2Projective>,
}

static SECRET_BASES: LazyLock<SecretBases> = LazyLock::new(|| {
    let shape = Shape::fixed(WINDOW);
    let [gamma1, gamma2, _, _] = parameters().gamma;
    let table = |point: G1| SecretTable::of(point.0, shape);
    SecretBases {
        g: table(G1::generator()),
        gamma1: table(gamma1),
        gamma2: table(gamma2),
        delta: table(parameters().delta),
        g2: SecretTable::of(G2::generator().0, shape),
    }
});

/// The tables.
pub(crate) fn secret_bases() -> &'static SecretBases {
    &SECRET_BASES
}

/// A few sums in G1.
pub(crate) fn secret_points<const N: usize>(sums: [SecretSum<'_, G1Projective>; N]) -> [G1; N] {
    let mut points = secret_sums(&sums).into_iter();
    // total: there is a point for every sum.
    core::array::from_fn(|_| points.next().map_or_else(G1::generator, G1))
}
