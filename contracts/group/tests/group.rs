//! The group is `cw4-group`, with a migration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

use cosmwasm_std::{Addr, from_json};
use cw_multi_test::{App, ContractWrapper, Executor, IntoAddr};
use cw4::{Member, MemberListResponse, MemberResponse, TotalWeightResponse};
use ecash_contract_messages::group::*;
use group_contract::{ContractError, contract};

struct World {
    app: App,
    group: Addr,
    code: u64,
}

fn admin() -> Addr {
    "admin".into_addr()
}

fn member(name: &str, weight: u64) -> Member {
    Member {
        addr: name.into_addr().into_string(),
        weight,
    }
}

impl World {
    fn new(members: Vec<Member>) -> Self {
        let mut app = App::default();
        let wrapper =
            ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
                .with_migrate(contract::migrate);
        let code = app.store_code(Box::new(wrapper));
        let msg = InstantiateMsg {
            admin: Some(admin().into_string()),
            members,
        };
        let owner = Some(admin().into_string());
        let group = app
            .instantiate_contract(code, admin(), &msg, &[], "group", owner)
            .unwrap();
        Self { app, group, code }
    }

    fn send(&mut self, sender: Addr, msg: &ExecuteMsg) -> Result<(), ContractError> {
        self.app
            .execute_contract(sender, self.group.clone(), msg, &[])
            .map(|_| ())
            .map_err(|error| error.downcast().unwrap())
    }

    fn query<T: serde::de::DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app.wrap().query_wasm_smart(&self.group, msg).unwrap()
    }
}

#[test]
fn members_are_added_first_and_removed_afterwards() {
    let mut world = World::new(vec![member("a", 1)]);
    world
        .send(
            admin(),
            &ExecuteMsg::UpdateMembers {
                remove: vec![member("b", 0).addr, member("unknown", 0).addr],
                add: vec![member("a", 5), member("b", 1), member("c", 0)],
            },
        )
        .unwrap();
    let list: MemberListResponse = world.query(&QueryMsg::ListMembers {
        start_after: None,
        limit: None,
    });
    assert_eq!(list.members.len(), 2);
    let total: TotalWeightResponse = world.query(&QueryMsg::TotalWeight { at_height: None });
    assert_eq!(total.weight, 5);
}

#[test]
fn only_the_admin_changes_the_group() {
    let mut world = World::new(vec![member("a", 1)]);
    for msg in [
        ExecuteMsg::UpdateAdmin { admin: None },
        ExecuteMsg::UpdateMembers {
            remove: vec![],
            add: vec![],
        },
        ExecuteMsg::AddHook {
            addr: "hook".into_addr().into_string(),
        },
        ExecuteMsg::RemoveHook {
            addr: "hook".into_addr().into_string(),
        },
    ] {
        let refused = world.send("a".into_addr(), &msg).unwrap_err();
        assert!(refused.to_string().contains("not admin"), "{refused}");
    }
}

#[test]
fn a_group_without_an_admin_never_changes_again() {
    let mut world = World::new(vec![member("a", 1)]);
    world
        .send(admin(), &ExecuteMsg::UpdateAdmin { admin: None })
        .unwrap();
    let answer: AdminResponse = world.query(&QueryMsg::Admin {});
    assert_eq!(answer.admin, None);
    let msg = ExecuteMsg::UpdateMembers {
        remove: vec![],
        add: vec![member("b", 1)],
    };
    assert!(world.send(admin(), &msg).is_err());
}

#[test]
fn a_height_asks_for_the_start_of_that_block() {
    let mut world = World::new(vec![member("a", 1)]);
    world.app.update_block(|block| block.height += 1);
    let height = world.app.block_info().height;
    let msg = ExecuteMsg::UpdateMembers {
        remove: vec![],
        add: vec![member("a", 7)],
    };
    world.send(admin(), &msg).unwrap();
    let weight_at = |at_height| {
        let answer: MemberResponse = world.query(&QueryMsg::Member {
            addr: member("a", 0).addr,
            at_height,
        });
        answer.weight
    };
    assert_eq!(weight_at(None), Some(7));
    assert_eq!(weight_at(Some(height)), Some(1));
    assert_eq!(weight_at(Some(height + 1)), Some(7));
}

#[test]
fn other_contracts_read_total_and_members_raw() {
    let world = World::new(vec![member("a", 1), member("b", 2)]);
    let raw = |key: &[u8]| -> u64 {
        let value = world.app.wrap().query_wasm_raw(&world.group, key).unwrap();
        from_json(value.unwrap()).unwrap()
    };
    assert_eq!(raw(b"total"), 3);
    let key = [b"\x00\x07members", member("b", 0).addr.as_bytes()].concat();
    assert_eq!(raw(&key), 2);
}

#[test]
fn a_migration_to_the_same_version_changes_nothing_and_from_another_contract_is_refused() {
    let mut world = World::new(vec![member("a", 1)]);
    let before = world.app.dump_wasm_raw(&world.group);
    let (group, code) = (world.group.clone(), world.code);
    world
        .app
        .migrate_contract(admin(), group.clone(), &MigrateMsg {}, code)
        .unwrap();
    assert_eq!(world.app.dump_wasm_raw(&group), before);

    for (name, version) in [("crate:other", "2.0.0"), (contract::CONTRACT_NAME, "2.0.1")] {
        let mut storage = world.app.contract_storage_mut(&group);
        cw2::set_contract_version(storage.as_mut(), name, version).unwrap();
        drop(storage);
        let refused = world
            .app
            .migrate_contract(admin(), group.clone(), &MigrateMsg {}, code)
            .unwrap_err();
        assert!(matches!(refused.downcast(), Ok(ContractError::Std(_))));
    }
}
