//! In which form an answer is given: the query parameter `output` of the routes that the published interface has
//! (`quorum-api.md` 1.2).

mod bincode;

use axum::extract::{FromRequestParts, Query};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::refusal::Refusal;

/// The form of an answer. Questions are JSON in any case, and errors plain text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Compact JSON.
    #[default]
    Json,
    /// YAML, with the texts of JSON.
    Yaml,
    /// bincode 1.3: little-endian, integers of variable length; points and scalars as bytes.
    Bincode,
}

/// The parameter, for the routes that have no others.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OutputParams {
    /// Form of the answer; `json` if absent.
    #[param(inline)]
    pub output: Option<Output>,
}

/// Characters of an unknown value that a refusal repeats.
const SHOWN_CHARACTERS: usize = 32;

impl<S: Send + Sync> FromRequestParts<S> for Output {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Asked {
            output: Option<String>,
        }
        let Ok(Query(Asked { output })) = Query::<Asked>::try_from_uri(&parts.uri) else {
            return Err(Refusal::Parameter(
                "the query string cannot be read".to_owned(),
            ));
        };
        match output.as_deref() {
            None | Some("json") => Ok(Self::Json),
            Some("yaml") => Ok(Self::Yaml),
            Some("bincode") => Ok(Self::Bincode),
            Some(other) => Err(Refusal::Parameter(format!(
                "output={} is unknown; there are json, yaml and bincode",
                other.chars().take(SHOWN_CHARACTERS).collect::<String>()
            ))),
        }
    }
}

/// YAML as serde writes it: a variant is a tag. An enum directly inside an enum would need two tags in one place, which
/// YAML does not have; such an answer is written as its JSON is, variants as keys.
fn to_yaml<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    let text = match yaml_serde::to_string(value) {
        Ok(text) => text,
        Err(_) => {
            let json = serde_json::to_value(value).map_err(|e| e.to_string())?;
            yaml_serde::to_string(&json).map_err(|e| e.to_string())?
        }
    };
    Ok(text.into_bytes())
}

impl Output {
    /// The answer in this form, status 200.
    ///
    /// # Errors
    /// [`Refusal::Internal`] for a value that has no such form.
    pub fn of<T: Serialize>(self, value: &T) -> Result<Response, Refusal> {
        let (kind, body) = match self {
            Self::Json => (
                "application/json",
                serde_json::to_vec(value).map_err(|e| e.to_string()),
            ),
            Self::Yaml => ("application/yaml", to_yaml(value)),
            Self::Bincode => (
                "application/bincode",
                bincode::to_vec(value).map_err(|e| e.to_string()),
            ),
        };
        let body =
            body.map_err(|reason| Refusal::Internal(Error::Answer { form: kind, reason }))?;
        Ok(([(CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response())
    }
}
