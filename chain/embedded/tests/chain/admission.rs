//! What is not let in, with the code of the SDK, and changes nothing.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmrs::proto::cosmos::tx::v1beta1::{TxRaw, mode_info};
use cosmrs::proto::prost::Message;
use k256::ecdsa::Signature;
use nyx_embedded::refusal::code;
use nyx_embedded::{Refusal, gas};

use crate::probe::Do;
use crate::world::{Plan, World, coins, execute, send};

/// Submits and asserts that nothing has changed.
fn refused(world: &World, bytes: Vec<u8>) -> Refusal {
    let before = (
        world.account(&world.alice.address),
        world.money(&world.alice.address),
        world.chain.waiting(),
    );
    let refusal = world.submit(bytes).expect_err("should have been refused");
    assert_eq!(refusal.codespace, "sdk", "{refusal}");
    world.chain.produce_block().unwrap();
    let after = (
        world.account(&world.alice.address),
        world.money(&world.alice.address),
        world.chain.waiting(),
    );
    assert_eq!(after, before, "{refusal}");
    refusal
}

fn good(world: &World) -> Plan {
    world.plan(
        &world.alice,
        vec![send(&world.alice, &world.bob.address, 5)],
    )
}

fn refused_with(world: &World, change: impl FnOnce(&mut Plan)) -> Refusal {
    refused(world, good(world).with(change).sign(&world.alice))
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let world = World::new();
    let refusal = refused(&world, good(&world).sign(&world.bob));
    assert_eq!(refusal.code, code::UNAUTHORIZED);
    assert!(
        refusal
            .log
            .contains("account number (0), sequence (0) and chain-id (zknym-local-0badcafe)"),
        "{refusal}"
    );
}

#[test]
fn a_changed_body_is_refused() {
    let world = World::new();
    let mut raw = good(&world).raw(&world.alice);
    let other = world.plan(
        &world.alice,
        vec![send(&world.alice, &world.bob.address, 6)],
    );
    raw.body_bytes = other.body.encode_to_vec();
    assert_eq!(
        refused(&world, raw.encode_to_vec()).code,
        code::UNAUTHORIZED
    );
}

#[test]
fn a_signature_with_the_other_s_is_refused_though_it_verifies() {
    let world = World::new();
    let mut raw = good(&world).raw(&world.alice);
    let low = Signature::from_slice(&raw.signatures[0]).unwrap();
    let high = Signature::from_scalars(low.r(), -low.s()).unwrap();
    assert!(high.normalize_s().is_some());
    raw.signatures = vec![high.to_vec()];
    assert_eq!(
        refused(&world, raw.encode_to_vec()).code,
        code::UNAUTHORIZED
    );
}

#[test]
fn signatures_of_another_length_number_or_mode_are_refused() {
    let world = World::new();
    let raw = good(&world).raw(&world.alice);
    for (signatures, expected) in [
        (vec![], code::NO_SIGNATURES),
        (vec![vec![]], code::UNAUTHORIZED),
        (vec![raw.signatures[0][..63].to_vec()], code::UNAUTHORIZED),
        (
            vec![raw.signatures[0].clone(), raw.signatures[0].clone()],
            code::TOO_MANY_SIGNATURES,
        ),
    ] {
        let tampered = TxRaw {
            signatures,
            ..raw.clone()
        };
        assert_eq!(refused(&world, tampered.encode_to_vec()).code, expected);
    }
    let refusal = refused_with(&world, |plan| {
        let mode = mode_info::Single {
            mode: SignMode::LegacyAminoJson as i32,
        };
        plan.auth.signer_infos[0].mode_info.as_mut().unwrap().sum =
            Some(mode_info::Sum::Single(mode));
    });
    assert_eq!(refusal.code, code::UNAUTHORIZED);
    assert_eq!(
        refused_with(&world, |plan| plan.auth.signer_infos.clear()).code,
        code::NO_SIGNATURES
    );
}

#[test]
fn a_signature_for_another_chain_is_refused() {
    let world = World::new();
    let refusal = refused_with(&world, |plan| {
        plan.chain_id = "zknym-local-00000000".to_owned()
    });
    assert_eq!(refusal.code, code::UNAUTHORIZED);
}

