//! Starting a ceremony and registering for it.

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
use cosmwasm_std::{Addr, coins};
use cw_multi_test::{BankSudo, Executor, SudoMsg};
use cw4::Member;
use dkg_contract::ContractError;
use ecash_contract_messages::{dkg::*, group};

#[test]
fn a_ceremony_is_started_by_the_admin_once() {
    let mut world = World::new(4);
    assert!(matches!(
        world
            .send(&dealer(0), &ExecuteMsg::InitiateDkg {})
            .unwrap_err(),
        ContractError::Admin(_)
    ));
    let response = world.initiate().unwrap();
    let named = |key| attribute(&response, "wasm-dkg-phase", key);
    assert_eq!(named("epoch_id"), "0");
    assert_eq!(named("from"), "waiting_initialisation");
    assert_eq!(named("to"), "public_key_submission");
    let epoch = world.epoch();
    assert_eq!(epoch.epoch_id, 0);
    assert_eq!(epoch.deadline.unwrap().seconds(), world.now() + 100);
    assert_eq!(
        world.initiate().unwrap_err(),
        ContractError::AlreadyInitialised { epoch_id: 0 }
    );
}

#[test]
fn dealers_get_indices_from_one_in_the_order_they_register() {
    let mut world = World::new(4);
    world.initiate().unwrap();
    for n in [2, 0, 1] {
        let response = world.register(n).unwrap();
        let expected = match n {
            2 => "1",
            0 => "2",
            _ => "3",
        };
        assert_eq!(attribute(&response, "wasm", "node_index"), expected);
    }
    let answer: DealerDetailsResponse = world.query(&QueryMsg::GetDealerDetails {
        dealer_address: dealer(0).to_string(),
    });
    assert_eq!(
        answer,
        DealerDetailsResponse {
            details: Some(DealerDetails {
                address: dealer(0),
                bte_public_key_with_proof: "none-v1-".into(),
                ed25519_identity: "k".repeat(44),
                announce_address: "https://signer.example".into(),
                assigned_index: 2,
                registered_as: dealer(0),
            }),
            dealer_type: DealerType::Current { assigned_index: 2 },
        }
    );
    let unknown: DealerDetailsResponse = world.query(&QueryMsg::GetDealerDetails {
        dealer_address: dealer(3).to_string(),
    });
    assert_eq!(unknown.dealer_type, DealerType::Unknown);
    assert_eq!(unknown.details, None);
}

#[test]
fn a_dealer_registers_once_per_epoch_and_keeps_its_index_in_the_next() {
    let mut world = World::new(4);
    world.initiate().unwrap();
    world.register(3).unwrap();
    assert_eq!(
        world.register(3).unwrap_err(),
        ContractError::AlreadyADealer {
            dealer: dealer(3),
            epoch_id: 0
        }
    );
    world.reach_deadline();
    world.advance().unwrap();
    let past: DealerDetailsResponse = world.query(&QueryMsg::GetDealerDetails {
        dealer_address: dealer(3).to_string(),
    });
    assert_eq!(past.dealer_type, DealerType::Current { assigned_index: 1 });

    world.initiate().unwrap();
    let past: DealerDetailsResponse = world.query(&QueryMsg::GetDealerDetails {
        dealer_address: dealer(3).to_string(),
    });
    assert_eq!(past.dealer_type, DealerType::Past { assigned_index: 1 });
    assert_eq!(past.details, None);
    assert_eq!(
        attribute(&world.register(0).unwrap(), "wasm", "node_index"),
        "2"
    );
    assert_eq!(
        attribute(&world.register(3).unwrap(), "wasm", "node_index"),
        "1"
    );
}

