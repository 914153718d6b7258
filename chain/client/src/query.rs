//! Questions to a node, and sending bytes to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use cosmrs::{
    AccountId,
    proto::{
        cosmos::{
            auth::v1beta1::{
                BaseAccount, ModuleAccount, QueryAccountRequest, QueryAccountResponse,
            },
            bank::v1beta1::{
                QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest,
                QueryBalanceResponse,
            },
            base::{query::v1beta1::PageRequest, v1beta1::Coin as ProtoCoin},
            tx::v1beta1::{SimulateRequest, SimulateResponse},
            vesting::v1beta1::{
                BaseVestingAccount, ContinuousVestingAccount, DelayedVestingAccount,
                PeriodicVestingAccount, PermanentLockedAccount,
            },
        },
        cosmwasm::wasm::v1::{
            QueryContractInfoRequest, QueryContractInfoResponse, QueryRawContractStateRequest,
            QueryRawContractStateResponse, QuerySmartContractStateRequest,
            QuerySmartContractStateResponse,
        },
        prost::Message,
    },
    tendermint::{Hash, abci::Code, block::Height},
};
use cosmwasm_std::{Coin, Timestamp, Uint128};
use serde::{Serialize, de::DeserializeOwned};
use tendermint_rpc::{SimpleRequest, dialect::v0_37::Dialect, endpoint};
use url::Url;

use crate::{
    contracts::{dkg::Dkg, ecash::Ecash, group::Group, multisig::Multisig},
    error::Error,
    included::{MsgResponse, TxEvent, decode_responses},
    limits,
    transaction::TxHash,
    transport::{Endpoint, clip},
};

/// What a node says about itself and the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Chain that it follows.
    pub chain_id: String,
    /// Height of its latest block.
    pub latest_height: u64,
    /// Time of that block.
    pub latest_time: Timestamp,
    /// Whether it still fetches old blocks; such a node's answers decide nothing.
    pub catching_up: bool,
}

/// An account's record in the chain's `auth` module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Its number, part of what is signed.
    pub number: u64,
    /// Sequence number of its next transaction.
    pub sequence: u64,
}

/// A transaction as found in a block, whether it succeeded or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedTx {
    /// Its hash.
    pub hash: TxHash,
    /// Its block.
    pub height: u64,
    /// 0 if it succeeded.
    pub code: u32,
    /// Name space of the code.
    pub codespace: String,
    /// Text of a failure.
    pub log: String,
    /// Gas used.
    pub gas_used: u64,
    /// Length of its signed bytes.
    pub size_bytes: usize,
    /// Responses, one per message; empty on failure.
    pub responses: Vec<MsgResponse>,
    /// Events.
    pub events: Vec<TxEvent>,
}

/// A node's first opinion on a transaction that was sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckTx {
    /// 0 if it waits for a block.
    pub code: u32,
    /// Name space of the code.
    pub codespace: String,
    /// Text of a refusal.
    pub log: String,
}

/// Who made a contract and what it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractInfo {
    /// Code that it runs.
    pub code_id: u64,
    /// Who instantiated it.
    pub creator: String,
    /// Who may migrate it; nobody without one.
    pub admin: Option<String>,
    /// Its label.
    pub label: String,
}

/// A client of one or more nodes of one chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct QueryClient {
    endpoints: Arc<[Endpoint]>,
    /// Position of the endpoint that answered last; asked first.
    preferred: Arc<AtomicUsize>,
}