#[test]
fn a_signature_for_another_account_number_is_refused() {
    let world = World::new();
    assert_eq!(
        refused_with(&world, |plan| plan.account_number = 1).code,
        code::UNAUTHORIZED
    );
}

#[test]
fn a_sequence_that_is_not_the_accounts_is_refused() {
    let world = World::new();
    let refusal = refused_with(&world, |plan| plan.auth.signer_infos[0].sequence = 1);
    assert_eq!(refusal.code, code::WRONG_SEQUENCE);
    assert_eq!(
        refusal.log,
        "account sequence mismatch, expected 0, got 1: incorrect account sequence"
    );
    let used = good(&world).sign(&world.alice);
    world.run_bytes(used).unwrap();
    let stale = Plan::new(
        &world.alice,
        0,
        0,
        vec![send(&world.alice, &world.bob.address, 7)],
    );
    assert_eq!(
        refused(&world, stale.sign(&world.alice)).code,
        code::WRONG_SEQUENCE
    );
}

#[test]
fn a_fee_below_the_price_of_the_gas_limit_is_refused() {
    let world = World::new();
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().amount = coins(49_999)
    });
    assert_eq!(refusal.code, code::INSUFFICIENT_FEE);
    assert_eq!(
        refusal.log,
        "insufficient fees; got: 49999unym required: 50000unym: insufficient fee"
    );
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().amount.clear()
    });
    assert_eq!(refusal.code, code::INSUFFICIENT_FEE);
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().amount[0].denom = "unyx".to_owned()
    });
    assert_eq!(refusal.code, code::INSUFFICIENT_FEE);
}

#[test]
fn a_fee_that_the_account_does_not_have_is_refused() {
    let world = World::new();
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().amount = coins(u128::MAX)
    });
    assert_eq!(refusal.code, code::INSUFFICIENT_FUNDS);
    assert!(
        refusal.log.contains("1000000000000unym is smaller than"),
        "{refusal}"
    );
}

#[test]
fn somebody_elses_money_does_not_pay_the_fee() {
    let world = World::new();
    let (alice, bob) = (world.alice.address.clone(), world.bob.address.clone());
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().payer = bob.clone()
    });
    assert_eq!(refusal.code, code::INVALID_REQUEST);
    let refusal = refused_with(&world, |plan| {
        plan.auth.fee.as_mut().unwrap().granter = bob.clone()
    });
    assert_eq!(refusal.code, code::INVALID_REQUEST);
    let own = good(&world).with(|plan| plan.auth.fee.as_mut().unwrap().payer = alice.clone());
    assert_eq!(world.run_bytes(own.sign(&world.alice)).unwrap().code, 0);
}

#[test]
fn gas_limits_of_zero_and_above_the_maximum_are_refused() {
    let world = World::new();
    for limit in [0, gas::MAX_TRANSACTION + 1, u64::MAX] {
        let plan = good(&world).gas(limit);
        assert_eq!(
            refused(&world, plan.sign(&world.alice)).code,
            code::INVALID_GAS_LIMIT
        );
    }
    assert_eq!(
        refused_with(&world, |plan| plan.auth.fee = None).code,
        code::INVALID_REQUEST
    );
}

#[test]
fn a_timeout_height_below_the_next_block_is_refused() {
    let world = World::new();
    let next = world.chain.height() + 1;
    let refusal = refused_with(&world, |plan| plan.body.timeout_height = next - 1);
    assert_eq!(refusal.code, code::TIMEOUT_HEIGHT);
    let next = world.chain.height() + 1;
    let just = good(&world).with(|plan| plan.body.timeout_height = next);
    assert_eq!(
        world.run_bytes(just.sign(&world.alice)).unwrap().height,
        next
    );
}