#[test]
fn only_members_with_a_vote_register_and_only_in_their_phase_with_its_flag() {
    let mut world = World::new(4);
    let early = world.register(0).unwrap_err();
    assert!(matches!(early, ContractError::IncorrectEpochState { .. }));
    world.initiate().unwrap();
    let add = group::ExecuteMsg::UpdateMembers {
        remove: vec![],
        add: vec![Member {
            addr: addr("weightless").to_string(),
            weight: 0,
        }],
    };
    let group = world.group.clone();
    world
        .app
        .execute_contract(admin(), group, &add, &[])
        .unwrap();
    for sender in [admin(), addr("weightless"), world.multisig.clone()] {
        assert_eq!(
            world.send(&sender, &registration(false)).unwrap_err(),
            ContractError::Unauthorized { sender }
        );
    }
    assert!(matches!(
        world.send(&dealer(0), &registration(true)).unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
    for n in 0..3 {
        world.register(n).unwrap();
    }
    world.reach_deadline();
    world.advance().unwrap();
    assert!(matches!(
        world.register(3).unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
}

#[test]
fn registration_fields_one_byte_out_of_their_bounds_are_refused() {
    let fields = [
        ("bte_key_with_proof", ENCRYPTION_KEY_BYTES),
        ("identity_key", IDENTITY_KEY_BYTES),
        ("announce_address", ANNOUNCE_ADDRESS_BYTES),
    ];
    let with = |field: &str, length: usize| {
        let text = |name: &str, otherwise: usize| {
            "x".repeat(if name == field { length } else { otherwise })
        };
        ExecuteMsg::RegisterDealer {
            bte_key_with_proof: text("bte_key_with_proof", 8),
            identity_key: text("identity_key", 44),
            announce_address: text("announce_address", 20),
            resharing: false,
        }
    };
    for (field, allowed) in fields {
        let mut world = World::new(4);
        world.initiate().unwrap();
        for length in [allowed.start() - 1, allowed.end() + 1] {
            let refused = world.send(&dealer(0), &with(field, length)).unwrap_err();
            assert_eq!(
                refused,
                ContractError::FieldTooLong {
                    field,
                    length,
                    allowed: allowed.clone()
                }
            );
        }
        world
            .send(&dealer(0), &with(field, *allowed.start()))
            .unwrap();
        world
            .send(&dealer(1), &with(field, *allowed.end()))
            .unwrap();
    }
}

#[test]
fn the_hundred_and_first_dealer_is_refused() {
    let mut world = World::new(101);
    world.initiate().unwrap();
    for n in 0..100 {
        world
            .app
            .execute_contract(dealer(n), world.dkg.clone(), &registration(false), &[])
            .unwrap();
    }
    assert_eq!(
        world.register(100).unwrap_err(),
        ContractError::TooManyDealers { epoch_id: 0 }
    );
}

#[test]
fn attached_funds_are_refused() {
    let mut world = World::new(4);
    let mint = BankSudo::Mint {
        to_address: admin().to_string(),
        amount: coins(5, "unym"),
    };
    world.app.sudo(SudoMsg::Bank(mint)).unwrap();
    let dkg = world.dkg.clone();
    let refused = world
        .app
        .execute_contract(admin(), dkg, &ExecuteMsg::InitiateDkg {}, &coins(5, "unym"))
        .unwrap_err();
    assert!(matches!(refused.downcast(), Ok(ContractError::Payment(_))));
}

fn instantiate(world: &mut World, msg: &InstantiateMsg) -> Result<Addr, ContractError> {
    let code = world.dkg_code;
    world
        .app
        .instantiate_contract(code, admin(), msg, &[], "dkg", None)
        .map_err(|error| error.downcast().unwrap())
}

#[test]
fn the_fixed_settings_are_checked_at_instantiate() {
    let mut world = World::new(4);
    let good = instantiate_msg(&world.group, &world.multisig);
    for given in [0, 4, 6] {
        let msg = InstantiateMsg {
            key_size: given,
            ..good.clone()
        };
        assert_eq!(
            instantiate(&mut world, &msg).unwrap_err(),
            ContractError::KeySizeFixed { given }
        );
    }
    for given in [0, 101] {
        let msg = InstantiateMsg {
            min_dealers: Some(given),
            ..good.clone()
        };
        assert_eq!(
            instantiate(&mut world, &msg).unwrap_err(),
            ContractError::MinDealersOutOfRange { given }
        );
    }
    let msg = InstantiateMsg {
        group_addr: addr("nobody").to_string(),
        ..good.clone()
    };
    assert!(matches!(
        instantiate(&mut world, &msg).unwrap_err(),
        ContractError::InvalidGroup { .. }
    ));
    let msg = InstantiateMsg {
        mix_denom: "x".repeat(129),
        ..good
    };
    assert!(matches!(
        instantiate(&mut world, &msg).unwrap_err(),
        ContractError::FieldTooLong { .. }
    ));
}

#[test]
fn durations_out_of_range_are_refused() {
    let mut world = World::new(4);
    let good = instantiate_msg(&world.group, &world.multisig);
    let mut with = |change: fn(&mut TimeConfiguration), window: Option<u64>| {
        let mut times = TIMES;
        change(&mut times);
        let msg = InstantiateMsg {
            time_configuration: Some(times),
            acknowledgement_time_secs: window,
            ..good.clone()
        };
        instantiate(&mut world, &msg)
    };
    type Case = (fn(&mut TimeConfiguration), Option<u64>);
    let refused: [Case; 7] = [
        (|t| t.public_key_submission_time_secs = 0, Some(150)),
        (|t| t.dealing_exchange_time_secs = 2_592_001, Some(150)),
        (|t| t.verification_key_validation_time_secs = 0, Some(150)),
        (
            |t| t.verification_key_finalization_time_secs = 86_400 - 300 - 400 + 1,
            Some(150),
        ),
        (
            |t| t.verification_key_submission_time_secs = u64::MAX,
            Some(150),
        ),
        (|_| {}, Some(0)),
        (|_| {}, Some(300)),
    ];
    for (change, window) in refused {
        assert!(matches!(
            with(change, window).unwrap_err(),
            ContractError::TimeConfigurationOutOfRange { .. }
        ));
    }
    with(
        |t| t.verification_key_finalization_time_secs = 86_400 - 300 - 400,
        Some(299),
    )
    .unwrap();
    with(|t| t.dealing_exchange_time_secs = 2_592_000, None).unwrap();
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let mut world = World::new(4);
    let msg = InstantiateMsg {
        time_configuration: None,
        acknowledgement_time_secs: None,
        ..instantiate_msg(&world.group, &world.multisig)
    };
    world.dkg = instantiate(&mut world, &msg).unwrap();
    let times = world.epoch().time_configuration;
    assert_eq!(times.public_key_submission_time_secs, 3_600);
    assert_eq!(times.dealing_exchange_time_secs, 3_600);
    assert_eq!(times.verification_key_submission_time_secs, 1_800);
    assert_eq!(times.verification_key_validation_time_secs, 1_800);
    assert_eq!(times.verification_key_finalization_time_secs, 600);
    assert_eq!(times.in_progress_time_secs, 1_209_600);
    let rules: CeremonyRules = world.query(&QueryMsg::GetCeremonyRules {});
    assert_eq!(
        rules,
        CeremonyRules {
            min_dealers: 1,
            acknowledgement_time_secs: 900,
            max_dealers: 100
        }
    );
    let state: StateResponse = world.query(&QueryMsg::GetState {});
    assert_eq!(state.key_size, 5);
    assert_eq!(state.mix_denom, "unym");
    let version: ContractVersionResponse = world.query(&QueryMsg::GetCw2ContractVersion {});
    assert_eq!(version.contract, "crate:nym-coconut-dkg");
}

#[test]
fn a_migration_changes_durations_from_the_next_transition_on() {
    let mut world = World::new(4);
    world.initiate().unwrap();
    let deadline = world.epoch().deadline;
    let migrate = |world: &mut World, msg: &MigrateMsg| -> Result<(), ContractError> {
        let (dkg, code) = (world.dkg.clone(), world.dkg_code);
        let outcome = world.app.migrate_contract(admin(), dkg, msg, code);
        world.check_invariants();
        outcome
            .map(|_| ())
            .map_err(|error| error.downcast().unwrap())
    };
    let keep = MigrateMsg {
        time_configuration: None,
        acknowledgement_time_secs: None,
    };
    let before = world.storage();
    migrate(&mut world, &keep).unwrap();
    assert_eq!(world.epoch().deadline, deadline);
    assert_eq!(world.storage(), before);

    let longer = TimeConfiguration {
        dealing_exchange_time_secs: 777,
        ..TIMES
    };
    let change = MigrateMsg {
        time_configuration: Some(longer),
        acknowledgement_time_secs: Some(200),
    };
    migrate(&mut world, &change).unwrap();
    assert_eq!(world.epoch().deadline, deadline);
    for n in 0..4 {
        world.register(n).unwrap();
    }
    world.advance().unwrap();
    let deadline = world.epoch().deadline.unwrap().seconds();
    assert_eq!(deadline, world.now() + 777);

    let too_wide = MigrateMsg {
        time_configuration: None,
        acknowledgement_time_secs: Some(300),
    };
    assert!(matches!(
        migrate(&mut world, &too_wide).unwrap_err(),
        ContractError::TimeConfigurationOutOfRange { .. }
    ));
    let dkg = world.dkg.clone();
    for (name, version) in [
        ("crate:other", "0.1.0"),
        (dkg_contract::contract::CONTRACT_NAME, "0.1.1"),
    ] {
        let mut storage = world.app.contract_storage_mut(&dkg);
        cw2::set_contract_version(storage.as_mut(), name, version).unwrap();
        drop(storage);
        assert!(matches!(
            migrate(&mut world, &keep).unwrap_err(),
            ContractError::Std(_)
        ));
    }
}
