//! Errors that are no verdict: `{"error":"<text>"}`.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use ecash_requests::gateway::ErrorBody;
use ecash_service::http::RetryAfter;
use http_body_util::BodyExt as _;

/// The longest text of an error that is passed on, in bytes.
const MAX_TEXT_BYTES: usize = 4 * 1024;

/// A status with a text for a person to read.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    text: String,
    retry_after_secs: Option<u64>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            retry_after_secs: None,
        }
    }

    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub(super) fn unauthorized(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    pub(super) fn too_many(text: impl Into<String>, retry_after_secs: u64) -> Self {
        Self {
            retry_after_secs: Some(retry_after_secs.max(1)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, text)
        }
    }

    pub(super) fn unavailable(text: impl Into<String>, retry_after_secs: u64) -> Self {
        Self {
            retry_after_secs: Some(retry_after_secs.max(1)),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}

impl From<RetryAfter> for ApiError {
    fn from(retry_after: RetryAfter) -> Self {
        Self::too_many(
            format!("too many requests; try again in {retry_after}"),
            u64::from(retry_after.secs()),
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { error: self.text })).into_response();
        let headers = response.headers_mut();
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if matches!(
            self.status,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT
        ) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Gives the plain-text errors of the layers around the routes the one form of this interface.
pub(super) fn as_json(router: Router) -> Router {
    router.layer(axum::middleware::map_response(convert))
}

async fn convert(response: Response) -> Response {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_text = content_type.is_none_or(|value| value.starts_with("text/plain"));
    if !is_error || !is_text {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = match http_body_util::Limited::new(body, MAX_TEXT_BYTES)
        .collect()
        .await
    {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(_) => String::new(),
    };
    let error = if text.is_empty() {
        parts.status.to_string()
    } else {
        text
    };
    let json = serde_json::to_vec(&ErrorBody { error }).unwrap_or_default(); // total: one text
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json))
}
