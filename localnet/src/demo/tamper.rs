//! Tickets with one thing wrong. Positions are those of a ticket's 1278 bytes: BE32 length of the payment, payment, pay
//! info (72), spend date (BE32 Julian day), epoch (BE64).

use std::ops::Range;

use anyhow::{Context as _, Result};
use ecash_ticketbook::{TicketType, ticket::TICKET_BYTES};

/// Ticket type inside the payment.
const TICKET_TYPE: usize = 791;
/// Lowest byte of the proof's response for r: changing its lowest bit leaves a scalar that is in range.
const RESPONSE: usize = 826;
const SPEND_DATE: Range<usize> = TICKET_BYTES - 12..TICKET_BYTES - 8;
const EPOCH: Range<usize> = TICKET_BYTES - 8..TICKET_BYTES;
/// An epoch that no local network reaches.
const DISTANT_EPOCH: u64 = 1_000_000;
/// Days that the spend date is moved back.
const DAYS_BACK: i32 = 2;

fn part(ticket: &mut [u8], range: Range<usize>) -> Result<&mut [u8]> {
    ticket.get_mut(range).context("the ticket is too short")
}

/// One bit of the proof changed.
pub(super) fn altered_proof(mut ticket: Vec<u8>) -> Result<Vec<u8>> {
    for byte in part(&mut ticket, RESPONSE..RESPONSE + 1)? {
        *byte ^= 1;
    }
    Ok(ticket)
}

/// The last byte missing.
pub(super) fn truncated(mut ticket: Vec<u8>) -> Result<Vec<u8>> {
    ticket.pop();
    Ok(ticket)
}

/// The spend date two days earlier.
pub(super) fn day_before_yesterday(mut ticket: Vec<u8>) -> Result<Vec<u8>> {
    let date = part(&mut ticket, SPEND_DATE)?;
    let julian = i32::from_be_bytes((&*date).try_into()?);
    date.copy_from_slice(&(julian - DAYS_BACK).to_be_bytes());
    Ok(ticket)
}

/// A type that the first gateway has not registered for.
pub(super) fn other_type(mut ticket: Vec<u8>) -> Result<Vec<u8>> {
    part(&mut ticket, TICKET_TYPE..TICKET_TYPE + 1)?.fill(TicketType::MixnetExit.code());
    Ok(ticket)
}

/// An epoch that never was.
pub(super) fn unknown_epoch(mut ticket: Vec<u8>) -> Result<Vec<u8>> {
    part(&mut ticket, EPOCH)?.copy_from_slice(&DISTANT_EPOCH.to_be_bytes());
    Ok(ticket)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// Positions at which two tickets of one length differ.
    fn changed(tampered: &[u8]) -> Vec<usize> {
        (0..TICKET_BYTES)
            .filter(|at| tampered.get(*at) != Some(&0))
            .collect()
    }

    fn ticket() -> Vec<u8> {
        vec![0; TICKET_BYTES]
    }

    #[test]
    fn each_tampering_changes_its_own_part_and_nothing_else() {
        assert_eq!(changed(&altered_proof(ticket()).unwrap()), [RESPONSE]);
        assert_eq!(changed(&other_type(ticket()).unwrap()), [TICKET_TYPE]);
        assert_eq!(changed(&truncated(ticket()).unwrap()), [TICKET_BYTES - 1]);
        for (tampered, part) in [
            (day_before_yesterday(ticket()).unwrap(), SPEND_DATE),
            (unknown_epoch(ticket()).unwrap(), EPOCH),
        ] {
            let changed = changed(&tampered);
            assert!(!changed.is_empty() && changed.iter().all(|at| part.contains(at)));
        }
    }

    #[test]
    fn bytes_that_are_no_ticket_are_not_tampered_with() {
        for tamper in [
            altered_proof,
            day_before_yesterday,
            other_type,
            unknown_epoch,
        ] {
            assert!(tamper(vec![0; 10]).is_err());
        }
    }
}
