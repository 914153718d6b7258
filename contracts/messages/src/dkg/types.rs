//! What the DKG contract stores and answers: epochs, dealers, key shares, ceremonies.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Binary, Timestamp};

/// Number of a started ceremony, and of the keys that it made. Never reused.
pub type EpochId = u64;
/// Number of a dealer: from 1, for ever the same for one address, not contiguous.
pub type NodeIndex = u64;

/// Phase of a ceremony. `resharing` says whether the master key is kept.
#[cw_serde]
#[derive(Copy, Eq, Default)]
pub enum EpochState {
    /// No ceremony was started yet, or the first one failed.
    #[default]
    WaitingInitialisation,
    /// Registration: dealers publish their keys.
    PublicKeySubmission {
        /// Whether the master key is kept.
        resharing: bool,
    },
    /// Dealers send dealings to each other.
    DealingExchange {
        /// Whether the master key is kept.
        resharing: bool,
    },
    /// Dealers publish their key shares.
    VerificationKeySubmission {
        /// Whether the master key is kept.
        resharing: bool,
    },
    /// The group votes on the shares.
    VerificationKeyValidation {
        /// Whether the master key is kept.
        resharing: bool,
    },
    /// Passed votes are executed.
    VerificationKeyFinalization {
        /// Whether the master key is kept.
        resharing: bool,
    },
    /// The keys are in service.
    InProgress,
}

/// How far the present phase has come.
#[cw_serde]
#[derive(Copy, Eq, Default)]
pub struct StateProgress {
    /// Registered dealers.
    pub registered_dealers: u32,
    /// Of those, dealers with a verified share in the epoch in service, in a resharing.
    pub registered_resharing_dealers: u32,
    /// Complete dealings.
    pub submitted_dealings: u32,
    /// Submitted key shares.
    pub submitted_key_shares: u32,
    /// Verified key shares.
    pub verified_keys: u32,
}

/// Durations of the phases, in seconds.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct TimeConfiguration {
    /// Registration.
    pub public_key_submission_time_secs: u64,
    /// Exchange.
    pub dealing_exchange_time_secs: u64,
    /// Submission.
    pub verification_key_submission_time_secs: u64,
    /// Validation.
    pub verification_key_validation_time_secs: u64,
    /// Finalization.
    pub verification_key_finalization_time_secs: u64,
    /// Kept for its readers; keys in service have no end.
    #[serde(default)]
    pub in_progress_time_secs: u64,
}

impl Default for TimeConfiguration {
    fn default() -> Self {
        Self {
            public_key_submission_time_secs: 3_600,
            dealing_exchange_time_secs: 3_600,
            verification_key_submission_time_secs: 1_800,
            verification_key_validation_time_secs: 1_800,
            verification_key_finalization_time_secs: 600,
            in_progress_time_secs: 1_209_600,
        }
    }
}

/// A ceremony and what it has led to.
#[cw_serde]
pub struct Epoch {
    /// Phase.
    pub state: EpochState,
    /// Number of this ceremony.
    pub epoch_id: EpochId,
    /// Counters of this ceremony.
    pub state_progress: StateProgress,
    /// Durations of its phases.
    pub time_configuration: TimeConfiguration,
    /// End of the present phase; null where none ends: waiting, and in progress.
    #[serde(alias = "finish_timestamp")]
    pub deadline: Option<Timestamp>,
    /// When this epoch came into progress; null during a ceremony.
    #[serde(default)]
    pub ceremony_concluded_at: Option<Timestamp>,
    /// Epoch whose keys issue; a ceremony that starts or fails does not change it.
    #[serde(default)]
    pub keys_in_service: Option<EpochId>,
    /// The epoch that the one in service replaced.
    #[serde(default)]
    pub outgoing_keys: Option<EpochId>,
}

impl Epoch {
    /// The epoch whose keys issue: this one while in progress, [`Epoch::keys_in_service`] otherwise (`spec/dkg.md`
    /// 14.1). `None`: nothing can be issued.
    #[must_use]
    pub fn issuing_epoch(&self) -> Option<EpochId> {
        match self.state {
            EpochState::InProgress => Some(self.epoch_id),
            _ => self.keys_in_service,
        }
    }
}

/// What a dealer published when it registered for an epoch.
#[cw_serde]
pub struct DealerRegistration {
    /// Encryption key with proof of possession; opaque text to the contract.
    pub bte_public_key_with_proof: String,
    /// The signer's identity key; opaque text to the contract.
    pub ed25519_identity: String,
    /// Where the signer's API answers.
    pub announce_address: String,
    /// The address that registered; stays when the index is handed over.
    pub registered_as: Addr,
}

/// A dealer with its registration.
#[cw_serde]
pub struct DealerDetails {
    /// Present owner of the node index.
    pub address: Addr,
    /// Encryption key with proof of possession.
    pub bte_public_key_with_proof: String,
    /// The signer's identity key.
    pub ed25519_identity: String,
    /// Where the signer's API answers.
    pub announce_address: String,
    /// Node index.
    pub assigned_index: NodeIndex,
    /// The address that registered.
    pub registered_as: Addr,
}

/// Whether an address is a dealer.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum DealerType {
    /// Registered for the current epoch.
    Current {
        /// Node index.
        assigned_index: NodeIndex,
    },
    /// Has a node index, but is not registered for the current epoch.
    Past {
        /// Node index.
        assigned_index: NodeIndex,
    },
    /// Never registered.
    Unknown,
}

/// A key share as published.
#[cw_serde]
pub struct KeyShare {
    /// Base58 of the 680 bytes of the partial verification key.
    pub share: String,
    /// Where the signer's API answers.
    pub announce_address: String,
    /// Node index.
    pub node_index: NodeIndex,
    /// Present owner of the node index.
    pub owner: Addr,
    /// The epoch.
    pub epoch_id: EpochId,
    /// Whether the group has voted it valid.
    pub verified: bool,
}

/// The proposal that verifies a key share.
#[cw_serde]
pub struct VerificationProposal {
    /// Its id at the multisig.
    pub proposal_id: u64,
    /// SHA-256 of the share's base58 text, 64 lower-case hex digits.
    pub share_hash: String,
    /// The owner's outcome digest, if it gave one.
    pub outcome: Option<Binary>,
    /// Height at which the share was verified.
    pub verified_height: Option<u64>,
}

/// One phase of a ceremony as it was entered.
#[cw_serde]
pub struct PhaseEntry {
    /// The phase entered.
    pub state: EpochState,
    /// Height of the block.
    pub height: u64,
    /// Time of the block.
    pub time: Timestamp,
}

/// What became of a ceremony.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum CeremonyOutcome {
    /// Under way.
    Running,
    /// Its keys came into service.
    Concluded,
    /// It failed.
    Aborted,
}

/// Height and time of a revocation.
#[cw_serde]
pub struct Revocation {
    /// Height of the block.
    pub height: u64,
    /// Time of the block.
    pub time: Timestamp,
}

/// State of the acknowledgements of a ceremony.
#[cw_serde]
pub struct AcknowledgementStatus {
    /// Last moment to acknowledge.
    pub deadline: Option<Timestamp>,
    /// How many arrived.
    pub received: u32,
    /// Once true, no later transaction can add one.
    pub closed: bool,
    /// Height at which they closed, if that was recorded.
    pub closed_height: Option<u64>,
}
