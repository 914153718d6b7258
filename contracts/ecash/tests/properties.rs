//! Random sequences of all messages from all roles keep the invariants, which the harness asserts after every message.

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
use cosmwasm_std::{Addr, coin};
use ecash_contract_messages::ecash::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Action {
    Wait(u64),
    Deposit {
        payer: usize,
        key: u8,
        amount: u128,
    },
    SetDefault {
        sender: usize,
        amount: u128,
    },
    SetReduced {
        sender: usize,
        account: usize,
        amount: u128,
    },
    RemoveReduced {
        sender: usize,
        account: usize,
    },
    UpdateAdmin {
        sender: usize,
        admin: usize,
    },
    Register {
        sender: usize,
        key: u8,
        proof_of: usize,
    },
    Rotate {
        sender: usize,
        key: u8,
    },
    Admit {
        sender: usize,
        account: usize,
    },
    Suspend {
        sender: usize,
        account: usize,
    },
    Redeem {
        sender: usize,
    },
    Blacklist {
        sender: usize,
    },
}

const ROLES: usize = 5;

fn role(world: &World, index: usize) -> Addr {
    match index {
        0 => world.admin.clone(),
        1 => world.multisig.clone(),
        2 => addr("alice"),
        3 => addr("gateway"),
        _ => addr("stranger"),
    }
}

fn mostly_admin() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0usize), 1 => 0..ROLES]
}

fn any_price() -> impl Strategy<Value = u128> {
    prop_oneof![40u128..130, Just(50), Just(100), Just(200)]
}

fn action() -> impl Strategy<Value = Action> {
    let who = || 0..ROLES;
    let key = || 1u8..5;
    prop_oneof![
        1 => prop_oneof![1u64..100, Just(86_400), Just(345_600)].prop_map(Action::Wait),
        4 => (who(), key(), any_price())
            .prop_map(|(payer, key, amount)| Action::Deposit { payer, key, amount }),
        2 => (mostly_admin(), any_price())
            .prop_map(|(sender, amount)| Action::SetDefault { sender, amount }),
        3 => (mostly_admin(), who(), any_price())
            .prop_map(|(sender, account, amount)| Action::SetReduced { sender, account, amount }),
        1 => (mostly_admin(), who())
            .prop_map(|(sender, account)| Action::RemoveReduced { sender, account }),
        1 => (mostly_admin(), prop_oneof![9 => Just(0), 1 => who()])
            .prop_map(|(sender, admin)| Action::UpdateAdmin { sender, admin }),
        3 => (who(), key(), who())
            .prop_map(|(sender, key, proof_of)| Action::Register { sender, key, proof_of }),
        3 => (who(), key()).prop_map(|(sender, key)| Action::Register { sender, key, proof_of: sender }),
        2 => (who(), key()).prop_map(|(sender, key)| Action::Rotate { sender, key }),
        3 => (mostly_admin(), who()).prop_map(|(sender, account)| Action::Admit { sender, account }),
        1 => (mostly_admin(), who()).prop_map(|(sender, account)| Action::Suspend { sender, account }),
        1 => who().prop_map(|sender| Action::Redeem { sender }),
        1 => who().prop_map(|sender| Action::Blacklist { sender }),
    ]
}

fn perform(world: &mut World, action: Action) {
    let (sender, msg) = match action {
        Action::Wait(secs) => {
            world.wait(secs);
            return;
        }
        Action::Deposit { payer, key, amount } => {
            let payer = role(world, payer);
            let _refused_or_not = world.deposit_amount(&payer, key, amount);
            return;
        }
        Action::SetDefault { sender, amount } => (
            sender,
            ExecuteMsg::UpdateDefaultDepositValue {
                new_deposit: coin(amount, DENOM),
            },
        ),
        Action::SetReduced {
            sender,
            account,
            amount,
        } => (
            sender,
            ExecuteMsg::SetReducedDepositPrice {
                address: role(world, account).to_string(),
                deposit: coin(amount, DENOM),
            },
        ),
        Action::RemoveReduced { sender, account } => (
            sender,
            ExecuteMsg::RemoveReducedDepositPrice {
                address: role(world, account).to_string(),
            },
        ),
        Action::UpdateAdmin { sender, admin } => (
            sender,
            ExecuteMsg::UpdateAdmin {
                admin: role(world, admin).to_string(),
            },
        ),
        Action::Register {
            sender,
            key,
            proof_of,
        } => (
            sender,
            world.registration(&role(world, proof_of), &signing_key(key)),
        ),
        Action::Rotate { sender, key } => (
            sender,
            world.rotation(&role(world, sender), &signing_key(key)),
        ),
        Action::Admit { sender, account } => (
            sender,
            ExecuteMsg::AdmitGateway {
                address: role(world, account).to_string(),
            },
        ),
        Action::Suspend { sender, account } => (
            sender,
            ExecuteMsg::SuspendGateway {
                address: role(world, account).to_string(),
            },
        ),
        Action::Redeem { sender } => (
            sender,
            ExecuteMsg::RedeemTickets {
                n: 50,
                gw: addr("gateway").to_string(),
            },
        ),
        Action::Blacklist { sender } => (
            sender,
            ExecuteMsg::AddToBlacklist {
                public_key: "key".into(),
            },
        ),
    };
    let sender = role(world, sender);
    let _refused_or_not = world.send(&sender, &msg, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_messages_of_all_roles_keep_the_ledger_balanced(
        actions in prop::collection::vec(action(), 1..60)
    ) {
        let mut world = World::with(100, None);
        for action in actions {
            perform(&mut world, action);
        }
    }
}
