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
#[forbid(unsafe_code)]
mod portable;
#[cfg(all(feature = "portable", not(feature = "blst")))]
pub(crate) use self::portable::*;

#[forbid(unsafe_code)]
mod secret;
#[forbid(unsafe_code)]
mod sum;
#[forbid(unsafe_code)]
mod weight;

pub(crate) use self::sum::{Sum, Width};
pub(crate) use self::weight::Weight;

pub(crate) use self::secret::{SecretCurve, SecretSum, SecretTable, Shape, Size, secret_sums};

#[cfg(not(any(feature = "blst", feature = "portable")))]
compile_error!("choose a curve backend: feature `blst` or `portable`");

#[cfg(test)]
#[forbid(unsafe_code)]
mod tests;
