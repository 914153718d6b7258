//! Storage of its own; `proposals`, `votes` and `proposal_count` are those of `cw3-fixed-multisig`.

use cw_storage_plus::Item;
use ecash_contract_messages::multisig::Config;

/// The configuration. `cw3-flex-multisig` reads the same item and passes over the two proposers.
pub(crate) const CONFIG: Item<Config> = Item::new("config");