impl QueryClient {
    /// A client of the nodes at `endpoints`, asked in this order; calls are bounded by [`limits::CALL_TIMEOUT`].
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::EndpointCount`], [`Error::BadEndpoint`].
    pub fn new(endpoints: &[Url]) -> Result<Self, Error> {
        Self::with_timeout(endpoints, limits::CALL_TIMEOUT)
    }

    /// The same with another bound for one call.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_timeout(endpoints: &[Url], timeout: Duration) -> Result<Self, Error> {
        if endpoints.is_empty() || endpoints.len() > limits::MAX_ENDPOINTS {
            return Err(Error::EndpointCount {
                given: endpoints.len(),
                most: limits::MAX_ENDPOINTS,
            });
        }
        Ok(Self {
            endpoints: endpoints
                .iter()
                .map(|url| Endpoint::new(url, timeout))
                .collect::<Result<_, _>>()?,
            preferred: Arc::default(),
        })
    }

    /// The endpoints' URLs.
    pub fn endpoints(&self) -> impl Iterator<Item = &Url> {
        self.endpoints.iter().map(Endpoint::url)
    }

    /// One client per endpoint, for questions on which all nodes must agree (`spec/dkg.md` 13.1) and for decisions that
    /// rest on several answers of one node.
    #[must_use]
    pub fn each(&self) -> Vec<Self> {
        let start = self.preferred.load(Ordering::Relaxed);
        let count = self.endpoints.len();
        (0..count)
            .filter_map(|step| self.endpoints.get((start + step) % count))
            .map(|endpoint| Self {
                endpoints: Arc::from([endpoint.clone()]),
                preferred: Arc::default(),
            })
            .collect()
    }

    /// Queries of the DKG contract at `address`.
    #[must_use]
    pub fn dkg(&self, address: &AccountId) -> Dkg {
        Dkg::new(self.clone(), address.clone())
    }

    /// Queries of the ecash contract at `address`.
    #[must_use]
    pub fn ecash(&self, address: &AccountId) -> Ecash {
        Ecash::new(self.clone(), address.clone())
    }

    /// Queries of the group contract at `address`.
    #[must_use]
    pub fn group(&self, address: &AccountId) -> Group {
        Group::new(self.clone(), address.clone())
    }

    /// Queries of the multisig contract at `address`.
    #[must_use]
    pub fn multisig(&self, address: &AccountId) -> Multisig {
        Multisig::new(self.clone(), address.clone())
    }

    /// The node's status.
    ///
    /// # Errors
    /// As every call: [`Error::Unreachable`], [`Error::TimedOut`], [`Error::Garbage`], [`Error::AnswerTooLarge`] of the
    /// last endpoint asked, [`Error::Rpc`].
    pub async fn status(&self) -> Result<NodeStatus, Error> {
        let status = self.call("status", endpoint::status::Request).await?;
        Ok(NodeStatus {
            chain_id: status.node_info.network.to_string(),
            latest_height: status.sync_info.latest_block_height.value(),
            latest_time: timestamp(status.sync_info.latest_block_time),
            catching_up: status.sync_info.catching_up,
        })
    }

    /// Time of the block at `height`.
    ///
    /// # Errors
    /// Those of every call; [`Error::Rpc`] if the node does not have the block.
    pub async fn block_time(&self, height: u64) -> Result<Timestamp, Error> {
        let height = Height::try_from(height).map_err(|_| Error::NotFound {
            what: format!("block {height}"),
        })?;
        let block = self
            .call("block", endpoint::block::Request::new(height))
            .await?;
        Ok(timestamp(block.block.header.time))
    }

    /// The transaction with this hash, if it is in a block. `None` is the node's definite "not found".
    ///
    /// # Errors
    /// Those of every call.
    pub async fn transaction(&self, hash: TxHash) -> Result<Option<ExecutedTx>, Error> {
        let request = endpoint::tx::Request::new(Hash::Sha256(*hash.as_bytes()), false);
        let (found, asked) = match self.call_from("tx", request).await {
            Ok(found) => found,
            Err(Error::Rpc { message, .. }) if message.contains("not found") => return Ok(None),
            Err(error) => return Err(error),
        };
        if TxHash::of(&found.tx) != hash {
            return Err(asked.garbage("tx", "the bytes are not those of the hash asked for"));
        }
        let result = found.tx_result;
        let code = code_number(result.code);
        let responses = if code == 0 {
            // The field's type keeps the JSON text, which is base64, undecoded.
            BASE64_STANDARD
                .decode(&result.data)
                .map_err(|e| e.to_string())
                .and_then(|data| decode_responses(&data))
                .map_err(|reason| asked.garbage("tx", &reason))?
        } else {
            Vec::new()
        };
        Ok(Some(ExecutedTx {
            hash,
            height: found.height.value(),
            code,
            codespace: result.codespace,
            log: clip(&result.log),
            gas_used: u64::try_from(result.gas_used).unwrap_or(0),
            size_bytes: found.tx.len(),
            responses,
            events: result.events.iter().map(event).collect(),
        }))
    }

    /// Gas that the transaction would use, and nothing else: nothing is sent.
    ///
    /// # Errors
    /// [`Error::Simulation`] with the contract's text if it would fail; those of every call.
    pub async fn simulate(&self, tx_bytes: Vec<u8>) -> Result<u64, Error> {
        #[allow(deprecated)]
        let request = SimulateRequest { tx: None, tx_bytes };
        let answer: SimulateResponse = self
            .abci("/cosmos.tx.v1beta1.Service/Simulate", &request)
            .await
            .map_err(|error| match error {
                Error::Query {
                    codespace,
                    code,
                    log,
                    ..
                } => Error::Simulation {
                    codespace,
                    code,
                    log,
                },
                other => other,
            })?;
        answer
            .gas_info
            .map(|info| info.gas_used)
            .ok_or_else(|| self.shapeless("Simulate", "no gas_info"))
    }

    /// Sends signed bytes and returns the node's first opinion. Says nothing about inclusion.
    ///
    /// # Errors
    /// Those of every call; the bytes may have arrived all the same.
    pub async fn broadcast(&self, raw: &[u8]) -> Result<CheckTx, Error> {
        let answer = self
            .call(
                "broadcast_tx_sync",
                endpoint::broadcast::tx_sync::Request::new(raw),
            )
            .await?;
        Ok(CheckTx {
            code: code_number(answer.code),
            codespace: answer.codespace,
            log: clip(&answer.log),
        })
    }

    /// The account's number and sequence; `None` if the chain has never seen it.
    ///
    /// # Errors
    /// Those of every call; [`Error::Garbage`] for an account type that is not understood (base, module and the vesting
    /// types are).
    pub async fn account(&self, address: &AccountId) -> Result<Option<AccountState>, Error> {
        let request = QueryAccountRequest {
            address: address.to_string(),
        };
        let answer: QueryAccountResponse = match self
            .abci("/cosmos.auth.v1beta1.Query/Account", &request)
            .await
        {
            Ok(answer) => answer,
            Err(Error::Query { log, .. }) if log.contains("not found") => return Ok(None),
            Err(error) => return Err(error),
        };
        let any = answer
            .account
            .ok_or_else(|| self.shapeless("Account", "no account"))?;
        let base = base_account(&any.type_url, &any.value)
            .map_err(|reason| self.shapeless("Account", &reason))?;
        Ok(Some(AccountState {
            number: base.account_number,
            sequence: base.sequence,
        }))
    }

    /// The account's balance in one denom; zero if it has none.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn balance(&self, address: &AccountId, denom: &str) -> Result<Coin, Error> {
        let request = QueryBalanceRequest {
            address: address.to_string(),
            denom: denom.to_owned(),
        };
        let answer: QueryBalanceResponse = self
            .abci("/cosmos.bank.v1beta1.Query/Balance", &request)
            .await?;
        match answer.balance {
            Some(coin) => self.coin(coin),
            None => Ok(Coin::new(0_u128, denom)),
        }
    }

    /// All balances of the account.
    ///
    /// # Errors
    /// Those of every call; [`Error::EndlessList`] beyond [`limits::MAX_BALANCE_PAGES`] pages.
    pub async fn balances(&self, address: &AccountId) -> Result<Vec<Coin>, Error> {
        let mut coins = Vec::new();
        let mut key = Vec::new();
        for _ in 0..limits::MAX_BALANCE_PAGES {
            let request = QueryAllBalancesRequest {
                address: address.to_string(),
                pagination: Some(PageRequest {
                    key,
                    ..PageRequest::default()
                }),
                resolve_denom: false,
            };
            let answer: QueryAllBalancesResponse = self
                .abci("/cosmos.bank.v1beta1.Query/AllBalances", &request)
                .await?;
            let empty = answer.balances.is_empty();
            for coin in answer.balances {
                coins.push(self.coin(coin)?);
            }
            key = answer
                .pagination
                .map(|page| page.next_key)
                .unwrap_or_default();
            if empty || key.is_empty() {
                return Ok(coins);
            }
        }
        Err(Error::EndlessList {
            contract: format!("account {address}"),
            query: "AllBalances",
            pages: limits::MAX_BALANCE_PAGES,
        })
    }

    /// Who made a contract and what it runs.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such contract; those of every call.
    pub async fn contract_info(&self, contract: &AccountId) -> Result<ContractInfo, Error> {
        let request = QueryContractInfoRequest {
            address: contract.to_string(),
        };
        let absent = || Error::NotFound {
            what: format!("contract {contract}"),
        };
        let answer: QueryContractInfoResponse = match self
            .abci("/cosmwasm.wasm.v1.Query/ContractInfo", &request)
            .await
        {
            Err(Error::Query { log, .. }) if log.contains("no such contract") => {
                return Err(absent());
            }
            other => other?,
        };
        let info = answer.contract_info.ok_or_else(absent)?;
        Ok(ContractInfo {
            code_id: info.code_id,
            creator: info.creator,
            admin: Some(info.admin).filter(|admin| !admin.is_empty()),
            label: info.label,
        })
    }

    /// The value under a raw storage key of a contract; `None` if the key holds nothing.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn raw_state(
        &self,
        contract: &AccountId,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        let request = QueryRawContractStateRequest {
            address: contract.to_string(),
            query_data: key.to_vec(),
        };
        let answer: QueryRawContractStateResponse = self
            .abci("/cosmwasm.wasm.v1.Query/RawContractState", &request)
            .await?;
        Ok(Some(answer.data).filter(|data| !data.is_empty()))
    }

    /// A contract's answer to a query message.
    ///
    /// # Errors
    /// [`Error::Query`] with the contract's text; [`Error::Garbage`] if the answer is not of the type `T`; those of
    /// every call.
    pub async fn smart<T: DeserializeOwned>(
        &self,
        contract: &AccountId,
        query: &impl Serialize,
    ) -> Result<T, Error> {
        let request = QuerySmartContractStateRequest {
            address: contract.to_string(),
            query_data: serde_json::to_vec(query).map_err(|e| Error::Encode(e.to_string()))?,
        };
        let answer: QuerySmartContractStateResponse = self
            .abci("/cosmwasm.wasm.v1.Query/SmartContractState", &request)
            .await
            .map_err(|error| match error {
                Error::Query {
                    path,
                    codespace,
                    code,
                    log,
                } => Error::Query {
                    path: format!("{path} of {contract}"),
                    codespace,
                    code,
                    log,
                },
                other => other,
            })?;
        serde_json::from_slice(&answer.data)
            .map_err(|e| self.shapeless(&format!("query of contract {contract}"), &e.to_string()))
    }

    /// One `abci_query`: protobuf in, protobuf out.
    async fn abci<Q: Message, A: Message + Default>(
        &self,
        path: &'static str,
        request: &Q,
    ) -> Result<A, Error> {
        let request = endpoint::abci_query::Request::new(
            Some(path.to_owned()),
            request.encode_to_vec(),
            None,
            false,
        );
        let (answer, asked) = self.call_from("abci_query", request).await?;
        let response = answer.response;
        let code = code_number(response.code);
        if code != 0 {
            return Err(Error::Query {
                path: path.to_owned(),
                codespace: response.codespace,
                code,
                log: clip(&response.log),
            });
        }
        A::decode(response.value.as_slice()).map_err(|e| asked.garbage(path, &e.to_string()))
    }

    async fn call<R>(&self, method: &'static str, request: R) -> Result<R::Output, Error>
    where
        R: SimpleRequest<Dialect> + Clone,
    {
        Ok(self.call_from(method, request).await?.0)
    }

    /// Asks one endpoint after the other, the last good one first, until one answers; what it answers counts, also a
    /// refusal.
    async fn call_from<R>(
        &self,
        method: &'static str,
        request: R,
    ) -> Result<(R::Output, &Endpoint), Error>
    where
        R: SimpleRequest<Dialect> + Clone,
    {
        let count = self.endpoints.len();
        let start = self.preferred.load(Ordering::Relaxed);
        let mut last = Error::EndpointCount {
            given: 0,
            most: limits::MAX_ENDPOINTS,
        };
        for step in 0..count {
            let at = (start + step) % count;
            let Some(endpoint) = self.endpoints.get(at) else {
                continue;
            };
            match endpoint.call(method, request.clone()).await {
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, method, "chain endpoint failed");
                    last = error;
                }
                outcome => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return outcome.map(|answer| (answer, endpoint));
                }
            }
        }
        Err(last)
    }

    fn shapeless(&self, method: &str, reason: &str) -> Error {
        let at = self.preferred.load(Ordering::Relaxed);
        match self.endpoints.get(at) {
            Some(endpoint) => endpoint.garbage(method, reason),
            None => Error::Garbage {
                endpoint: String::new(),
                method: method.to_owned(),
                reason: reason.to_owned(),
            },
        }
    }

    fn coin(&self, coin: ProtoCoin) -> Result<Coin, Error> {
        let amount: u128 = coin.amount.parse().map_err(|_| {
            self.shapeless("bank query", &format!("{:?} is no amount", coin.amount))
        })?;
        Ok(Coin {
            denom: coin.denom,
            amount: Uint128::new(amount),
        })
    }
}

fn code_number(code: Code) -> u32 {
    match code {
        Code::Ok => 0,
        Code::Err(code) => code.get(),
    }
}

fn timestamp(time: cosmrs::tendermint::Time) -> Timestamp {
    let nanos = time.unix_timestamp_nanos();
    Timestamp::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

fn event(event: &cosmrs::tendermint::abci::Event) -> TxEvent {
    TxEvent {
        kind: event.kind.clone(),
        attributes: event
            .attributes
            .iter()
            .map(|attribute| {
                (
                    String::from_utf8_lossy(attribute.key_bytes()).into_owned(),
                    String::from_utf8_lossy(attribute.value_bytes()).into_owned(),
                )
            })
            .collect(),
    }
}

/// The base account inside any account type that the SDK has.
fn base_account(type_url: &str, value: &[u8]) -> Result<BaseAccount, String> {
    fn decode<M: Message + Default>(value: &[u8]) -> Result<M, String> {
        M::decode(value).map_err(|e| e.to_string())
    }
    let vesting: Option<BaseVestingAccount> = match type_url.trim_start_matches('/') {
        "cosmos.auth.v1beta1.BaseAccount" => return decode(value),
        "cosmos.auth.v1beta1.ModuleAccount" => {
            return decode::<ModuleAccount>(value)?
                .base_account
                .ok_or_else(|| "module account without base account".to_owned());
        }
        "cosmos.vesting.v1beta1.BaseVestingAccount" => Some(decode(value)?),
        "cosmos.vesting.v1beta1.ContinuousVestingAccount" => {
            decode::<ContinuousVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.DelayedVestingAccount" => {
            decode::<DelayedVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PeriodicVestingAccount" => {
            decode::<PeriodicVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PermanentLockedAccount" => {
            decode::<PermanentLockedAccount>(value)?.base_vesting_account
        }
        other => return Err(format!("account type {other:?} is not understood")),
    };
    vesting
        .and_then(|account| account.base_account)
        .ok_or_else(|| "vesting account without base account".to_owned())
}
