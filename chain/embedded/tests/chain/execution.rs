//! What transactions in blocks do, and what failing ones do not.

use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContractResponse, MsgInstantiateContractResponse, MsgMigrateContractResponse,
};
use cosmrs::proto::prost::Message;
use nyx_embedded::refusal::{SDK, WASM, code, wasm_code};
use nyx_embedded::{FEE_DENOM, MAX_CALL_DEPTH, TxOutcome, gas, parse_address};

use crate::probe::{Ask, Do};
use crate::world::{NOON, START, World, coins, execute, execute_with, instantiate, migrate, send};

const FEE: u128 = 50_000;

fn failed(outcome: &TxOutcome, codespace: &str, code: u32, reason: &str) {
    assert_eq!(
        (outcome.codespace.as_str(), outcome.code),
        (codespace, code),
        "{}",
        outcome.log
    );
    assert!(outcome.log.contains(reason), "{}", outcome.log);
    assert!(outcome.data.is_empty());
    assert!(
        outcome
            .events
            .iter()
            .all(|event| !event.kind.starts_with("wasm")),
        "{:?}",
        outcome.events
    );
}

/// Alice's transaction failed: its fee and sequence count, nothing else does.
fn only_the_fee(world: &World, contract: &str, act: impl FnOnce() -> TxOutcome) -> TxOutcome {
    let (number, sequence) = world.account(&world.alice.address).unwrap();
    let (money, count) = (
        world.money(&world.alice.address),
        world.ask::<usize>(contract, &Ask::Count {}),
    );
    let outcome = act();
    assert_ne!(outcome.code, 0);
    assert_eq!(
        world.account(&world.alice.address),
        Some((number, sequence + 1))
    );
    assert_eq!(world.money(&world.alice.address), money - FEE);
    assert_eq!(world.ask::<usize>(contract, &Ask::Count {}), count);
    outcome
}

#[test]
fn money_moves_the_fee_is_taken_and_the_receiver_gets_an_account() {
    let world = World::new();
    let done = world.run(
        &world.alice,
        vec![send(&world.alice, &world.carol.address, 7)],
    );
    assert_eq!((done.code, done.height), (0, 2));
    assert_eq!(world.money(&world.carol.address), 7);
    assert_eq!(world.money(&world.alice.address), START - 7 - FEE);
    assert_eq!(world.account(&world.alice.address), Some((0, 1)));
    assert_eq!(
        world.account(&world.carol.address),
        Some((3, 0)),
        "numbers 0, 1: genesis, 2: fees"
    );
    let transfer: Vec<_> = done
        .events
        .iter()
        .filter(|event| event.kind == "transfer")
        .collect();
    assert_eq!(transfer.len(), 2, "the fee and the message");
    assert_eq!(transfer[0].attribute("msg_index"), None);
    assert_eq!(transfer[1].attribute("msg_index"), Some("0"));
    assert_eq!(transfer[1].attribute("amount"), Some("7unym"));
}

#[test]
fn a_receiver_of_a_contracts_money_gets_an_account() {
    let world = World::new();
    let contract = world.probe();
    let pay = Do::Pay {
        to: world.carol.address.clone(),
        amount: 3,
    };
    let messages = vec![execute_with(&world.alice, &contract, &pay, coins(10))];
    assert_eq!(world.run(&world.alice, messages).code, 0);
    assert_eq!(
        (world.money(&contract), world.money(&world.carol.address)),
        (7, 3)
    );
    assert!(world.account(&world.carol.address).is_some());
    assert!(
        world.account(&contract).is_some(),
        "contracts have accounts too"
    );
}

#[test]
fn spending_more_than_there_is_fails_and_costs_the_fee() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![send(&world.alice, &world.bob.address, START)],
        )
    });
    failed(
        &outcome,
        SDK,
        code::INSUFFICIENT_FUNDS,
        "failed to execute message; message index: 0: spendable balance",
    );
}

#[test]
fn money_can_not_be_sent_to_where_the_fees_go() {
    let world = World::new();
    let contract = world.probe();
    let event = world
        .run(
            &world.alice,
            vec![send(&world.alice, &world.bob.address, 1)],
        )
        .events[1]
        .clone();
    let collector = event.attribute("receiver").unwrap().to_owned();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(&world.alice, vec![send(&world.alice, &collector, 1)])
    });
    failed(&outcome, SDK, code::UNAUTHORIZED, "not allowed to receive");
}

