//! The statement by which a gateway's account claims an identity key.

const DOMAIN: &[u8] = b"zknym-gateway-v1";

/// What an identity key signs to register with, or rotate to, for one account:
/// `"zknym-gateway-v1" ‖ lp(chain id) ‖ lp(ecash contract) ‖ lp(sender)`, lp(x) = BE16 length ‖ bytes
/// (`spec/contracts.md` 6.6.5). `None` if a part is longer than 65535 bytes.
#[must_use]
pub fn gateway_proof_message(chain_id: &str, contract: &str, sender: &str) -> Option<Vec<u8>> {
    let mut message = DOMAIN.to_vec();
    for part in [chain_id, contract, sender] {
        message.extend_from_slice(&u16::try_from(part.len()).ok()?.to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    Some(message)
}
