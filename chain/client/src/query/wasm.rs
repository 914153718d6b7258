//! Contracts: who they are, what they store, what they answer.

use cosmrs::{
    AccountId,
    proto::cosmwasm::wasm::v1::{
        QueryContractInfoRequest, QueryContractInfoResponse, QueryRawContractStateRequest,
        QueryRawContractStateResponse, QuerySmartContractStateRequest,
        QuerySmartContractStateResponse,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::QueryClient;
use crate::error::Error;

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

impl QueryClient {
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
}
