//! A ticket whose proof has verified: the only thing that a store is given.

use ecash_scheme::{Payment, Verified, VerifyingKey};
use ecash_ticketbook::{Ticket, TicketbookError};
use rand::{CryptoRng, RngCore};

/// A ticket that verified under the key of the epoch it names, for its own pay info and spend date. Made from the evidence
/// of that only, so that nothing else can be granted or kept as evidence.
#[derive(Clone, Debug)]
pub struct VerifiedTicket(Ticket);

impl VerifiedTicket {
    /// Verifies one ticket by itself, on the calling thread: decodes every point, then proof and signatures
    /// (`ecash-scheme.md` 5.7, steps 7 and 8). An [`crate::accept::Acceptor`] verifies many together.
    ///
    /// # Errors
    /// [`TicketbookError::Codec`] with what does not hold.
    pub fn verify<R: RngCore + CryptoRng>(
        ticket: Ticket,
        key: &VerifyingKey,
        rng: &mut R,
    ) -> Result<Self, TicketbookError> {
        let claim = ticket.claim(key);
        let evidence =
            key.verify_unchecked(claim.payment, &claim.pay_info, claim.spend_date, rng)?;
        Ok(Self::after(ticket, &evidence))
    }

    /// The ticket whose claim gave this evidence.
    pub(super) const fn after(ticket: Ticket, _evidence: &Verified<Payment>) -> Self {
        Self(ticket)
    }

    /// The ticket.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.0
    }
}
