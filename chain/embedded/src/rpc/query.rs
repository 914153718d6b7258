//! `abci_query`: protobuf in, protobuf out, by the path of the gRPC method.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{
    BaseAccount, QueryAccountRequest, QueryAccountResponse,
};
use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
};
use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::cosmos::base::abci::v1beta1::{GasInfo, Result as ExecutionResult};
use cosmrs::proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    AbsoluteTxPosition, ContractInfo, QueryContractInfoRequest, QueryContractInfoResponse,
    QueryRawContractStateRequest, QueryRawContractStateResponse, QuerySmartContractStateRequest,
    QuerySmartContractStateResponse,
};
use cosmrs::proto::prost::{Message, Name};
use cosmrs::proto::tendermint::abci::{Event, EventAttribute};

use crate::accounts;
use crate::api::parse_address;
use crate::bank;
use crate::gas;
use crate::ledger::Ledger;
use crate::refusal::{Refusal, SDK, code};

/// Entries on a page when the request does not say, as in the SDK.
const DEFAULT_PAGE: usize = 100;
/// Most entries on a page.
const MAX_PAGE: usize = 1_000;

/// Answers the query at `path`.
///
/// # Errors
/// `UNKNOWN_REQUEST` for a path that is not served, `INVALID_REQUEST`, `KEY_NOT_FOUND`, and what a contract refuses.
pub(super) fn answer(ledger: &Ledger, path: &str, data: &[u8]) -> Result<Vec<u8>, Refusal> {
    match path {
        "/cosmos.bank.v1beta1.Query/Balance" => balance(ledger, &decode(data)?).map(encode),
        "/cosmos.bank.v1beta1.Query/AllBalances" => {
            all_balances(ledger, &decode(data)?).map(encode)
        }
        "/cosmos.auth.v1beta1.Query/Account" => account(ledger, &decode(data)?).map(encode),
        "/cosmos.tx.v1beta1.Service/Simulate" => simulate(ledger, decode(data)?).map(encode),
        "/cosmwasm.wasm.v1.Query/SmartContractState" => smart(ledger, &decode(data)?).map(encode),
        "/cosmwasm.wasm.v1.Query/RawContractState" => raw(ledger, &decode(data)?).map(encode),
        "/cosmwasm.wasm.v1.Query/ContractInfo" => contract_info(ledger, &decode(data)?).map(encode),
        other => Err(Refusal::sdk(
            code::UNKNOWN_REQUEST,
            format!("unknown query path {other:?}: unknown request"),
        )),
    }
}

fn decode<T: Message + Default>(data: &[u8]) -> Result<T, Refusal> {
    T::decode(data).map_err(|e| invalid(&e.to_string()))
}

fn encode<T: Message>(answer: T) -> Vec<u8> {
    answer.encode_to_vec()
}

fn invalid(reason: &str) -> Refusal {
    let log = format!("rpc error: code = InvalidArgument desc = {reason}: invalid request");
    Refusal::sdk(code::INVALID_REQUEST, log)
}

fn not_found(reason: &str) -> Refusal {
    let log = format!("rpc error: code = NotFound desc = {reason}: key not found");
    Refusal::sdk(code::KEY_NOT_FOUND, log)
}

/// What failed while it ran: the SDK answers with code 6 and puts the reason into the text.
fn failed(refusal: &Refusal, more: &str) -> Refusal {
    let log = format!(
        "rpc error: code = Unknown desc = {}{more}: unknown request",
        refusal.log
    );
    Refusal {
        codespace: SDK,
        code: code::UNKNOWN_REQUEST,
        log,
    }
}

fn address(text: &str) -> Result<(), Refusal> {
    parse_address(text)
        .map(drop)
        .map_err(|reason| invalid(&format!("address {text:?}: {reason}")))
}

fn coin(coin: cosmwasm_std::Coin) -> Coin {
    Coin {
        denom: coin.denom,
        amount: coin.amount.to_string(),
    }
}

fn balance(
    ledger: &Ledger,
    request: &QueryBalanceRequest,
) -> Result<QueryBalanceResponse, Refusal> {
    address(&request.address)?;
    if !bank::is_denom(&request.denom) {
        return Err(invalid(&format!("invalid denom: {:?}", request.denom)));
    }
    let amount = bank::balance(ledger.state(), &request.address, &request.denom);
    Ok(QueryBalanceResponse {
        balance: Some(Coin {
            denom: request.denom.clone(),
            amount: amount.to_string(),
        }),
    })
}

