//! The phases of a ceremony, how they end, and where a failed one leads.

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
use cw_multi_test::Executor;
use cw4::Member;
use dkg_contract::ContractError;
use ecash_contract_messages::{dkg::*, group};

const EXCHANGE: EpochState = EpochState::DealingExchange { resharing: false };
const SUBMISSION: EpochState = EpochState::VerificationKeySubmission { resharing: false };
const VALIDATION: EpochState = EpochState::VerificationKeyValidation { resharing: false };
const FINALIZATION: EpochState = EpochState::VerificationKeyFinalization { resharing: false };

fn can_advance(world: &World) -> CanAdvanceStateResponse {
    world.query(&QueryMsg::CanAdvanceState {})
}

/// Asserts that the phase is neither complete nor over, to the second.
fn assert_stays(world: &mut World) {
    let left = world.epoch().deadline.unwrap().seconds() - world.now();
    let answer = can_advance(world);
    assert!(!answer.is_complete && !answer.reached_deadline);
    assert_eq!(
        world.advance().unwrap_err(),
        ContractError::EarlyEpochStateAdvancement(left)
    );
    world.wait(left - 1);
    assert_eq!(
        world.advance().unwrap_err(),
        ContractError::EarlyEpochStateAdvancement(1)
    );
}

#[test]
fn nothing_advances_while_waiting_and_everything_is_at_its_default() {
    let mut world = World::new(4);
    assert_eq!(
        world.advance().unwrap_err(),
        ContractError::WaitingInitialisation
    );
    assert_eq!(can_advance(&world), CanAdvanceStateResponse::default());
    assert!(
        world
            .try_query::<CeremonyResponse>(&QueryMsg::GetCeremony { epoch_id: None })
            .unwrap_err()
            .contains("no ceremony 0")
    );
}

#[test]
fn registration_ends_at_once_when_every_member_with_a_vote_has_registered() {
    let mut world = World::new(4);
    let msg = group::ExecuteMsg::UpdateMembers {
        remove: vec![],
        add: vec![Member {
            addr: addr("weightless").to_string(),
            weight: 0,
        }],
    };
    let group = world.group.clone();
    world
        .app
        .execute_contract(admin(), group, &msg, &[])
        .unwrap();
    world.initiate().unwrap();
    for n in 0..3 {
        world.register(n).unwrap();
        assert!(!can_advance(&world).is_complete);
    }
    world.register(3).unwrap();
    assert!(can_advance(&world).is_complete);
    world.advance().unwrap();
    assert_eq!(world.state(), EXCHANGE);
    assert_eq!(world.threshold(), Some(3));
    assert_eq!(world.epoch().deadline.unwrap().seconds(), world.now() + 200);
}

#[test]
fn registration_ends_by_its_deadline_with_t_of_g_dealers_and_fixes_the_threshold_of_those() {
    let mut world = World::new(7);
    world.initiate().unwrap();
    for n in 0..5 {
        world.register(n).unwrap();
    }
    assert_stays(&mut world);
    world.reach_deadline();
    assert!(can_advance(&world).reached_deadline);
    world.advance().unwrap();
    assert_eq!(world.state(), EXCHANGE);
    assert_eq!(world.threshold(), Some(4));
    assert_eq!(world.ceremony(0).threshold, Some(4));
}

