//! The messages a transaction may carry, and their answers.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContract, MsgInstantiateContract, MsgMigrateContract,
};
use cosmrs::proto::prost::{Message as _, Name};
use cosmwasm_std::{
    Attribute, BankMsg, Binary, BlockInfo, Coin, CosmosMsg, Event, Storage, WasmMsg,
};
use cw_multi_test::error::AnyError;

use crate::api::parse_address;
use crate::coins;
use crate::machine::{Machine, reason};
use crate::refusal::{Refusal, code, wasm_code};

/// One message, checked as far as that is possible without the state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// Who sends it.
    pub(crate) sender: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Send {
        to: String,
        amount: Vec<Coin>,
    },
    Instantiate {
        admin: Option<String>,
        code_id: u64,
        label: String,
        msg: Vec<u8>,
        funds: Vec<Coin>,
    },
    Execute {
        contract: String,
        msg: Vec<u8>,
        funds: Vec<Coin>,
    },
    Migrate {
        contract: String,
        code_id: u64,
        msg: Vec<u8>,
    },
}

/// Decodes protobuf and refuses what a second encoding would not give back: unknown fields, fields out of order.
pub(crate) fn decode_strict<T>(bytes: &[u8], what: &str) -> Result<T, Refusal>
where
    T: cosmrs::proto::prost::Message + Default,
{
    let wrong =
        |reason: String| Refusal::sdk(code::TX_DECODE, format!("{what}: {reason}: tx parse error"));
    let value = T::decode(bytes).map_err(|e| wrong(e.to_string()))?;
    if value.encode_to_vec() != bytes {
        return Err(wrong("unknown fields, or not in canonical form".to_owned()));
    }
    Ok(value)
}

fn address(text: &str, role: &str) -> Result<String, Refusal> {
    match parse_address(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(reason) => {
            let log = format!("{role} {text:?}: {reason}: invalid address");
            Err(Refusal::sdk(code::INVALID_ADDRESS, log))
        }
    }
}

fn json(bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let log = format!("payload msg is not JSON: {error}: invalid request");
            Err(Refusal::sdk(code::INVALID_REQUEST, log))
        }
    }
}

impl Message {
    /// Decodes one message of a transaction.
    ///
    /// # Errors
    /// `TX_DECODE`, `UNKNOWN_REQUEST` for a type that is not among the four, `INVALID_ADDRESS`, `INVALID_COINS`,
    /// `INVALID_REQUEST`.
    pub(crate) fn decode(any: &Any) -> Result<Self, Refusal> {
        let url = any.type_url.as_str();
        let bytes = any.value.as_slice();
        if url == MsgSend::type_url() {
            let msg: MsgSend = decode_strict(bytes, "MsgSend")?;
            let to = address(&msg.to_address, "receiver")?;
            let amount = coins::parse(&msg.amount)?;
            if amount.is_empty() {
                return Err(Refusal::sdk(
                    code::INVALID_COINS,
                    "nothing to send: invalid coins",
                ));
            }
            Ok(Self {
                sender: address(&msg.from_address, "sender")?,
                kind: Kind::Send { to, amount },
            })
        } else if url == MsgExecuteContract::type_url() {
            let msg: MsgExecuteContract = decode_strict(bytes, "MsgExecuteContract")?;
            let kind = Kind::Execute {
                contract: address(&msg.contract, "contract")?,
                funds: coins::parse(&msg.funds)?,
                msg: json(msg.msg)?,
            };
            Ok(Self {
                sender: address(&msg.sender, "sender")?,
                kind,
            })
        } else if url == MsgInstantiateContract::type_url() {
            let msg: MsgInstantiateContract = decode_strict(bytes, "MsgInstantiateContract")?;
            let admin = if msg.admin.is_empty() {
                None
            } else {
                Some(address(&msg.admin, "admin")?)
            };
            let kind = Kind::Instantiate {
                admin,
                code_id: msg.code_id,
                label: msg.label,
                funds: coins::parse(&msg.funds)?,
                msg: json(msg.msg)?,
            };
            Ok(Self {
                sender: address(&msg.sender, "sender")?,
                kind,
            })
        } else if url == MsgMigrateContract::type_url() {
            let msg: MsgMigrateContract = decode_strict(bytes, "MsgMigrateContract")?;
            let kind = Kind::Migrate {
                contract: address(&msg.contract, "contract")?,
                code_id: msg.code_id,
                msg: json(msg.msg)?,
            };
            Ok(Self {
                sender: address(&msg.sender, "sender")?,
                kind,
            })
        } else {
            let log = format!("message type {url:?} is not supported: unknown request");
            Err(Refusal::sdk(code::UNKNOWN_REQUEST, log))
        }
    }

