//! Questions to a node, and sending bytes to it.

mod accounts;
mod head;
mod wasm;

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
        cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse},
        prost::Message,
    },
    tendermint::{Hash, abci::Code, block::Height},
};
use cosmwasm_std::Timestamp;
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

pub use accounts::AccountState;
pub use head::ChainHead;
pub use wasm::ContractInfo;

/// JSON-RPC code under which a node says that it has no such transaction. Another code, such as that of a method that the
/// node does not have, says nothing about the transaction.
const INTERNAL_ERROR: i32 = -32603;

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
            Err(Error::Rpc { code, message, .. })
                if code == INTERNAL_ERROR && message.contains("not found") =>
            {
                return Ok(None);
            }
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
