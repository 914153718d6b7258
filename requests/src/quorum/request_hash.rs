use crate::NetworkIds;
use crate::bytes::Hex;
use crate::text::SignedText;
use ecash_scheme::{UserPublicKey, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, TicketType};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Identity of a withdrawal request (`quorum-api.md` 3.1.1): SHA-256 of `"zknym-request-id-v1" ‖ lp(chain id) ‖
/// lp(ecash contract) ‖ BE32 deposit id ‖ enc(h) ‖ enc(C) ‖ enc(M1) ‖ enc(M2) ‖ enc(U) ‖ BE32 E ‖ t`.
///
/// The proof is not in it: a request rebuilt with other nonces is the same request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestHash(pub Hex<32>);

impl RequestHash {
    /// Hash of a request for a deposit.
    #[must_use]
    pub fn of(
        network: &NetworkIds,
        deposit: DepositId,
        request: &WithdrawalRequest,
        user: &UserPublicKey,
        expiration: EcashDate,
        ticket_type: TicketType,
    ) -> Self {
        let [m1, m2] = request.commitments();
        let text = SignedText::new("zknym-request-id-v1")
            .lp(&network.chain_id)
            .lp(&network.ecash_contract)
            .be32(deposit.get())
            .raw(&request.base().to_bytes())
            .raw(&request.commitment().to_bytes())
            .raw(&m1.to_bytes())
            .raw(&m2.to_bytes())
            .raw(&user.to_bytes())
            .be32(expiration.unix())
            .u8(ticket_type.code());
        Self(Hex(Sha256::digest(text.as_bytes()).into()))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl From<[u8; 32]> for RequestHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Hex(bytes))
    }
}

impl fmt::Display for RequestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for RequestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
