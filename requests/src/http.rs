//! The bounded HTTP call that both clients stand on: a time limit for connecting and for the whole call, a size limit for
//! the answer, no redirects, no proxies, and errors that say whether the same request can succeed later.

mod headers;
mod target;

pub use target::TargetPolicy;

use crate::RequestsError;
use crate::limits::{CALL_TIMEOUT, CONNECT_TIMEOUT, ERROR_TEXT_MAX_BYTES};
use ecash_ticketbook::UnixTime;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Request, Response, StatusCode, Url, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

const USER_AGENT: &str = concat!("zknym/", env!("CARGO_PKG_VERSION"));
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Makes ring the process's provider of TLS cryptography, unless there is one already. Whoever builds a TLS client
/// without a provider of its own calls this first; calling it again does nothing.
pub fn install_crypto_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Time limits and permitted targets of a client.
#[derive(Clone, Copy, Debug)]
pub struct HttpOptions {
    /// Time to a connection.
    pub connect_timeout: Duration,
    /// Time for a whole call, connecting included.
    pub call_timeout: Duration,
    /// Which addresses may be called.
    pub targets: TargetPolicy,
}

impl Default for HttpOptions {
    /// 5 s, 30 s, any address.
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            call_timeout: CALL_TIMEOUT,
            targets: TargetPolicy::Any,
        }
    }
}

/// A connection pool with the limits of this module. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client,
    targets: TargetPolicy,
}

/// What was answered, and when by the other's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The decoded answer.
    pub value: T,
    /// The `Date` header.
    pub date: Option<UnixTime>,
}

/// An answer of any status, its body read.
#[derive(Clone, Debug)]
pub(crate) struct RawAnswer {
    pub(crate) url: String,
    pub(crate) status: StatusCode,
    pub(crate) date: Option<UnixTime>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl HttpClient {
    /// A client. Where the system has no certificate authorities it still speaks plain HTTP; calls over TLS then fail.
    ///
    /// # Errors
    /// [`RequestsError::HttpClient`] if the system's resolver or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, RequestsError> {
        install_crypto_provider();
        let builder = || {
            Client::builder()
                .user_agent(USER_AGENT)
                .redirect(redirect::Policy::none())
                .no_proxy()
                .connect_timeout(options.connect_timeout)
                .timeout(options.call_timeout)
                .dns_resolver(Arc::new(target::Resolver(options.targets)))
        };
        let client = builder()
            .build()
            .or_else(|_| builder().tls_certs_only([]).build())
            .map_err(|error| RequestsError::HttpClient {
                reason: chain(&error),
            })?;
        Ok(Self {
            client,
            targets: options.targets,
        })
    }

    /// `GET`; the answer may have `limit_bytes` bytes.
    pub(crate) async fn get(
        &self,
        url: Url,
        headers: HeaderMap,
        limit_bytes: usize,
    ) -> Result<RawAnswer, RequestsError> {
        let mut request = Request::new(Method::GET, url);
        *request.headers_mut() = headers;
        self.call(request, limit_bytes).await
    }

    /// `POST` of a JSON body.
    pub(crate) async fn post_json<T: Serialize + ?Sized>(
        &self,
        url: Url,
        headers: HeaderMap,
        body: &T,
        limit_bytes: usize,
    ) -> Result<RawAnswer, RequestsError> {
        let body = serde_json::to_vec(body).map_err(|error| RequestsError::Decode {
            what: "body of a request",
            reason: error.to_string(),
        })?;
        self.post(url, headers, JSON, body, limit_bytes).await
    }

    /// `POST` of bytes.
    pub(crate) async fn post_bytes(
        &self,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
        limit_bytes: usize,
    ) -> Result<RawAnswer, RequestsError> {
        self.post(url, headers, OCTET_STREAM, body, limit_bytes)
            .await
    }

    async fn post(
        &self,
        url: Url,
        headers: HeaderMap,
        content_type: HeaderValue,
        body: Vec<u8>,
        limit_bytes: usize,
    ) -> Result<RawAnswer, RequestsError> {
        let mut request = Request::new(Method::POST, url);
        *request.headers_mut() = headers;
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        *request.body_mut() = Some(body.into());
        self.call(request, limit_bytes).await
    }

