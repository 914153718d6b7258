//! The methods. 64-bit numbers are texts, hashes upper-case hexadecimal, bytes base64: as CometBFT writes them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::query;
use super::request::{Params, Request, RpcError};
use crate::blocks::{BLOCK_PROTOCOL, Block, Proposer};
use crate::chain::{EmbeddedChain, TxHash};
use crate::error::ChainError;
use crate::ledger::Ledger;
use crate::refusal::{Refusal, code};
use crate::store::record::{IncludedTx, TxResult};

/// Version of CometBFT whose dialect this is; clients choose theirs by it.
const NODE_VERSION: &str = "0.37.0";
/// How long `broadcast_tx_commit` waits for a block.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers one request.
pub(super) async fn call(chain: &EmbeddedChain, request: Request) -> Result<Value, RpcError> {
    if request.method == "broadcast_tx_commit" {
        return broadcast_commit(chain, request.params).await;
    }
    let chain = chain.clone();
    let answered = tokio::task::spawn_blocking(move || answer(&chain, &request)).await;
    answered.unwrap_or_else(|error| Err(RpcError::internal(error.to_string())))
}

fn answer(chain: &EmbeddedChain, request: &Request) -> Result<Value, RpcError> {
    let params = &request.params;
    match request.method.as_str() {
        "health" => Ok(json!({})),
        "status" => status(&chain.read()),
        "abci_info" => Ok(abci_info(&chain.read())),
        "abci_query" => abci_query(&chain.read(), params),
        "block" => block(&chain.read(), params),
        "tx" => tx(&chain.read(), params),
        "broadcast_tx_sync" => broadcast_sync(chain, params),
        other => Err(RpcError::unknown_method(other)),
    }
}

fn internal(error: ChainError) -> RpcError {
    RpcError::internal(error.to_string())
}

