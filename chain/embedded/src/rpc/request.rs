//! The envelope of JSON-RPC 2.0 and its errors, as CometBFT writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcError {
    code: i32,
    message: &'static str,
    data: String,
}

impl RpcError {
    /// The body is no JSON-RPC request.
    pub(super) fn parse(data: impl Into<String>) -> Self {
        Self {
            code: -32700,
            message: "Parse error. Invalid JSON",
            data: data.into(),
        }
    }

    /// The request is JSON, but not a request.
    pub(super) fn invalid_request(data: impl Into<String>) -> Self {
        Self {
            code: -32600,
            message: "Invalid Request",
            data: data.into(),
        }
    }

    /// Nobody knows the method.
    pub(super) fn unknown_method(method: &str) -> Self {
        Self {
            code: -32601,
            message: "Method not found",
            data: format!("method {method:?} is not served here"),
        }
    }

    /// A parameter is missing or is not what it should be.
    pub(super) fn params(data: impl Into<String>) -> Self {
        Self {
            code: -32602,
            message: "Invalid params",
            data: data.into(),
        }
    }

    /// The request is fine, the answer is no: also what CometBFT says about unknown transactions and heights.
    pub(super) fn internal(data: impl Into<String>) -> Self {
        Self {
            code: -32603,
            message: "Internal error",
            data: data.into(),
        }
    }

    /// The answer for the request with this id.
    pub(super) fn answer(&self, id: &Value) -> Value {
        let error = json!({"code": self.code, "message": self.message, "data": self.data});
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    }
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Params,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    jsonrpc: Option<String>,
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Value,
}

impl Request {
    /// Takes one request apart. The error comes with the id to answer under.
    pub(super) fn parse(value: Value) -> Result<Self, (Value, RpcError)> {
        let id = match value.get("id") {
            Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
            None | Some(Value::Null) => Value::Null,
            Some(_) => {
                return Err((
                    Value::Null,
                    RpcError::invalid_request("id is neither text nor number"),
                ));
            }
        };
        let raw: Raw = serde_json::from_value(value)
            .map_err(|e| (id.clone(), RpcError::invalid_request(e.to_string())))?;
        if raw.jsonrpc.is_some_and(|version| version != "2.0") {
            return Err((id, RpcError::invalid_request("jsonrpc is not \"2.0\"")));
        }
        let params = match raw.params {
            Value::Null => Params::default(),
            Value::Object(named) => Params {
                named,
                listed: Vec::new(),
            },
            Value::Array(listed) => Params {
                named: Map::new(),
                listed,
            },
            _ => {
                return Err((
                    id,
                    RpcError::params("params is neither an object nor a list"),
                ));
            }
        };
        Ok(Self {
            id: raw.id,
            method: raw.method,
            params,
        })
    }
}

/// Parameters by name or by position.
#[derive(Debug, Default)]
pub(super) struct Params {
    named: Map<String, Value>,
    listed: Vec<Value>,
}

impl Params {
    fn get(&self, position: usize, name: &str) -> Option<&Value> {
        let found = self.named.get(name).or_else(|| self.listed.get(position));
        found.filter(|value| !value.is_null())
    }

    /// A text, if it is there.
    pub(super) fn text(&self, position: usize, name: &str) -> Result<Option<&str>, RpcError> {
        match self.get(position, name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(RpcError::params(format!("{name} is not a text"))),
        }
    }

    /// A height: a decimal text, as CometBFT writes 64-bit numbers, or a number; absent and 0 both mean "the latest".
    pub(super) fn height(&self, position: usize, name: &str) -> Result<Option<u64>, RpcError> {
        let wrong = || {
            RpcError::params(format!(
                "{name} is not a height: a decimal number of at least 0"
            ))
        };
        let height = match self.get(position, name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.parse().map_err(|_| wrong())?,
            Some(value) => value.as_u64().ok_or_else(wrong)?,
        };
        Ok(Some(height).filter(|height| *height > 0))
    }

    /// Bytes in hexadecimal, upper or lower case, with or without `0x`; absent means none.
    pub(super) fn hex(&self, position: usize, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self.text(position, name)?.unwrap_or_default();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode(digits).map_err(|e| RpcError::params(format!("{name} is not hexadecimal: {e}")))
    }

    /// Bytes in base64.
    pub(super) fn base64(&self, position: usize, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self
            .text(position, name)?
            .ok_or_else(|| RpcError::params(format!("{name} is missing")))?;
        BASE64
            .decode(text)
            .map_err(|e| RpcError::params(format!("{name} is not base64: {e}")))
    }

    /// A hash of 32 bytes, in base64 (44 characters) or hexadecimal (64, after an optional `0x`).
    pub(super) fn hash(&self, position: usize, name: &str) -> Result<[u8; 32], RpcError> {
        let text = self
            .text(position, name)?
            .ok_or_else(|| RpcError::params(format!("{name} is missing")))?;
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let bytes = if digits.len() == 64 {
            hex::decode(digits).ok()
        } else {
            BASE64.decode(text).ok()
        };
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| {
                RpcError::params(format!("{name} is not a SHA-256 in base64 or hexadecimal"))
            })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn params(value: Value) -> Params {
        Request::parse(json!({"id": 1, "method": "m", "params": value}))
            .unwrap()
            .params
    }

    #[test]
    fn parameters_may_be_null_an_object_a_list_or_absent() {
        for value in [json!(null), json!({}), json!([])] {
            assert_eq!(params(value).height(0, "height").unwrap(), None);
        }
        assert!(Request::parse(json!({"id": "x", "method": "m"})).is_ok());
        assert_eq!(params(json!(["7"])).height(0, "height").unwrap(), Some(7));
        assert_eq!(
            params(json!({"height": 7})).height(0, "height").unwrap(),
            Some(7)
        );
        assert_eq!(
            params(json!({"height": "0"})).height(0, "height").unwrap(),
            None
        );
    }

    #[test]
    fn what_is_no_request_is_named() {
        for value in [
            json!(1),
            json!({}),
            json!({"method": 3}),
            json!({"id": {}, "method": "m"}),
            json!({"jsonrpc": "1.0", "method": "m"}),
            json!({"method": "m", "params": 4}),
        ] {
            assert!(Request::parse(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn bytes_are_read_in_the_forms_clients_write() {
        assert_eq!(
            params(json!({"data": "0A0b"})).hex(0, "data").unwrap(),
            [10, 11]
        );
        assert_eq!(
            params(json!({"data": "0x0a"})).hex(0, "data").unwrap(),
            [10]
        );
        assert_eq!(params(json!({})).hex(0, "data").unwrap(), [0; 0]);
        assert!(params(json!({"data": "0A0"})).hex(0, "data").is_err());
        let hash = [7u8; 32];
        assert_eq!(
            params(json!({"hash": BASE64.encode(hash)}))
                .hash(0, "hash")
                .unwrap(),
            hash
        );
        assert_eq!(
            params(json!({"hash": hex::encode_upper(hash)}))
                .hash(0, "hash")
                .unwrap(),
            hash
        );
        assert!(params(json!({"hash": "AA=="})).hash(0, "hash").is_err());
        for bad in [
            json!({"height": -1}),
            json!({"height": 1.5}),
            json!({"height": "x"}),
            json!({"height": []}),
        ] {
            assert!(params(bad).height(0, "height").is_err());
        }
    }
}
