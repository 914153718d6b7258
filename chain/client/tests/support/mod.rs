//! A scripted node: it speaks as much CometBFT as the sender asks for, and misbehaves as told.
#![allow(dead_code, unreachable_pub, missing_docs)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router, body::Bytes, extract::State, http::StatusCode, response::IntoResponse,
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use cosmrs::{
    Any,
    proto::{
        cosmos::{
            auth::v1beta1::{BaseAccount, QueryAccountResponse},
            base::abci::v1beta1::{GasInfo, TxMsgData},
            tx::v1beta1::{AuthInfo, SimulateResponse, TxBody, TxRaw},
        },
        cosmwasm::wasm::v1::{MsgExecuteContractResponse, QuerySmartContractStateResponse},
        prost::Message,
    },
};
use nyx_client::TxHash;
use serde_json::{Value, json};
use url::Url;

/// What the node does with sent bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnBroadcast {
    /// Takes them and says so.
    Take,
    /// Takes them and closes the connection without an answer.
    TakeAndHangUp,
    /// Says that it took them, and forgets them.
    Forget,
    /// Refuses them.
    Refuse,
}

pub struct Script {
    pub chain_id: String,
    pub height: u64,
    /// Each status question makes one block.
    pub height_per_status: u64,
    pub catching_up: bool,
    pub sequence: u64,
    pub on_broadcast: OnBroadcast,
    /// Height from which pool transactions are put into blocks.
    pub include_from: u64,
    /// Code of every executed transaction.
    pub execution_code: u32,
    /// How often `tx` still says "not found" for what is in a block.
    pub index_lag: u32,
    pub smart_answer: Vec<u8>,
    pub broadcasts: Vec<TxHash>,
    pool: Vec<Vec<u8>>,
    pub blocks: BTreeMap<TxHash, (u64, Vec<u8>)>,
    /// Messages executed over all blocks.
    pub executed_messages: u32,
}

#[derive(Clone)]
pub struct FakeNode(Arc<Mutex<Script>>);

impl FakeNode {
    pub async fn start() -> (Self, Url) {
        let node = Self(Arc::new(Mutex::new(Script {
            chain_id: "fake-1".into(),
            height: 10,
            height_per_status: 1,
            catching_up: false,
            sequence: 7,
            on_broadcast: OnBroadcast::Take,
            include_from: 0,
            execution_code: 0,
            index_lag: 0,
            smart_answer: b"null".to_vec(),
            broadcasts: Vec::new(),
            pool: Vec::new(),
            blocks: BTreeMap::new(),
            executed_messages: 0,
        })));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let router = Router::new()
            .route("/", post(answer))
            .with_state(node.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (node, url)
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    fn make_blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.height += 1;
            if self.height < self.include_from {
                continue;
            }
            for raw in std::mem::take(&mut self.pool) {
                let tx = TxRaw::decode(raw.as_slice()).unwrap();
                let body = TxBody::decode(tx.body_bytes.as_slice()).unwrap();
                let auth = AuthInfo::decode(tx.auth_info_bytes.as_slice()).unwrap();
                let in_time = self.height <= body.timeout_height;
                if in_time && auth.signer_infos[0].sequence == self.sequence {
                    self.sequence += 1;
                    self.executed_messages += u32::try_from(body.messages.len()).unwrap();
                    self.blocks.insert(TxHash::of(&raw), (self.height, raw));
                }
            }
        }
    }

    fn status(&mut self) -> Value {
        self.make_blocks(self.height_per_status);
        json!({
            "node_info": {
                "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
                "id": "00".repeat(20), "listen_addr": "tcp://127.0.0.1:1", "network": self.chain_id,
                "version": "0.37.5", "channels": "", "moniker": "fake",
                "other": {"tx_index": "on", "rpc_address": "tcp://127.0.0.1:1"},
            },
            "sync_info": {
                "latest_block_hash": "", "latest_app_hash": "", "latest_block_height": self.height.to_string(),
                "latest_block_time": block_time(self.height), "earliest_block_hash": "", "earliest_app_hash": "",
                "earliest_block_height": "1", "earliest_block_time": block_time(1), "catching_up": self.catching_up,
            },
            "validator_info": {
                "address": "00".repeat(20),
                "pub_key": {"type": "tendermint/PubKeyEd25519", "value": BASE64_STANDARD.encode([
                    0x3b, 0x6a, 0x27, 0xbc, 0xce, 0xb6, 0xa4, 0x2d, 0x62, 0xa3, 0xa8, 0xd0, 0x2a, 0x6f, 0x0d, 0x73,
                    0x65, 0x32, 0x15, 0x77, 0x1d, 0xe2, 0x43, 0xa6, 0x3a, 0xc0, 0x48, 0xa1, 0x8b, 0x59, 0xda, 0x29,
                ])},
                "voting_power": "1",
            },
        })
    }

