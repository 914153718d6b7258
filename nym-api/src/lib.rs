//! The Quorum member: checks deposits, issues ticketbooks, verifies tickets.
