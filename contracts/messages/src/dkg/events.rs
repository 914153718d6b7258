//! Names of the DKG contract's events (on chain with the prefix `wasm-`) and attributes (`spec/dkg.md` 12.6).

/// A phase was entered: `epoch_id`, `from`, `to`.
pub const PHASE: &str = "dkg-phase";
/// A key share was published and proposed: `epoch_id`, `dealer`, `proposal_id`.
pub const KEY_SHARE: &str = "dkg-key-share";
/// Keys came into service: `epoch_id`, `verified`, `threshold`.
pub const CONCLUDED: &str = "dkg-concluded";
/// A ceremony failed: `epoch_id`, `back_to`, `phase`, `reason`.
pub const ABORTED: &str = "dkg-aborted";
/// An announce address changed: `dealer`, `old_address`, `new_address`.
pub const ANNOUNCE_ADDRESS_UPDATE: &str = "dkg-announce-address-update";
/// Attribute of the `wasm` event of a registration.
pub const NODE_INDEX_ATTRIBUTE: &str = "node_index";