#[test]
fn a_key_that_is_not_the_senders_is_refused() {
    let world = World::new();
    let bobs = world.bob.public_key();
    let refusal = refused(
        &world,
        good(&world)
            .with(|plan| plan.auth.signer_infos[0].public_key = Some(bobs.clone()))
            .sign(&world.bob),
    );
    assert_eq!(refusal.code, code::INVALID_PUBKEY);
    assert_eq!(
        refused_with(&world, |plan| plan.auth.signer_infos[0].public_key = None).code,
        code::INVALID_PUBKEY
    );
    let garbage = Any {
        type_url: "/cosmos.crypto.secp256k1.PubKey".to_owned(),
        value: vec![1, 2, 3],
    };
    let refusal = refused_with(&world, |plan| {
        plan.auth.signer_infos[0].public_key = Some(garbage)
    });
    assert_eq!(refusal.code, code::INVALID_PUBKEY);
}

#[test]
fn the_key_is_known_after_the_first_transaction() {
    let world = World::new();
    assert_eq!(
        world
            .run_bytes(good(&world).sign(&world.alice))
            .unwrap()
            .code,
        0
    );
    let without = good(&world).with(|plan| plan.auth.signer_infos[0].public_key = None);
    assert_eq!(world.run_bytes(without.sign(&world.alice)).unwrap().code, 0);
}

#[test]
fn an_account_that_never_received_anything_can_not_send() {
    let world = World::new();
    let plan = world.plan(
        &world.carol,
        vec![send(&world.carol, &world.bob.address, 1)],
    );
    assert_eq!(
        refused(&world, plan.sign(&world.carol)).code,
        code::UNKNOWN_ADDRESS
    );
}

#[test]
fn bytes_that_are_no_canonical_transaction_are_refused() {
    let world = World::new();
    let bytes = good(&world).sign(&world.alice);
    let mut unknown_field = bytes.clone();
    unknown_field.extend([0x7a, 0x01, 0x00]);
    for garbage in [
        vec![],
        vec![0xff; 100],
        b"{}".to_vec(),
        bytes[..bytes.len() - 1].to_vec(),
        unknown_field,
    ] {
        let refusal = refused(&world, garbage);
        assert!(
            matches!(refusal.code, code::TX_DECODE | code::INVALID_REQUEST),
            "{refusal}"
        );
    }
    let mut raw = good(&world).raw(&world.alice);
    raw.body_bytes.extend([0x7a, 0x01, 0x00]);
    assert_eq!(refused(&world, raw.encode_to_vec()).code, code::TX_DECODE);
    assert_eq!(
        refused(&world, vec![0x0a; nyx_embedded::MAX_TX_BYTES + 1]).code,
        code::TX_TOO_LARGE
    );
}

#[test]
fn messages_that_are_not_understood_are_refused() {
    let world = World::new();
    let alice = &world.alice;
    let vote = Any {
        type_url: "/cosmos.gov.v1beta1.MsgVote".to_owned(),
        value: vec![],
    };
    assert_eq!(
        refused_with(&world, |plan| plan.body.messages = vec![vote]).code,
        code::UNKNOWN_REQUEST
    );
    assert_eq!(
        refused_with(&world, |plan| plan.body.messages.clear()).code,
        code::INVALID_REQUEST
    );
    let many = vec![send(alice, &world.bob.address, 1); nyx_embedded::MAX_MESSAGES + 1];
    assert_eq!(
        refused_with(&world, |plan| plan.body.messages = many).code,
        code::INVALID_REQUEST
    );
    let two = vec![
        send(alice, &world.bob.address, 1),
        send(&world.bob, &alice.address, 1),
    ];
    assert_eq!(
        refused_with(&world, |plan| plan.body.messages = two).code,
        code::TOO_MANY_SIGNATURES
    );
    let option = Any {
        type_url: "/x".to_owned(),
        value: vec![],
    };
    assert_eq!(
        refused_with(&world, |plan| plan.body.extension_options = vec![option]).code,
        code::UNKNOWN_EXTENSION
    );
    assert_eq!(
        refused_with(&world, |plan| plan.body.memo = "m".repeat(257)).code,
        code::MEMO_TOO_LARGE
    );
}

