//! The registry of gateways.

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
    Addr, Binary, Timestamp, coin,
    testing::{MockApi, message_info, mock_dependencies, mock_env},
};
use ecash_contract::{ContractError, contract};
use ecash_contract_messages::ecash::*;
use ed25519_dalek::Signer;

#[test]
fn a_gateway_registers_as_pending_and_is_listed_once_admitted() {
    let mut world = World::new();
    let account = addr("gateway");
    let response = world.register(&account, 7).unwrap();
    let named = |key| attribute(&response, "wasm-gateway-registered", key);
    assert_eq!(named("address"), account.as_str());
    assert_eq!(named("roles"), "v1-mixnet-entry,v1-wireguard-exit");
    let registered = Gateway {
        address: account.clone(),
        identity_key: identity(&signing_key(7)),
        announce_address: "https://gateway.example".into(),
        roles: vec![Role::MixnetEntry, Role::WireguardExit],
        state: GatewayState::Pending,
        state_height: 100,
        state_time: Timestamp::from_seconds(DAY_ZERO),
        registered_at: Timestamp::from_seconds(DAY_ZERO),
        previous_identity: None,
    };
    assert_eq!(world.gateway(&account), Some(registered.clone()));
    assert_eq!(world.gateway_by_key(&signing_key(7)), Some(registered));
    assert_eq!(world.gateway_by_key(&signing_key(8)), None);
    assert!(world.listed_gateways().is_empty());

    world.wait(60);
    world.admit(&account).unwrap();
    let admitted = world.gateway(&account).unwrap();
    assert_eq!(admitted.state, GatewayState::Admitted);
    assert_eq!(admitted.state_height, 101);
    assert_eq!(admitted.state_time, Timestamp::from_seconds(DAY_ZERO + 60));
    assert_eq!(admitted.registered_at, Timestamp::from_seconds(DAY_ZERO));
    assert_eq!(world.listed_gateways(), [admitted]);

    world.suspend(&account).unwrap();
    assert_eq!(world.listed_gateways()[0].state, GatewayState::Suspended);
    world.admit(&account).unwrap();
    assert_eq!(world.listed_gateways()[0].state, GatewayState::Admitted);
    assert_eq!(world.changes().len(), 3);
}

#[test]
fn the_proof_with_the_known_answer_is_accepted() {
    let mut deps = mock_dependencies();
    deps.api = MockApi::default().with_prefix("n");
    let mut env = mock_env();
    env.block.chain_id = "test-chain".into();
    env.contract.address = Addr::unchecked("n1ecash");
    let msg = InstantiateMsg {
        holding_account: addr("holding").to_string(),
        multisig_addr: addr("multisig").to_string(),
        group_addr: addr("group").to_string(),
        deposit_amount: coin(PRICE, DENOM),
        appeal_period_secs: None,
    };
    let admin = message_info(&addr("admin"), &[]);
    contract::instantiate(deps.as_mut(), env.clone(), admin, msg).unwrap();

    let msg = ExecuteMsg::RegisterGateway {
        identity_key: "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".into(),
        announce_address: "https://gateway.example".into(),
        roles: vec!["v1-mixnet-entry".into()],
        proof: Binary::from_base64(
            "trPG3G4Ugfng0tyUY81U0tqVp8bdqIKFu3F9PBoR/oufJods45DtHtJJkn8xNVkmT/QQsE9CqBBkUNigADUrBA==",
        )
        .unwrap(),
    };
    let gateway = message_info(&Addr::unchecked("n1gw1"), &[]);
    contract::execute(deps.as_mut(), env.clone(), gateway, msg.clone()).unwrap();
    let thief = message_info(&Addr::unchecked("n1gw2"), &[]);
    assert_eq!(
        contract::execute(deps.as_mut(), env, thief, msg).unwrap_err(),
        ContractError::BadGatewayProof
    );
}

#[test]
fn a_proof_made_for_another_sender_chain_or_contract_is_refused() {
    let mut world = World::new();
    let (account, other) = (addr("gateway"), addr("other"));
    let key = signing_key(7);
    let signed = |chain: &str, contract: &str, sender: &Addr| {
        let message = gateway_proof_message(chain, contract, sender.as_str()).unwrap();
        Binary::from(key.sign(&message).to_bytes())
    };
    let ecash = world.ecash.to_string();
    let good = signed(CHAIN_ID, &ecash, &account);
    let mut flipped = good.to_vec();
    flipped[63] ^= 1;
    let proofs = [
        signed(CHAIN_ID, &ecash, &other),
        signed("other-chain", &ecash, &account),
        signed(CHAIN_ID, other.as_str(), &account),
        Binary::from(&good[..63]),
        Binary::from([good.as_slice(), &[0]].concat()),
        Binary::default(),
        Binary::from(flipped),
        Binary::from([0; 64]),
    ];
    for proof in proofs {
        let msg = ExecuteMsg::RegisterGateway {
            identity_key: identity(&key),
            announce_address: "https://gateway.example".into(),
            roles: vec!["v1-mixnet-entry".into()],
            proof,
        };
        assert_eq!(
            world.send(&account, &msg, &[]).unwrap_err(),
            ContractError::BadGatewayProof
        );
    }
    world.register(&account, 7).unwrap();
}

