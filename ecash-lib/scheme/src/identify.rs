//! Identification of a double spender (spec 6).

use crate::error::Result;
use crate::keys::UserPublicKey;
use crate::spend::{Payment, Verified};

/// What two verified payments say about each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identified {
    /// No ticket occurs in both.
    NotSameTicket,
    /// The same ticket for the same pay info: a repetition, not a double spend.
    SamePayInfo,
    /// The same ticket for two pay infos: this user spent it twice.
    Spender(UserPublicKey),
}

/// The spender's public key from two payments of one ticket: `U = (ρ·T' − ρ'·T) / (ρ − ρ')`, ρ = R(pay info) (spec 6).
///
/// # Errors
/// [`crate::Error::EqualPayInfoHashes`].
pub fn identify(a: &Verified<Payment>, b: &Verified<Payment>) -> Result<Identified> {
    let _ = (a, b);
    todo!()
}
