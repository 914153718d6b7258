//! All storage of the contract. Values are JSON; integer key parts are big-endian (`spec/contracts.md` 5.6, `spec/dkg.md`
//! 12.6). What belongs to a dealer is keyed by node index, so that an index can change hands.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Binary, StdResult, Storage, Timestamp};
use cw_controllers::Admin;
use cw_storage_plus::{Item, Map, SnapshotItem, Strategy};
use ecash_contract_messages::dkg::{
    CeremonyOutcome, CeremonyRules, DealerRegistration, Epoch, EpochId, EpochState, KeyShare,
    NodeIndex, PhaseEntry, StateResponse, VerificationProposal,
};

/// Who starts ceremonies.
pub(crate) const DKG_ADMIN: Admin = Admin::new("dkg-admin");
/// Who verifies key shares.
pub(crate) const MULTISIG: Admin = Admin::new("multisig");
/// Fixed settings.
pub(crate) const STATE: Item<StateResponse> = Item::new("state");
/// Rules of later ceremonies.
pub(crate) const CEREMONY_RULES: Item<CeremonyRules> = Item::new("ceremony_rules");

const CURRENT_EPOCH: Item<Epoch> = Item::new("current_epoch");
const HISTORICAL_EPOCH: SnapshotItem<Epoch> = SnapshotItem::new(
    "historical_epoch",
    "historical_epoch__checkpoints",
    "historical_epoch__changelog",
    Strategy::EveryBlock,
);
/// The epoch in service, kept equal to the current one while that is in progress.
pub(crate) const CONCLUDED_EPOCH: Item<Epoch> = Item::new("concluded_epoch");
/// The epoch concluded last.
pub(crate) const LAST_CONCLUDED: Item<EpochId> = Item::new("last_concluded");
/// The id of the next ceremony.
pub(crate) const NEXT_EPOCH_ID: Item<EpochId> = Item::new("next_epoch_id");
/// The record of every ceremony.
pub(crate) const CEREMONIES: Map<EpochId, Ceremony> = Map::new("ceremonies");

/// Threshold of the current epoch, once fixed.
pub(crate) const THRESHOLD: Item<u64> = Item::new("threshold");
/// Threshold of every epoch that had one.
pub(crate) const EPOCH_THRESHOLDS: Map<EpochId, u64> = Map::new("epoch_thresholds");

const NODE_INDEX_COUNTER: Item<NodeIndex> = Item::new("node_index_counter");
/// Node index of an address.
pub(crate) const DEALER_INDEX: Map<&Addr, NodeIndex> = Map::new("dealer_index");
/// Present owner of a node index.
pub(crate) const DEALER_OWNER: Map<NodeIndex, Addr> = Map::new("dealer_owner");
/// What a dealer registered with.
pub(crate) const REGISTRATIONS: Map<(EpochId, NodeIndex), DealerRegistration> =
    Map::new("registrations");
/// Key shares.
pub(crate) const KEY_SHARES: Map<(EpochId, NodeIndex), KeyShare> = Map::new("key_shares");
/// The proposal of each key share.
pub(crate) const VK_PROPOSALS: Map<(EpochId, NodeIndex), VerificationProposal> =
    Map::new("vk_proposals");
/// What was proposed, between the submessage and its reply.
pub(crate) const PENDING_PROPOSAL: Item<PendingProposal> = Item::new("pending_proposal");

/// What stays of a ceremony: the record behind `get_ceremony`.
#[cw_serde]
pub(crate) struct Ceremony {
    pub(crate) resharing: bool,
    pub(crate) in_service_at_start: Option<EpochId>,
    pub(crate) source_epoch: Option<EpochId>,
    pub(crate) source_threshold: Option<u64>,
    pub(crate) master_epoch: EpochId,
    pub(crate) predecessor: Option<EpochId>,
    pub(crate) threshold: Option<u64>,
    pub(crate) phases: Vec<PhaseEntry>,
    pub(crate) acknowledgement_deadline: Option<Timestamp>,
    pub(crate) acknowledged: u32,
    pub(crate) closed_height: Option<u64>,
    pub(crate) complete_dealers: u32,
    pub(crate) outcome: CeremonyOutcome,
    pub(crate) reason: Option<String>,
}

/// A proposal on its way to the multisig.
#[cw_serde]
pub(crate) struct PendingProposal {
    pub(crate) epoch_id: EpochId,
    pub(crate) node_index: NodeIndex,
    pub(crate) share_hash: String,
    pub(crate) outcome: Option<Binary>,
}

/// The current epoch.
pub(crate) fn load_epoch(storage: &dyn Storage) -> StdResult<Epoch> {
    HISTORICAL_EPOCH.load(storage)
}

/// The epoch at the start of a block.
pub(crate) fn load_epoch_at(storage: &dyn Storage, height: u64) -> StdResult<Option<Epoch>> {
    HISTORICAL_EPOCH.may_load_at_height(storage, height)
}

/// Stores the current epoch everywhere it is kept: history, the reference's copy and, in progress, the epoch in service.
pub(crate) fn save_epoch(storage: &mut dyn Storage, epoch: &Epoch, height: u64) -> StdResult<()> {
    CURRENT_EPOCH.save(storage, epoch)?;
    HISTORICAL_EPOCH.save(storage, epoch, height)?;
    if epoch.state == EpochState::InProgress {
        CONCLUDED_EPOCH.save(storage, epoch)?;
    }
    Ok(())
}

/// The node index of an address, which gets the next one if it has none.
pub(crate) fn node_index_or_next(storage: &mut dyn Storage, owner: &Addr) -> StdResult<NodeIndex> {
    if let Some(index) = DEALER_INDEX.may_load(storage, owner)? {
        return Ok(index);
    }
    let index = NODE_INDEX_COUNTER.may_load(storage)?.unwrap_or_default() + 1;
    NODE_INDEX_COUNTER.save(storage, &index)?;
    DEALER_INDEX.save(storage, owner, &index)?;
    DEALER_OWNER.save(storage, index, owner)?;
    Ok(index)
}