fn registration_with(
    world: &World,
    account: &Addr,
    announce_address: &str,
    roles: &[&str],
) -> ExecuteMsg {
    ExecuteMsg::RegisterGateway {
        identity_key: identity(&signing_key(7)),
        announce_address: announce_address.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        proof: world.proof(&signing_key(7), account).into(),
    }
}

#[test]
fn announce_address_and_roles_are_bounded() {
    let mut world = World::new();
    let account = addr("gateway");
    let entry = "v1-mixnet-entry";
    for length in [0, 257] {
        let msg = registration_with(&world, &account, &"x".repeat(length), &[entry]);
        assert_eq!(
            world.send(&account, &msg, &[]).unwrap_err(),
            ContractError::FieldTooLong {
                field: "announce_address",
                length,
                max: 256
            }
        );
    }
    let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let five = [all.as_slice(), &[entry]].concat();
    for roles in [
        &[][..],
        &five,
        &[entry, entry],
        &["mixnet-entry"],
        &["V1-MIXNET-ENTRY"],
        &[""],
    ] {
        let msg = registration_with(&world, &account, "https://gateway.example", roles);
        let refused = world.send(&account, &msg, &[]).unwrap_err();
        assert!(
            matches!(refused, ContractError::BadRoles { .. }),
            "{refused}"
        );
    }
    let msg = registration_with(&world, &account, &"x".repeat(256), &all);
    world.send(&account, &msg, &[]).unwrap();
    assert_eq!(world.gateway(&account).unwrap().roles, Role::ALL);
}

#[test]
fn an_identity_key_belongs_to_one_gateway_for_ever() {
    let mut world = World::new();
    let (first, second) = (addr("first"), addr("second"));
    world.register(&first, 1).unwrap();
    let taken = || ContractError::IdentityTaken {
        owner: addr("first"),
    };
    assert_eq!(world.register(&second, 1).unwrap_err(), taken());

    world.rotate(&first, 2).unwrap();
    assert_eq!(world.register(&second, 1).unwrap_err(), taken());
    assert_eq!(world.register(&second, 2).unwrap_err(), taken());
    world.register(&second, 3).unwrap();
    assert_eq!(world.rotate(&second, 1).unwrap_err(), taken());

    world.wait(OLD_IDENTITY_BATCH_SECS);
    assert_eq!(world.rotate(&first, 1).unwrap_err(), taken());
    assert_eq!(world.rotate(&first, 2).unwrap_err(), taken());
    assert_eq!(
        world.gateway_by_key(&signing_key(1)).unwrap().address,
        first
    );
}

#[test]
fn a_gateway_with_its_key_replaces_address_and_roles_and_with_another_is_told_to_rotate() {
    let mut world = World::new();
    let account = addr("gateway");
    world.register(&account, 7).unwrap();
    let before = world.gateway(&account).unwrap();
    world.wait(60);
    let msg = registration_with(
        &world,
        &account,
        "https://moved.example",
        &["v1-mixnet-exit"],
    );
    let response = world.send(&account, &msg, &[]).unwrap();
    assert_eq!(
        attribute(&response, "wasm-gateway-updated", "announce_address"),
        "https://moved.example"
    );
    let after = world.gateway(&account).unwrap();
    assert_eq!(
        after,
        Gateway {
            announce_address: "https://moved.example".into(),
            roles: vec![Role::MixnetExit],
            ..before
        }
    );
    assert!(world.changes().is_empty());

    world.admit(&account).unwrap();
    world.register(&account, 7).unwrap();
    assert_eq!(
        world.gateway(&account).unwrap().state,
        GatewayState::Admitted
    );
    assert_eq!(world.changes().len(), 2);
    world.register(&account, 7).unwrap();
    assert_eq!(world.changes().len(), 2, "the same again is no change");
    assert_eq!(
        world.register(&account, 8).unwrap_err(),
        ContractError::GatewayExists { address: account }
    );
}