#[test]
fn addresses_of_other_chains_and_malformed_coins_are_refused() {
    let world = World::new();
    let upper = world.bob.address.to_uppercase();
    for to in [
        "",
        "n1",
        "cosmos19dyl0uyzes4k23lscla02n06fc22h4uqsdwq6z",
        upper.as_str(),
    ] {
        let message = send(&world.alice, to, 1);
        assert_eq!(
            refused_with(&world, |plan| plan.body.messages = vec![message]).code,
            code::INVALID_ADDRESS
        );
    }
    let coin = |amount: &str, denom: &str| Coin {
        denom: denom.to_owned(),
        amount: amount.to_owned(),
    };
    for list in [
        vec![],
        vec![coin("0", "unym")],
        vec![coin("-1", "unym")],
        vec![coin("+1", "unym")],
        vec![coin("01", "unym")],
        vec![coin("340282366920938463463374607431768211456", "unym")],
        vec![coin("1", "u nym")],
        vec![coin("1", "unyx"), coin("1", "unym")],
        vec![coin("1", "unym"), coin("1", "unym")],
    ] {
        let message = crate::world::any(&cosmrs::proto::cosmos::bank::v1beta1::MsgSend {
            from_address: world.alice.address.clone(),
            to_address: world.bob.address.clone(),
            amount: list.clone(),
        });
        let refusal = refused_with(&world, |plan| plan.body.messages = vec![message]);
        assert_eq!(refusal.code, code::INVALID_COINS, "{list:?}");
    }
}

#[test]
fn the_same_transaction_waits_once() {
    let world = World::new();
    let bytes = good(&world).sign(&world.alice);
    world.submit(bytes.clone()).unwrap();
    assert_eq!(
        world.submit(bytes.clone()).unwrap_err().code,
        code::TX_IN_MEMPOOL
    );
    world.chain.produce_block().unwrap();
    assert_eq!(world.submit(bytes).unwrap_err().code, code::TX_IN_MEMPOOL);
    assert_eq!(world.account(&world.alice.address), Some((0, 1)));
}

#[test]
fn an_account_may_have_several_transactions_waiting() {
    let world = World::new();
    for sequence in 0..3 {
        let plan = Plan::new(
            &world.alice,
            0,
            sequence,
            vec![send(&world.alice, &world.bob.address, 1)],
        );
        world.submit(plan.sign(&world.alice)).unwrap();
    }
    assert_eq!(world.chain.produce_block().unwrap().transactions, 3);
    assert_eq!(world.account(&world.alice.address), Some((0, 3)));
}

#[test]
fn a_transaction_that_times_out_while_it_waits_is_left_out_and_pays_nothing() {
    let world = World::new();
    let next = world.chain.height() + 1;
    let limit = nyx_embedded::MAX_BLOCK_GAS / 4;
    let mut last = None;
    for sequence in 0..5 {
        let messages = vec![send(&world.alice, &world.bob.address, 1)];
        let plan = Plan::new(&world.alice, 0, sequence, messages).gas(limit);
        let plan = plan.with(|plan| plan.body.timeout_height = next);
        last = Some(world.submit(plan.sign(&world.alice)).unwrap());
    }
    assert_eq!(
        world.chain.produce_block().unwrap().transactions,
        4,
        "the block's gas is used up"
    );
    assert_eq!(world.chain.waiting(), 0);
    assert_eq!(world.chain.outcome(last.unwrap()), None);
    assert_eq!(world.account(&world.alice.address), Some((0, 4)));
}

#[test]
fn the_bytes_that_wait_are_bounded() {
    let world = World::new();
    let value = "v".repeat(nyx_embedded::MAX_TX_BYTES - 1_000);
    let contract = world.bob.address.clone();
    let large = execute(
        &world.alice,
        &contract,
        &Do::Set {
            key: String::new(),
            value,
        },
    );
    let full = (0..100).find_map(|sequence| {
        let plan = Plan::new(&world.alice, 0, sequence, vec![large.clone()]);
        world.submit(plan.sign(&world.alice)).err()
    });
    assert_eq!(full.unwrap().code, code::MEMPOOL_FULL);
    assert_eq!(
        world.chain.waiting(),
        nyx_embedded::MAX_WAITING_BYTES / nyx_embedded::MAX_TX_BYTES
    );
}
