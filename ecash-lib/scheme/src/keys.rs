//! Keys (spec 2): signers' keys and their shares, users' keys, the trusted dealer, Lagrange aggregation, consistency.

mod aggregate;
mod consistency;
mod dealer;
mod lagrange;
mod signer;
mod user;

pub(crate) use aggregate::check_indices;
pub use consistency::check_polynomial;
pub use dealer::deal;
pub(crate) use lagrange::Lagrange;
pub use signer::{SecretKey, VerificationKey};
pub use user::{UserKeyPair, UserPublicKey, UserSecretKey};