fn all_balances(
    ledger: &Ledger,
    request: &QueryAllBalancesRequest,
) -> Result<QueryAllBalancesResponse, Refusal> {
    address(&request.address)?;
    let page = request.pagination.clone().unwrap_or_default();
    if page.reverse {
        return Err(invalid("reverse pages are not served"));
    }
    let limit = page_limit(&page);
    let from = String::from_utf8(page.key.clone()).map_err(|_| invalid("invalid page key"))?;
    let skip = usize::try_from(page.offset).map_err(|_| invalid("invalid offset"))?;
    let mut found = bank::balances(ledger.state(), &request.address, &from).skip(skip);
    let balances: Vec<Coin> = found.by_ref().take(limit).map(coin).collect();
    let next_key = found
        .next()
        .map(|next| next.denom.into_bytes())
        .unwrap_or_default();
    let total = if page.count_total && page.key.is_empty() {
        u64::try_from(bank::balances(ledger.state(), &request.address, "").count())
            .unwrap_or(u64::MAX)
    } else {
        0
    };
    Ok(QueryAllBalancesResponse {
        balances,
        pagination: Some(PageResponse { next_key, total }),
    })
}

fn page_limit(page: &PageRequest) -> usize {
    match usize::try_from(page.limit) {
        Ok(0) => DEFAULT_PAGE,
        Ok(limit) => limit.min(MAX_PAGE),
        Err(_) => MAX_PAGE,
    }
}

fn account(
    ledger: &Ledger,
    request: &QueryAccountRequest,
) -> Result<QueryAccountResponse, Refusal> {
    address(&request.address)?;
    let account = accounts::load(ledger.state(), &request.address)
        .ok_or_else(|| not_found(&format!("account {} not found", request.address)))?;
    let any = Any {
        type_url: BaseAccount::type_url(),
        value: account.encode_to_vec(),
    };
    Ok(QueryAccountResponse { account: Some(any) })
}

fn simulate(ledger: &Ledger, request: SimulateRequest) -> Result<SimulateResponse, Refusal> {
    #[allow(deprecated)]
    let bytes = match request {
        SimulateRequest { tx_bytes, .. } if !tx_bytes.is_empty() => tx_bytes,
        SimulateRequest { tx: Some(tx), .. } => tx.encode_to_vec(),
        _ => return Err(invalid("empty txBytes is not allowed")),
    };
    let simulated = ledger
        .simulate(&bytes)
        .map_err(|refusal| failed(&refusal, ""))?;
    let events = simulated
        .executed
        .events
        .into_iter()
        .map(|event| Event {
            r#type: event.ty,
            attributes: event
                .attributes
                .into_iter()
                .map(|a| EventAttribute {
                    key: a.key,
                    value: a.value,
                    index: true,
                })
                .collect(),
        })
        .collect();
    let msg_responses = simulated.executed.responses;
    let data = TxMsgData {
        msg_responses: msg_responses.clone(),
        ..TxMsgData::default()
    }
    .encode_to_vec();
    #[allow(deprecated)]
    let result = ExecutionResult {
        data,
        log: String::new(),
        events,
        msg_responses,
    };
    Ok(SimulateResponse {
        gas_info: Some(GasInfo {
            gas_wanted: gas::MAX_TRANSACTION,
            gas_used: simulated.gas_used,
        }),
        result: Some(result),
    })
}

fn smart(
    ledger: &Ledger,
    request: &QuerySmartContractStateRequest,
) -> Result<QuerySmartContractStateResponse, Refusal> {
    address(&request.address)?;
    if serde_json::from_slice::<serde::de::IgnoredAny>(&request.query_data).is_err() {
        return Err(invalid("invalid query data: not JSON"));
    }
    let data = ledger
        .query_contract(&request.address, &request.query_data)
        .map_err(|refusal| failed(&refusal, ""))?;
    Ok(QuerySmartContractStateResponse { data })
}

fn raw(
    ledger: &Ledger,
    request: &QueryRawContractStateRequest,
) -> Result<QueryRawContractStateResponse, Refusal> {
    address(&request.address)?;
    let data = ledger
        .contract_raw(&request.address, &request.query_data)
        .map_err(|refusal| not_found(&refusal.log))?;
    Ok(QueryRawContractStateResponse { data })
}

fn contract_info(
    ledger: &Ledger,
    request: &QueryContractInfoRequest,
) -> Result<QueryContractInfoResponse, Refusal> {
    address(&request.address)?;
    let contract = ledger
        .contract(&request.address)
        .map_err(|refusal| not_found(&refusal.log))?;
    let info = ContractInfo {
        code_id: contract.code_id,
        creator: contract.creator.into_string(),
        admin: contract
            .admin
            .map(cosmwasm_std::Addr::into_string)
            .unwrap_or_default(),
        label: contract.label,
        created: Some(AbsoluteTxPosition {
            block_height: contract.created,
            tx_index: 0,
        }),
        ibc_port_id: String::new(),
        extension: None,
    };
    Ok(QueryContractInfoResponse {
        address: request.address.clone(),
        contract_info: Some(info),
    })
}
