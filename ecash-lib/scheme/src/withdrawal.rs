//! Withdrawal (spec 3): the user asks with a [`WithdrawalRequest`], signers answer with [`BlindedSignature`]s, the user
//! unblinds them to [`PartialWallet`]s and aggregates those to [`WalletSignatures`].
//!
//! Attributes, everywhere in this order: u (user secret), v (wallet secret), E (expiration date), t (ticket type).
//!
//! [`BlindedSignature`]: crate::BlindedSignature
//! [`WalletSignatures`]: crate::WalletSignatures

mod aggregate;
mod issue;
mod proof;
mod request;
mod secrets;

pub use aggregate::PartialWallet;
pub use request::{Application, RequestInfo, VerifiedRequest, WithdrawalRequest, verify_requests};
pub use secrets::{NonceName, NonceSource, RandomNonces, WithdrawalSecrets};
