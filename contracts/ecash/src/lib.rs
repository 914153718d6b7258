//! The ecash contract.
