//! Where a server says that it can be reached.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use url::Url;

/// Longest announce address that the contracts take, in bytes.
pub const MAX_ANNOUNCE_BYTES: usize = 256;

/// URL under which others reach a server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum AnnounceAddress {
    /// The address that the server is bound to, over plain HTTP. For test networks.
    Bound,
    /// This URL.
    Url(Url),
}

impl AnnounceAddress {
    /// The URL, once the server is bound to `bound`; without a trailing slash.
    #[must_use]
    pub fn resolve(&self, bound: SocketAddr) -> String {
        match self {
            Self::Bound => format!("http://{bound}"),
            Self::Url(url) => url.as_str().trim_end_matches('/').to_owned(),
        }
    }
}

impl TryFrom<String> for AnnounceAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "bound" {
            return Ok(Self::Bound);
        }
        let url = Url::parse(&text)
            .map_err(|error| format!("announce address {text:?} is no URL: {error}"))?;
        if matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.as_str().len() <= MAX_ANNOUNCE_BYTES
        {
            Ok(Self::Url(url))
        } else {
            Err(format!(
                "announce address {text:?} is no http or https URL of at most {MAX_ANNOUNCE_BYTES} bytes"
            ))
        }
    }
}

impl From<AnnounceAddress> for String {
    fn from(address: AnnounceAddress) -> Self {
        match address {
            AnnounceAddress::Bound => "bound".to_owned(),
            AnnounceAddress::Url(url) => url.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_announce_address_is_a_web_url_or_bound() {
        let long = format!("https://host/{}", "a".repeat(MAX_ANNOUNCE_BYTES));
        for text in ["ftp://x", "x", "", "http://", &long] {
            assert!(
                AnnounceAddress::try_from(text.to_owned()).is_err(),
                "{text}"
            );
        }
        let bound: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        assert_eq!(
            AnnounceAddress::Bound.resolve(bound),
            "http://127.0.0.1:4711"
        );
        let url = AnnounceAddress::try_from("https://host/api/".to_owned()).unwrap();
        assert_eq!(url.resolve(bound), "https://host/api");
    }
}
