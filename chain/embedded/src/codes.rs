//! The contract code that exists on the chain from genesis on.

use std::fmt;

use cosmwasm_std::Empty;
use cw_multi_test::{Contract, ContractWrapper};

/// Code id of the group contract (cw4).
pub const GROUP_CODE_ID: u64 = 1;
/// Code id of the multisig contract (cw3).
pub const MULTISIG_CODE_ID: u64 = 2;
/// Code id of the DKG contract.
pub const DKG_CODE_ID: u64 = 3;
/// Code id of the ecash contract.
pub const ECASH_CODE_ID: u64 = 4;

/// Makes one contract's entry points; called for every block and query, so it must be cheap and always the same.
pub type MakeContract = fn() -> Box<dyn Contract<Empty>>;

/// The table of contract code; ids count from 1 in the order of addition.
#[derive(Clone, Default)]
pub struct Codes(Vec<MakeContract>);

impl Codes {
    /// The four contracts of the network under their ids: 1 group, 2 multisig, 3 DKG, 4 ecash.
    pub fn network() -> Self {
        Self::none()
            .with(group)
            .with(multisig)
            .with(dkg)
            .with(ecash)
    }

    /// No code at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The table with one more code, under the next id.
    #[must_use]
    pub fn with(mut self, make: MakeContract) -> Self {
        self.0.push(make);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &MakeContract> {
        self.0.iter()
    }
}

fn group() -> Box<dyn Contract<Empty>> {
    use group_contract::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

fn multisig() -> Box<dyn Contract<Empty>> {
    use multisig_contract::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

fn dkg() -> Box<dyn Contract<Empty>> {
    use dkg_contract::contract::{execute, instantiate, migrate, query, reply};
    let wrapper = ContractWrapper::new(execute, instantiate, query);
    Box::new(wrapper.with_migrate(migrate).with_reply(reply))
}

fn ecash() -> Box<dyn Contract<Empty>> {
    use ecash_contract::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Codes(1..={})", self.0.len())
    }
}