#[test]
fn a_contracts_error_is_told_and_undoes_everything() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        let fail = Do::Fail {
            after: "written".to_owned(),
        };
        world.run(
            &world.alice,
            vec![execute_with(&world.alice, &contract, &fail, coins(5))],
        )
    });
    failed(
        &outcome,
        WASM,
        wasm_code::EXECUTE,
        "asked to fail: execute wasm contract failed",
    );
    assert_eq!(world.money(&contract), 0);
}

#[test]
fn a_message_that_the_contract_does_not_know_fails() {
    let world = World::new();
    let contract = world.probe();
    let message = crate::world::any(&cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract {
        sender: world.alice.address.clone(),
        contract: contract.clone(),
        msg: br#"{"unheard_of":{}}"#.to_vec(),
        funds: vec![],
    });
    let outcome = only_the_fee(&world, &contract, || world.run(&world.alice, vec![message]));
    failed(
        &outcome,
        WASM,
        wasm_code::EXECUTE,
        "unknown variant `unheard_of`",
    );
}

#[test]
fn a_panic_of_a_contract_is_a_failed_transaction() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute(&world.alice, &contract, &Do::Panic {})],
        )
    });
    failed(
        &outcome,
        WASM,
        wasm_code::EXECUTE,
        "contract panicked: asked to panic",
    );
    let set = Do::Set {
        key: "k".to_owned(),
        value: "v".to_owned(),
    };
    assert_eq!(
        world
            .run(&world.alice, vec![execute(&world.alice, &contract, &set)])
            .code,
        0,
        "and it goes on"
    );
}

#[test]
fn running_out_of_gas_is_a_failed_transaction() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute(&world.alice, &contract, &Do::Spin {})],
        )
    });
    failed(&outcome, SDK, code::OUT_OF_GAS, "out of gas, limit 2000000");
    assert!(outcome.gas_used > outcome.gas_wanted);
}

#[test]
fn gas_that_is_just_enough_is_enough_and_one_less_is_not() {
    let world = World::new();
    let contract = world.probe();
    let set = || {
        vec![execute(
            &world.alice,
            &contract,
            &Do::Set {
                key: "k".to_owned(),
                value: "v".to_owned(),
            },
        )]
    };
    let used = world.run(&world.alice, set()).gas_used;
    let short = world.plan(&world.alice, set()).gas(used - 1);
    assert_eq!(
        world.run_bytes(short.sign(&world.alice)).unwrap().code,
        code::OUT_OF_GAS
    );
    let exact = world.plan(&world.alice, set()).gas(used);
    let outcome = world.run_bytes(exact.sign(&world.alice)).unwrap();
    assert_eq!((outcome.code, outcome.gas_used), (0, used));
}

#[test]
fn the_limit_can_not_be_caught_by_a_contract() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        let spin = Do::Try {
            msg: Box::new(Do::Spin {}),
        };
        world.run(&world.alice, vec![execute(&world.alice, &contract, &spin)])
    });
    failed(&outcome, SDK, code::OUT_OF_GAS, "out of gas");
}

#[test]
fn a_contract_handles_the_failure_and_the_panic_of_another_call() {
    let world = World::new();
    let contract = world.probe();
    for (inner, told) in [
        (
            Do::Fail {
                after: "never".to_owned(),
            },
            "asked to fail",
        ),
        (Do::Panic {}, "contract panicked: asked to panic"),
    ] {
        let attempt = Do::Try {
            msg: Box::new(inner),
        };
        assert_eq!(
            world
                .run(
                    &world.alice,
                    vec![execute(&world.alice, &contract, &attempt)]
                )
                .code,
            0
        );
        assert!(world.value(&contract, "handled").unwrap().contains(told));
        assert_eq!(
            (
                world.value(&contract, "never"),
                world.value(&contract, "panicked")
            ),
            (None, None)
        );
    }
}

#[test]
fn endless_recursion_fails() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute(&world.alice, &contract, &Do::Recurse {})],
        )
    });
    failed(
        &outcome,
        WASM,
        wasm_code::EXECUTE,
        &format!("nested more than {MAX_CALL_DEPTH} deep"),
    );
    let ask = serde_json::to_vec(&Ask::Forever {}).unwrap();
    assert!(
        world
            .chain
            .query_contract(&contract, &ask)
            .unwrap_err()
            .log
            .contains("nested more than")
    );
}

#[test]
fn what_the_chain_does_not_offer_contracts_fails() {
    let world = World::new();
    let contract = world.probe();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute_with(
                &world.alice,
                &contract,
                &Do::Burn { amount: 1 },
                coins(1),
            )],
        )
    });
    failed(&outcome, SDK, code::UNKNOWN_REQUEST, "not supported");
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute(&world.alice, &contract, &Do::Make { code_id: 1 })],
        )
    });
    failed(&outcome, SDK, code::UNAUTHORIZED, "can not instantiate");
}

