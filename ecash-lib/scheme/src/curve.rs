//! The only place that names a curve library (BLS12-381). Everything else speaks [`crate::Scalar`], [`crate::G1`],
//! [`crate::G2`], linear combinations and products of pairings.
//!
//! `blst` (assembly) wins where both features are on; `portable` is pure Rust. Both export the same names.

#[cfg(feature = "blst")]
mod blst;
#[cfg(feature = "blst")]
pub(crate) use self::blst::*;

#[cfg(all(feature = "portable", not(feature = "blst")))]
mod portable;
#[cfg(all(feature = "portable", not(feature = "blst")))]
pub(crate) use self::portable::*;

mod straus;

#[cfg(not(any(feature = "blst", feature = "portable")))]
compile_error!("choose a curve backend: feature `blst` or `portable`");