#[test]
fn registration_with_fewer_than_t_of_g_dealers_aborts_the_ceremony() {
    for registered in [0, 4] {
        let mut world = World::new(7);
        world.initiate().unwrap();
        for n in 0..registered {
            world.register(n).unwrap();
        }
        world.reach_deadline();
        let response = world.advance().unwrap();
        let named = |key| attribute(&response, "wasm-dkg-aborted", key);
        assert_eq!(named("epoch_id"), "0");
        assert_eq!(named("back_to"), "waiting_initialisation");
        assert_eq!(named("phase"), "public_key_submission");
        assert_eq!(
            named("reason"),
            format!("{registered} dealers registered, 5 are needed")
        );
        let epoch = world.epoch();
        assert_eq!(epoch.state, EpochState::WaitingInitialisation);
        assert_eq!(epoch.epoch_id, 0);
        assert_eq!(world.ceremony(0).outcome, CeremonyOutcome::Aborted);
        assert_eq!(world.ceremony(0).reason, Some(named("reason")));

        world.initiate().unwrap();
        assert_eq!(world.epoch().epoch_id, 1);
        assert_eq!(world.epoch().state_progress, StateProgress::default());
        assert_eq!(world.ceremony(1).outcome, CeremonyOutcome::Running);
        assert_eq!(world.ceremony(1).master_epoch, 1);
    }
}

#[test]
fn min_dealers_raises_the_number_that_registration_needs() {
    for (registered, leads_to) in [(6, EpochState::WaitingInitialisation), (7, EXCHANGE)] {
        let mut world = World::with_min_dealers(7, Some(7));
        world.initiate().unwrap();
        for n in 0..registered {
            world.register(n).unwrap();
        }
        world.reach_deadline();
        world.advance().unwrap();
        assert_eq!(world.state(), leads_to);
    }
}

#[test]
fn a_group_of_more_than_a_hundred_votes_aborts_however_many_register() {
    for members in [101, 125] {
        let mut world = World::new(members);
        world.initiate().unwrap();
        for n in 0..80 {
            let dkg = world.dkg.clone();
            world
                .app
                .execute_contract(dealer(n), dkg, &registration(false), &[])
                .unwrap();
        }
        world.reach_deadline();
        let response = world.advance().unwrap();
        assert_eq!(
            attribute(&response, "wasm-dkg-aborted", "reason"),
            "the group has more than 100 members with a vote"
        );
    }
}

#[test]
fn the_exchange_ends_by_its_deadline_only() {
    let mut world = World::new(4);
    world.initiate().unwrap();
    for n in 0..4 {
        world.register(n).unwrap();
    }
    world.advance().unwrap();
    assert_stays(&mut world);
    world.reach_deadline();
    world.advance().unwrap();
    assert_eq!(world.state(), SUBMISSION);
    let ceremony = world.ceremony(0);
    assert_eq!(ceremony.acknowledgement.received, 0);
    assert!(ceremony.acknowledgement.closed);
    assert_eq!(ceremony.acknowledgement.deadline, None);
}

#[test]
fn submission_ends_at_once_with_the_shares_of_all_and_by_its_deadline_with_those_of_a_threshold() {
    let mut all = World::at_submission(4);
    for n in 0..4 {
        assert!(!can_advance(&all).is_complete);
        all.commit(n).unwrap();
    }
    assert!(can_advance(&all).is_complete);
    all.advance().unwrap();
    assert_eq!(all.state(), VALIDATION);

    let mut some = World::at_submission(4);
    for n in 0..3 {
        some.commit(n).unwrap();
    }
    assert_stays(&mut some);
    some.reach_deadline();
    some.advance().unwrap();
    assert_eq!(some.state(), VALIDATION);
}

#[test]
fn submission_with_fewer_shares_than_the_threshold_aborts() {
    let mut world = World::at_submission(4);
    for n in 0..2 {
        world.commit(n).unwrap();
    }
    world.reach_deadline();
    let response = world.advance().unwrap();
    assert_eq!(
        attribute(&response, "wasm-dkg-aborted", "reason"),
        "2 key shares were submitted, 3 are needed"
    );
    assert_eq!(world.state(), EpochState::WaitingInitialisation);
    assert_eq!(world.threshold(), None);
    let threshold: Option<u64> = world.query(&QueryMsg::GetEpochThreshold { epoch_id: 0 });
    assert_eq!(threshold, Some(3));
    assert_eq!(world.key_shares(0).len(), 2, "its data stay readable");
}

