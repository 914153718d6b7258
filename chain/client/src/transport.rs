//! One JSON-RPC call over one bounded HTTP POST.

use std::{sync::Once, time::Duration};

use reqwest::{Client, header::CONTENT_TYPE, redirect::Policy};
use tendermint_rpc::{Response as _, SimpleRequest, dialect::v0_37::Dialect, error::ErrorDetail};
use url::{Host, Url};

use crate::{error::Error, limits};

/// Installs the process's TLS provider, unless the program has chosen one.
fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that another provider is installed already, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

/// A node's RPC address and the connection pool to it.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    url: Url,
    http: Client,
    timeout: Duration,
}

impl Endpoint {
    /// Prepares calls to `url`. Connects to nothing yet.
    pub(crate) fn new(url: &Url, timeout: Duration) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadEndpoint {
            url: url.to_string(),
            reason,
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad(format!("scheme {:?} is not supported", url.scheme())));
        }
        install_tls_provider();
        let mut builder = Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .user_agent(concat!("nyx-client/", env!("CARGO_PKG_VERSION")));
        if is_loopback(url) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| bad(chain(&e)))?;
        Ok(Self {
            url: url.clone(),
            http,
            timeout,
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The name under which errors show this endpoint: without credentials and query.
    fn name(&self) -> String {
        let mut shown = self.url.clone();
        // Setting them on an http URL with a host cannot fail, and a failure would only leave them as they are.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(None);
        shown.to_string()
    }

    /// Sends one request in the 0.37 dialect and reads its answer.
    pub(crate) async fn call<R>(&self, method: &'static str, request: R) -> Result<R::Output, Error>
    where
        R: SimpleRequest<Dialect>,
    {
        let body = self.post(method, request.into_json()).await?;
        match R::Response::from_string(&body) {
            Ok(response) => Ok(response.into()),
            Err(error) => Err(match error.detail() {
                ErrorDetail::Response(answer) => Error::Rpc {
                    method,
                    code: answer.source.code().value(),
                    message: clip(&match answer.source.data() {
                        Some(data) => format!("{}: {data}", answer.source.message()),
                        None => answer.source.message().to_owned(),
                    }),
                },
                other => self.garbage(method, &other.to_string()),
            }),
        }
    }

    async fn post(&self, method: &'static str, body: String) -> Result<Vec<u8>, Error> {
        let mut response = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|e| self.broken(method, &e))?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|e| self.broken(method, &e))?
        {
            if answer.len().saturating_add(chunk.len()) > limits::MAX_ANSWER_BYTES {
                return Err(Error::AnswerTooLarge {
                    endpoint: self.name(),
                    method,
                    limit: limits::MAX_ANSWER_BYTES,
                });
            }
            answer.extend_from_slice(&chunk);
        }
        // A node answers a refused request with a JSON-RPC error, some under an HTTP error status: those are answers.
        if !status.is_success() && serde_json::from_slice::<serde::de::IgnoredAny>(&answer).is_err()
        {
            return Err(self.garbage(method, &format!("HTTP status {status}")));
        }
        Ok(answer)
    }

    pub(crate) fn garbage(&self, method: &str, reason: &str) -> Error {
        Error::Garbage {
            endpoint: self.name(),
            method: method.to_owned(),
            reason: clip(reason),
        }
    }

    fn broken(&self, method: &'static str, error: &reqwest::Error) -> Error {
        if error.is_timeout() {
            Error::TimedOut {
                endpoint: self.name(),
                method,
                after: self.timeout,
            }
        } else {
            Error::Unreachable {
                endpoint: self.name(),
                reason: chain(error),
            }
        }
    }
}

/// Whether a URL names this machine; a proxy is of no use for it.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// An error with its causes, without the URL that the HTTP client repeats in each.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(inner) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    if text.is_empty() {
        text = error.to_string();
    }
    clip(&text)
}

/// A node's text, cut to what an error keeps.
pub(crate) fn clip(text: &str) -> String {
    if text.len() <= limits::MAX_LOG_BYTES {
        return text.to_owned();
    }
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= limits::MAX_LOG_BYTES)
        .last()
        .unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}
