//! Who is calling, for rates: the peer, or what a trusted proxy says of it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

use super::serve::PeerAddress;

/// The header in which reverse proxies append the address of their peer.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Addresses of the reverse proxies in front of a server; only their `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// The address that rates are counted for. An IPv6 address stands for its /64, which one customer holds whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client behind `peer`: `peer` itself, or if that is a trusted proxy the last address of `forwarded_for`
    /// that is not one.
    #[must_use]
    pub fn new(peer: IpAddr, forwarded_for: Option<&str>, proxies: &TrustedProxies) -> Self {
        let peer = peer.to_canonical();
        if !proxies.0.contains(&peer) {
            return Self(network_of(peer));
        }
        let client = forwarded_for
            .unwrap_or_default()
            .rsplit(',')
            .map_while(|text| text.trim().parse::<IpAddr>().ok())
            .map(|address| address.to_canonical())
            .find(|address| !proxies.0.contains(address));
        Self(network_of(client.unwrap_or(peer)))
    }

    fn from_request(extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = extensions
            .get::<PeerAddress>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let fallback = TrustedProxies::default();
        let proxies = extensions.get::<TrustedProxies>().unwrap_or(&fallback);
        let forwarded_for = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok());
        Self::new(peer, forwarded_for, proxies)
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

impl std::fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_request(&parts.extensions, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        let proxies = TrustedProxies(vec![ip("10.0.0.1")]);
        let client = ClientAddress::new(ip("192.0.2.7"), Some("198.51.100.1"), &proxies);
        assert_eq!(client.0, ip("192.0.2.7"));
    }

    #[test]
    fn behind_trusted_proxies_the_last_address_that_is_not_theirs_counts() {
        let proxies = TrustedProxies(vec![ip("10.0.0.1"), ip("10.0.0.2")]);
        let client = ClientAddress::new(
            ip("10.0.0.1"),
            Some("1.1.1.1, 192.0.2.7, 10.0.0.2"),
            &proxies,
        );
        assert_eq!(client.0, ip("192.0.2.7"));
        let nobody = ClientAddress::new(ip("10.0.0.1"), Some("1.1.1.1, garbage"), &proxies);
        assert_eq!(nobody.0, ip("10.0.0.1"));
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one_and_mapped_ones_as_ipv4() {
        let none = TrustedProxies::default();
        let one = ClientAddress::new(ip("2001:db8:0:1::1"), None, &none);
        let two = ClientAddress::new(ip("2001:db8:0:1:ffff::2"), None, &none);
        assert_eq!(one, two);
        assert_eq!(
            ClientAddress::new(ip("::ffff:192.0.2.7"), None, &none).0,
            ip("192.0.2.7")
        );
    }
}
