//! Key shares and the votes that verify them.

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
use cosmwasm_std::{Binary, CosmosMsg, Timestamp, WasmMsg, to_json_string};
use cw_multi_test::Executor;
use cw_utils::Expiration;
use cw3::ProposalResponse;
use dkg_contract::ContractError;
use ecash_contract_messages::{dkg::*, multisig};
use sha2::{Digest, Sha256};

#[test]
fn a_share_is_exactly_680_bytes_of_base58() {
    let mut world = World::at_submission(4);
    let overlong = "1".repeat(1 << 20);
    for text in [
        share_of(679, 9),
        share_of(681, 9),
        share_of(824, 9),
        share_of(680, 9).replace('1', "0") + "0",
        String::new(),
        overlong,
    ] {
        assert!(matches!(
            world.commit_share(0, text).unwrap_err(),
            ContractError::BadShareLength { .. }
        ));
    }
    world.commit_share(0, share_of(680, 0xff)).unwrap();
    world.commit_share(1, share_of(680, 0)).unwrap();
}

#[test]
fn an_outcome_is_32_bytes_and_kept_with_the_proposal() {
    let mut world = World::at_submission(4);
    let with = |outcome: Vec<u8>| ExecuteMsg::CommitVerificationKeyShare {
        share: share(0),
        outcome: Some(Binary::from(outcome)),
        resharing: false,
    };
    for length in [0, 31, 33] {
        assert_eq!(
            world.send(&dealer(0), &with(vec![7; length])).unwrap_err(),
            ContractError::FieldTooLong {
                field: "outcome",
                length,
                allowed: 32..=32
            }
        );
    }
    world.send(&dealer(0), &with(vec![7; 32])).unwrap();
    assert_eq!(
        world.proposal(0, 0).unwrap().outcome,
        Some(Binary::from([7; 32]))
    );
}

#[test]
fn shares_come_from_dealers_of_the_epoch_once_and_not_before_submission() {
    let mut world = World::new(5);
    world.initiate().unwrap();
    for n in 0..4 {
        world.register(n).unwrap();
    }
    let early = |world: &mut World| {
        assert!(matches!(
            world.commit(0).unwrap_err(),
            ContractError::IncorrectEpochState { .. }
        ));
    };
    early(&mut world);
    world.reach_deadline();
    world.advance().unwrap();
    early(&mut world);
    world.reach_deadline();
    world.advance().unwrap();

    world.commit(0).unwrap();
    assert_eq!(
        world.commit_share(0, share(3)).unwrap_err(),
        ContractError::AlreadyCommitted {
            owner: dealer(0),
            epoch_id: 0
        }
    );
    assert_eq!(
        world.commit(4).unwrap_err(),
        ContractError::NotADealer {
            dealer: dealer(4),
            epoch_id: 0
        }
    );
    let wrong_flag = ExecuteMsg::CommitVerificationKeyShare {
        share: share(1),
        outcome: None,
        resharing: true,
    };
    assert!(matches!(
        world.send(&dealer(1), &wrong_flag).unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
}

#[test]
fn the_proposal_of_a_share_orders_exactly_its_verification() {
    let mut world = World::at_submission(4);
    let response = world.commit(2).unwrap();
    let recorded = world.proposal(0, 2).unwrap();
    let named = |key| attribute(&response, "wasm-dkg-key-share", key);
    assert_eq!(named("epoch_id"), "0");
    assert_eq!(named("dealer"), dealer(2).to_string());
    assert_eq!(named("proposal_id"), recorded.proposal_id.to_string());
    let first_named = response
        .events
        .iter()
        .filter(|event| event.ty == "wasm")
        .find_map(|event| event.attributes.iter().find(|a| a.key == "proposal_id"));
    assert_eq!(first_named.unwrap().value, recorded.proposal_id.to_string());
    assert_eq!(
        recorded.share_hash,
        hex::encode(Sha256::digest(share(2).as_bytes()))
    );
    assert_eq!(recorded.outcome, None);
    assert_eq!(recorded.verified_height, None);

    let proposal: ProposalResponse = world
        .app
        .wrap()
        .query_wasm_smart(
            &world.multisig,
            &multisig::QueryMsg::Proposal {
                proposal_id: recorded.proposal_id,
            },
        )
        .unwrap();
    assert_eq!(
        proposal.title,
        "Verify VK share, as ordered by Coconut DKG Contract"
    );
    assert_eq!(proposal.description, "");
    assert_eq!(proposal.proposer, world.dkg);
    assert_eq!(
        proposal.expires,
        Expiration::AtTime(Timestamp::from_seconds(world.now() + 86_400))
    );
    let [
        CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr,
            msg,
            funds,
        }),
    ] = proposal.msgs.as_slice()
    else {
        panic!("{:?}", proposal.msgs);
    };
    assert_eq!(contract_addr, world.dkg.as_str());
    assert!(funds.is_empty());
    assert_eq!(
        String::from_utf8(msg.to_vec()).unwrap(),
        to_json_string(&world.order(0, 2)).unwrap()
    );
}

