//! Prices, their history, and the value of a ticket.

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
use cosmwasm_std::{Coin, coin};
use ecash_contract::ContractError;
use ecash_contract_messages::ecash::*;

const TODAY: u32 = (DAY_ZERO / DAY_SECS) as u32;

#[test]
fn a_reduced_price_is_at_least_half_of_the_default_and_below_it() {
    let mut world = World::with(101, None);
    let alice = addr("alice");
    let low = |amount: u128| ContractError::ReducedDepositTooLow {
        amount: amount.into(),
        default: 101u128.into(),
    };
    assert_eq!(world.set_reduced(&alice, 50).unwrap_err(), low(50));
    world.set_reduced(&alice, 51).unwrap();
    world.set_reduced(&alice, 100).unwrap();
    for amount in [101, 102] {
        assert_eq!(
            world.set_reduced(&alice, amount).unwrap_err(),
            ContractError::ReducedDepositNotReduced {
                amount: amount.into(),
                default: 101u128.into()
            }
        );
    }
    let mut world = World::with(100, None);
    world.set_reduced(&alice, 50).unwrap();
    assert_eq!(
        world.set_reduced(&alice, 49).unwrap_err(),
        ContractError::DepositBelowTicketBookSize {
            amount: 49u128.into()
        }
    );
}

#[test]
fn one_change_lowers_the_default_to_half_at_most_and_never_below_fifty() {
    let mut world = World::with(201, None);
    assert_eq!(
        world.set_default(100).unwrap_err(),
        ContractError::PriceCutTooDeep {
            amount: 100u128.into(),
            present: 201u128.into()
        }
    );
    world.set_default(101).unwrap();
    world.set_default(51).unwrap();
    world.set_default(50).unwrap();
    assert_eq!(
        world.set_default(49).unwrap_err(),
        ContractError::DepositBelowTicketBookSize {
            amount: 49u128.into()
        }
    );
    world.set_default(u128::MAX).unwrap();
    world.set_default(u128::MAX / 2 + 1).unwrap();
}

#[test]
fn prices_stay_in_the_contracts_denom_for_ever() {
    let mut world = World::new();
    let other = coin(PRICE, "unyx");
    assert_eq!(
        world
            .send_as_admin(&ExecuteMsg::UpdateDefaultDepositValue {
                new_deposit: other.clone()
            })
            .unwrap_err(),
        ContractError::InvalidDepositDenom {
            expected: DENOM.into(),
            given: "unyx".into()
        }
    );
    assert_eq!(
        world
            .send_as_admin(&ExecuteMsg::SetReducedDepositPrice {
                address: addr("alice").to_string(),
                deposit: other
            })
            .unwrap_err(),
        ContractError::InvalidReducedDepositDenom {
            expected: DENOM.into(),
            given: "unyx".into()
        }
    );
}

#[test]
fn a_change_of_the_default_that_breaks_one_of_a_hundred_accounts_names_it() {
    let mut world = World::with(1_000, None);
    for n in 0..99 {
        world
            .set_reduced(&addr(&format!("account {n}")), 600)
            .unwrap();
    }
    let odd = addr("account 99");
    world.set_reduced(&odd, 900).unwrap();
    assert_eq!(
        world.set_reduced(&addr("account 100"), 600).unwrap_err(),
        ContractError::TooManyReducedPrices
    );
    world.set_reduced(&odd, 901).unwrap();
    assert_eq!(
        world.set_default(901).unwrap_err(),
        ContractError::ReducedPricesViolated {
            amount: 901u128.into(),
            accounts: vec![odd.clone()]
        }
    );
    world.set_default(902).unwrap();

    let violated = world.set_default(1_201).unwrap_err();
    let ContractError::ReducedPricesViolated { accounts, .. } = violated else {
        panic!("{violated}");
    };
    assert_eq!(accounts.len(), 20);
    world.set_default(1_200).unwrap();
}

