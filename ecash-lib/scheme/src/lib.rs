//! Threshold-issued offline compact e-cash ("ticketbooks"): keys, withdrawal, public signatures, spending, verification,
//! identification of double spenders.
//!
//! A holder has a secret `u`. Signers, any T of N, sign blindly the attributes (u, v, E, t) of a book of 50 tickets: the
//! wallet secret `v` stays hidden, the expiration date `E` and the type `t` are public. A payment of n tickets shows serial
//! numbers that depend on `v` and the ticket's index only, proves in zero knowledge that they belong to a signed book, and
//! carries tags that reveal the public key U = u·G when the same ticket is spent on two pay infos.
//!
//! | stage | module | main types |
//! |---|---|---|
//! | keys | [`keys`] | [`SecretKey`], [`VerificationKey`], [`UserKeyPair`], [`deal`] |
//! | withdrawal | [`withdrawal`] | [`WithdrawalRequest`], [`RequestInfo`], [`BlindedSignature`], [`PartialWallet`], [`WalletSignatures`] |
//! | public signatures | [`public`] | [`DateSignatures`], [`CoinIndexSignatures`] |
//! | spending | [`spend`] | [`Wallet`], [`Payment`], [`VerifyingKey`], [`PaymentBatch`], [`PaymentStream`], [`Verified`] |
//! | identification | [`identify`](mod@identify) | [`identify()`], [`Identified`] |
//!
//! Points are written additively, in the letters of the specification: `G`, `Ĝ` the generators, `Γ1 … Γ4`, `Δ` hashed
//! points of G1, a hat for points of G2. Randomness is an argument everywhere; there is no I/O, no clock, no thread.

#![deny(unsafe_code)]

#[forbid(unsafe_code)]
pub mod codec;
#[forbid(unsafe_code)]
pub mod constants;
mod curve;
#[forbid(unsafe_code)]
mod dates;
#[forbid(unsafe_code)]
mod error;
#[forbid(unsafe_code)]
mod hash;
#[forbid(unsafe_code)]
pub mod identify;
#[forbid(unsafe_code)]
pub mod keys;
#[forbid(unsafe_code)]
mod pairing;
#[forbid(unsafe_code)]
mod parallel;
#[forbid(unsafe_code)]
mod params;
#[forbid(unsafe_code)]
mod point;
#[forbid(unsafe_code)]
pub mod public;
#[forbid(unsafe_code)]
mod scalar;
#[forbid(unsafe_code)]
mod secret_products;
#[forbid(unsafe_code)]
mod signature;
#[forbid(unsafe_code)]
pub mod spend;
#[forbid(unsafe_code)]
mod text;
#[cfg(test)]
#[forbid(unsafe_code)]
mod vectors;
#[forbid(unsafe_code)]
pub mod withdrawal;

pub use error::{Error, Result};
pub use hash::{hash_to_scalar, hash_to_scalar_with_tag};
pub use identify::{Identified, identify};
pub use keys::{
    SecretKey, UserKeyPair, UserPublicKey, UserSecretKey, VerificationKey, check_polynomial, deal,
};
pub use parallel::{Parallel, ScopedThreads, Sequential};
pub use point::{G1, G2};
pub use public::{
    CoinIndexBases, CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures,
};
pub use scalar::{Scalar, SecretScalar};
pub use signature::{BlindedSignature, Signature};
pub use spend::{
    BatchOutcome, Claim, DueBatch, Full, KeyHandle, MasterKey, Payment, PaymentBatch,
    PaymentStream, Preparation, STREAM_BATCH, STREAM_WAIT, SerialNumber, SpendContext, SpendingKey,
    UncheckedPayment, Verified, VerifyingKey, Wallet, WalletSignatures,
};
pub use withdrawal::{
    Application, NonceName, NonceSource, PartialWallet, RandomNonces, RequestInfo, VerifiedRequest,
    WithdrawalRequest, WithdrawalSecrets, verify_requests,
};