#[test]
fn validation_ends_at_once_when_all_shares_are_verified_and_otherwise_by_its_deadline() {
    let mut world = World::at_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    for n in 0..3 {
        world.verify(0, n, 3);
    }
    assert_stays(&mut world);
    world.verify(0, 3, 3);
    world.advance().unwrap();
    assert_eq!(world.state(), FINALIZATION);

    let mut world = World::at_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    assert_eq!(world.state(), FINALIZATION);
}

#[test]
fn finalization_with_fewer_verified_shares_than_the_threshold_aborts() {
    let mut world = World::at_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    for n in 0..2 {
        world.verify(0, n, 3);
    }
    assert_stays(&mut world);
    world.reach_deadline();
    let response = world.advance().unwrap();
    assert_eq!(
        attribute(&response, "wasm-dkg-aborted", "reason"),
        "2 key shares were verified, 3 are needed"
    );
    assert_eq!(world.epoch().keys_in_service, None);
}

#[test]
fn keys_of_a_threshold_come_into_service_and_have_no_end() {
    let mut world = World::at_submission(4);
    for n in 0..4 {
        world.commit(n).unwrap();
    }
    world.advance().unwrap();
    world.reach_deadline();
    world.advance().unwrap();
    for n in 0..3 {
        world.verify(0, n, 3);
    }
    world.reach_deadline();
    let response = world.advance().unwrap();
    let named = |key| attribute(&response, "wasm-dkg-concluded", key);
    assert_eq!(named("epoch_id"), "0");
    assert_eq!(named("verified"), "3");
    assert_eq!(named("threshold"), "3");
    assert_eq!(attribute(&response, "wasm-dkg-phase", "to"), "in_progress");

    let epoch = world.epoch();
    assert_eq!(epoch.state, EpochState::InProgress);
    assert_eq!(epoch.deadline, None);
    assert_eq!(epoch.ceremony_concluded_at.unwrap().seconds(), world.now());
    assert_eq!(epoch.keys_in_service, Some(0));
    assert_eq!(epoch.outgoing_keys, None);
    assert_eq!(epoch.issuing_epoch(), Some(0));
    assert_eq!(world.item::<u64>("last_concluded"), Some(0));
    let ceremony = world.ceremony(0);
    assert_eq!(ceremony.outcome, CeremonyOutcome::Concluded);
    assert_eq!(ceremony.predecessor, None);
    let states: Vec<EpochState> = ceremony.phases.iter().map(|phase| phase.state).collect();
    assert_eq!(
        states,
        [
            EpochState::PublicKeySubmission { resharing: false },
            EXCHANGE,
            SUBMISSION,
            VALIDATION,
            FINALIZATION,
            EpochState::InProgress
        ]
    );

    world.wait(10_000_000);
    assert_eq!(
        world.advance().unwrap_err(),
        ContractError::EpochAlreadyInProgress { epoch_id: 0 }
    );
    let answer = can_advance(&world);
    assert!(!answer.is_complete && !answer.reached_deadline);
    assert_eq!(
        world.initiate().unwrap_err(),
        ContractError::AlreadyInitialised { epoch_id: 0 }
    );
}

#[test]
fn the_epoch_at_a_height_is_that_of_the_start_of_the_block() {
    let mut world = World::new(4);
    world.wait(1);
    let started = world.app.block_info().height;
    world.initiate().unwrap();
    world.wait(1);
    let at = |height| -> Option<EpochState> {
        let epoch: Option<Epoch> = world.query(&QueryMsg::GetEpochStateAtHeight { height });
        epoch.map(|epoch| epoch.state)
    };
    assert_eq!(at(1), None);
    assert_eq!(at(started), Some(EpochState::WaitingInitialisation));
    assert_eq!(
        at(started + 1),
        Some(EpochState::PublicKeySubmission { resharing: false })
    );
}
