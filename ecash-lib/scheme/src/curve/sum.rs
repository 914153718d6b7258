//! Linear combinations of public data, as they are asked for: the shape that both backends compute.

use super::{Source, Table};
use crate::scalar::Scalar;

/// How large the table of a fixed point is. For a point of G1 or of G2 about the same (backend `blst`; the portable one has
/// no tables):
///
/// | | memory | additions in a product | time to make |
/// |---|---|---|---|
/// | small | 64 kB | 44 | 0.3 ms |
/// | default | 1.1 MB | 24 | 4 ms (G1: 3) |
/// | large | 3.5 MB | 20 | 13 ms (G1: 10) |
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Width {
    /// For points that are used a few times.
    Small,
    /// For points that stay in use.
    #[default]
    Default,
    /// For services that verify all day under few keys.
    Large,
}

/// Σ fixedᵢ·sᵢ + Σ variableⱼ·sⱼ + Σ plainₖ. All points are in the prime-order subgroup, all of it is public.
pub(crate) struct Sum<'a, C: Source> {
    /// Points with a table.
    pub(crate) fixed: Vec<(&'a Table<C>, Scalar)>,
    /// Points without one.
    pub(crate) variable: Vec<(C::Affine, Scalar)>,
    /// Points that are added as they are.
    pub(crate) plain: Vec<C::Affine>,
}

impl<C: Source> Sum<'_, C> {
    /// Σ scalarⱼ·pointⱼ of points without tables.
    pub(crate) fn of(terms: impl IntoIterator<Item = (C::Affine, Scalar)>) -> Self {
        Self {
            fixed: Vec::new(),
            variable: terms.into_iter().collect(),
            plain: Vec::new(),
        }
    }
    /// Σ pointₖ.
    pub(crate) const fn of_plain(points: Vec<C::Affine>) -> Self {
        Self {
            fixed: Vec::new(),
            variable: Vec::new(),
            plain: points,
        }
    }
}
