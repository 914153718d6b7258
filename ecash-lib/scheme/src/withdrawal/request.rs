//! The withdrawal request (spec 3.1) and its verification by a signer (3.2).

use zeroize::Zeroizing;

use crate::constants::{REQUEST_INFO_BYTES, WITHDRAWAL_REQUEST_BYTES};
use crate::error::Result;
use crate::keys::{UserKeyPair, UserPublicKey};
use crate::point::G1;
use crate::scalar::{Scalar, SecretScalar};
use crate::withdrawal::{NonceSource, WithdrawalSecrets};

/// What a user sends to every signer. 397 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WithdrawalRequest {
    pub(crate) h: G1,
    pub(crate) commitment: G1,
    pub(crate) m1: G1,
    pub(crate) m2: G1,
    challenge: Scalar,
}

/// What the user keeps of a request: base, openings, wallet secret, expiration date, type. Wiped when dropped.
#[derive(Clone)]
pub struct RequestInfo {
    pub(crate) h: G1,
    pub(crate) o: SecretScalar,
    pub(crate) o1: SecretScalar,
    pub(crate) o2: SecretScalar,
    pub(crate) v: SecretScalar,
    pub(crate) expiration: u32,
    pub(crate) ticket_type: u8,
}

/// A request whose base and proof verified for this user, expiration date and type: the only thing signers sign.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedRequest<'a> {
    pub(crate) request: &'a WithdrawalRequest,
    pub(crate) expiration: u32,
    pub(crate) ticket_type: u8,
}

impl WithdrawalRequest {
    /// Makes a request (spec 3.1).
    ///
    /// # Errors
    /// [`crate::Error::UnusableSecrets`] if h comes out at infinity (try other secrets); [`crate::Error::NotMidnight`],
    /// [`crate::Error::ExpirationTooEarly`], [`crate::Error::UnknownTicketType`].
    pub fn new<N: NonceSource + ?Sized>(
        user: &UserKeyPair,
        expiration: u32,
        ticket_type: u8,
        secrets: WithdrawalSecrets,
        nonces: &mut N,
    ) -> Result<(Self, RequestInfo)> {
        let _ = (user, expiration, ticket_type, secrets, nonces);
        todo!()
    }

    /// Verifies the request for a user, expiration date (unix seconds of a midnight) and ticket type (spec 3.2, R1).
    ///
    /// # Errors
    /// [`crate::Error::Infinity`], [`crate::Error::CommitmentHash`], [`crate::Error::WithdrawalProof`], and those about date
    /// and type.
    pub fn verify(&self, user: &UserPublicKey, expiration: u32, ticket_type: u8) -> Result<VerifiedRequest<'_>> {
        let _ = (user, expiration, ticket_type);
        todo!()
    }

    /// h: the base of all signatures on this request.
    #[must_use]
    pub const fn base(&self) -> &G1 {
        &self.h
    }

    /// The canonical 397 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; WITHDRAWAL_REQUEST_BYTES] {
        todo!()
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// Those of the codec.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let _ = bytes;
        todo!()
    }
}

impl RequestInfo {
    /// h: the base that every signer's answer must carry.
    #[must_use]
    pub const fn base(&self) -> &G1 {
        &self.h
    }

    /// E, unix seconds.
    #[must_use]
    pub const fn expiration(&self) -> u32 {
        self.expiration
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }

    /// `bin(h, o, [o1, o2], v, E as scalar, t as scalar)`, 248 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        debug_assert_eq!(REQUEST_INFO_BYTES, 248);
        todo!()
    }

    /// Reads the 248 bytes.
    ///
    /// # Errors
    /// Those of the codec; E or t that does not fit its integer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let _ = bytes;
        todo!()
    }
}
