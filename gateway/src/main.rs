//! The verifier: accepts tickets, grants bandwidth, delivers to the Quorum.

fn main() {}
