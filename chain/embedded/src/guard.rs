//! A contract that can only fail its own call.

use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response};
use cw_multi_test::Contract;
use cw_multi_test::error::{AnyError, AnyResult};

use crate::panics::catch_panic;

/// What a contract answered instead of a response: its error's text, or the message it panicked with.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ContractFailure(pub(crate) String);

/// Wraps a contract so that a panic in an entry point is an error of that call, as a trap of a wasm module is.
pub(crate) struct Guarded(pub(crate) Box<dyn Contract<Empty>>);

impl Guarded {
    fn call<T>(&self, entry: impl FnOnce(&dyn Contract<Empty>) -> AnyResult<T>) -> AnyResult<T> {
        let contract = self.0.as_ref();
        let failure = match catch_panic(|| entry(contract)) {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(message) => format!("contract panicked: {message}"),
        };
        Err(AnyError::new(ContractFailure(failure)))
    }
}

impl Contract<Empty> for Guarded {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> AnyResult<Response> {
        self.call(|contract| contract.instantiate(deps, env, info, msg))
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> AnyResult<Response> {
        self.call(|contract| contract.execute(deps, env, info, msg))
    }

    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> AnyResult<Binary> {
        self.call(|contract| contract.query(deps, env, msg))
    }

    fn reply(&self, deps: DepsMut, env: Env, msg: Reply) -> AnyResult<Response> {
        self.call(|contract| contract.reply(deps, env, msg))
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> AnyResult<Response> {
        self.call(|contract| contract.sudo(deps, env, msg))
    }

    fn migrate(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> AnyResult<Response> {
        self.call(|contract| contract.migrate(deps, env, msg))
    }
}
