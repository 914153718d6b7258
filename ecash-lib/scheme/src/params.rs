//! Group parameters Γ1 … Γ4, Δ and the two tags (spec 1.7, 1.8).

use std::sync::LazyLock;

use crate::constants::{COIN_INDEX_TAG, DATE_TAG};
use crate::hash::hash_to_g1;
use crate::point::G1;
use crate::scalar::Scalar;

/// Hashed points with no known relation to each other or to G.
pub(crate) struct Parameters {
    /// Γ1 … Γ4, one for each attribute.
    pub(crate) gamma: [G1; 4],
    /// Δ, the base of serial numbers.
    pub(crate) delta: G1,
    /// τE, third attribute of date signatures.
    pub(crate) date_tag: Scalar,
    /// τI, second and third attribute of coin-index signatures.
    pub(crate) coin_index_tag: Scalar,
}

static PARAMETERS: LazyLock<Parameters> = LazyLock::new(|| Parameters {
    gamma: [b"gamma1", b"gamma2", b"gamma3", b"gamma4"].map(|name| hash_to_g1(name)),
    delta: hash_to_g1(b"delta"),
    date_tag: Scalar::from_bytes(DATE_TAG).unwrap_or(Scalar::ZERO), // total: below r, spec 1.8
    coin_index_tag: Scalar::from_bytes(COIN_INDEX_TAG).unwrap_or(Scalar::ZERO), // total: below r, spec 1.8
});

/// The parameters, hashed on first use.
pub(crate) fn parameters() -> &'static Parameters {
    &PARAMETERS
}
