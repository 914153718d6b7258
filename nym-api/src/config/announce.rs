//! Where a member says that it can be reached.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use url::Url;

/// URL under which others reach a member.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum AnnounceAddress {
    /// The address the server is bound to, over plain HTTP. For test networks.
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

    fn try_from(text: String) -> std::result::Result<Self, String> {
        if text == "bound" {
            return Ok(Self::Bound);
        }
        let url =
            Url::parse(&text).map_err(|e| format!("announce address {text:?} is no URL: {e}"))?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(Self::Url(url))
        } else {
            Err(format!("announce address {text:?} is no http or https URL"))
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
