//! Asking one signer the questions that its version knows.

use ecash_requests::http::HttpClient;
use ecash_requests::quorum::{
    ChainAnswer, DealerInformation, ProbeResult, ProbeStatus, QuorumClient, SigningAnswer,
};
use ecash_requests::{IdentityKey, RequestsError};

/// From here on the chain's status is known, unsigned.
const UNSIGNED_CHAIN: Version = Version::of([1, 1, 51]);
/// From here on the signer's information is known, unsigned.
const UNSIGNED_SIGNER: Version = Version::of([1, 1, 46]);
/// From here on both are signed.
const SIGNED: Version = Version::of([1, 1, 64]);

/// Version of an interface; one with a suffix comes before the one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    released: bool,
}

impl Version {
    const fn of(numbers: [u64; 3]) -> Self {
        Self {
            numbers,
            released: true,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (text, _build) = text.split_once('+').unwrap_or((text, ""));
        let (text, suffix) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Vec<u64> = text
            .split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        Some(Self {
            numbers: numbers.try_into().ok()?,
            released: suffix.is_empty(),
        })
    }
}

/// What a signer answers to the questions that it knows. An answer that does not come is the same as one that does not
/// decode.
pub(super) async fn probe(http: &HttpClient, dealer: &DealerInformation) -> ProbeStatus {
    let client = QuorumClient::new(http.clone(), &dealer.announce_address);
    let (Ok(client), Ok(_)) = (client, IdentityKey::from_base58(&dealer.public_key)) else {
        return ProbeStatus::ProvidedInvalidDetails;
    };
    let Ok(build) = client.build_information().await else {
        return ProbeStatus::Unreachable;
    };
    let reported_version = build.value.build_version;
    let version = Version::parse(&reported_version);
    ProbeStatus::Tested {
        result: ProbeResult {
            signing_status: signing(&client, version)
                .await
                .unwrap_or(SigningAnswer::Unreachable),
            local_chain_status: chain(&client, version)
                .await
                .unwrap_or(ChainAnswer::Unreachable),
            reported_version,
        },
    }
}

async fn signing(
    client: &QuorumClient,
    version: Option<Version>,
) -> Result<SigningAnswer, RequestsError> {
    if version >= Some(SIGNED) {
        let response = Box::new(client.signer_status().await?.value);
        Ok(SigningAnswer::Reachable { response })
    } else if version >= Some(UNSIGNED_SIGNER) {
        let response = Box::new(client.signer_information().await?.value);
        Ok(SigningAnswer::ReachableLegacy { response })
    } else {
        Ok(SigningAnswer::Outdated)
    }
}

async fn chain(
    client: &QuorumClient,
    version: Option<Version>,
) -> Result<ChainAnswer, RequestsError> {
    if version >= Some(SIGNED) {
        let response = Box::new(client.chain_blocks_status().await?.value);
        Ok(ChainAnswer::Reachable { response })
    } else if version >= Some(UNSIGNED_CHAIN) {
        let response = Box::new(client.chain_status().await?.value);
        Ok(ChainAnswer::ReachableLegacy { response })
    } else {
        Ok(ChainAnswer::Outdated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_number_by_number() {
        let at_least = |text, version| Version::parse(text) >= Some(version);
        for current in [
            "1.1.64",
            "1.1.100",
            "1.2.0",
            "2.0.0",
            "2.0.0+build",
            "10.0.0",
        ] {
            assert!(at_least(current, SIGNED), "{current}");
        }
        for earlier in ["1.1.63", "1.1.64-rc.1", "1.0.99", "0.9.0"] {
            assert!(!at_least(earlier, SIGNED), "{earlier}");
        }
        for none in [
            "",
            "1.1",
            "1.1.64.0",
            "v1.1.64",
            "a.b.c",
            "-1.1.64",
            "1.1.99999999999999999999",
        ] {
            assert_eq!(Version::parse(none), None, "{none}");
        }
    }
}
