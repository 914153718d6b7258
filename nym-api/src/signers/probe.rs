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
    #![allow(clippy::unwrap_used, clippy::panic)]
    use axum::routing::get;
    use axum::{Json, Router};
    use ecash_requests::IdentitySecret;
    use ecash_requests::http::HttpOptions;
    use ecash_requests::quorum::{
        ChainBlocksStatusBody, ChainStatus, SignedMessage, SignerStatusBody, routes,
    };
    use ecash_ticketbook::{EpochId, NodeIndex};
    use serde_json::{Value, json};
    use time::OffsetDateTime;

    use super::*;

    /// A signer that reports this version and answers the signed questions, whatever it reports.
    async fn probed(version: Value) -> ProbeStatus {
        let identity = IdentitySecret::from_bytes(&[1; 32]);
        let current_time = OffsetDateTime::UNIX_EPOCH;
        let signing = SignerStatusBody {
            current_time,
            dkg_ecash_epoch_id: EpochId(3),
            signer_disabled: false,
            is_ecash_signer: true,
            has_signing_keys: true,
        };
        let chain = ChainBlocksStatusBody {
            current_time,
            latest_cached_block: None,
            chain_status: ChainStatus::Unknown,
        };
        let signing = serde_json::to_value(SignedMessage::sign(signing, &identity).unwrap());
        let chain = serde_json::to_value(SignedMessage::sign(chain, &identity).unwrap());
        let mut build = serde_json::to_value(crate::status::build_information()).unwrap();
        build
            .as_object_mut()
            .unwrap()
            .insert("build_version".to_owned(), version);
        let answer = |value: Value| get(move || async move { Json(value) });
        let router = Router::new()
            .route(routes::BUILD_INFORMATION, answer(build))
            .route(routes::SIGNER_STATUS, answer(signing.unwrap()))
            .route(routes::CHAIN_BLOCKS_STATUS, answer(chain.unwrap()))
            .route(routes::SIGNER_INFORMATION, answer(json!({"identity": 1})));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        probe_at(&url, &identity.public().to_string()).await
    }

    async fn probe_at(url: &str, key: &str) -> ProbeStatus {
        let dealer = DealerInformation {
            announce_address: url.to_owned(),
            owner_address: "n1signer".to_owned(),
            node_index: NodeIndex(1),
            public_key: key.to_owned(),
            verification_key_share: None,
            share_verified: false,
        };
        probe(&HttpClient::new(HttpOptions::default()).unwrap(), &dealer).await
    }

    fn answers(status: ProbeStatus) -> (SigningAnswer, ChainAnswer) {
        match status {
            ProbeStatus::Tested { result } => (result.signing_status, result.local_chain_status),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_signer_is_asked_what_its_version_knows() {
        let (signing, chain) = answers(probed(json!("1.1.64")).await);
        assert!(matches!(signing, SigningAnswer::Reachable { .. }));
        assert!(matches!(chain, ChainAnswer::Reachable { .. }));
        // It claims to know the unsigned questions; one answer does not decode, the other does not come.
        let (signing, chain) = answers(probed(json!("1.1.63")).await);
        assert_eq!(signing, SigningAnswer::Unreachable);
        assert_eq!(chain, ChainAnswer::Unreachable);
        for outdated in ["1.1.45", "none"] {
            let (signing, chain) = answers(probed(json!(outdated)).await);
            assert_eq!(signing, SigningAnswer::Outdated, "{outdated}");
            assert_eq!(chain, ChainAnswer::Outdated, "{outdated}");
        }
        assert_eq!(probed(json!(7)).await, ProbeStatus::Unreachable);
    }

    #[tokio::test]
    async fn a_signer_without_a_url_or_a_key_is_not_asked() {
        let key = IdentitySecret::from_bytes(&[1; 32]).public().to_string();
        for (url, key) in [
            ("signer", key.as_str()),
            ("ftp://signer", &key),
            ("http://127.0.0.1:1", "key"),
        ] {
            let status = probe_at(url, key).await;
            assert_eq!(status, ProbeStatus::ProvidedInvalidDetails, "{url} {key}");
        }
        let nobody = probe_at("http://127.0.0.1:1", &key).await;
        assert_eq!(nobody, ProbeStatus::Unreachable);
    }

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
