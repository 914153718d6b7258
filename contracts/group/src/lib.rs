//! The group contract.