#[test]
fn a_rotation_keeps_the_old_key_for_a_day_and_for_batches_for_four() {
    let mut world = World::new();
    let account = addr("gateway");
    assert_eq!(
        world.rotate(&account, 2).unwrap_err(),
        ContractError::NoGateway {
            address: account.clone()
        }
    );
    world.register(&account, 1).unwrap();
    world.admit(&account).unwrap();
    world.wait(1);
    let response = world.rotate(&account, 2).unwrap();
    let named = |key| attribute(&response, "wasm-gateway-identity-rotated", key);
    assert_eq!(named("identity_key"), identity(&signing_key(2)));
    assert_eq!(named("previous_identity_key"), identity(&signing_key(1)));
    let rotated = DAY_ZERO + 1;
    assert_eq!(
        world.gateway(&account).unwrap().previous_identity,
        Some(PreviousIdentity {
            identity_key: identity(&signing_key(1)),
            accepts_until: Timestamp::from_seconds(rotated + 86_400),
            batches_until: Timestamp::from_seconds(rotated + 345_600),
        })
    );

    world.set_time(rotated + 345_600 - 60);
    assert_eq!(
        world.rotate(&account, 3).unwrap_err(),
        ContractError::RotationTooSoon {
            address: account.clone(),
            until: Timestamp::from_seconds(rotated + 345_600)
        }
    );
    world.set_time(rotated + 345_600);
    world.rotate(&account, 3).unwrap();
    let gateway = world.gateway(&account).unwrap();
    assert_eq!(gateway.identity_key, identity(&signing_key(3)));
    assert_eq!(
        gateway.previous_identity.unwrap().identity_key,
        identity(&signing_key(2))
    );
}

#[test]
fn a_suspended_gateway_can_neither_register_again_nor_rotate() {
    let mut world = World::new();
    let account = addr("gateway");
    world.register(&account, 1).unwrap();
    world.admit(&account).unwrap();
    world.suspend(&account).unwrap();
    let refused = ContractError::NotAdmitted {
        address: account.clone(),
    };
    assert_eq!(world.register(&account, 1).unwrap_err(), refused);
    assert_eq!(world.register(&account, 2).unwrap_err(), refused);
    assert_eq!(world.rotate(&account, 2).unwrap_err(), refused);
}

#[test]
fn states_change_along_the_three_arrows_only() {
    let mut world = World::new();
    let account = addr("gateway");
    let none = ContractError::NoGateway {
        address: account.clone(),
    };
    assert_eq!(world.admit(&account).unwrap_err(), none);
    assert_eq!(world.suspend(&account).unwrap_err(), none);
    let stays = |state| ContractError::NoChange {
        address: addr("gateway"),
        state,
    };
    world.register(&account, 1).unwrap();
    assert_eq!(
        world.suspend(&account).unwrap_err(),
        stays(GatewayState::Pending)
    );
    world.admit(&account).unwrap();
    assert_eq!(
        world.admit(&account).unwrap_err(),
        stays(GatewayState::Admitted)
    );
    world.suspend(&account).unwrap();
    assert_eq!(
        world.suspend(&account).unwrap_err(),
        stays(GatewayState::Suspended)
    );
}

#[test]
fn only_the_admin_admits_and_suspends() {
    let mut world = World::new();
    let account = addr("gateway");
    world.register(&account, 1).unwrap();
    let address = account.to_string();
    for sender in [account, world.multisig.clone(), addr("group")] {
        for msg in [
            ExecuteMsg::AdmitGateway {
                address: address.clone(),
            },
            ExecuteMsg::SuspendGateway {
                address: address.clone(),
            },
        ] {
            let refused = world.send(&sender, &msg, &[]).unwrap_err();
            assert!(matches!(refused, ContractError::Admin(_)), "{refused}");
        }
    }
}

#[test]
fn a_thousand_pending_gateways_show_on_no_page_and_in_no_log() {
    let mut world = World::new();
    for n in 0..1_000u32 {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&n.to_be_bytes());
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let account = addr(&format!("gateway {n}"));
        let msg = world.registration(&account, &key);
        world.send_unchecked(&account, &msg, &[]).unwrap();
    }
    world.check_invariants();
    assert!(world.listed_gateways().is_empty());
    assert!(world.changes().is_empty());
    world.admit(&addr("gateway 500")).unwrap();
    assert_eq!(world.listed_gateways().len(), 1);
    assert_eq!(world.changes().len(), 1);
}

#[test]
fn pages_of_gateways_ascend_by_address_and_end_with_a_null_pointer() {
    let mut world = World::new();
    let mut accounts: Vec<Addr> = (0..5).map(|n| addr(&format!("gateway {n}"))).collect();
    for (seed, account) in (1u8..).zip(&accounts) {
        world.register(account, seed).unwrap();
        world.admit(account).unwrap();
    }
    accounts.sort();
    let page = |start_after: Option<String>| -> (Vec<Addr>, Option<String>) {
        let page: PagedGatewaysResponse = world.query(&QueryMsg::GetGatewaysPaged {
            limit: Some(3),
            start_after,
        });
        let listed = page.gateways.into_iter().map(|g| g.address).collect();
        (listed, page.start_next_after)
    };
    let (first, next) = page(None);
    assert_eq!(first, accounts[..3]);
    assert_eq!(next.as_deref(), Some(accounts[2].as_str()));
    assert_eq!(page(next), (accounts[3..].to_vec(), None));
}