#[test]
fn a_share_that_the_multisig_takes_no_proposal_for_is_not_stored() {
    let mut world = World::at_submission(4);
    let code = world.app.contract_data(&world.multisig).unwrap().code_id;
    let msg = multisig::MigrateMsg {
        coconut_bandwidth_address: addr("ecash").to_string(),
        coconut_dkg_address: addr("another dkg").to_string(),
    };
    let multisig = world.multisig.clone();
    world
        .app
        .migrate_contract(admin(), multisig, &msg, code)
        .unwrap();
    let before = world.storage();
    let commit = ExecuteMsg::CommitVerificationKeyShare {
        share: share(0),
        outcome: None,
        resharing: false,
    };
    let dkg = world.dkg.clone();
    world
        .app
        .execute_contract(dealer(0), dkg, &commit, &[])
        .unwrap_err();
    assert_eq!(world.storage(), before);
}

fn at_validation() -> World {
    let mut world = World::at_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    world
}

#[test]
fn only_the_multisig_verifies() {
    let mut world = at_validation();
    let order = world.order(0, 0);
    for sender in [admin(), dealer(0), world.dkg.clone(), world.group.clone()] {
        assert!(matches!(
            world.send(&sender, &order).unwrap_err(),
            ContractError::Admin(_)
        ));
    }
    world.send(&world.multisig.clone(), &order).unwrap();
    assert!(world.key_share(0, 0).unwrap().verified);
    assert_eq!(
        world.proposal(0, 0).unwrap().verified_height,
        Some(world.app.block_info().height)
    );
}

#[test]
fn verifying_the_same_owner_twice_counts_once() {
    let mut world = at_validation();
    let order = world.order(0, 0);
    let multisig = world.multisig.clone();
    world.send(&multisig, &order).unwrap();
    assert_eq!(
        world.send(&multisig, &order).unwrap_err(),
        ContractError::AlreadyVerified {
            owner: dealer(0),
            epoch_id: 0
        }
    );
    assert_eq!(world.epoch().state_progress.verified_keys, 1);
}

