//! Answers of the DKG contract.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Timestamp};

use super::types::{
    AcknowledgementStatus, CeremonyOutcome, DealerDetails, DealerRegistration, DealerType, EpochId,
    EpochState, KeyShare, NodeIndex, PhaseEntry, Revocation, StateProgress, VerificationProposal,
};

/// Answer to `get_state`: the fixed settings, as stored under `state`.
#[cw_serde]
pub struct StateResponse {
    /// The network's denom.
    pub mix_denom: String,
    /// The multisig.
    pub multisig_addr: Addr,
    /// The group.
    pub group_addr: Addr,
    /// Number of key elements.
    pub key_size: u32,
}

/// Answer to `can_advance_state`. While waiting everything is at its default.
#[cw_serde]
#[derive(Default)]
pub struct CanAdvanceStateResponse {
    /// Phase.
    pub current_state: EpochState,
    /// Counters.
    pub progress: StateProgress,
    /// End of the phase.
    pub deadline: Option<Timestamp>,
    /// Whether that lies behind.
    pub reached_deadline: bool,
    /// Whether nothing is left to wait for.
    pub is_complete: bool,
}

/// Answer to `get_registered_dealer`.
#[cw_serde]
pub struct RegisteredDealerResponse {
    /// The registration; null if there is none.
    pub details: Option<DealerRegistration>,
}

/// Answer to `get_dealer_details`.
#[cw_serde]
pub struct DealerDetailsResponse {
    /// The dealer; null for a stranger.
    pub details: Option<DealerDetails>,
    /// Whether it takes part now.
    pub dealer_type: DealerType,
}

/// Answer to `get_epoch_dealers_addresses`.
#[cw_serde]
pub struct DealerAddressesResponse {
    /// Addresses.
    pub dealers: Vec<Addr>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<Addr>,
}

/// Answer to `get_epoch_dealers` and `get_current_dealers`.
#[cw_serde]
pub struct DealersResponse {
    /// Dealers.
    pub dealers: Vec<DealerDetails>,
    /// Page size that was applied.
    pub per_page: u32,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<Addr>,
}

/// Answer to `get_dealer_indices`.
#[cw_serde]
pub struct DealerIndicesResponse {
    /// Pairs of owner and node index.
    pub indices: Vec<(Addr, NodeIndex)>,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<Addr>,
}

/// Answer to `get_verification_key`.
#[cw_serde]
pub struct KeyShareResponse {
    /// The dealer asked for.
    pub owner: Addr,
    /// The epoch asked for.
    pub epoch_id: EpochId,
    /// Its share; null if there is none.
    pub share: Option<KeyShare>,
}

/// Answer to `get_verification_keys`.
#[cw_serde]
pub struct KeySharesResponse {
    /// Shares.
    pub shares: Vec<KeyShare>,
    /// Page size that was applied.
    pub per_page: u32,
    /// Where the next page starts; null on the last one.
    pub start_next_after: Option<Addr>,
}

/// Answer to `get_ceremony` (`spec/dkg.md` 12.5).
#[cw_serde]
pub struct CeremonyResponse {
    /// The epoch.
    pub epoch_id: EpochId,
    /// Whether the master key is kept.
    pub resharing: bool,
    /// `keys_in_service` when the ceremony started.
    pub in_service_at_start: Option<EpochId>,
    /// The same in a resharing; null in a fresh ceremony.
    pub source_epoch: Option<EpochId>,
    /// Threshold of the source epoch.
    pub source_threshold: Option<u64>,
    /// Names the master key: the own id in a fresh ceremony, the source's in a resharing.
    pub master_epoch: EpochId,
    /// The epoch concluded last before this one; set at the conclusion.
    pub predecessor: Option<EpochId>,
    /// Revocation of the master key.
    pub revoked: Option<Revocation>,
    /// Threshold of this epoch, once fixed.
    pub threshold: Option<u64>,
    /// Phases in the order they were entered.
    pub phases: Vec<PhaseEntry>,
    /// Acknowledgements.
    pub acknowledgement: AcknowledgementStatus,
    /// Dealers whose dealing is complete.
    pub complete_dealers: u32,
    /// What became of it.
    pub outcome: CeremonyOutcome,
    /// Why it was aborted.
    pub reason: Option<String>,
    /// Height at which this was answered.
    pub block_height: u64,
    /// Time of that block.
    pub block_time: Timestamp,
}

/// Answer to `get_verification_proposal`.
#[cw_serde]
pub struct VerificationProposalResponse {
    /// The proposal; null if there is none.
    pub proposal: Option<VerificationProposal>,
}

/// Answer to `get_ceremony_rules`, as stored under `ceremony_rules`.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct CeremonyRules {
    /// Fewest dealers that leave registration.
    pub min_dealers: u32,
    /// Acknowledgement window in seconds.
    pub acknowledgement_time_secs: u64,
    /// Most dealers of an epoch.
    pub max_dealers: u32,
}

/// Answer to `get_cw2_contract_version`.
#[cw_serde]
pub struct ContractVersionResponse {
    /// Name.
    pub contract: String,
    /// Semantic version.
    pub version: String,
}
