//! The network's four contracts are there from genesis and fit together.

use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContract, MsgExecuteContractResponse, MsgMigrateContract,
};
use cosmrs::proto::prost::Message;
use nyx_embedded::{
    ChainConfig, DKG_CODE_ID, ECASH_CODE_ID, GROUP_CODE_ID, MULTISIG_CODE_ID, TxOutcome,
};
use serde_json::{Value, json};

use crate::world::{NOON, World, any, coins, genesis, instantiate};

const PRICE: u128 = 75_000_000;

fn succeeded(outcome: TxOutcome) -> TxOutcome {
    assert_eq!((outcome.code, outcome.log.as_str()), (0, ""));
    outcome
}

fn make(world: &World, code_id: u64, msg: &Value) -> String {
    let alice = &world.alice;
    let made = succeeded(world.run(
        alice,
        vec![instantiate(alice, code_id, &alice.address, msg)],
    ));
    let event = made
        .events
        .iter()
        .find(|event| event.kind == "instantiate")
        .unwrap();
    event.attribute("_contract_address").unwrap().to_owned()
}

struct Contracts {
    group: String,
    multisig: String,
    dkg: String,
    ecash: String,
}

/// Makes the four in the order that their circular dependency asks for.
fn deploy(world: &World) -> Contracts {
    let alice = world.alice.address.clone();
    let members = json!([{"addr": alice, "weight": 1}, {"addr": world.bob.address, "weight": 1}]);
    let group = make(
        world,
        GROUP_CODE_ID,
        &json!({"admin": alice, "members": members}),
    );
    let multisig = make(
        world,
        MULTISIG_CODE_ID,
        &json!({
            "group_addr": group,
            "coconut_bandwidth_contract_address": group,
            "coconut_dkg_contract_address": group,
            "threshold": {"absolute_percentage": {"percentage": "0.67"}},
            "max_voting_period": {"time": 86_400},
            "executor": null,
            "proposal_deposit": null,
        }),
    );
    let dkg = make(
        world,
        DKG_CODE_ID,
        &json!({
            "group_addr": group, "multisig_addr": multisig, "time_configuration": null, "mix_denom": "unym", "key_size": 5,
            "min_dealers": 1,
        }),
    );
    let ecash = make(
        world,
        ECASH_CODE_ID,
        &json!({
            "holding_account": alice, "multisig_addr": multisig, "group_addr": group,
            "deposit_amount": {"denom": "unym", "amount": PRICE.to_string()},
        }),
    );
    let migrate = any(&MsgMigrateContract {
        sender: alice,
        contract: multisig.clone(),
        code_id: MULTISIG_CODE_ID,
        msg: serde_json::to_vec(
            &json!({"coconut_bandwidth_address": ecash, "coconut_dkg_address": dkg}),
        )
        .unwrap(),
    });
    succeeded(world.run(&world.alice, vec![migrate]));
    Contracts {
        group,
        multisig,
        dkg,
        ecash,
    }
}

fn ask(world: &World, contract: &str, query: Value) -> Value {
    let answer = world
        .chain
        .query_contract(contract, query.to_string().as_bytes())
        .unwrap();
    serde_json::from_slice(&answer).unwrap()
}

#[test]
fn deposits_get_consecutive_ids_from_the_data_of_their_responses() {
    let world = World::with(ChainConfig::new(genesis()).at(NOON));
    let contracts = deploy(&world);
    let deposit = |seed: u8| {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key();
        let identity = bs58::encode(key.as_bytes()).into_string();
        any(&MsgExecuteContract {
            sender: world.bob.address.clone(),
            contract: contracts.ecash.clone(),
            msg: json!({"deposit_ticket_book_funds": {"identity_key": identity}})
                .to_string()
                .into_bytes(),
            funds: coins(PRICE),
        })
    };
    let done = succeeded(world.run(&world.bob, vec![deposit(1), deposit(2), deposit(3)]));
    let ids: Vec<u32> = TxMsgData::decode(done.data.as_slice())
        .unwrap()
        .msg_responses
        .iter()
        .map(|response| {
            MsgExecuteContractResponse::decode(response.value.as_slice())
                .unwrap()
                .data
        })
        .map(|data| u32::from_be_bytes(data.try_into().unwrap()))
        .collect();
    assert_eq!(ids, [ids[0], ids[0] + 1, ids[0] + 2]);
    assert_eq!(world.money(&contracts.ecash), 3 * PRICE);
    let event = done
        .events
        .iter()
        .find(|event| event.kind == "wasm-deposited-funds")
        .unwrap();
    assert_eq!(
        event.attribute("deposit-id"),
        Some(ids[0].to_string().as_str())
    );

    let refused = world.run(
        &world.alice,
        vec![any(&MsgExecuteContract {
            sender: world.alice.address.clone(),
            contract: contracts.ecash.clone(),
            msg: br#"{"deposit_ticket_book_funds":{"identity_key":"1"}}"#.to_vec(),
            funds: coins(PRICE),
        })],
    );
    assert_ne!(refused.code, 0);
    assert_eq!(world.money(&contracts.ecash), 3 * PRICE);
}

#[test]
fn contracts_ask_each_other() {
    let world = World::with(ChainConfig::new(genesis()).at(NOON));
    let contracts = deploy(&world);
    let threshold = ask(&world, &contracts.multisig, json!({"threshold": {}}));
    assert_eq!(threshold["absolute_percentage"]["total_weight"], 2);
    let member = ask(
        &world,
        &contracts.group,
        json!({"member": {"addr": world.bob.address}}),
    );
    assert_eq!(member["weight"], 1);
    let epoch = ask(
        &world,
        &contracts.dkg,
        json!({"get_current_epoch_state": {}}),
    );
    assert_eq!(epoch["epoch_id"], 0);
}
