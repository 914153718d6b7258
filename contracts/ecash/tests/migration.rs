//! Migrations take effect once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod common;

use common::*;
use cosmwasm_std::{
    coin,
    testing::{message_info, mock_dependencies, mock_env},
};
use cw_multi_test::Executor;
use ecash_contract::{ContractError, contract};
use ecash_contract_messages::ecash::*;

fn migrate(world: &mut World, whitelist: &[(&str, u128)]) -> Result<(), ContractError> {
    let msg = MigrateMsg {
        initial_whitelist: whitelist
            .iter()
            .map(|(name, amount)| WhitelistedAccount {
                address: addr(name).to_string(),
                deposit: coin(*amount, DENOM),
            })
            .collect(),
    };
    let (admin, ecash, code) = (world.admin.clone(), world.ecash.clone(), world.code_id);
    let outcome = world.app.migrate_contract(admin, ecash, &msg, code);
    world.check_invariants();
    outcome
        .map(|_| ())
        .map_err(|error| error.downcast::<ContractError>().unwrap())
}

#[test]
fn a_repeated_migration_after_deposits_at_reduced_prices_changes_no_counter() {
    let mut world = World::new();
    let alice = addr("alice");
    world.set_reduced(&alice, PRICE / 2).unwrap();
    world.deposit_amount(&alice, 1, PRICE / 2).unwrap();
    world.deposit(&addr("bob"), 2).unwrap();
    let before = world.statistics();
    let storage = world.storage();
    migrate(&mut world, &[]).unwrap();
    migrate(&mut world, &[]).unwrap();
    assert_eq!(world.statistics(), before);
    assert_eq!(world.storage(), storage);
}

#[test]
fn a_migration_sets_reduced_prices_with_the_usual_checks_and_one_entry_of_the_history() {
    let mut world = World::new();
    migrate(&mut world, &[("alice", PRICE / 2 + 1), ("bob", PRICE / 2)]).unwrap();
    assert_eq!(world.reduced_prices().len(), 2);
    assert_eq!(world.price_history().len(), 2);
    let storage = world.storage();
    assert_eq!(
        migrate(&mut world, &[("carol", PRICE / 2), ("dave", PRICE)]).unwrap_err(),
        ContractError::ReducedDepositNotReduced {
            amount: PRICE.into(),
            default: PRICE.into()
        }
    );
    assert_eq!(world.storage(), storage);
}

#[test]
fn statistics_that_are_missing_are_founded_once_on_all_deposits_so_far() {
    let mut deps = mock_dependencies();
    let address = |name| deps.api.addr_make(name).to_string();
    let msg = InstantiateMsg {
        holding_account: address("holding"),
        multisig_addr: address("multisig"),
        group_addr: address("group"),
        deposit_amount: coin(PRICE, DENOM),
        appeal_period_secs: None,
    };
    let payer = deps.api.addr_make("payer");
    contract::instantiate(deps.as_mut(), mock_env(), message_info(&payer, &[]), msg).unwrap();
    let paid = message_info(&payer, &[coin(PRICE, DENOM)]);
    contract::execute(deps.as_mut(), mock_env(), paid.clone(), deposit_msg(1)).unwrap();
    deps.storage_mut_remove("deposits_with_default_price");

    for _ in 0..2 {
        let msg = MigrateMsg {
            initial_whitelist: vec![],
        };
        contract::migrate(deps.as_mut(), mock_env(), msg).unwrap();
        let answer = contract::query(
            deps.as_ref(),
            mock_env(),
            QueryMsg::GetDepositsStatistics {},
        );
        let statistics: DepositsStatistics = cosmwasm_std::from_json(answer.unwrap()).unwrap();
        assert_eq!(statistics.total_deposits_made_with_default_price, 1);
        assert_eq!(
            statistics.total_deposited_with_default_price,
            coin(PRICE, DENOM)
        );
    }
}

trait RemoveItem {
    fn storage_mut_remove(&mut self, key: &str);
}

impl RemoveItem
    for cosmwasm_std::OwnedDeps<
        cosmwasm_std::MemoryStorage,
        cosmwasm_std::testing::MockApi,
        cosmwasm_std::testing::MockQuerier,
    >
{
    fn storage_mut_remove(&mut self, key: &str) {
        use cosmwasm_std::Storage;
        self.storage.remove(key.as_bytes());
    }
}

#[test]
fn state_of_another_contract_of_a_newer_version_or_without_a_ledger_is_refused() {
    let empty = || MigrateMsg {
        initial_whitelist: vec![],
    };
    let mut deps = mock_dependencies();
    for (name, version) in [("crate:other", "0.1.0"), (contract::CONTRACT_NAME, "0.1.1")] {
        cw2::set_contract_version(&mut deps.storage, name, version).unwrap();
        let refused = contract::migrate(deps.as_mut(), mock_env(), empty()).unwrap_err();
        assert!(matches!(refused, ContractError::Std(_)), "{refused}");
    }
    cw2::set_contract_version(
        &mut deps.storage,
        contract::CONTRACT_NAME,
        contract::CONTRACT_VERSION,
    )
    .unwrap();
    assert_eq!(
        contract::migrate(deps.as_mut(), mock_env(), empty()).unwrap_err(),
        ContractError::ForeignState
    );
}
