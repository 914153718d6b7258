//! Error answers: a status and a sentence in plain text, which clients show and never parse.

use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::rate::RetryAfter;

/// The longest message that is sent, in bytes: some parts of a message come from the caller.
const MAX_MESSAGE_BYTES: usize = 1024;

/// An answer other than success. Internal causes are logged where they arise and never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    status: StatusCode,
    message: String,
    retry_after: Option<RetryAfter>,
}

impl HttpError {
    /// Any status with a message.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MAX_MESSAGE_BYTES {
            let mut end = MAX_MESSAGE_BYTES;
            while !message.is_char_boundary(end) {
                end -= 1; // total: 0 is a boundary
            }
            message.truncate(end);
        }
        Self {
            status,
            message,
            retry_after: None,
        }
    }

    /// 400: the request cannot succeed, however often it is repeated.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 503: the same request can succeed later.
    #[must_use]
    pub fn unavailable(message: impl Into<String>, retry_after: RetryAfter) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
        }
    }

    /// 429: a rate is exceeded.
    #[must_use]
    pub fn too_many_requests(retry_after: RetryAfter) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("too many requests; try again in {retry_after}"),
            )
        }
    }

    /// 500: logs the cause and answers without it.
    #[must_use]
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = %chain(cause), "a request failed inside this server");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal error; the operator finds the cause in the log",
        )
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// After which time a repetition makes sense, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.retry_after
    }
}

/// `error` and what caused it, outermost first.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl std::fmt::Display for HttpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

impl std::error::Error for HttpError {}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.message).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        if let Some(retry_after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after.secs()));
        }
        response
    }
}

impl From<JsonRejection> for HttpError {
    /// 400 for what is not JSON, 422 for JSON of another shape, 415 for another content type, 413 above the limit.
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