#[test]
fn removing_a_reduced_price_needs_one_and_restores_the_default() {
    let mut world = World::new();
    let alice = addr("alice");
    let remove = ExecuteMsg::RemoveReducedDepositPrice {
        address: alice.to_string(),
    };
    assert_eq!(
        world.send_as_admin(&remove).unwrap_err(),
        ContractError::NoReducedDepositPrice {
            address: alice.clone()
        }
    );
    world.set_reduced(&alice, PRICE / 2).unwrap();
    let price: Option<Coin> = world.query(&QueryMsg::GetReducedDepositAmount {
        address: alice.to_string(),
    });
    assert_eq!(price, Some(coin(PRICE / 2, DENOM)));
    world.send_as_admin(&remove).unwrap();
    assert_eq!(
        world.deposit_amount(&alice, 1, PRICE / 2).unwrap_err(),
        ContractError::WrongAmount {
            received: (PRICE / 2).into(),
            amount: PRICE.into()
        }
    );
    world.deposit(&alice, 1).unwrap();
}

#[test]
fn only_the_admin_changes_prices_also_after_the_admin_has_changed() {
    let mut world = World::new();
    let (old, new) = (world.admin.clone(), addr("new admin"));
    let messages = [
        ExecuteMsg::UpdateDefaultDepositValue {
            new_deposit: coin(PRICE + 1, DENOM),
        },
        ExecuteMsg::SetReducedDepositPrice {
            address: addr("alice").to_string(),
            deposit: coin(PRICE - 1, DENOM),
        },
        ExecuteMsg::RemoveReducedDepositPrice {
            address: addr("alice").to_string(),
        },
        ExecuteMsg::UpdateAdmin {
            admin: addr("thief").to_string(),
        },
    ];
    for sender in [addr("alice"), world.multisig.clone(), addr("group")] {
        for msg in &messages {
            let refused = world.send(&sender, msg, &[]).unwrap_err();
            assert!(matches!(refused, ContractError::Admin(_)), "{refused}");
        }
    }
    world
        .send_as_admin(&ExecuteMsg::UpdateAdmin {
            admin: new.to_string(),
        })
        .unwrap();
    for msg in &messages {
        assert!(matches!(
            world.send(&old, msg, &[]).unwrap_err(),
            ContractError::Admin(_)
        ));
    }
    world.send(&new, &messages[0], &[]).unwrap();
    let config: MoneyConfigResponse = world.query(&QueryMsg::GetMoneyConfig {});
    assert_eq!(config.admin, new);
    assert_eq!(config.appeal_period_secs, DEFAULT_APPEAL_PERIOD_SECS);
}

#[test]
fn the_eleventh_entry_of_a_day_is_refused_and_the_first_of_the_next_is_not() {
    let mut world = World::new();
    for n in 1..10 {
        world.set_default(PRICE + n).unwrap();
    }
    assert_eq!(world.price_history().len(), 10);
    world.set_time(DAY_ZERO + DAY_SECS - 1);
    assert_eq!(
        world.set_default(PRICE).unwrap_err(),
        ContractError::TooManyPriceChanges
    );
    world.set_default(PRICE + 9).unwrap();
    world.set_time(DAY_ZERO + DAY_SECS);
    world.set_default(PRICE).unwrap();
}

#[test]
fn a_change_that_leaves_the_lowest_price_alone_is_not_recorded() {
    let mut world = World::new();
    world.set_reduced(&addr("alice"), PRICE * 3 / 5).unwrap();
    let before = world.price_history();
    for n in 0..20 {
        world.set_reduced(&addr("bob"), PRICE * 4 / 5 + n).unwrap();
        world.set_default(PRICE + n).unwrap();
    }
    assert_eq!(world.price_history(), before);
}