#[test]
fn a_verification_of_another_share_epoch_owner_or_kind_is_refused() {
    let mut world = at_validation();
    let multisig = world.multisig.clone();
    let order = |n: u32, resharing: bool, epoch_id: u64, share_hash: String| {
        ExecuteMsg::VerifyVerificationKeyShare {
            owner: dealer(n).to_string(),
            resharing,
            epoch_id,
            share_hash,
        }
    };
    let hash = world.proposal(0, 0).unwrap().share_hash;
    let others = world.proposal(0, 1).unwrap().share_hash;
    for stale in [
        order(0, false, 1, hash.clone()),
        order(0, false, 0, others),
        order(0, false, 0, hash.to_uppercase()),
        order(0, false, 0, String::new()),
        order(0, false, 0, "x".repeat(1 << 20)),
    ] {
        assert!(matches!(
            world.send(&multisig, &stale).unwrap_err(),
            ContractError::StaleVerification { .. }
        ));
    }
    assert!(matches!(
        world
            .send(&multisig, &order(0, true, 0, hash.clone()))
            .unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
    assert_eq!(
        world
            .send(&multisig, &order(7, false, 0, hash))
            .unwrap_err(),
        ContractError::NoCommitForOwner {
            owner: dealer(7),
            epoch_id: 0
        }
    );
}

#[test]
fn nothing_is_verified_during_submission() {
    let mut world = World::at_submission(4);
    world.commit(0).unwrap();
    let order = world.order(0, 0);
    assert!(matches!(
        world.send(&world.multisig.clone(), &order).unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
}

#[test]
fn a_proposal_passed_in_one_epoch_verifies_nothing_in_the_finalization_of_the_next() {
    let mut world = at_validation();
    let old = world.proposal(0, 0).unwrap().proposal_id;
    for voter in 0..3 {
        world.vote(voter, old);
    }
    world.reach_deadline();
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    assert_eq!(world.state(), EpochState::WaitingInitialisation);

    world.initiate().unwrap();
    world.go_to_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    assert_eq!(
        world.key_share(0, 0).unwrap().share,
        world.key_share(1, 0).unwrap().share,
        "even of the same text"
    );
    let refused = world.execute_proposal(old).unwrap_err();
    assert!(refused.contains("epoch 0"), "{refused}");
    assert!(!world.key_share(1, 0).unwrap().verified);
    assert!(!world.key_share(0, 0).unwrap().verified);
    assert_eq!(world.epoch().state_progress.verified_keys, 0);
}

#[test]
fn a_late_share_is_taken_voted_on_and_counted_while_the_keys_are_in_service() {
    let mut world = World::in_progress(4, 3);
    world.wait(100_000);
    world.commit(3).unwrap();
    assert_eq!(
        world.key_shares(0).len(),
        3,
        "unverified shares of a concluded epoch"
    );
    assert_eq!(
        world.key_share(0, 3).map(|share| share.verified),
        Some(false)
    );
    world.verify(0, 3, 3);
    assert_eq!(world.key_shares(0).len(), 4);
    let epoch = world.epoch();
    assert_eq!(epoch.state_progress.verified_keys, 4);
    assert_eq!(world.item::<Epoch>("concluded_epoch"), Some(epoch));
}

#[test]
fn shares_of_a_running_ceremony_are_all_listed_and_of_a_concluded_one_the_verified() {
    let mut world = World::at_submission(5);
    for n in 0..5 {
        world.commit(n).unwrap();
    }
    assert_eq!(world.key_shares(0).len(), 5);
    world.advance().unwrap();
    for n in 0..4 {
        world.verify(0, n, 4);
    }
    assert_eq!(world.key_shares(0).len(), 5);
    world.reach_deadline();
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    assert_eq!(world.state(), EpochState::InProgress);
    let shares = world.key_shares(0);
    assert_eq!(shares.len(), 4);
    assert!(shares.iter().all(|share| share.verified));
    assert!(shares.is_sorted_by_key(|share| share.owner.clone()));
}

#[test]
fn an_announce_address_changes_in_registration_and_share_while_in_progress() {
    let mut world = World::in_progress(4, 3);
    let update = |address: &str| ExecuteMsg::UpdateAnnounceAddress {
        new_address: address.to_owned(),
    };
    let response = world
        .send(&dealer(0), &update("https://moved.example"))
        .unwrap();
    let named = |key| attribute(&response, "wasm-dkg-announce-address-update", key);
    assert_eq!(named("dealer"), dealer(0).to_string());
    assert_eq!(named("old_address"), "https://signer.example");
    assert_eq!(named("new_address"), "https://moved.example");
    assert_eq!(
        world.key_share(0, 0).unwrap().announce_address,
        "https://moved.example"
    );
    let answer: RegisteredDealerResponse = world.query(&QueryMsg::GetRegisteredDealer {
        dealer_address: dealer(0).to_string(),
        epoch_id: None,
    });
    assert_eq!(
        answer.details.unwrap().announce_address,
        "https://moved.example"
    );

    for length in [0, 257] {
        assert!(matches!(
            world
                .send(&dealer(0), &update(&"x".repeat(length)))
                .unwrap_err(),
            ContractError::FieldTooLong { .. }
        ));
    }
    assert_eq!(
        world.send(&dealer(3), &update("https://x")).unwrap_err(),
        ContractError::NoCommitForOwner {
            owner: dealer(3),
            epoch_id: 0
        }
    );
    assert!(matches!(
        world.send(&admin(), &update("https://x")).unwrap_err(),
        ContractError::NotADealer { .. }
    ));
    let mut running = at_validation();
    assert!(matches!(
        running.send(&dealer(0), &update("https://x")).unwrap_err(),
        ContractError::IncorrectEpochState { .. }
    ));
}

#[test]
fn lists_ascend_by_address_and_the_last_page_has_no_pointer() {
    let mut world = World::at_submission(5);
    for n in 0..5 {
        world.commit(n).unwrap();
    }
    let mut addresses: Vec<_> = (0..5).map(dealer).collect();
    addresses.sort();
    let page = |start_after: Option<&cosmwasm_std::Addr>| -> DealersResponse {
        world.query(&QueryMsg::GetCurrentDealers {
            limit: Some(3),
            start_after: start_after.map(ToString::to_string),
        })
    };
    let first = page(None);
    let listed: Vec<_> = first.dealers.iter().map(|d| d.address.clone()).collect();
    assert_eq!(listed, addresses[..3]);
    assert_eq!(first.start_next_after.as_ref(), Some(&addresses[2]));
    assert_eq!(first.per_page, 3);
    let last = page(first.start_next_after.as_ref());
    assert_eq!(last.dealers.len(), 2);
    assert_eq!(last.start_next_after, None);

    let indices: DealerIndicesResponse = world.query(&QueryMsg::GetDealerIndices {
        limit: Some(4),
        start_after: None,
    });
    assert_eq!(indices.indices.len(), 4);
    assert_eq!(indices.start_next_after.as_ref(), Some(&addresses[3]));
    for (address, index) in indices.indices {
        let n = (0..5).find(|n| dealer(*n) == address).unwrap();
        assert_eq!(index, u64::from(n) + 1);
    }
    let all: DealerAddressesResponse = world.query(&QueryMsg::GetEpochDealersAddresses {
        epoch_id: 0,
        limit: None,
        start_after: None,
    });
    assert_eq!(all.dealers, addresses);
    assert_eq!(all.start_next_after, None);
    let shares: KeySharesResponse = world.query(&QueryMsg::GetVerificationKeys {
        epoch_id: 0,
        limit: Some(2),
        start_after: Some(addresses[3].to_string()),
    });
    assert_eq!(shares.shares.len(), 1);
    assert_eq!(shares.start_next_after, None);
    let nobody: DealersResponse = world.query(&QueryMsg::GetEpochDealers {
        epoch_id: 7,
        limit: None,
        start_after: None,
    });
    assert_eq!(nobody.dealers, []);
    assert_eq!(nobody.per_page, 10);
}