fn hex_upper(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// RFC 3339 with nanoseconds, as CometBFT writes times.
fn time_text(block: &Block) -> Result<String, RpcError> {
    let seconds = i64::try_from(block.time.seconds()).unwrap_or(i64::MAX);
    cosmrs::tendermint::Time::from_unix_timestamp(seconds, block.time.subsec_nanos())
        .map(|time| time.to_rfc3339())
        .map_err(|e| RpcError::internal(e.to_string()))
}

fn latest(ledger: &Ledger) -> Result<&Block, RpcError> {
    let block = ledger
        .blocks()
        .last()
        .ok_or_else(|| RpcError::internal("there is no block yet"))?;
    Ok(block)
}

fn status(ledger: &Ledger) -> Result<Value, RpcError> {
    let last = latest(ledger)?;
    let first = ledger.blocks().first().map_or(last, |block| block.as_ref());
    let Proposer {
        address,
        public_key,
        ..
    } = ledger.proposer();
    let address = hex_upper(address.as_bytes());
    Ok(json!({
        "node_info": {
            "protocol_version": {"p2p": "8", "block": BLOCK_PROTOCOL.to_string(), "app": "0"},
            "id": address.to_lowercase(),
            "listen_addr": "tcp://127.0.0.1:0",
            "network": ledger.chain_id(),
            "version": NODE_VERSION,
            "channels": "",
            "moniker": "nyx-embedded",
            "other": {"tx_index": "on", "rpc_address": "tcp://127.0.0.1:0"},
        },
        "sync_info": {
            "latest_block_hash": hex_upper(&last.hash),
            "latest_app_hash": hex_upper(&last.previous_app_hash),
            "latest_block_height": last.height.to_string(),
            "latest_block_time": time_text(last)?,
            "earliest_block_hash": hex_upper(&first.hash),
            "earliest_app_hash": hex_upper(&first.previous_app_hash),
            "earliest_block_height": first.height.to_string(),
            "earliest_block_time": time_text(first)?,
            "catching_up": false,
        },
        "validator_info": {
            "address": address,
            "pub_key": {"type": "tendermint/PubKeyEd25519", "value": BASE64.encode(public_key)},
            "voting_power": Proposer::POWER.to_string(),
        },
    }))
}

fn abci_info(ledger: &Ledger) -> Value {
    json!({"response": {
        "data": "nyx-embedded",
        "version": env!("CARGO_PKG_VERSION"),
        "app_version": "0",
        "last_block_height": ledger.height().to_string(),
        "last_block_app_hash": BASE64.encode(ledger.app_hash()),
    }})
}

fn abci_query(ledger: &Ledger, params: &Params) -> Result<Value, RpcError> {
    let path = params.text(0, "path")?.unwrap_or_default();
    let data = params.hex(1, "data")?;
    let asked = params.height(2, "height")?;
    let height = ledger.height();
    let answer = match asked {
        Some(asked) if asked != height => {
            let log =
                format!("state at height {asked} is not kept, only at {height}: invalid height");
            Err(Refusal::sdk(code::INVALID_HEIGHT, log))
        }
        _ => query::answer(ledger, path, &data),
    };
    let response = match answer {
        Ok(value) => json!({
            "code": 0, "log": "", "info": "", "index": "0", "key": null, "value": BASE64.encode(value),
            "proofOps": null, "height": height.to_string(), "codespace": "",
        }),
        Err(refusal) => json!({
            "code": refusal.code, "log": refusal.log, "info": "", "index": "0", "key": null, "value": null,
            "proofOps": null, "height": height.to_string(), "codespace": refusal.codespace,
        }),
    };
    Ok(json!({ "response": response }))
}

fn block(ledger: &Ledger, params: &Params) -> Result<Value, RpcError> {
    let height = ledger.height();
    let asked = params.height(0, "height")?.unwrap_or(height);
    if asked > height {
        let data = format!(
            "height {asked} must be less than or equal to the current blockchain height {height}"
        );
        return Err(RpcError::internal(data));
    }
    let block = ledger.blocks().at(asked).ok_or_else(|| {
        RpcError::internal(format!("block {asked} was empty and is no longer kept"))
    })?;
    let header = block
        .header(ledger.chain_id(), ledger.proposer())
        .map_err(internal)?;
    let header = serde_json::to_value(header).map_err(|e| RpcError::internal(e.to_string()))?;
    let id = serde_json::to_value(Block::id(block.hash, block.app_hash))
        .map_err(|e| RpcError::internal(e.to_string()))?;
    let txs: Vec<String> = block
        .txs
        .iter()
        .map(|tx| BASE64.encode(&tx.bytes))
        .collect();
    Ok(json!({
        "block_id": id,
        "block": {
            "header": header,
            "data": {"txs": txs},
            "evidence": {"evidence": []},
            "last_commit": null,
        },
    }))
}

fn tx(ledger: &Ledger, params: &Params) -> Result<Value, RpcError> {
    let hash = params.hash(0, "hash")?;
    let (height, index, tx) = ledger
        .blocks()
        .tx(TxHash(hash))
        .ok_or_else(|| RpcError::internal(format!("tx ({}) not found", hex_upper(&hash))))?;
    Ok(json!({
        "hash": hex_upper(&hash),
        "height": height.to_string(),
        "index": index,
        "tx_result": tx_result(&tx.result),
        "tx": BASE64.encode(&tx.bytes),
    }))
}

fn tx_result(result: &TxResult) -> Value {
    let events: Vec<Value> = result
        .events
        .iter()
        .map(|event| {
            let attributes: Vec<Value> = event
                .attributes
                .iter()
                .map(|(key, value)| json!({"key": key, "value": value, "index": true}))
                .collect();
            json!({"type": event.kind, "attributes": attributes})
        })
        .collect();
    let data = if result.data.is_empty() {
        Value::Null
    } else {
        BASE64.encode(&result.data).into()
    };
    json!({
        "code": result.code,
        "data": data,
        "log": result.log,
        "info": "",
        "gas_wanted": result.gas_wanted.to_string(),
        "gas_used": result.gas_used.to_string(),
        "events": events,
        "codespace": result.codespace,
    })
}

/// Submits a transaction; what CometBFT itself refuses before it asks the application is an error of the RPC.
fn submit(
    chain: &EmbeddedChain,
    params: &Params,
) -> Result<(TxHash, Result<(), Refusal>), RpcError> {
    use sha2::Digest;
    let bytes = params.base64(0, "tx")?;
    let hash = TxHash(sha2::Sha256::digest(&bytes).into());
    match chain.submit(bytes) {
        Ok(hash) => Ok((hash, Ok(()))),
        Err(refusal)
            if matches!(
                refusal.code,
                code::TX_IN_MEMPOOL | code::MEMPOOL_FULL | code::TX_TOO_LARGE
            ) =>
        {
            Err(RpcError::internal(refusal.log))
        }
        Err(refusal) => Ok((hash, Err(refusal))),
    }
}

fn broadcast_sync(chain: &EmbeddedChain, params: &Params) -> Result<Value, RpcError> {
    let (TxHash(hash), checked) = submit(chain, params)?;
    let (code, log, codespace) = match checked {
        Ok(()) => (0, String::new(), ""),
        Err(refusal) => (refusal.code, refusal.log, refusal.codespace),
    };
    Ok(
        json!({"code": code, "data": "", "log": log, "codespace": codespace, "hash": hex_upper(&hash)}),
    )
}

fn check_result(refusal: Option<&Refusal>) -> Value {
    tx_result(&TxResult {
        code: refusal.map_or(0, |refusal| refusal.code),
        codespace: refusal.map_or_else(String::new, |refusal| refusal.codespace.to_owned()),
        log: refusal.map_or_else(String::new, |refusal| refusal.log.clone()),
        ..TxResult::default()
    })
}

fn commit_answer(
    hash: TxHash,
    refusal: Option<&Refusal>,
    included: Option<(u64, &IncludedTx)>,
) -> Value {
    let (height, delivered) = match included {
        Some((height, tx)) => (height, tx_result(&tx.result)),
        None => (0, tx_result(&TxResult::default())),
    };
    json!({
        "check_tx": check_result(refusal),
        "deliver_tx": delivered,
        "hash": hex_upper(&hash.0),
        "height": height.to_string(),
    })
}

async fn broadcast_commit(chain: &EmbeddedChain, params: Params) -> Result<Value, RpcError> {
    let submitting = chain.clone();
    let submitted = tokio::task::spawn_blocking(move || submit(&submitting, &params)).await;
    let (hash, checked) =
        submitted.unwrap_or_else(|error| Err(RpcError::internal(error.to_string())))?;
    if let Err(refusal) = checked {
        return Ok(commit_answer(hash, Some(&refusal), None));
    }
    tokio::time::timeout(COMMIT_TIMEOUT, until_decided(chain, hash))
        .await
        .unwrap_or_else(|_| {
            Err(RpcError::internal(
                "timed out waiting for tx to be included in a block",
            ))
        })
}

async fn until_decided(chain: &EmbeddedChain, hash: TxHash) -> Result<Value, RpcError> {
    loop {
        let height = {
            let ledger = chain.read();
            if let Some((height, _, tx)) = ledger.blocks().tx(hash) {
                return Ok(commit_answer(hash, None, Some((height, tx))));
            }
            if let Some(refusal) = ledger.dropped(hash) {
                return Err(RpcError::internal(format!(
                    "tx was left out of the block: {refusal}"
                )));
            }
            ledger.height()
        };
        chain.block_after(height).await;
    }
}