#[test]
fn a_change_of_all_prices_takes_three_entries() {
    let mut world = World::with(1_000, None);
    let (cheap, dear) = (addr("cheap"), addr("dear"));
    world.set_reduced(&cheap, 500).unwrap();
    world.set_reduced(&dear, 800).unwrap();
    let before = world.price_history().len();
    for account in [&dear, &cheap] {
        let address = account.to_string();
        world
            .send_as_admin(&ExecuteMsg::RemoveReducedDepositPrice { address })
            .unwrap();
    }
    world.set_default(600).unwrap();
    world.set_reduced(&cheap, 300).unwrap();
    world.set_reduced(&dear, 480).unwrap();
    assert_eq!(world.price_history().len() - before, 3);
}

#[test]
fn a_price_change_names_default_and_lowest() {
    let mut world = World::new();
    let response = world.set_reduced(&addr("alice"), PRICE / 2).unwrap();
    let named = |key| attribute(&response, "wasm-price-changed", key);
    assert_eq!(named("default"), "75000000");
    assert_eq!(named("lowest"), "37500000");
    assert_eq!(attribute(&response, "wasm", "deposit"), "37500000unym");
    let response = world.set_default(PRICE - 1).unwrap();
    assert_eq!(
        attribute(&response, "wasm", "updated_deposit"),
        "74999999unym"
    );
}

fn value_on(world: &World, date: u32) -> Result<(u128, bool), String> {
    world
        .try_query::<TicketValueResponse>(&QueryMsg::GetTicketValue { date })
        .map(|answer| (answer.value.u128(), answer.is_final))
}

/// The value of a ticket of day D when the price is lowered for one second at an offset of days from D.
fn value_with_a_dip(days_from_d: i64, second_of_day: u64) -> u128 {
    let spend_day = DAY_ZERO + 50 * DAY_SECS;
    let mut world = World::with(10_000, None);
    world.set_time(spend_day.wrapping_add_signed(days_from_d * 86_400) + second_of_day);
    world.set_default(5_000).unwrap();
    world.wait(1);
    world.set_default(10_000).unwrap();
    world.set_time(spend_day + 60 * DAY_SECS);
    let (value, is_final) = value_on(&world, TODAY + 50).unwrap();
    assert!(is_final);
    value
}

#[test]
fn a_ticket_is_worth_a_fiftieth_of_the_lowest_price_of_its_day_and_the_37_days_before() {
    assert_eq!(value_with_a_dip(-38, 0), 200);
    assert_eq!(value_with_a_dip(-38, 86_398), 200);
    assert_eq!(value_with_a_dip(-37, 0), 100);
    assert_eq!(value_with_a_dip(-20, 1), 100);
    assert_eq!(value_with_a_dip(0, 86_399), 100);
    assert_eq!(value_with_a_dip(1, 0), 200);
}

#[test]
fn a_dip_that_ends_at_midnight_of_the_first_day_of_the_window_does_not_count() {
    assert_eq!(value_with_a_dip(-38, 86_399), 200);
}

#[test]
fn the_value_is_rounded_down_and_final_once_the_day_is_over() {
    let mut world = World::with(149, None);
    assert_eq!(value_on(&world, TODAY).unwrap(), (2, false));
    world.set_time(DAY_ZERO + DAY_SECS - 1);
    assert_eq!(value_on(&world, TODAY).unwrap(), (2, false));
    assert!(
        value_on(&world, TODAY + 1)
            .unwrap_err()
            .contains("no ticket value")
    );
    world.set_time(DAY_ZERO + DAY_SECS);
    assert_eq!(value_on(&world, TODAY).unwrap(), (2, true));
    assert_eq!(value_on(&world, TODAY + 1).unwrap(), (2, false));
}

#[test]
fn there_is_no_ticket_value_before_the_first_price() {
    let world = World::new();
    for date in [0, TODAY - 1] {
        assert!(
            value_on(&world, date)
                .unwrap_err()
                .contains("no ticket value")
        );
    }
    assert!(
        value_on(&world, u32::MAX)
            .unwrap_err()
            .contains("no ticket value")
    );
}
