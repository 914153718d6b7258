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
