//! The multisig contract.
