//! What a transaction left behind in its block.

use cosmrs::{
    AccountId,
    proto::{
        cosmos::base::abci::v1beta1::TxMsgData,
        cosmwasm::wasm::v1::{MsgExecuteContractResponse, MsgInstantiateContractResponse},
        prost::Message,
    },
};
use cosmwasm_std::Timestamp;

use crate::{account::parse_address, error::Error, transaction::TxHash};

/// One event of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxEvent {
    /// Its type, `wasm` or `wasm-…` for those of contracts.
    pub kind: String,
    /// Keys and values, in the order emitted.
    pub attributes: Vec<(String, String)>,
}

impl TxEvent {
    /// The first value under `key`.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

/// The response to one message of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MsgResponse {
    /// Protobuf type of the response.
    pub type_url: String,
    /// The response, encoded.
    pub value: Vec<u8>,
}

/// A transaction that succeeded: its block and its results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Hash of the transaction.
    pub hash: TxHash,
    /// Its block.
    pub height: u64,
    /// Time of that block.
    pub time: Timestamp,
    /// Gas used.
    pub gas_used: u64,
    /// The responses, one per message, in order.
    pub responses: Vec<MsgResponse>,
    /// All events, in order.
    pub events: Vec<TxEvent>,
}

impl Included {
    /// The first value of attribute `key` in the events of type `kind`, in order. Reads `proposal_id` and `node_index`
    /// from `wasm` events (`spec/contracts.md` 7).
    #[must_use]
    pub fn attribute(&self, kind: &str, key: &str) -> Option<&str> {
        self.events
            .iter()
            .filter(|event| event.kind == kind)
            .find_map(|event| event.attribute(key))
    }

    /// The number in the first `wasm` attribute `key`.
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if there is none or it is no number.
    pub fn wasm_number(&self, key: &str) -> Result<u64, Error> {
        let text = self
            .attribute("wasm", key)
            .ok_or_else(|| self.unexpected(format!("no wasm event has an attribute {key}")))?;
        text.parse()
            .map_err(|_| self.unexpected(format!("attribute {key} is {text:?}, no number")))
    }

    /// Multisig proposal that the transaction made.
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if it made none.
    pub fn proposal_id(&self) -> Result<u64, Error> {
        self.wasm_number("proposal_id")
    }

    /// Node index that a dealer's registration was given.
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if the transaction registered nobody.
    pub fn node_index(&self) -> Result<u64, Error> {
        self.wasm_number("node_index")
    }

    /// The data that the contract returned to message number `position`.
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if there is no such message or it executed no contract.
    pub fn execute_data(&self, position: usize) -> Result<Vec<u8>, Error> {
        let response = self.response(position)?;
        if !response.type_url.ends_with("MsgExecuteContractResponse") {
            return Err(self.unexpected(format!(
                "message {position} was answered with {}",
                response.type_url
            )));
        }
        Ok(
            MsgExecuteContractResponse::decode(response.value.as_slice())
                .map_err(|e| self.unexpected(e.to_string()))?
                .data,
        )
    }

    /// Ids of the deposits made, one per message: each is the 4 bytes big-endian that the contract returns
    /// (`spec/client.md` 3.1).
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if any message returned something else.
    pub fn deposit_ids(&self) -> Result<Vec<u32>, Error> {
        (0..self.responses.len())
            .map(|position| {
                let data = self.execute_data(position)?;
                <[u8; 4]>::try_from(data.as_slice())
                    .map(u32::from_be_bytes)
                    .map_err(|_| {
                        self.unexpected(format!(
                            "message {position} returned {} bytes in place of a deposit id",
                            data.len()
                        ))
                    })
            })
            .collect()
    }

    /// Address of the contract that message number `position` instantiated.
    ///
    /// # Errors
    /// [`Error::UnexpectedResult`] if it instantiated none.
    pub fn instantiated(&self, position: usize) -> Result<AccountId, Error> {
        let response = self.response(position)?;
        if !response
            .type_url
            .ends_with("MsgInstantiateContractResponse")
        {
            return Err(self.unexpected(format!(
                "message {position} was answered with {}",
                response.type_url
            )));
        }
        let decoded = MsgInstantiateContractResponse::decode(response.value.as_slice())
            .map_err(|e| self.unexpected(e.to_string()))?;
        parse_address(&decoded.address)
    }

    fn response(&self, position: usize) -> Result<&MsgResponse, Error> {
        self.responses.get(position).ok_or_else(|| {
            self.unexpected(format!(
                "it has {} responses, number {position} was asked for",
                self.responses.len()
            ))
        })
    }

    fn unexpected(&self, reason: String) -> Error {
        Error::UnexpectedResult {
            hash: self.hash,
            reason,
        }
    }
}

/// Decodes the result list of a transaction, in the form of SDK 0.46 and later or the older one.
pub(crate) fn decode_responses(data: &[u8]) -> Result<Vec<MsgResponse>, String> {
    let list = TxMsgData::decode(data).map_err(|e| e.to_string())?;
    if !list.msg_responses.is_empty() {
        return Ok(list
            .msg_responses
            .into_iter()
            .map(|any| MsgResponse {
                type_url: any.type_url,
                value: any.value,
            })
            .collect());
    }
    #[allow(deprecated)]
    let older = list.data;
    Ok(older
        .into_iter()
        .map(|data| MsgResponse {
            type_url: format!("{}Response", data.msg_type),
            value: data.data,
        })
        .collect())
}
