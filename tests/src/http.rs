//! One HTTP request, whatever is wrong with it.

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// What came back.
#[derive(Debug)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub text: String,
}

impl Answered {
    /// Whether the request was refused for what it is, with a reason.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status) && !self.text.is_empty()
    }
}

/// A plain client.
///
/// # Errors
/// If the system's TLS cannot be set up.
pub fn client() -> Result<reqwest::Client> {
    ecash_requests::install_crypto_provider();
    Ok(reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()?)
}

/// `POST` of a JSON value.
///
/// # Errors
/// If nothing comes back.
pub async fn post_json<T: Serialize + Sync>(
    client: &reqwest::Client,
    url: Url,
    body: &T,
) -> Result<Answered> {
    post(client, url, "application/json", serde_json::to_vec(body)?).await
}

/// `POST` of bytes.
///
/// # Errors
/// If nothing comes back.
pub async fn post(
    client: &reqwest::Client,
    url: Url,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Answered> {
    let response = client
        .post(url)
        .header("content-type", content_type)
        .body(body)
        .send()
        .await?;
    Ok(Answered {
        status: response.status().as_u16(),
        text: response.text().await?,
    })
}

/// `POST` of `chunks` chunks of 64 KiB without an announced length. Gives the first line of the answer, and how many
/// chunks could be written before the server had enough.
///
/// # Errors
/// If there is no connection or no answer.
pub async fn post_chunked(url: &Url, headers: &str, chunks: usize) -> Result<(String, usize)> {
    let (host, port) = (
        url.host_str().context("host")?,
        url.port_or_known_default().context("port")?,
    );
    let stream = TcpStream::connect((host, port)).await?;
    let (mut reader, mut writer) = stream.into_split();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {host}:{port}\r\ntransfer-encoding: chunked\r\n{headers}\r\n",
        url.path()
    );
    let write = async move {
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        if writer.write_all(head.as_bytes()).await.is_err() {
            return (0, writer);
        }
        for written in 0..chunks {
            if writer.write_all(&chunk).await.is_err() {
                return (written, writer);
            }
        }
        (chunks, writer)
    };
    let read = async move {
        let mut answer = Vec::new();
        while !answer.contains(&b'\n') && reader.read_buf(&mut answer).await? != 0 {}
        anyhow::Ok(
            String::from_utf8_lossy(&answer)
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let exchange = async { tokio::join!(write, read) };
    let ((written, _writer), line) =
        tokio::time::timeout(Duration::from_secs(60), exchange).await?;
    Ok((line?, written))
}
