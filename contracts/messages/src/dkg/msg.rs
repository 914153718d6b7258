//! What the DKG contract is told and asked.

use cosmwasm_schema::{QueryResponses, cw_serde};
use cosmwasm_std::Binary;

use super::types::{EpochId, TimeConfiguration};
// Answers are named by the schema only, which a contract does not carry.
#[cfg(not(target_arch = "wasm32"))]
use super::{response::*, types::Epoch};

/// Makes a DKG contract; the sender becomes its admin.
#[cw_serde]
pub struct InstantiateMsg {
    /// The group whose members of weight ≥ 1 may register.
    pub group_addr: String,
    /// The multisig that verifies key shares.
    pub multisig_addr: String,
    /// Durations of the phases; the defaults when absent.
    pub time_configuration: Option<TimeConfiguration>,
    /// The network's denom; told in `get_state`, used for nothing.
    pub mix_denom: String,
    /// Number of key elements; exactly [`super::KEY_SIZE`].
    pub key_size: u32,
    /// Acknowledgement window in seconds, 1 ≤ window < submission time; [`super::DEFAULT_ACKNOWLEDGEMENT_SECS`] when
    /// absent.
    #[serde(default)]
    pub acknowledgement_time_secs: Option<u64>,
    /// Fewest dealers that leave registration, 1 … 100; [`super::DEFAULT_MIN_DEALERS`] when absent.
    #[serde(default)]
    pub min_dealers: Option<u32>,
}

/// Takes the state over; durations apply from the next transition.
#[cw_serde]
pub struct MigrateMsg {
    /// New durations; null keeps them.
    #[serde(default)]
    pub time_configuration: Option<TimeConfiguration>,
    /// New acknowledgement window in seconds; null keeps it.
    #[serde(default)]
    pub acknowledgement_time_secs: Option<u64>,
}

/// What changes the DKG contract.
#[cw_serde]
pub enum ExecuteMsg {
    /// Starts the first ceremony; the admin, while waiting.
    InitiateDkg {},
    /// Registers the sender, a group member of weight ≥ 1, for the ceremony; during registration.
    RegisterDealer {
        /// Encryption key with proof of possession, 8–256 bytes of text.
        bte_key_with_proof: String,
        /// Identity key, 32–64 bytes of text.
        identity_key: String,
        /// Where the signer's API answers, 1–256 bytes.
        announce_address: String,
        /// Must equal the epoch's flag.
        resharing: bool,
    },
    /// Publishes the sender's key share and has it proposed for verification; a dealer of the epoch, once, from
    /// submission on.
    CommitVerificationKeyShare {
        /// Base58 of exactly 680 bytes.
        share: String,
        /// Outcome digest, 32 bytes.
        #[serde(default)]
        outcome: Option<Binary>,
        /// Must equal the epoch's flag.
        resharing: bool,
    },
    /// Marks a share as verified; the multisig only, from validation on (`spec/dkg.md` 10.3).
    VerifyVerificationKeyShare {
        /// Owner of the share.
        owner: String,
        /// Must equal the epoch's flag.
        resharing: bool,
        /// The epoch that was voted on; must be the current one.
        epoch_id: EpochId,
        /// SHA-256 of the share's text that was voted on, 64 lower-case hex digits.
        share_hash: String,
    },
    /// Goes on to the next phase if the present one is complete or its deadline has passed; anyone.
    AdvanceEpochState {},
    /// Replaces the sender's announce address in registration and key share of the current epoch; in progress.
    UpdateAnnounceAddress {
        /// The new address, 1–256 bytes.
        new_address: String,
    },
}

/// What can be asked of the DKG contract. Lists ascend by address.
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// The fixed settings.
    #[returns(StateResponse)]
    GetState {},
    /// The current epoch.
    #[returns(Epoch)]
    GetCurrentEpochState {},
    /// The epoch at the start of a block; null before the contract.
    #[returns(Option<Epoch>)]
    GetEpochStateAtHeight {
        /// Height of the block.
        height: u64,
    },
    /// The threshold of the current epoch; null while it is not fixed.
    #[returns(Option<u64>)]
    GetCurrentEpochThreshold {},
    /// The threshold of an epoch; null where none was fixed.
    #[returns(Option<u64>)]
    GetEpochThreshold {
        /// The epoch.
        epoch_id: EpochId,
    },
    /// Whether `advance_epoch_state` would be accepted.
    #[returns(CanAdvanceStateResponse)]
    CanAdvanceState {},
    /// A registration.
    #[returns(RegisteredDealerResponse)]
    GetRegisteredDealer {
        /// The dealer.
        dealer_address: String,
        /// The epoch; the current one when absent.
        epoch_id: Option<EpochId>,
    },
    /// A dealer, its registration for the current epoch (or else for the one in service) and whether it takes part now.
    #[returns(DealerDetailsResponse)]
    GetDealerDetails {
        /// The dealer.
        dealer_address: String,
    },
    /// Addresses of an epoch's dealers.
    #[returns(DealerAddressesResponse)]
    GetEpochDealersAddresses {
        /// The epoch.
        epoch_id: EpochId,
        /// How many; 25 when absent, at most 50.
        limit: Option<u32>,
        /// The last address of the page before.
        start_after: Option<String>,
    },
    /// An epoch's dealers.
    #[returns(DealersResponse)]
    GetEpochDealers {
        /// The epoch.
        epoch_id: EpochId,
        /// How many; 10 when absent, at most 25.
        limit: Option<u32>,
        /// The last address of the page before.
        start_after: Option<String>,
    },
    /// The current epoch's dealers.
    #[returns(DealersResponse)]
    GetCurrentDealers {
        /// How many; 10 when absent, at most 25.
        limit: Option<u32>,
        /// The last address of the page before.
        start_after: Option<String>,
    },
    /// Every node index ever given, with its present owner.
    #[returns(DealerIndicesResponse)]
    GetDealerIndices {
        /// How many; 40 when absent, at most 80.
        limit: Option<u32>,
        /// The last address of the page before.
        start_after: Option<String>,
    },
    /// One key share, verified or not.
    #[returns(KeyShareResponse)]
    GetVerificationKey {
        /// The epoch.
        epoch_id: EpochId,
        /// The dealer.
        owner: String,
    },
    /// Key shares: of an epoch that has concluded the verified ones, otherwise all.
    #[returns(KeySharesResponse)]
    GetVerificationKeys {
        /// The epoch.
        epoch_id: EpochId,
        /// How many; 10 when absent, at most 30.
        limit: Option<u32>,
        /// The last address of the page before.
        start_after: Option<String>,
    },
    /// The record of a ceremony.
    #[returns(CeremonyResponse)]
    GetCeremony {
        /// The epoch; the current one when absent.
        epoch_id: Option<EpochId>,
    },
    /// The proposal that verifies a key share.
    #[returns(VerificationProposalResponse)]
    GetVerificationProposal {
        /// The epoch.
        epoch_id: EpochId,
        /// The dealer.
        owner: String,
    },
    /// The rules of later ceremonies.
    #[returns(CeremonyRules)]
    GetCeremonyRules {},
    /// Name and version of the contract.
    #[returns(ContractVersionResponse)]
    GetCw2ContractVersion {},
}
