//! Reads a body under a bound of size and time.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::limits::{BODY_TIMEOUT_SECS, MAX_REQUEST_BODY_BYTES};

/// The body, if it is of `content_type` and has at most `limit_bytes`. An announced length above the limit is refused
/// before anything is read, an unannounced one as soon as it is exceeded.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    content_type: &'static str,
    limit_bytes: usize,
) -> Result<Bytes, ApiError> {
    let found = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(content_type) {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "the body must be {content_type}; its Content-Type says {:?}",
                found.chars().take(64).collect::<String>()
            ),
        ));
    }
    let too_large = || {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {limit_bytes} bytes"),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|length| length > u64::try_from(limit_bytes).unwrap_or(u64::MAX))
    {
        return Err(too_large());
    }
    let reading = Limited::new(body, limit_bytes).collect();
    match tokio::time::timeout(Duration::from_secs(BODY_TIMEOUT_SECS), reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(ApiError::bad_request(format!(
            "the body broke off: {error}"
        ))),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body was not complete in {BODY_TIMEOUT_SECS} s"),
        )),
    }
}

/// A JSON body of at most 4 KiB.
pub(super) async fn read_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, ApiError> {
    let bytes = read(headers, body, "application/json", MAX_REQUEST_BODY_BYTES).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::bad_request(format!("the body is not what this route takes: {error}"))
    })
}