#[test]
fn all_messages_of_a_transaction_count_or_none() {
    let world = World::new();
    let contract = world.probe();
    let set = |key: &str| {
        execute(
            &world.alice,
            &contract,
            &Do::Set {
                key: key.to_owned(),
                value: "v".to_owned(),
            },
        )
    };
    let fail = execute(
        &world.alice,
        &contract,
        &Do::Fail {
            after: "x".to_owned(),
        },
    );
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![
                set("first"),
                send(&world.alice, &world.bob.address, 9),
                fail,
            ],
        )
    });
    failed(&outcome, WASM, wasm_code::EXECUTE, "message index: 2");
    assert_eq!(world.money(&world.bob.address), START);
    let outcome = world.run(
        &world.alice,
        vec![
            set("first"),
            set("second"),
            send(&world.alice, &world.bob.address, 9),
        ],
    );
    assert_eq!(outcome.code, 0);
    assert_eq!(world.ask::<usize>(&contract, &Ask::Count {}), 2);
    assert_eq!(world.money(&world.bob.address), START + 9);
    let acted: Vec<_> = outcome
        .events
        .iter()
        .filter(|event| event.kind == "message")
        .collect();
    let indices: Vec<_> = acted
        .iter()
        .map(|event| event.attribute("msg_index").unwrap())
        .collect();
    assert_eq!(indices, ["0", "1", "2"]);
}

#[test]
fn responses_carry_the_contracts_data_and_events_its_attributes() {
    let world = World::new();
    let made = world.run(
        &world.alice,
        vec![instantiate(
            &world.alice,
            1,
            &world.alice.address,
            &Do::Nothing {},
        )],
    );
    let answer = TxMsgData::decode(made.data.as_slice())
        .unwrap()
        .msg_responses;
    assert_eq!(
        answer[0].type_url,
        "/cosmwasm.wasm.v1.MsgInstantiateContractResponse"
    );
    let contract = MsgInstantiateContractResponse::decode(answer[0].value.as_slice())
        .unwrap()
        .address;
    assert_eq!(parse_address(&contract).unwrap().len(), 32);

    let data = Do::Data {
        data: b"\x00\x00\x00\x07".into(),
        event: "deposited-funds".to_owned(),
    };
    let messages = vec![
        execute(&world.bob, &contract, &data),
        send(&world.bob, &world.alice.address, 1),
    ];
    let done = world.run(&world.bob, messages);
    let answer = TxMsgData::decode(done.data.as_slice())
        .unwrap()
        .msg_responses;
    assert_eq!(
        answer[0].type_url,
        "/cosmwasm.wasm.v1.MsgExecuteContractResponse"
    );
    let response = MsgExecuteContractResponse::decode(answer[0].value.as_slice()).unwrap();
    assert_eq!(response.data, [0, 0, 0, 7]);
    assert_eq!(
        (answer[1].type_url.as_str(), answer[1].value.len()),
        ("/cosmos.bank.v1beta1.MsgSendResponse", 0)
    );
    let shown: Vec<_> = done
        .events
        .iter()
        .filter(|event| event.attribute("msg_index") == Some("0"))
        .collect();
    let kinds: Vec<_> = shown.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["message", "execute", "wasm", "wasm-deposited-funds"]
    );
    assert_eq!(
        shown[0].attribute("action"),
        Some("/cosmwasm.wasm.v1.MsgExecuteContract")
    );
    assert_eq!(
        shown[0].attribute("sender"),
        Some(world.bob.address.as_str())
    );
    for event in &shown[1..] {
        assert_eq!(
            event.attribute("_contract_address"),
            Some(contract.as_str())
        );
    }
    assert_eq!(shown[3].attribute("n"), Some("2"));
}

