//! The Quorum member: checks deposits, issues ticketbooks, verifies tickets.

fn main() {}
