//! Where contracts run: the wasm module and the bank, and what lies between them.
//!
//! A machine is made for one block or one query, because contract code is not `Send`; making one costs a few
//! allocations.

use std::cell::Cell;

use cosmwasm_std::{
    Addr, AllBalanceResponse, Api, BalanceResponse, BankMsg, BankQuery, Binary, BlockInfo, Coin,
    CosmosMsg, Empty, Querier, QuerierResult, QueryRequest, Storage, SystemError, SystemResult,
    WasmMsg, WasmQuery, from_json, to_json_binary,
};
use cw_multi_test::error::{AnyError, AnyResult, bail};
use cw_multi_test::{AppResponse, ContractData, CosmosRouter, SudoMsg, Wasm, WasmKeeper};

use crate::accounts;
use crate::api::NyxApi;
use crate::bank;
use crate::codes::Codes;
use crate::guard::Guarded;
use crate::refusal::{Refusal, code, wasm_code};

/// How deep contracts may call each other within one message, and ask each other within one query. The thread's stack
/// has to hold that many frames.
pub const MAX_CALL_DEPTH: u32 = 12;
/// Longest label of a contract, as on the network.
pub(crate) const MAX_LABEL_BYTES: usize = 128;

type Keeper = WasmKeeper<Empty, Empty>;

/// The modules and who may instantiate.
pub(crate) struct Machine {
    wasm: Keeper,
    api: NyxApi,
    codes: u64,
    admin: String,
    depth: Cell<u32>,
}

impl Machine {
    /// A machine with `codes`, where only `admin` may instantiate.
    pub(crate) fn new(codes: &Codes, admin: &str) -> Self {
        let mut wasm = Keeper::new();
        let mut count = 0;
        for make in codes.iter() {
            count = wasm.store_code(Addr::unchecked(admin), Box::new(Guarded(make())));
        }
        Self {
            wasm,
            api: NyxApi::default(),
            codes: count,
            admin: admin.to_owned(),
            depth: Cell::new(0),
        }
    }

    /// Runs one message. What it changes in `storage` stands even if it fails: pass a view.
    pub(crate) fn run(
        &self,
        storage: &mut dyn Storage,
        block: &BlockInfo,
        sender: &str,
        message: CosmosMsg,
    ) -> AnyResult<AppResponse> {
        self.depth.set(0);
        self.execute(&self.api, storage, block, Addr::unchecked(sender), message)
    }

    /// Asks a contract.
    pub(crate) fn query_contract(
        &self,
        storage: &dyn Storage,
        block: &BlockInfo,
        address: &str,
        message: Vec<u8>,
    ) -> AnyResult<Binary> {
        self.contract(storage, address)?;
        self.depth.set(0);
        let request = WasmQuery::Smart {
            contract_addr: address.to_owned(),
            msg: message.into(),
        };
        self.query(&self.api, storage, block, request.into())
    }

    /// What is known about the contract at `address`.
    ///
    /// # Errors
    /// `NO_SUCH_CONTRACT`.
    pub(crate) fn contract(
        &self,
        storage: &dyn Storage,
        address: &str,
    ) -> Result<ContractData, Refusal> {
        self.wasm
            .contract_data(storage, &Addr::unchecked(address))
            .map_err(|_| {
                let log = format!("address {address}: no such contract");
                Refusal::wasm(wasm_code::NO_SUCH_CONTRACT, log)
            })
    }

    /// One value of a contract's storage; empty if there is none.
    pub(crate) fn raw(&self, storage: &dyn Storage, address: &str, key: &[u8]) -> Vec<u8> {
        self.wasm
            .query_raw(Addr::unchecked(address), storage, key)
            .into()
    }

    /// Whether contract code has this id.
    fn has_code(&self, code_id: u64) -> bool {
        (1..=self.codes).contains(&code_id)
    }

    fn descend<T>(&self, action: impl FnOnce() -> AnyResult<T>) -> AnyResult<T> {
        let depth = self.depth.get();
        if depth >= MAX_CALL_DEPTH {
            bail!("calls are nested more than {MAX_CALL_DEPTH} deep");
        }
        self.depth.set(depth + 1);
        let outcome = action();
        self.depth.set(depth);
        outcome
    }

