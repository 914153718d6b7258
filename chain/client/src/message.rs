//! The messages that we put into transactions.

use cosmrs::{
    AccountId, Any,
    proto::{
        cosmos::{bank::v1beta1::MsgSend, base::v1beta1::Coin as ProtoCoin},
        cosmwasm::wasm::v1::{MsgExecuteContract, MsgInstantiateContract, MsgMigrateContract},
    },
};
use cosmwasm_std::Coin;
use serde::Serialize;

use crate::error::Error;

/// One message of a transaction; the sender is the account that signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// `cosmos.bank.v1beta1.MsgSend`.
    Send {
        /// Receiver.
        to: AccountId,
        /// What is sent.
        coins: Vec<Coin>,
    },
    /// `cosmwasm.wasm.v1.MsgExecuteContract`.
    Execute {
        /// The contract.
        contract: AccountId,
        /// Its message as JSON.
        msg: Vec<u8>,
        /// Coins sent along.
        funds: Vec<Coin>,
    },
    /// `cosmwasm.wasm.v1.MsgInstantiateContract`.
    Instantiate {
        /// Code to instantiate.
        code_id: u64,
        /// Who may migrate the contract; nobody without one.
        admin: Option<AccountId>,
        /// Label shown by explorers.
        label: String,
        /// The contract's message as JSON.
        msg: Vec<u8>,
        /// Coins sent along.
        funds: Vec<Coin>,
    },
    /// `cosmwasm.wasm.v1.MsgMigrateContract`.
    Migrate {
        /// The contract.
        contract: AccountId,
        /// The code that it runs from now on.
        code_id: u64,
        /// The contract's message as JSON.
        msg: Vec<u8>,
    },
}

impl Msg {
    /// Sends coins.
    #[must_use]
    pub fn send(to: &AccountId, coins: Vec<Coin>) -> Self {
        Self::Send {
            to: to.clone(),
            coins,
        }
    }

    /// Executes a contract message.
    ///
    /// # Errors
    /// [`Error::Encode`] if the message has no JSON form.
    pub fn execute(
        contract: &AccountId,
        msg: &impl Serialize,
        funds: Vec<Coin>,
    ) -> Result<Self, Error> {
        Ok(Self::Execute {
            contract: contract.clone(),
            msg: json(msg)?,
            funds,
        })
    }

    /// Instantiates a contract without funds.
    ///
    /// # Errors
    /// [`Error::Encode`] if the message has no JSON form.
    pub fn instantiate(
        code_id: u64,
        label: &str,
        admin: Option<&AccountId>,
        msg: &impl Serialize,
    ) -> Result<Self, Error> {
        Ok(Self::Instantiate {
            code_id,
            admin: admin.cloned(),
            label: label.to_owned(),
            msg: json(msg)?,
            funds: Vec::new(),
        })
    }

    /// Migrates a contract.
    ///
    /// # Errors
    /// [`Error::Encode`] if the message has no JSON form.
    pub fn migrate(
        contract: &AccountId,
        code_id: u64,
        msg: &impl Serialize,
    ) -> Result<Self, Error> {
        Ok(Self::Migrate {
            contract: contract.clone(),
            code_id,
            msg: json(msg)?,
        })
    }

    /// The message as it travels, sent by `sender`.
    pub(crate) fn to_any(&self, sender: &AccountId) -> Result<Any, Error> {
        let sender = sender.to_string();
        match self {
            Self::Send { to, coins } => Any::from_msg(&MsgSend {
                from_address: sender,
                to_address: to.to_string(),
                amount: proto_coins(coins),
            }),
            Self::Execute {
                contract,
                msg,
                funds,
            } => Any::from_msg(&MsgExecuteContract {
                sender,
                contract: contract.to_string(),
                msg: msg.clone(),
                funds: proto_coins(funds),
            }),
            Self::Instantiate {
                code_id,
                admin,
                label,
                msg,
                funds,
            } => Any::from_msg(&MsgInstantiateContract {
                sender,
                admin: admin.as_ref().map(ToString::to_string).unwrap_or_default(),
                code_id: *code_id,
                label: label.clone(),
                msg: msg.clone(),
                funds: proto_coins(funds),
            }),
            Self::Migrate {
                contract,
                code_id,
                msg,
            } => Any::from_msg(&MsgMigrateContract {
                sender,
                contract: contract.to_string(),
                code_id: *code_id,
                msg: msg.clone(),
            }),
        }
        .map_err(|e| Error::Encode(e.to_string()))
    }
}

fn json(msg: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(msg).map_err(|e| Error::Encode(e.to_string()))
}

fn proto_coins(coins: &[Coin]) -> Vec<ProtoCoin> {
    coins
        .iter()
        .map(|coin| ProtoCoin {
            denom: coin.denom.clone(),
            amount: coin.amount.to_string(),
        })
        .collect()
}