    fn action(&self) -> &'static str {
        match self.kind {
            Kind::Send { .. } => "/cosmos.bank.v1beta1.MsgSend",
            Kind::Instantiate { .. } => "/cosmwasm.wasm.v1.MsgInstantiateContract",
            Kind::Execute { .. } => "/cosmwasm.wasm.v1.MsgExecuteContract",
            Kind::Migrate { .. } => "/cosmwasm.wasm.v1.MsgMigrateContract",
        }
    }

    fn module(&self) -> &'static str {
        match self.kind {
            Kind::Send { .. } => "bank",
            _ => "wasm",
        }
    }

    fn failure(&self, error: &AnyError) -> Refusal {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refusal.clone();
        }
        let (code, name) = match self.kind {
            Kind::Instantiate { .. } => {
                (wasm_code::INSTANTIATE, "instantiate wasm contract failed")
            }
            Kind::Migrate { .. } => (wasm_code::MIGRATE, "migrate wasm contract failed"),
            _ => (wasm_code::EXECUTE, "execute wasm contract failed"),
        };
        Refusal::wasm(code, format!("{}: {name}", reason(error)))
    }

    fn to_cosmos(&self) -> CosmosMsg {
        match self.kind.clone() {
            Kind::Send { to, amount } => BankMsg::Send {
                to_address: to,
                amount,
            }
            .into(),
            Kind::Instantiate {
                admin,
                code_id,
                label,
                msg,
                funds,
            } => WasmMsg::Instantiate {
                admin,
                code_id,
                msg: msg.into(),
                funds,
                label,
            }
            .into(),
            Kind::Execute {
                contract,
                msg,
                funds,
            } => WasmMsg::Execute {
                contract_addr: contract,
                msg: msg.into(),
                funds,
            }
            .into(),
            Kind::Migrate {
                contract,
                code_id,
                msg,
            } => WasmMsg::Migrate {
                contract_addr: contract,
                new_code_id: code_id,
                msg: msg.into(),
            }
            .into(),
        }
    }

    /// The message's response as `TxMsgData` carries it. The contract library encodes the data of wasm messages in the
    /// protobuf form of their response already (an absent one is an empty response).
    fn response(&self, data: Option<Binary>) -> Any {
        let value = match self.kind {
            Kind::Send { .. } => MsgSendResponse {}.encode_to_vec(),
            _ => data.unwrap_or_default().into(),
        };
        Any {
            type_url: format!("{}Response", self.action()),
            value,
        }
    }

    /// The events of message number `index`, as SDK 0.50 shows them: who did what first, each with its `msg_index`.
    fn events(&self, index: usize, happened: Vec<Event>) -> Vec<Event> {
        let acted = Event::new("message")
            .add_attribute("action", self.action())
            .add_attribute("sender", &self.sender)
            .add_attribute("module", self.module());
        let index = Attribute {
            key: "msg_index".to_owned(),
            value: index.to_string(),
        };
        let mut events = vec![acted];
        events.extend(happened);
        for event in &mut events {
            event.attributes.push(index.clone());
        }
        events
    }
}

/// What all messages of a transaction gave.
#[derive(Debug, Default)]
pub(crate) struct Executed {
    pub(crate) responses: Vec<Any>,
    pub(crate) events: Vec<Event>,
}

/// Runs `messages` in order; the first failure ends it. What they changed until then stands in `storage`: pass a view.
pub(crate) fn execute_all(
    machine: &Machine,
    storage: &mut dyn Storage,
    block: &BlockInfo,
    messages: &[Message],
) -> Result<Executed, Refusal> {
    let mut executed = Executed::default();
    for (index, message) in messages.iter().enumerate() {
        let response = machine
            .run(storage, block, &message.sender, message.to_cosmos())
            .map_err(|error| {
                let mut refusal = message.failure(&error);
                refusal.log = format!(
                    "failed to execute message; message index: {index}: {}",
                    refusal.log
                );
                refusal
            })?;
        executed.responses.push(message.response(response.data));
        executed
            .events
            .extend(message.events(index, response.events));
    }
    Ok(executed)
}