    /// The rules of the chain that the contract library does not have.
    fn admit(
        &self,
        storage: &dyn Storage,
        sender: &Addr,
        message: &WasmMsg,
    ) -> Result<(), Refusal> {
        let no_code = |id: &u64| {
            let log = format!("code id {id}: no such code");
            Err(Refusal::wasm(wasm_code::NO_SUCH_CONTRACT, log))
        };
        match message {
            WasmMsg::Execute { contract_addr, .. } => {
                self.contract(storage, contract_addr).map(drop)
            }
            WasmMsg::Instantiate {
                admin,
                code_id,
                label,
                ..
            } => {
                if sender.as_str() != self.admin {
                    let log = format!(
                        "{sender} can not instantiate, only {} can: unauthorized",
                        self.admin
                    );
                    return Err(Refusal::sdk(code::UNAUTHORIZED, log));
                }
                if label.is_empty() || label.len() > MAX_LABEL_BYTES {
                    let log = format!(
                        "label of {} bytes, expected 1 to {MAX_LABEL_BYTES}: invalid request",
                        label.len()
                    );
                    return Err(Refusal::sdk(code::INVALID_REQUEST, log));
                }
                if let Some(admin) = admin
                    && let Err(reason) = crate::api::parse_address(admin)
                {
                    let log = format!("admin {admin:?}: {reason}: invalid address");
                    return Err(Refusal::sdk(code::INVALID_ADDRESS, log));
                }
                if self.has_code(*code_id) {
                    Ok(())
                } else {
                    no_code(code_id)
                }
            }
            WasmMsg::Migrate {
                contract_addr,
                new_code_id,
                ..
            } => {
                let contract = self.contract(storage, contract_addr)?;
                if contract.admin.as_ref() != Some(sender) {
                    let log = format!("{sender} can not migrate {contract_addr}: unauthorized");
                    return Err(Refusal::sdk(code::UNAUTHORIZED, log));
                }
                if self.has_code(*new_code_id) {
                    Ok(())
                } else {
                    no_code(new_code_id)
                }
            }
            WasmMsg::UpdateAdmin { contract_addr, .. } | WasmMsg::ClearAdmin { contract_addr } => {
                self.contract(storage, contract_addr).map(drop)
            }
            _ => Err(unsupported("this wasm message")),
        }
    }

    fn execute_wasm(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        block: &BlockInfo,
        sender: Addr,
        message: WasmMsg,
    ) -> AnyResult<AppResponse> {
        self.admit(storage, &sender, &message)?;
        let instantiated = matches!(message, WasmMsg::Instantiate { .. });
        let response = self
            .wasm
            .execute(api, storage, self, block, sender, message)?;
        if instantiated {
            let address = response
                .events
                .iter()
                .find(|event| event.ty == "instantiate")
                .and_then(|event| {
                    event
                        .attributes
                        .iter()
                        .find(|a| a.key == "_contract_address")
                });
            if let Some(address) = address {
                accounts::ensure(storage, &address.value);
            }
        }
        Ok(response)
    }

    fn query_bank(&self, storage: &dyn Storage, request: BankQuery) -> AnyResult<Binary> {
        match request {
            BankQuery::Balance { address, denom } => {
                let amount = bank::balance(storage, &address, &denom);
                Ok(to_json_binary(&BalanceResponse::new(Coin::new(
                    amount, denom,
                )))?)
            }
            #[allow(deprecated)]
            BankQuery::AllBalances { address } => {
                let coins = bank::balances(storage, &address, "").collect();
                Ok(to_json_binary(&AllBalanceResponse::new(coins))?)
            }
            _ => Err(unsupported("this bank query").into()),
        }
    }
}

fn unsupported(what: &str) -> Refusal {
    Refusal::sdk(
        code::UNKNOWN_REQUEST,
        format!("{what} is not supported: unknown request"),
    )
}

impl CosmosRouter for Machine {
    type ExecC = Empty;
    type QueryC = Empty;

    fn execute(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        block: &BlockInfo,
        sender: Addr,
        msg: CosmosMsg,
    ) -> AnyResult<AppResponse> {
        self.descend(|| match msg {
            CosmosMsg::Wasm(message) => self.execute_wasm(api, storage, block, sender, message),
            CosmosMsg::Bank(BankMsg::Send { to_address, amount }) => {
                let events = bank::send(storage, sender.as_str(), &to_address, &amount)?;
                Ok(AppResponse {
                    events,
                    ..AppResponse::default()
                })
            }
            _ => Err(unsupported("this message of a contract").into()),
        })
    }

    fn query(
        &self,
        api: &dyn Api,
        storage: &dyn Storage,
        block: &BlockInfo,
        request: QueryRequest<Empty>,
    ) -> AnyResult<Binary> {
        self.descend(|| match request {
            QueryRequest::Wasm(
                request @ (WasmQuery::Smart { .. }
                | WasmQuery::Raw { .. }
                | WasmQuery::ContractInfo { .. }),
            ) => {
                let querier = MachineQuerier {
                    machine: self,
                    storage,
                    block,
                };
                self.wasm.query(api, storage, &querier, block, request)
            }
            QueryRequest::Bank(request) => self.query_bank(storage, request),
            _ => Err(unsupported("this query of a contract").into()),
        })
    }

    fn sudo(
        &self,
        _api: &dyn Api,
        _storage: &mut dyn Storage,
        _block: &BlockInfo,
        _msg: SudoMsg,
    ) -> AnyResult<AppResponse> {
        Err(unsupported("sudo").into())
    }
}

/// The chain as contracts see it when they ask.
struct MachineQuerier<'a> {
    machine: &'a Machine,
    storage: &'a dyn Storage,
    block: &'a BlockInfo,
}

impl Querier for MachineQuerier<'_> {
    fn raw_query(&self, request: &[u8]) -> QuerierResult {
        let request: QueryRequest<Empty> = match from_json(request) {
            Ok(request) => request,
            Err(error) => {
                return SystemResult::Err(SystemError::InvalidRequest {
                    error: error.to_string(),
                    request: request.into(),
                });
            }
        };
        let answer = self
            .machine
            .query(&self.machine.api, self.storage, self.block, request);
        SystemResult::Ok(answer.map_err(|error| reason(&error)).into())
    }
}

/// What went wrong, for the log: the chain's own reason or the contract's, without the library's frames around it.
pub(crate) fn reason(error: &AnyError) -> String {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.log.clone();
    }
    error.root_cause().to_string()
}
