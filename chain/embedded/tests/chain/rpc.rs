//! The JSON-RPC as clients of CometBFT 0.37 speak it, and what it makes of garbage.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cosmrs::proto::cosmos::auth::v1beta1::{
    BaseAccount, QueryAccountRequest, QueryAccountResponse,
};
use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
};
use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryContractInfoRequest, QueryContractInfoResponse, QueryRawContractStateRequest,
    QueryRawContractStateResponse, QuerySmartContractStateRequest, QuerySmartContractStateResponse,
};
use cosmrs::proto::prost::Message;
use nyx_embedded::refusal::code;
use nyx_embedded::{BlockProduction, GenesisCoin, STAKE_DENOM};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tendermint_rpc::dialect::v0_37::Dialect;
use tendermint_rpc::endpoint::{abci_info, block, broadcast, health, status, tx};
use tendermint_rpc::{Request, Response, SimpleRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::probe::Do;
use crate::world::{NOON, START, World, config, execute, send};

/// A world whose chain is served on a loopback port; blocks are made for transactions only, unless by hand.
pub struct Served {
    pub world: World,
    pub address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Served {
    pub async fn new(production: BlockProduction) -> Self {
        let mut config = config();
        config.production = production;
        Self::of(World::with(config)).await
    }

    /// No empty blocks, one for every transaction.
    pub async fn on_demand() -> Self {
        Self::new(BlockProduction::Automatic {
            empty_interval: Duration::from_secs(3600),
        })
        .await
    }

    pub async fn of(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let chain = world.chain.clone();
        tokio::spawn(async move {
            let stopped = async move { drop(stopped.await) };
            chain.serve(listener, stopped).await.unwrap();
        });
        Self {
            world,
            address,
            _stop: stop,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks as `tendermint-rpc` does in its 0.37 mode: its request, its parser.
    pub async fn ask<R: SimpleRequest<Dialect>>(&self, request: R) -> R::Output {
        let (status, answer) = self.post(request.into_json().as_bytes()).await;
        assert_eq!(status, 200, "{answer}");
        match <R as Request<Dialect>>::Response::from_string(&answer) {
            Ok(response) => response.into(),
            Err(error) => panic!("{error}: {answer}"),
        }
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": "8c5b7e2a-0000-4000-8000-000000000000", "method": method, "params": params});
        let (status, answer) = self.post(body.to_string().as_bytes()).await;
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["id"], body["id"]);
        assert_eq!(answer["jsonrpc"], "2.0");
        answer
    }

    pub async fn post(&self, body: &[u8]) -> (u16, String) {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // total for the test: a server that has answered already may not read the rest
        let _ = stream.write_all(body).await;
        response(&mut stream).await
    }

    async fn abci(&self, path: &str, request: &impl Message) -> Result<Vec<u8>, (u64, String)> {
        let data = hex::encode_upper(request.encode_to_vec());
        let answer = self
            .call(
                "abci_query",
                json!({"path": path, "data": data, "prove": false}),
            )
            .await;
        let response = &answer["result"]["response"];
        assert_eq!(
            (&response["index"], &response["proofOps"]),
            (&json!("0"), &Value::Null)
        );
        match response["code"].as_u64().unwrap() {
            0 => Ok(BASE64.decode(response["value"].as_str().unwrap()).unwrap()),
            code => Err((code, response["log"].as_str().unwrap().to_owned())),
        }
    }
}

pub async fn response(stream: &mut TcpStream) -> (u16, String) {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").expect("an HTTP answer");
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[tokio::test]
async fn a_client_of_the_0_37_dialect_sends_and_finds_a_transaction() {
    let served = Served::on_demand().await;
    let world = &served.world;
    served.ask(health::Request).await;
    let status = served.ask(status::Request).await;
    assert_eq!(status.node_info.network.as_str(), "zknym-local-0badcafe");
    assert_eq!(
        (
            status.sync_info.latest_block_height.value(),
            status.sync_info.catching_up
        ),
        (1, false)
    );
    assert_eq!(
        status.sync_info.latest_block_time.unix_timestamp(),
        NOON.seconds() as i64
    );
    let info = served.ask(abci_info::Request).await.response;
    assert_eq!(info.last_block_height.value(), 1);
    // The library keeps the base64 text of this hash as its bytes.
    let app_hash = BASE64.encode(world.chain.app_hash());
    assert_eq!(info.last_block_app_hash.as_bytes(), app_hash.as_bytes());

    let bytes = world
        .plan(
            &world.alice,
            vec![send(&world.alice, &world.bob.address, 1)],
        )
        .sign(&world.alice);
    let sent = served
        .ask(broadcast::tx_commit::Request::new(bytes.clone()))
        .await;
    assert!(sent.check_tx.code.is_ok() && sent.tx_result.code.is_ok());
    let found = served.ask(tx::Request::new(sent.hash, false)).await;
    assert_eq!(
        (found.tx.as_slice(), found.height, found.index),
        (bytes.as_slice(), sent.height, 0)
    );
    assert!(
        found.tx_result.gas_used > 0
            && found
                .tx_result
                .events
                .iter()
                .any(|event| event.kind == "transfer")
    );
    assert_eq!(sent.height.value(), 2);

    let block = served.ask(block::Request::default()).await;
    assert_eq!(
        (block.block.header.height.value(), block.block.data),
        (2, vec![bytes])
    );
    assert_eq!(block.block.header.hash(), block.block_id.hash);
    let first = served.ask(block::Request::new(1u32.into())).await;
    assert_eq!(first.block.header.last_block_id, None);
    assert_eq!(block.block.header.last_block_id, Some(first.block_id));
    assert_eq!(first.block_id.hash, status.sync_info.latest_block_hash);
}

#[tokio::test]
async fn parameters_may_be_null_and_ids_texts_or_numbers() {
    let served = Served::on_demand().await;
    for params in [json!(null), json!({}), json!([])] {
        let answer = served.call("status", params).await;
        assert_eq!(answer["result"]["sync_info"]["latest_block_height"], "1");
        assert_eq!(
            answer["result"]["node_info"]["version"]
                .as_str()
                .unwrap()
                .split_at(5)
                .0,
            "0.37."
        );
    }
    let (_, answer) = served
        .post(br#"{"jsonrpc":"2.0","id":7,"method":"health"}"#)
        .await;
    assert_eq!(answer, r#"{"id":7,"jsonrpc":"2.0","result":{}}"#);
    let (_, answer) = served
        .post(br#"[{"id":1,"method":"health"},{"id":2,"method":"nope"}]"#)
        .await;
    let answers: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (&answers[0]["id"], &answers[1]["error"]["code"]),
        (&json!(1), &json!(-32601))
    );
}

#[tokio::test]
async fn balances_are_found_one_by_one_and_page_by_page() {
    let mut config = config();
    let extra = |denom: &str| GenesisCoin {
        denom: denom.to_owned(),
        amount: 5,
    };
    config.genesis.balances[1]
        .coins
        .extend([extra(STAKE_DENOM), extra("uatom")]);
    let served = Served::of(World::with(config)).await;
    let address = served.world.bob.address.clone();
    let request = QueryBalanceRequest {
        address: address.clone(),
        denom: "unym".to_owned(),
    };
    let answer = served
        .abci("/cosmos.bank.v1beta1.Query/Balance", &request)
        .await
        .unwrap();
    let coin = QueryBalanceResponse::decode(answer.as_slice())
        .unwrap()
        .balance
        .unwrap();
    assert_eq!(
        (coin.amount, coin.denom.as_str()),
        (START.to_string(), "unym")
    );
    let mut key = Vec::new();
    let mut found = Vec::new();
    loop {
        let pagination = Some(PageRequest {
            key,
            limit: 2,
            ..PageRequest::default()
        });
        let request = QueryAllBalancesRequest {
            address: address.clone(),
            pagination,
            resolve_denom: false,
        };
        let answer = served
            .abci("/cosmos.bank.v1beta1.Query/AllBalances", &request)
            .await
            .unwrap();
        let page = QueryAllBalancesResponse::decode(answer.as_slice()).unwrap();
        assert!(page.balances.len() <= 2);
        found.extend(page.balances.into_iter().map(|coin| coin.denom));
        key = page.pagination.unwrap().next_key;
        if key.is_empty() {
            break;
        }
    }
    assert_eq!(found, ["uatom", "unym", "unyx"]);
    let nobody = QueryAllBalancesRequest {
        address: served.world.carol.address.clone(),
        ..Default::default()
    };
    let answer = served
        .abci("/cosmos.bank.v1beta1.Query/AllBalances", &nobody)
        .await
        .unwrap();
    assert!(
        QueryAllBalancesResponse::decode(answer.as_slice())
            .unwrap()
            .balances
            .is_empty()
    );
}

#[tokio::test]
async fn accounts_are_found_and_unknown_ones_are_not() {
    let served = Served::on_demand().await;
    let path = "/cosmos.auth.v1beta1.Query/Account";
    let request = QueryAccountRequest {
        address: served.world.bob.address.clone(),
    };
    let answer = served.abci(path, &request).await.unwrap();
    let any = QueryAccountResponse::decode(answer.as_slice())
        .unwrap()
        .account
        .unwrap();
    assert_eq!(any.type_url, "/cosmos.auth.v1beta1.BaseAccount");
    let account = BaseAccount::decode(any.value.as_slice()).unwrap();
    assert_eq!(
        (account.account_number, account.sequence, account.pub_key),
        (1, 0, None)
    );
    let request = QueryAccountRequest {
        address: served.world.carol.address.clone(),
    };
    let (code, log) = served.abci(path, &request).await.unwrap_err();
    assert_eq!(code, u64::from(code::KEY_NOT_FOUND));
    assert!(log.contains("not found"), "{log}");
    let (code, _) = served
        .abci(
            path,
            &QueryAccountRequest {
                address: "n1".to_owned(),
            },
        )
        .await
        .unwrap_err();
    assert_eq!(code, u64::from(code::INVALID_REQUEST));
}

#[tokio::test]
async fn contracts_are_asked_shown_and_read() {
    let served = Served::on_demand().await;
    let world = &served.world;
    let contract = world.probe();
    let set = Do::Set {
        key: "k".to_owned(),
        value: "v".to_owned(),
    };
    world.run(&world.alice, vec![execute(&world.alice, &contract, &set)]);
    let smart = "/cosmwasm.wasm.v1.Query/SmartContractState";
    let ask = |address: &str, data: &[u8]| QuerySmartContractStateRequest {
        address: address.to_owned(),
        query_data: data.to_vec(),
    };
    let answer = served
        .abci(smart, &ask(&contract, br#"{"value":{"key":"k"}}"#))
        .await
        .unwrap();
    assert_eq!(
        QuerySmartContractStateResponse::decode(answer.as_slice())
            .unwrap()
            .data,
        br#""v""#
    );
    for (address, data, expected) in [
        (
            contract.as_str(),
            br#"{"nonsense":{}}"#.as_slice(),
            "query wasm contract failed",
        ),
        (contract.as_str(), br#"{"panic":{}}"#, "asked to panic"),
        (contract.as_str(), b"not json", "not JSON"),
        (world.bob.address.as_str(), b"{}", "no such contract"),
        ("n1x", b"{}", "not a bech32 address"),
    ] {
        let (_, log) = served.abci(smart, &ask(address, data)).await.unwrap_err();
        assert!(log.contains(expected), "{log}");
    }
    let raw = "/cosmwasm.wasm.v1.Query/RawContractState";
    for (key, expected) in [("k", b"v".as_slice()), ("none", b"")] {
        let request = QueryRawContractStateRequest {
            address: contract.clone(),
            query_data: key.into(),
        };
        let answer = served.abci(raw, &request).await.unwrap();
        assert_eq!(
            QueryRawContractStateResponse::decode(answer.as_slice())
                .unwrap()
                .data,
            expected
        );
    }
    let info = "/cosmwasm.wasm.v1.Query/ContractInfo";
    let request = QueryContractInfoRequest {
        address: contract.clone(),
    };
    let answer = served.abci(info, &request).await.unwrap();
    let shown = QueryContractInfoResponse::decode(answer.as_slice())
        .unwrap()
        .contract_info
        .unwrap();
    assert_eq!((shown.code_id, shown.label.as_str()), (1, "probe"));
    assert_eq!(
        (&shown.creator, &shown.admin),
        (&world.alice.address, &world.alice.address)
    );
    let request = QueryContractInfoRequest {
        address: world.bob.address.clone(),
    };
    assert!(
        served
            .abci(info, &request)
            .await
            .unwrap_err()
            .1
            .contains("no such contract")
    );
}

#[tokio::test]
async fn a_simulation_costs_what_the_block_will_charge() {
    let served = Served::new(BlockProduction::Manual).await;
    let world = &served.world;
    let contract = world.probe();
    let set = Do::Set {
        key: "key".to_owned(),
        value: "value".repeat(20),
    };
    let plan = world.plan(
        &world.bob,
        vec![
            execute(&world.bob, &contract, &set),
            send(&world.bob, &world.carol.address, 3),
        ],
    );
    let mut unsigned = plan.clone();
    unsigned.auth.signer_infos[0].mode_info = None;
    unsigned.auth.fee = None;
    let mut raw = unsigned.raw(&world.bob);
    raw.signatures = vec![Vec::new()];
    let path = "/cosmos.tx.v1beta1.Service/Simulate";
    #[allow(deprecated)]
    let request = SimulateRequest {
        tx: None,
        tx_bytes: raw.encode_to_vec(),
    };
    let before = world.chain.app_hash();
    let answer = served.abci(path, &request).await.unwrap();
    let simulated = SimulateResponse::decode(answer.as_slice()).unwrap();
    assert_eq!(world.chain.app_hash(), before);
    assert_eq!(simulated.result.unwrap().msg_responses.len(), 2);
    let hash = world.submit(plan.sign(&world.bob)).unwrap();
    world.chain.produce_block().unwrap();
    let outcome = world.chain.outcome(hash).unwrap();
    assert_eq!(
        (outcome.code, outcome.gas_used),
        (0, simulated.gas_info.unwrap().gas_used)
    );

    let fail = world.plan(
        &world.bob,
        vec![execute(
            &world.bob,
            &contract,
            &Do::Fail {
                after: "x".to_owned(),
            },
        )],
    );
    #[allow(deprecated)]
    let request = SimulateRequest {
        tx: None,
        tx_bytes: fail.sign(&world.bob),
    };
    assert!(
        served
            .abci(path, &request)
            .await
            .unwrap_err()
            .1
            .contains("asked to fail")
    );
    #[allow(deprecated)]
    let nothing = SimulateRequest {
        tx: None,
        tx_bytes: vec![1, 2, 3],
    };
    assert!(served.abci(path, &nothing).await.is_err());
}

#[tokio::test]
async fn refusals_are_answers_with_the_sdks_code() {
    let served = Served::on_demand().await;
    let world = &served.world;
    let good = world.plan(
        &world.alice,
        vec![send(&world.alice, &world.bob.address, 1)],
    );
    let wrong = good
        .clone()
        .with(|plan| plan.auth.signer_infos[0].sequence = 9)
        .sign(&world.alice);
    let answer = served
        .call("broadcast_tx_sync", json!({"tx": BASE64.encode(&wrong)}))
        .await;
    let result = &answer["result"];
    assert_eq!(
        (&result["code"], &result["codespace"]),
        (&json!(32), &json!("sdk"))
    );
    assert_eq!(result["hash"], hex::encode_upper(Sha256::digest(&wrong)));
    assert!(
        result["log"]
            .as_str()
            .unwrap()
            .contains("account sequence mismatch")
    );
    let answer = served
        .call("broadcast_tx_commit", json!({"tx": BASE64.encode(&wrong)}))
        .await;
    assert_eq!(answer["result"]["check_tx"]["code"], 32);
    assert_eq!(world.chain.height(), 1);
}

#[tokio::test]
async fn a_transaction_sent_twice_is_an_error_of_the_node_as_in_cometbft() {
    let served = Served::new(BlockProduction::Manual).await;
    let world = &served.world;
    let bytes = world
        .plan(
            &world.alice,
            vec![send(&world.alice, &world.bob.address, 1)],
        )
        .sign(&world.alice);
    let params = json!({"tx": BASE64.encode(&bytes)});
    assert_eq!(
        served.call("broadcast_tx_sync", params.clone()).await["result"]["code"],
        0
    );
    let again = served.call("broadcast_tx_sync", params.clone()).await;
    assert_eq!(
        (&again["error"]["code"], &again["error"]["data"]),
        (&json!(-32603), &json!("tx already exists in cache"))
    );
    world.chain.produce_block().unwrap();
    let late = served.call("broadcast_tx_sync", params).await;
    assert_eq!(late["error"]["data"], "tx already exists in cache");
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_says_so() {
    let served = Served::on_demand().await;
    let hash = BASE64.encode([7u8; 32]);
    let answer = served
        .call("tx", json!({"hash": hash, "prove": false}))
        .await;
    assert!(
        answer["error"]["data"]
            .as_str()
            .unwrap()
            .ends_with("not found")
    );
    let answer = served.call("block", json!({"height": "9"})).await;
    assert!(
        answer["error"]["data"]
            .as_str()
            .unwrap()
            .contains("must be less than or equal to")
    );
    let answer = served
        .call(
            "abci_query",
            json!({"path": "/no.such.Query/X", "data": ""}),
        )
        .await;
    assert_eq!(answer["result"]["response"]["code"], 6);
    let past = json!({"path": "/cosmos.bank.v1beta1.Query/Balance", "data": "", "height": "7"});
    assert_eq!(
        served.call("abci_query", past).await["result"]["response"]["code"],
        26
    );
    assert_eq!(
        served.call("unsafe_flush_mempool", json!({})).await["error"]["code"],
        -32601
    );
    for params in [
        json!({}),
        json!({"tx": 3}),
        json!({"tx": "%%"}),
        json!("tx"),
    ] {
        assert_eq!(
            served.call("broadcast_tx_sync", params).await["error"]["code"],
            -32602
        );
    }
    let garbage = json!({"tx": BASE64.encode(b"garbage")});
    assert_eq!(
        served.call("broadcast_tx_sync", garbage).await["result"]["code"],
        2
    );
    let garbage = json!({"path": "/cosmos.bank.v1beta1.Query/Balance", "data": "ffff"});
    assert_eq!(
        served.call("abci_query", garbage).await["result"]["response"]["code"],
        18
    );
}

#[tokio::test]
async fn reading_works_by_uri_and_sending_does_not() {
    let served = Served::on_demand().await;
    let get = async |target: &str| {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        response(&mut stream).await
    };
    for (target, expected) in [
        ("/", "POST"),
        ("/health", r#""result":{}"#),
        ("/status", "zknym-local-0badcafe"),
        ("/block?height=1", r#""height":"1""#),
        ("/block?height=%22x%22", "-32602"),
        (
            "/abci_query?path=%22/no.such%22&data=0x00",
            "unknown query path",
        ),
    ] {
        let (status, answer) = get(target).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer.contains(expected), "{target}: {answer}");
    }
    let hash = hex::encode([7; 32]);
    assert!(
        get(&format!("/tx?hash=0x{hash}"))
            .await
            .1
            .contains("not found")
    );
    assert_eq!(get("/broadcast_tx_sync?tx=0x00").await.0, 404);
}
