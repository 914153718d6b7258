//! Points times secrets, in constant time: the constants, whose tables are made on first use, once in a process, and points
//! that are multiplied once or twice.

use std::sync::LazyLock;

use group::prime::PrimeCurveAffine;

use crate::curve::{
    G1Projective, G2Projective, SecretCurve, SecretSum, SecretTable, Shape, Size, secret_sums,
};
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::scalar::SecretScalar;

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
pub(crate) fn g1_secret_sums<const N: usize>(sums: [SecretSum<'_, G1Projective>; N]) -> [G1; N] {
    let mut points = secret_sums(&sums).into_iter();
    // total: there is a point for every sum.
    core::array::from_fn(|_| points.next().map_or_else(G1::generator, G1))
}

/// Q + Σ sᵢ·Pᵢ in G1. Cost: 128 doublings, and about 52 additions and a table for each product.
pub(crate) fn g1_secret_combination<const N: usize>(
    plain: Option<G1>,
    products: [(G1, &SecretScalar); N],
) -> G1 {
    let products = products.map(|(point, scalar)| (point.0, scalar, Size::Full));
    G1(combination::<G1Projective, N>(
        plain.iter().map(|point| point.0),
        products,
    ))
}

/// Σ Q̂ⱼ + Σ sᵢ·P̂ᵢ in G2, each sᵢ of its size. Cost: 64 doublings, and about 52 additions (a window in five bits where the
/// size is smaller) and a table for each product.
pub(crate) fn g2_secret_combination<const N: usize>(
    plain: impl IntoIterator<Item = G2>,
    products: [(G2, &SecretScalar, Size); N],
) -> G2 {
    let products = products.map(|(point, scalar, size)| (point.0, scalar, size));
    G2(combination::<G2Projective, N>(
        plain.into_iter().map(|point| point.0),
        products,
    ))
}

fn combination<C: SecretCurve, const N: usize>(
    plain: impl Iterator<Item = C::Affine>,
    products: [(C::Affine, &SecretScalar, Size); N],
) -> C::Affine {
    let tables = SecretTable::<C>::array(products.map(|(point, ..)| point), Shape::ONCE);
    let terms = tables.iter().zip(products);
    let sum = terms.fold(SecretSum::new(), |sum, (table, (_, scalar, size))| {
        sum.sized_term(table, scalar, size)
    });
    let point = secret_sums(&[plain.fold(sum, SecretSum::plus)]).pop();
    point.unwrap_or_else(C::Affine::identity) // total: there is a point for every sum
}

/// sᵢ·Pᵢ for every pair.
pub(crate) fn g1_secret_products(points: &[G1], scalars: &[SecretScalar]) -> Vec<G1> {
    let points: Vec<_> = points.iter().map(|point| point.0).collect();
    let tables = SecretTable::<G1Projective>::new(&points, Shape::ONCE);
    let pairs = tables.iter().zip(scalars);
    let sums: Vec<_> = pairs
        .map(|(table, scalar)| SecretSum::new().term(table, scalar))
        .collect();
    secret_sums(&sums).into_iter().map(G1).collect()
}
