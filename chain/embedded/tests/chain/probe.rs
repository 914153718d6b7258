//! A contract that misbehaves on request.

use cosmwasm_std::{
    BankMsg, Binary, Coin, CosmosMsg, Deps, DepsMut, Empty, Env, Event, MessageInfo, Order, Reply,
    Response, StdError, StdResult, SubMsg, WasmMsg, WasmQuery, to_json_binary,
};
use cw_multi_test::{Contract, ContractWrapper};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Do {
    Nothing {},
    Set {
        key: String,
        value: String,
    },
    Remove {
        key: String,
    },
    Fail {
        after: String,
    },
    Panic {},
    Spin {},
    Pay {
        to: String,
        amount: u128,
    },
    Data {
        data: Binary,
        event: String,
    },
    /// Calls itself with `msg`; a failure is written under `handled`.
    Try {
        msg: Box<Do>,
    },
    /// Calls itself again and again.
    Recurse {},
    Burn {
        amount: u128,
    },
    Make {
        code_id: u64,
    },
}

#[derive(Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    Value { key: String },
    Count {},
    Time {},
    Panic {},
    Forever {},
    Balance { address: String },
}

fn instantiate(_: DepsMut, _: Env, _: MessageInfo, msg: Do) -> StdResult<Response> {
    match msg {
        Do::Fail { after } => Err(StdError::generic_err(after)),
        _ => Ok(Response::new().add_attribute("made", "yes")),
    }
}

fn execute(deps: DepsMut, env: Env, info: MessageInfo, msg: Do) -> StdResult<Response> {
    let own = |msg: &Do| -> StdResult<WasmMsg> {
        Ok(WasmMsg::Execute {
            contract_addr: env.contract.address.to_string(),
            msg: to_json_binary(msg)?,
            funds: vec![],
        })
    };
    match msg {
        Do::Nothing {} => Ok(Response::new()),
        Do::Set { key, value } => {
            deps.storage.set(key.as_bytes(), value.as_bytes());
            Ok(Response::new()
                .add_attribute("key", key)
                .add_attribute("sender", info.sender))
        }
        Do::Remove { key } => {
            deps.storage.remove(key.as_bytes());
            Ok(Response::new())
        }
        Do::Fail { after } => {
            deps.storage.set(after.as_bytes(), b"never");
            Err(StdError::generic_err("asked to fail"))
        }
        Do::Panic {} => {
            deps.storage.set(b"panicked", b"never");
            panic!("asked to panic")
        }
        Do::Spin {} => {
            for n in 0u64.. {
                deps.storage.get(&n.to_be_bytes());
            }
            Ok(Response::new())
        }
        Do::Pay { to, amount } => {
            let amount = vec![Coin::new(amount, "unym")];
            Ok(Response::new().add_message(BankMsg::Send {
                to_address: to,
                amount,
            }))
        }
        Do::Data { data, event } => Ok(Response::new()
            .set_data(data)
            .add_attribute("plain", "1")
            .add_event(Event::new(event).add_attribute("n", "2"))),
        Do::Try { msg } => {
            Ok(Response::new().add_submessage(SubMsg::reply_on_error(own(&msg)?, 1)))
        }
        Do::Recurse {} => Ok(Response::new().add_message(own(&Do::Recurse {})?)),
        Do::Burn { amount } => {
            let amount = vec![Coin::new(amount, "unym")];
            Ok(Response::new().add_message(CosmosMsg::Bank(BankMsg::Burn { amount })))
        }
        Do::Make { code_id } => Ok(Response::new().add_message(WasmMsg::Instantiate {
            admin: None,
            code_id,
            msg: to_json_binary(&Do::Nothing {})?,
            funds: vec![],
            label: "made by a contract".to_owned(),
        })),
    }
}

fn reply(deps: DepsMut, _: Env, reply: Reply) -> StdResult<Response> {
    let error = reply
        .result
        .into_result()
        .expect_err("only failures are replied");
    deps.storage.set(b"handled", error.as_bytes());
    Ok(Response::new())
}

fn query(deps: Deps, env: Env, msg: Ask) -> StdResult<Binary> {
    match msg {
        Ask::Value { key } => {
            let value = deps
                .storage
                .get(key.as_bytes())
                .map(|v| String::from_utf8_lossy(&v).into_owned());
            to_json_binary(&value)
        }
        Ask::Count {} => to_json_binary(&deps.storage.range(None, None, Order::Ascending).count()),
        Ask::Time {} => to_json_binary(&(env.block.height, env.block.time, env.block.chain_id)),
        Ask::Panic {} => panic!("asked to panic"),
        Ask::Forever {} => {
            let msg = to_json_binary(&Ask::Forever {})?;
            let request = WasmQuery::Smart {
                contract_addr: env.contract.address.into_string(),
                msg,
            };
            deps.querier.query(&request.into())
        }
        Ask::Balance { address } => to_json_binary(&deps.querier.query_balance(address, "unym")?),
    }
}

fn migrate(deps: DepsMut, _: Env, _: Empty) -> StdResult<Response> {
    deps.storage.set(b"migrated", b"yes");
    Ok(Response::new().set_data(b"m"))
}

pub fn code() -> Box<dyn Contract<Empty>> {
    Box::new(
        ContractWrapper::new(execute, instantiate, query)
            .with_reply(reply)
            .with_migrate(migrate),
    )
}
