//! The real ecash contract, which in addition says of a deposit what the test tells it: its own money rules withhold and
//! refund only after weeks.

use cosmwasm_std::{
    Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError, StdResult, from_json,
    to_json_vec,
};
use cw_multi_test::{Contract, ContractWrapper};
use serde_json::Value;

pub(crate) fn contract() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(
        execute,
        ecash_contract::contract::instantiate,
        query,
    ))
}

fn key(id: &Value) -> Vec<u8> {
    format!("test deposit state {id}").into_bytes()
}

fn fail(error: impl ToString) -> StdError {
    StdError::generic_err(error.to_string())
}

fn execute(deps: DepsMut, env: Env, info: MessageInfo, message: Value) -> StdResult<Response> {
    if let Some(told) = message.get("test_deposit_state") {
        deps.storage
            .set(&key(&told["id"]), &to_json_vec(&told["state"])?);
        return Ok(Response::new());
    }
    let message = from_json(message.to_string())?;
    ecash_contract::contract::execute(deps, env, info, message).map_err(fail)
}

fn query(deps: Deps, env: Env, asked: Value) -> StdResult<Binary> {
    let told = asked
        .get("get_deposit_info")
        .and_then(|asked| deps.storage.get(&key(&asked["deposit_id"])));
    let answer =
        ecash_contract::contract::query(deps, env, from_json(asked.to_string())?).map_err(fail)?;
    let Some(state) = told else {
        return Ok(answer);
    };
    let mut answer: Value = serde_json::from_slice(&answer).map_err(fail)?;
    answer["info"]["state"] = serde_json::from_slice(&state).map_err(fail)?;
    Ok(Binary::from(answer.to_string().into_bytes()))
}
