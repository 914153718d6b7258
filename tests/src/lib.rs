//! The whole network under test: flows, faults, bad input.
