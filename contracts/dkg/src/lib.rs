//! The dkg contract.
