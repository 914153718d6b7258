//! What this contract does not do, for anybody.

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
use ecash_contract::ContractError;
use ecash_contract_messages::ecash::*;

fn everybody(world: &World) -> [Addr; 5] {
    [
        world.admin.clone(),
        world.multisig.clone(),
        addr("group"),
        addr("stranger"),
        world.ecash.clone(),
    ]
}

#[test]
fn redemption_is_refused_for_every_sender_the_multisig_included() {
    let mut world = World::new();
    world.deposit(&addr("alice"), 1).unwrap();
    for sender in everybody(&world) {
        for msg in [
            ExecuteMsg::RequestRedemption {
                commitment_bs58: bs58::encode([1; 32]).into_string(),
                number_of_tickets: 50,
            },
            ExecuteMsg::RedeemTickets {
                n: 50,
                gw: addr("gateway").to_string(),
            },
        ] {
            assert_eq!(
                world.send(&sender, &msg, &[]).unwrap_err(),
                ContractError::UseSettlement
            );
        }
    }
}

#[test]
fn blacklisting_fails_as_in_the_reference_and_the_list_is_empty() {
    let mut world = World::new();
    let public_key = bs58::encode([0x80; 48]).into_string();
    for sender in everybody(&world) {
        for msg in [
            ExecuteMsg::ProposeToBlacklist {
                public_key: public_key.clone(),
            },
            ExecuteMsg::AddToBlacklist {
                public_key: public_key.clone(),
            },
        ] {
            assert_eq!(
                world.send(&sender, &msg, &[]).unwrap_err(),
                ContractError::UnimplementedBlacklisting
            );
        }
    }
    let answer: BlacklistedAccountResponse =
        world.query(&QueryMsg::GetBlacklistedAccount { public_key });
    assert_eq!(answer.account, None);
    let page: PagedBlacklistedAccountResponse = world.query(&QueryMsg::GetBlacklistPaged {
        limit: Some(1_000),
        start_after: None,
    });
    assert_eq!(page.accounts, []);
    assert_eq!(page.per_page, 75);
    assert_eq!(page.start_next_after, None);
    let open: OpenProposalsResponse = world.query(&QueryMsg::GetOpenProposals {
        proposer: addr("group").to_string(),
    });
    assert_eq!(open.proposals, []);
}

#[test]
fn every_message_but_the_deposit_refuses_funds() {
    let mut world = World::new();
    let admin = world.admin.clone();
    world.fund(&admin, &unym(10));
    let address = addr("alice").to_string();
    let messages = [
        ExecuteMsg::RequestRedemption {
            commitment_bs58: String::new(),
            number_of_tickets: 1,
        },
        ExecuteMsg::RedeemTickets {
            n: 1,
            gw: address.clone(),
        },
        ExecuteMsg::UpdateAdmin {
            admin: address.clone(),
        },
        ExecuteMsg::UpdateDefaultDepositValue {
            new_deposit: coin(PRICE, DENOM),
        },
        ExecuteMsg::SetReducedDepositPrice {
            address: address.clone(),
            deposit: coin(PRICE - 1, DENOM),
        },
        ExecuteMsg::RemoveReducedDepositPrice {
            address: address.clone(),
        },
        ExecuteMsg::ProposeToBlacklist {
            public_key: String::new(),
        },
        ExecuteMsg::AddToBlacklist {
            public_key: String::new(),
        },
        world.registration(&admin, &signing_key(1)),
        world.rotation(&admin, &signing_key(1)),
        ExecuteMsg::AdmitGateway {
            address: address.clone(),
        },
        ExecuteMsg::SuspendGateway { address },
    ];
    for msg in messages {
        let refused = world.send(&admin, &msg, &unym(10)).unwrap_err();
        assert!(
            matches!(refused, ContractError::NoFundsExpected(_)),
            "{msg:?}: {refused}"
        );
    }
}

#[test]
fn a_contract_is_not_made_with_a_price_below_fifty_or_an_appeal_period_out_of_range() {
    let mut world = World::new();
    let mut instantiate = |price, appeal_period_secs| {
        use cw_multi_test::Executor;
        let msg = InstantiateMsg {
            holding_account: addr("holding").to_string(),
            multisig_addr: addr("multisig").to_string(),
            group_addr: addr("group").to_string(),
            deposit_amount: coin(price, DENOM),
            appeal_period_secs,
        };
        let (code, admin) = (world.code_id, world.admin.clone());
        world
            .app
            .instantiate_contract(code, admin, &msg, &[], "ecash", None)
            .map_err(|error| error.downcast::<ContractError>().unwrap())
    };
    assert_eq!(
        instantiate(49, None).unwrap_err(),
        ContractError::DepositBelowTicketBookSize {
            amount: 49u128.into()
        }
    );
    for given in [0, 86_399, 31_536_001] {
        assert_eq!(
            instantiate(PRICE, Some(given)).unwrap_err(),
            ContractError::ParameterOutOfRange { given }
        );
    }
    for given in [86_400, 31_536_000] {
        instantiate(50, Some(given)).unwrap();
    }
}
