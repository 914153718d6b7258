use ecash_scheme::{BlindedSignature, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, TicketType};
use sha2::{Digest, Sha256};

/// Leaf of the Merkle tree of issued ticketbooks (`quorum-api.md` 8): SHA-256 of deposit id (u32 BE) ‖ epoch id (u64 BE)
/// ‖ blinded signature (96 B) ‖ M1 ‖ M2 (48 B each) ‖ expiration date as Julian day (i32 BE) ‖ type byte.
#[must_use]
pub fn merkle_leaf(
    deposit: DepositId,
    epoch: EpochId,
    share: &BlindedSignature,
    request: &WithdrawalRequest,
    expiration: EcashDate,
    ticket_type: TicketType,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(deposit.get().to_be_bytes());
    hash.update(epoch.get().to_be_bytes());
    hash.update(share.to_bytes());
    for commitment in request.commitments() {
        hash.update(commitment.to_bytes());
    }
    hash.update(expiration.julian_day().to_be_bytes());
    hash.update([ticket_type.code()]);
    hash.finalize().into()
}
