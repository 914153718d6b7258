//! A ticket whose proof has verified: the only thing that a store is given.

use ecash_scheme::VerifyingKey;
use ecash_ticketbook::{Ticket, TicketbookError};
use rand::{CryptoRng, RngCore};

/// A ticket that verified under the key of the epoch it names, for its own pay info and spend date. Made by
/// [`VerifiedTicket::verify`] only, so that nothing else can be granted or kept as evidence.
#[derive(Clone, Debug)]
pub struct VerifiedTicket(Ticket);

impl VerifiedTicket {
    /// Decodes every point and verifies proof and signatures (`ecash-scheme.md` 5.7, steps 7 and 8).
    ///
    /// # Errors
    /// [`TicketbookError::Codec`] with what does not hold.
    pub fn verify<R: RngCore + CryptoRng>(
        ticket: Ticket,
        key: &VerifyingKey,
        rng: &mut R,
    ) -> Result<Self, TicketbookError> {
        let data = ticket.decode()?;
        key.verify(
            data.payment,
            &data.pay_info.to_bytes(),
            data.spend_date.unix(),
            rng,
        )?;
        Ok(Self(ticket))
    }

    /// The ticket.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.0
    }
}