#[test]
fn only_the_admin_of_genesis_instantiates_and_only_the_contracts_admin_migrates() {
    let world = World::new();
    let contract = world.probe();
    let made = world.run(
        &world.bob,
        vec![instantiate(&world.bob, 1, "", &Do::Nothing {})],
    );
    failed(&made, SDK, code::UNAUTHORIZED, "can not instantiate");
    let moved = world.run(&world.bob, vec![migrate(&world.bob, &contract, 2)]);
    failed(&moved, SDK, code::UNAUTHORIZED, "can not migrate");
    let moved = world.run(&world.alice, vec![migrate(&world.alice, &contract, 2)]);
    assert_eq!(moved.code, 0, "{}", moved.log);
    let answer = TxMsgData::decode(moved.data.as_slice())
        .unwrap()
        .msg_responses;
    assert_eq!(
        answer[0].type_url,
        "/cosmwasm.wasm.v1.MsgMigrateContractResponse"
    );
    assert_eq!(
        MsgMigrateContractResponse::decode(answer[0].value.as_slice())
            .unwrap()
            .data,
        b"m"
    );
    assert_eq!(world.value(&contract, "migrated").as_deref(), Some("yes"));
    for code_id in [0, 3] {
        let moved = world.run(
            &world.alice,
            vec![migrate(&world.alice, &contract, code_id)],
        );
        failed(&moved, WASM, wasm_code::NO_SUCH_CONTRACT, "no such code");
        let made = world.run(
            &world.alice,
            vec![instantiate(&world.alice, code_id, "", &Do::Nothing {})],
        );
        failed(&made, WASM, wasm_code::NO_SUCH_CONTRACT, "no such code");
    }
    let failing = Do::Fail {
        after: "not today".to_owned(),
    };
    let made = world.run(
        &world.alice,
        vec![instantiate(&world.alice, 1, "", &failing)],
    );
    failed(
        &made,
        WASM,
        wasm_code::INSTANTIATE,
        "not today: instantiate wasm contract failed",
    );
}

#[test]
fn a_contract_that_does_not_exist_can_not_be_called() {
    let world = World::new();
    let contract = world.probe();
    let nobody = world.carol.address.clone();
    let outcome = only_the_fee(&world, &contract, || {
        world.run(
            &world.alice,
            vec![execute(&world.alice, &nobody, &Do::Nothing {})],
        )
    });
    failed(
        &outcome,
        WASM,
        wasm_code::NO_SUCH_CONTRACT,
        "no such contract",
    );
    let ask = serde_json::to_vec(&Ask::Count {}).unwrap();
    assert_eq!(
        world.chain.query_contract(&nobody, &ask).unwrap_err().code,
        wasm_code::NO_SUCH_CONTRACT
    );
}

#[test]
fn a_query_that_panics_is_an_error_and_nothing_else() {
    let world = World::new();
    let contract = world.probe();
    let ask = serde_json::to_vec(&Ask::Panic {}).unwrap();
    let refusal = world.chain.query_contract(&contract, &ask).unwrap_err();
    assert_eq!((refusal.codespace, refusal.code), (WASM, wasm_code::QUERY));
    assert!(refusal.log.contains("asked to panic"));
    assert_eq!(world.ask::<usize>(&contract, &Ask::Count {}), 0);
}

#[test]
fn the_same_transactions_give_the_same_addresses_and_the_same_hash() {
    let (one, other) = (World::new(), World::new());
    assert_eq!(one.probe(), other.probe());
    assert_eq!(one.chain.app_hash(), other.chain.app_hash());
    assert_ne!(one.probe(), one.probe());
    assert_ne!(one.chain.app_hash(), other.chain.app_hash());
}

#[test]
fn contracts_see_money_and_strictly_increasing_time() {
    let world = World::new();
    let contract = world.probe();
    let (height, time, chain_id): (u64, String, String) = world.ask(&contract, &Ask::Time {});
    assert_eq!((height, chain_id.as_str()), (2, "zknym-local-0badcafe"));
    assert_eq!(
        time,
        (NOON.nanos() + 1_000_000).to_string(),
        "the clock stands still, blocks are a millisecond apart"
    );
    let balance: cosmwasm_std::Coin = world.ask(
        &contract,
        &Ask::Balance {
            address: world.bob.address.clone(),
        },
    );
    assert_eq!(
        (balance.denom.as_str(), balance.amount.u128()),
        (FEE_DENOM, START)
    );
    let times: Vec<_> = (0..3)
        .map(|_| world.chain.produce_block().unwrap().time)
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b));
}

#[test]
fn longer_bodies_and_values_cost_more() {
    let world = World::new();
    let contract = world.probe();
    let used = |value: &str| {
        let set = Do::Set {
            key: "k".to_owned(),
            value: value.to_owned(),
        };
        let outcome = world.run(&world.alice, vec![execute(&world.alice, &contract, &set)]);
        assert_eq!(outcome.code, 0, "{}", outcome.log);
        outcome.gas_used
    };
    let (short, long) = (used("v"), used(&"v".repeat(51)));
    assert_eq!(long - short, 50 * (gas::BODY_BYTE + gas::WRITE_BYTE));
}
