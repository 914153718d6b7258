//! The fixtures of the known answers (`quorum-api.md` 3.1.6, `gateway.md` 4.8).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(missing_docs, unreachable_pub, dead_code)]

use ecash_requests::bytes::{Base58, Hex};
use ecash_requests::quorum::{BlindSignRequestBody, RequestHash, ShareContext};
use ecash_requests::{IdentitySecret, NetworkIds, Signature};
use ecash_scheme::{BlindedSignature, UserPublicKey, WithdrawalRequest};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, TicketType, UnixTime};
use serde_json::Value;
use std::path::PathBuf;

pub const TIME: UnixTime = UnixTime(1_765_065_600);
pub const DEPOSIT: DepositId = DepositId(7);
pub const EPOCH: EpochId = EpochId(7);
pub const NODE: NodeIndex = NodeIndex(3);

pub fn vectors() -> Value {
    let path = std::env::var_os("ECASH_VECTORS").map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../ecash-lib/scheme/tests/vectors/ecash-v2.json")
        },
        PathBuf::from,
    );
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub fn network() -> NetworkIds {
    NetworkIds::new("test-chain", "n1ecash", "n1contract").unwrap()
}

pub fn secret(byte: u8) -> IdentitySecret {
    IdentitySecret::from_bytes(&[byte; 32])
}

pub fn deposit_key() -> IdentitySecret {
    secret(5)
}

pub fn gateway_key() -> IdentitySecret {
    secret(7)
}

pub fn signer_key() -> IdentitySecret {
    secret(9)
}

pub fn signature(hex: &str) -> Signature {
    Base58(hex.parse::<Hex<64>>().unwrap().0)
}

/// `withdrawals[0]` of the vector file as a signed body.
pub fn body(vectors: &Value) -> BlindSignRequestBody {
    let withdrawal = &vectors["withdrawals"][0];
    let bytes = |name: &str| hex::decode(withdrawal[name].as_str().unwrap()).unwrap();
    BlindSignRequestBody::sign(
        WithdrawalRequest::from_bytes(&bytes("withdrawal_request")).unwrap(),
        DEPOSIT,
        &deposit_key(),
        UserPublicKey::from_bytes(&bytes("user_pk")).unwrap(),
        EcashDate::from_unix(
            u32::try_from(withdrawal["expiration_date"].as_u64().unwrap()).unwrap(),
        )
        .unwrap(),
        TicketType::from_code(u8::try_from(withdrawal["ticket_type"].as_u64().unwrap()).unwrap())
            .unwrap(),
    )
}

pub fn share(vectors: &Value) -> BlindedSignature {
    serde_json::from_value(vectors["withdrawals"][0]["blinded_signature_1_json"].clone()).unwrap()
}

pub fn context<'a>(network: &'a NetworkIds, request: &'a RequestHash) -> ShareContext<'a> {
    ShareContext {
        network,
        epoch_id: EPOCH,
        node_index: NODE,
        deposit_id: DEPOSIT,
        request,
    }
}
