//! Random sequences of messages, votes and waiting keep counters and records together; the harness asserts it after
//! every message.

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
use ecash_contract_messages::dkg::*;
use proptest::prelude::*;

const DEALERS: u32 = 4;

#[derive(Debug, Clone)]
enum Action {
    Wait(u64),
    ReachDeadline,
    Initiate,
    Register(u32),
    Advance,
    Commit(u32),
    Verify(u32),
    Announce(u32),
}

fn action() -> impl Strategy<Value = Action> {
    let anyone = || 0..=DEALERS;
    prop_oneof![
        1 => (1u64..50).prop_map(Action::Wait),
        3 => Just(Action::ReachDeadline),
        2 => Just(Action::Initiate),
        8 => anyone().prop_map(Action::Register),
        6 => Just(Action::Advance),
        8 => anyone().prop_map(Action::Commit),
        8 => anyone().prop_map(Action::Verify),
        1 => anyone().prop_map(Action::Announce),
    ]
}

fn perform(world: &mut World, action: &Action) {
    let epoch_id = world.epoch().epoch_id;
    let _refused_or_not = match action {
        Action::Wait(secs) => {
            world.wait(*secs);
            return;
        }
        Action::ReachDeadline => {
            if world
                .epoch()
                .deadline
                .is_some_and(|end| end.seconds() > world.now())
            {
                world.reach_deadline();
            }
            return;
        }
        Action::Initiate => world.initiate(),
        Action::Register(n) => world.register(*n),
        Action::Advance => world.advance(),
        Action::Commit(n) => world.commit(*n),
        Action::Verify(n) => {
            if world.proposal(epoch_id, *n).is_none() {
                return;
            }
            let order = world.order(epoch_id, *n);
            let multisig = world.multisig.clone();
            world.send(&multisig, &order)
        }
        Action::Announce(n) => world.send(
            &dealer(*n),
            &ExecuteMsg::UpdateAnnounceAddress {
                new_address: "https://moved.example".into(),
            },
        ),
    };
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_messages_keep_counters_and_records_together(
        actions in prop::collection::vec(action(), 1..120)
    ) {
        let mut world = World::new(DEALERS);
        for action in &actions {
            perform(&mut world, action);
        }
    }
}