    fn query(&self, path: &str) -> Value {
        let value = match path {
            "/cosmos.auth.v1beta1.Query/Account" => QueryAccountResponse {
                account: Some(
                    Any::from_msg(&BaseAccount {
                        address: String::new(),
                        pub_key: None,
                        account_number: 3,
                        sequence: self.sequence,
                    })
                    .unwrap(),
                ),
            }
            .encode_to_vec(),
            "/cosmos.tx.v1beta1.Service/Simulate" => SimulateResponse {
                gas_info: Some(GasInfo {
                    gas_wanted: 0,
                    gas_used: 150_001,
                }),
                result: None,
            }
            .encode_to_vec(),
            "/cosmwasm.wasm.v1.Query/SmartContractState" => QuerySmartContractStateResponse {
                data: self.smart_answer.clone(),
            }
            .encode_to_vec(),
            _ => Vec::new(),
        };
        json!({"response": {
            "code": 0, "log": "", "info": "", "index": "0", "key": "", "value": BASE64_STANDARD.encode(value),
            "proofOps": null, "height": self.height.to_string(), "codespace": "",
        }})
    }

    fn transaction(&mut self, hash: TxHash) -> Option<Value> {
        let (height, raw) = self.blocks.get(&hash)?.clone();
        if self.index_lag > 0 {
            self.index_lag -= 1;
            return None;
        }
        let body =
            TxBody::decode(TxRaw::decode(raw.as_slice()).unwrap().body_bytes.as_slice()).unwrap();
        let data = TxMsgData {
            msg_responses: (0..body.messages.len())
                .map(|at| {
                    let id = u32::try_from(at).unwrap();
                    Any::from_msg(&MsgExecuteContractResponse {
                        data: id.to_be_bytes().to_vec(),
                    })
                    .unwrap()
                })
                .collect(),
            ..TxMsgData::default()
        };
        Some(json!({
            "hash": hash.to_string(), "height": height.to_string(), "index": 0,
            "tx_result": {
                "code": self.execution_code, "data": BASE64_STANDARD.encode(data.encode_to_vec()), "log": "",
                "info": "", "gas_wanted": "225002", "gas_used": "150001", "codespace": "",
                "events": [{"type": "wasm", "attributes": [{"key": "proposal_id", "value": "12", "index": true}]}],
            },
            "tx": BASE64_STANDARD.encode(raw),
        }))
    }

    fn block(&self, height: u64) -> Value {
        let hash = "00".repeat(32);
        let id = json!({"hash": hash, "parts": {"total": 1, "hash": hash}});
        json!({"block_id": id, "block": {
            "header": {
                "version": {"block": "11", "app": "0"}, "chain_id": self.chain_id, "height": height.to_string(),
                "time": block_time(height), "last_block_id": id, "last_commit_hash": hash, "data_hash": hash,
                "validators_hash": hash, "next_validators_hash": hash, "consensus_hash": hash, "app_hash": hash,
                "last_results_hash": hash, "evidence_hash": hash, "proposer_address": "00".repeat(20),
            },
            "data": {"txs": []}, "evidence": {"evidence": []},
            "last_commit": {"height": (height - 1).to_string(), "round": 0, "block_id": id, "signatures": []},
        }})
    }
}

pub fn block_time(height: u64) -> String {
    format!("2026-11-25T00:{:02}:{:02}Z", height / 60, height % 60)
}

async fn answer(State(node): State<FakeNode>, body: Bytes) -> axum::response::Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let params = &request["params"];
    let mut script = node.script();
    let result = match request["method"].as_str().unwrap() {
        "status" => Ok(script.status()),
        "abci_query" => Ok(script.query(params["path"].as_str().unwrap())),
        "block" => Ok(script.block(params["height"].as_str().unwrap().parse().unwrap())),
        "tx" => {
            let hash: [u8; 32] = BASE64_STANDARD
                .decode(params["hash"].as_str().unwrap())
                .unwrap()
                .try_into()
                .unwrap();
            let hash = TxHash::from(hash);
            script
                .transaction(hash)
                .ok_or_else(|| format!("tx ({hash}) not found"))
        }
        "broadcast_tx_sync" => {
            let raw = BASE64_STANDARD
                .decode(params["tx"].as_str().unwrap())
                .unwrap();
            let hash = TxHash::of(&raw);
            script.broadcasts.push(hash);
            let behaviour = script.on_broadcast;
            if matches!(behaviour, OnBroadcast::Take | OnBroadcast::TakeAndHangUp)
                && !script.blocks.contains_key(&hash)
                && !script.pool.contains(&raw)
            {
                script.pool.push(raw);
            }
            if behaviour == OnBroadcast::TakeAndHangUp {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            let (code, log) = match behaviour {
                OnBroadcast::Refuse => (13, "insufficient fee"),
                _ => (0, ""),
            };
            Ok(
                json!({"code": code, "data": "", "log": log, "codespace": "sdk", "hash": hash.to_string()}),
            )
        }
        other => Err(format!("method {other} is not scripted")),
    };
    let answer = match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": request["id"], "result": result}),
        Err(data) => json!({"jsonrpc": "2.0", "id": request["id"],
            "error": {"code": -32603, "message": "Internal error", "data": data}}),
    };
    Json(answer).into_response()
}
