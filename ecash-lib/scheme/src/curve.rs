//! The only place that names a curve library (BLS12-381). Everything else speaks [`crate::Scalar`], [`crate::G1`],
//! [`crate::G2`], linear combinations and products of pairings.
//!
//! `blst` (assembly) wins where both features are on; `portable` is pure Rust. Both export the same names and give the
//! same results. Routines that take [`crate::Scalar`] run in variable time and are for public data.

#[cfg(feature = "blst")]
#[allow(dead_code)]
mod blst;
#[cfg(feature = "blst")]
#[allow(unused_imports)]
pub(crate) use self::blst::*;

#[cfg(all(feature = "portable", not(feature = "blst")))]
#[allow(dead_code)]
mod portable;
#[cfg(all(feature = "portable", not(feature = "blst")))]
#[allow(unused_imports)]
pub(crate) use self::portable::*;

mod secret;
#[allow(dead_code)]
mod sum;
#[allow(dead_code)]
mod weight;

#[allow(unused_imports)]
pub(crate) use self::sum::{Sum, Width};
#[allow(unused_imports)]
pub(crate) use self::weight::Weight;

pub(crate) use self::secret::{SecretCurve, SecretSum, SecretTable, Shape, Size, secret_sums};

#[cfg(not(any(feature = "blst", feature = "portable")))]
compile_error!("choose a curve backend: feature `blst` or `portable`");

#[cfg(test)]
mod tests;
