//! Names of the ecash contract's events (on chain with the prefix `wasm-`) and attributes (`spec/contracts.md` 6.6.6).

/// A deposit was made: `deposit-id`, `payer`, `amount`, `time`.
pub const DEPOSITED_FUNDS: &str = "deposited-funds";
/// Attribute of [`DEPOSITED_FUNDS`]: the deposit's number in decimal.
pub const DEPOSIT_ID_ATTRIBUTE: &str = "deposit-id";
/// The lowest price changed: `default`, `lowest`.
pub const PRICE_CHANGED: &str = "price-changed";
/// A gateway registered: `address`, `identity_key`, `announce_address`, `roles`.
pub const GATEWAY_REGISTERED: &str = "gateway-registered";
/// A gateway changed its announce address or roles: the same attributes.
pub const GATEWAY_UPDATED: &str = "gateway-updated";
/// A gateway changed its key: `address`, `identity_key`, `previous_identity_key`.
pub const GATEWAY_IDENTITY_ROTATED: &str = "gateway-identity-rotated";
/// A gateway was admitted: `address`.
pub const GATEWAY_ADMITTED: &str = "gateway-admitted";
/// A gateway was suspended: `address`.
pub const GATEWAY_SUSPENDED: &str = "gateway-suspended";