    async fn call(
        &self,
        mut request: Request,
        limit_bytes: usize,
    ) -> Result<RawAnswer, RequestsError> {
        self.targets.check(request.url())?;
        request.headers_mut().entry(ACCEPT).or_insert(JSON);
        let url = request.url().as_str().to_owned();
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| transport_error(&url, &error))?;
        let status = response.status();
        let date = headers::date(response.headers());
        let retry_after = headers::retry_after(response.headers(), date);
        let limit_bytes = if status.is_success() {
            limit_bytes
        } else {
            limit_bytes.min(ERROR_TEXT_MAX_BYTES * 64)
        };
        let body = read_bounded(&url, response, limit_bytes).await?;
        Ok(RawAnswer {
            url,
            status,
            date,
            retry_after,
            body,
        })
    }
}

async fn read_bounded(
    url: &str,
    mut response: Response,
    limit_bytes: usize,
) -> Result<Vec<u8>, RequestsError> {
    let too_long = || RequestsError::AnswerTooLong {
        url: url.to_owned(),
        limit_bytes,
    };
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(limit_bytes).unwrap_or(u64::MAX) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| transport_error(url, &error))?
    {
        if body.len().saturating_add(chunk.len()) > limit_bytes {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl RawAnswer {
    /// The body as JSON if the status is 2xx.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<Answered<T>, RequestsError> {
        if !self.status.is_success() {
            return Err(self.refused());
        }
        let value = self.decode()?;
        Ok(Answered {
            value,
            date: self.date,
        })
    }

    /// The body as JSON, whatever the status.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, RequestsError> {
        serde_json::from_slice(&self.body).map_err(|error| RequestsError::NotUnderstood {
            url: self.url.clone(),
            reason: error.to_string(),
        })
    }

    /// The answer as an error.
    pub(crate) fn refused(self) -> RequestsError {
        let text = String::from_utf8_lossy(&self.body);
        let text = serde_json::from_str::<crate::gateway::ErrorBody>(&text)
            .map_or_else(|_| text.into_owned(), |body| body.error);
        let text = text
            .chars()
            .filter(|character| !character.is_control())
            .collect::<String>();
        let end = (0..=ERROR_TEXT_MAX_BYTES)
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        RequestsError::Refused {
            url: self.url,
            status: self.status.as_u16(),
            text: text
                .get(..end.min(text.len()))
                .unwrap_or_default()
                .to_owned(),
            retry_after: self.retry_after,
            date: self.date,
        }
    }
}

fn transport_error(url: &str, error: &reqwest::Error) -> RequestsError {
    let (url, reason) = (url.to_owned(), chain(error));
    if error.is_connect() {
        RequestsError::Unreachable { url, reason }
    } else if error.is_timeout() {
        RequestsError::TimedOut { url }
    } else {
        RequestsError::Broken { url, reason }
    }
}

/// The causes of an error in one line.
fn chain(error: &dyn Error) -> String {
    let Some(mut cause) = error.source() else {
        return error.to_string();
    };
    let mut line = cause.to_string();
    while let Some(next) = cause.source() {
        line = format!("{line}: {next}");
        cause = next;
    }
    line
}

/// A base URL, with or without a path prefix, to which routes are appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, RequestsError> {
        let refused = |reason: &str| RequestsError::Url {
            url: text.chars().take(256).collect(),
            reason: reason.to_owned(),
        };
        let url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(refused("not an http or https URL with a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("carries credentials"));
        }
        Ok(Self(url))
    }

    pub(crate) fn join(&self, route: &str, query: &[(&str, String)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{route}", self.0.path().trim_end_matches('/')));
        url.set_fragment(None);
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// `Authorization: Bearer …`, not shown in logs.
pub(crate) fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {token}")) {
        value.set_sensitive(true);
        headers.insert(reqwest::header::AUTHORIZATION, value);
    }
    headers
}
