//! A contract that answers what it was told to, in place of the DKG contract: the tests choose what the chain says about
//! signers, lies included.

use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError, StdResult};
use cw_multi_test::{Contract, ContractWrapper};
use serde_json::{Value, json};

use super::{EPOCH, EPOCH_AFTER, Keys, THRESHOLD, World};

const ANSWERS: &[u8] = b"answers";

pub(crate) fn contract() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(execute, instantiate, query))
}

fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Value) -> StdResult<Response> {
    Ok(Response::new())
}

fn execute(deps: DepsMut, _: Env, _: MessageInfo, answers: Value) -> StdResult<Response> {
    deps.storage.set(ANSWERS, answers.to_string().as_bytes());
    Ok(Response::new())
}

fn query(deps: Deps, _: Env, asked: Value) -> StdResult<Binary> {
    let stored = deps
        .storage
        .get(ANSWERS)
        .ok_or_else(|| StdError::generic_err("no answers"))?;
    let answers: Value =
        serde_json::from_slice(&stored).map_err(|e| StdError::generic_err(e.to_string()))?;
    let (name, fields) = asked
        .as_object()
        .and_then(|object| object.iter().next())
        .ok_or_else(|| StdError::generic_err("no query"))?;
    let of_epoch = format!("{name}:{}", fields["epoch_id"]);
    let answer = answers
        .get(&of_epoch)
        .or_else(|| answers.get(name))
        .ok_or_else(|| StdError::generic_err(format!("unknown query {name}")))?;
    Ok(Binary::from(answer.to_string().into_bytes()))
}

/// The honest answers once the epoch after came into service at `concluded` (unix seconds), under `later`.
pub(crate) fn answers_after(world: &World, later: &Keys, concluded: u64) -> Value {
    let mut answers = answers(world);
    let shares = answers["get_verification_keys"].clone();
    answers[format!("get_verification_keys:{EPOCH}")] = shares;
    for (position, (_, key)) in later.shares.iter().enumerate() {
        let share = &mut answers["get_verification_keys"]["shares"][position];
        share["share"] = key.verification_key().to_base58().into();
        share["epoch_id"] = EPOCH_AFTER.get().into();
    }
    answers["get_current_epoch_state"]["epoch_id"] = EPOCH_AFTER.get().into();
    answers["get_ceremony"] = json!({
        "epoch_id": EPOCH_AFTER.get(), "resharing": false, "in_service_at_start": EPOCH.get(), "source_epoch": null,
        "source_threshold": null, "master_epoch": EPOCH_AFTER.get(), "predecessor": EPOCH.get(), "revoked": null,
        "threshold": THRESHOLD,
        "phases": [{"state": "in_progress", "height": 1, "time": (concluded * 1_000_000_000).to_string()}],
        "acknowledgement": {"deadline": null, "received": 0, "closed": true, "closed_height": null},
        "complete_dealers": 5, "outcome": "concluded", "reason": null, "block_height": 2, "block_time": "0"});
    answers
}

/// The honest answers about the world's signers.
pub(crate) fn answers(world: &World) -> Value {
    let owner = |index: u64| format!("n1signer{index}");
    let shares: Vec<Value> = world
        .signers
        .iter()
        .zip(&world.keys.shares)
        .map(|(signer, (index, key))| {
            json!({"share": key.verification_key().to_base58(), "announce_address": signer.url, "node_index": index,
                   "owner": owner(*index), "epoch_id": EPOCH.get(), "verified": true})
        })
        .collect();
    let dealers: Vec<Value> = world
        .signers
        .iter()
        .map(|signer| {
            json!({"address": owner(signer.index), "bte_public_key_with_proof": "none-v1-", "announce_address": signer.url,
                   "ed25519_identity": signer.identity.public().to_string(), "assigned_index": signer.index,
                   "registered_as": owner(signer.index)})
        })
        .collect();
    json!({
        "get_current_epoch_state": {
            "state": "in_progress", "epoch_id": EPOCH.get(),
            "state_progress": {"registered_dealers": 5, "registered_resharing_dealers": 0, "submitted_dealings": 0,
                               "submitted_key_shares": 5, "verified_keys": 5},
            "time_configuration": {"public_key_submission_time_secs": 1, "dealing_exchange_time_secs": 1,
                                   "verification_key_submission_time_secs": 1, "verification_key_validation_time_secs": 1,
                                   "verification_key_finalization_time_secs": 1, "in_progress_time_secs": 1},
            "deadline": null},
        "get_epoch_threshold": THRESHOLD,
        "get_verification_keys": {"shares": shares, "per_page": 30, "start_next_after": null},
        "get_epoch_dealers": {"dealers": dealers, "per_page": 30, "start_next_after": null},
    })
}
