//! The only place that names a curve library (BLS12-381). Everything else speaks [`crate::Scalar`], [`crate::G1`],
//! [`crate::G2`], linear combinations and products of pairings.
//!
//! `blst` (assembly) wins where both features are on; `portable` is pure Rust. Both export the same names and give the
//! same results. Routines that take [`crate::Scalar`] run in variable time and are for public data.

#[cfg(feature = "blst")]
mod blst;
#[cfg(feature = "blst")]
pub(crate) use self::blst::*;

#[cfg(all(feature = "portable", not(feature = "blst")))]
mod portable;
#[cfg(all(feature = "portable", not(feature = "blst")))]
pub(crate) use self::portable::*;

#[allow(dead_code)]
mod plain;
mod secret;
mod secret_plain;
mod straus;
#[allow(dead_code)]
mod subgroup;
#[allow(dead_code)]
mod sum;
#[allow(dead_code)]
mod weight;

#[allow(unused_imports)]
pub(crate) use self::plain::{Table, g1_scale_each, g1_sums, g1_weighted_sum, g2_sums};
pub(crate) use self::subgroup::{g1_all_in_subgroup, g2_all_in_subgroup};
#[allow(unused_imports)]
pub(crate) use self::sum::{Sum, Width};
#[allow(unused_imports)]
pub(crate) use self::weight::Weight;

pub(crate) use self::secret::{SecretSum, SecretTable, Shape, Size, secret_sums};

#[cfg(not(any(feature = "blst", feature = "portable")))]
compile_error!("choose a curve backend: feature `blst` or `portable`");
