//! The append-only log by which a mirror learns what to read again.

use cosmwasm_std::{BlockInfo, StdResult, Storage};
use ecash_contract_messages::ecash::ChangeKind;

use crate::state::{CHANGES, CHANGES_LEN, ChangeRecord};

/// Appends an entry.
pub(crate) fn append(
    storage: &mut dyn Storage,
    block: &BlockInfo,
    kind: ChangeKind,
    key: impl Into<String>,
) -> StdResult<()> {
    let index = len(storage)?;
    let record = ChangeRecord {
        height: block.height,
        time: block.time,
        kind,
        key: key.into(),
    };
    CHANGES.save(storage, index, &record)?;
    CHANGES_LEN.save(storage, &(index + 1))
}

/// How many entries there are.
pub(crate) fn len(storage: &dyn Storage) -> StdResult<u64> {
    Ok(CHANGES_LEN.may_load(storage)?.unwrap_or_default())
}
