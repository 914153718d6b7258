//! The interface of a Quorum member (`quorum-api.md`).
//!
//! Fields are spelled, cased and ordered as the published interface has them; unknown fields are ignored, as there. What
//! this project adds (envelope, attestation, sealed share, deposit owners' requests, callers' headers) is additive.

mod api_status;
mod attestation;
mod audit;
mod blind_sign;
mod caller;
mod chain_status;
#[cfg(feature = "client")]
mod client;
mod deposit;
mod envelope;
mod global_data;
mod network;
mod request_hash;
pub mod routes;
mod seal;
mod signed_message;
mod signer_status;
mod signers;
mod spending;

pub use api_status::{ApiStatus, BuildInformation, ChainStatus, HealthResponse, SignerInformation};
pub use attestation::{Attestation, AttestedShare, ShareContext};
pub use audit::merkle_leaf;
pub use blind_sign::{BlindSignRequestBody, BlindSignResponse};
pub use caller::{CallerSignature, KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER};
pub use chain_status::{
    AbciInfo, BlockHash, BlockHead, BlockHeader, BlockId, BlockInfo, ChainBlocksStatusBody,
    ChainBlocksStatusResponse, ChainStatusResponse, DetailedChainStatus, HeaderVersion,
    PartSetHeader,
};
#[cfg(feature = "client")]
pub use client::QuorumClient;
pub use deposit::{
    DepositOwnerRequest, DepositStatusResponse, OwnerAction, RecordedRequest, RefundResponse,
    RefundState,
};
pub use envelope::{Addressee, Envelope};
pub use global_data::{
    CoinIndexSignaturesResponse, ExpirationDateSignaturesResponse, MasterVerificationKeyResponse,
};
pub use network::{
    ApiUrl, ChainDetails, DenomDetails, NetworkContracts, NetworkDetails, NetworkDetailsResponse,
    NetworkEndpoint,
};
pub use request_hash::RequestHash;
pub use seal::{ResponseKey, ResponseSecret, SealedShare};
pub use signed_message::SignedMessage;
pub use signer_status::{SignerStatusBody, SignerStatusResponse};
pub use signers::{
    ChainAnswer, DealerInformation, DetailedSignersStatusBody, DetailedSignersStatusResponse,
    ProbeResult, ProbeStatus, SignerProbe, SignerVerdict, SignersOverview, SignersStatusBody,
    SignersStatusResponse, SigningAnswer,
};
pub use spending::{TicketRejection, VerifyEcashTicketBody, VerifyEcashTicketResponse};
