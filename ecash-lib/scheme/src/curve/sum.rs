//! Linear combinations of public data, as they are asked for: the shape that both backends compute.

use super::{Source, Table};
use crate::scalar::Scalar;

/// How large the table of a fixed point is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Width {
    /// For keys that are used a few times.
    Small,
    /// For keys that stay in use.
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
}
