//! Identification of a double spender (spec 6).

use crate::error::{Error, Result};
use crate::hash::pay_info_hash;
use crate::keys::UserPublicKey;
use crate::pairing::g1_combination;
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
/// [`Error::EqualPayInfoHashes`].
pub fn identify(a: &Verified<Payment>, b: &Verified<Payment>) -> Result<Identified> {
    let found = a
        .payment()
        .parts()
        .tickets
        .iter()
        .enumerate()
        .find_map(|(i, ticket)| {
            let tickets = &b.payment().parts().tickets;
            let k = tickets
                .iter()
                .position(|other| other.serial == ticket.serial)?;
            Some((i, ticket.tag, k, tickets.get(k)?.tag))
        });
    let Some((i, tag_a, k, tag_b)) = found else {
        return Ok(Identified::NotSameTicket);
    };
    if a.pay_info() == b.pay_info() {
        return Ok(Identified::SamePayInfo);
    }
    let rho_a = pay_info_hash(a.pay_info(), i as u64);
    let rho_b = pay_info_hash(b.pay_info(), k as u64);
    let factor = (rho_a - rho_b).invert().ok_or(Error::EqualPayInfoHashes)?;
    let pk = g1_combination(&[rho_a * factor, -(rho_b * factor)], &[tag_b, tag_a]).into();
    Ok(Identified::Spender(UserPublicKey { pk }))
}
