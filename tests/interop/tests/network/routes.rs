//! Every route of the published interface, in every form, through the published types.

use crate::World;
use nym_api_requests::ecash::models::{
    AggregatedCoinIndicesSignatureResponse, AggregatedExpirationDateSignatureResponse,
    EcashSignerStatusResponse, EcashTicketVerificationRejection, EcashTicketVerificationResponse,
};
use nym_api_requests::ecash::models::{
    BlindedSignatureResponse, MasterVerificationKeyResponse, PartialCoinIndicesSignatureResponse,
    PartialExpirationDateSignatureResponse, VerifyEcashTicketBody,
};
use nym_api_requests::models::{
    ApiHealthResponse, BinaryBuildInformationOwned, ChainBlocksStatusResponse, ChainStatusResponse,
    DetailedSignersStatusResponse, SignerInformationResponse, SignersStatusOverview,
    SignersStatusResponse,
};
use nym_bandwidth_controller::TicketType;

use nym_crypto::asymmetric::ed25519::PublicKey;
use nym_http_api_common::{BincodeOptions, make_bincode_serializer};
use nym_network_defaults::network::v1::NymNetworkDetails;
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Longest time until a member has found enough signers: it looks 30 s after its start, and a minute later again.
const PATIENCE: Duration = Duration::from_secs(120);
/// Time between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A question to one signer.
pub(crate) struct Route {
    request: RequestBuilder,
    path: String,
}

/// Answer of `network/details` of version 1, for which the published crates have the inner type only.
#[derive(Serialize, Deserialize)]
struct DetailsResponse {
    connected_nyxd: String,
    network: NymNetworkDetails,
}

impl Route {
    pub(crate) fn get(client: &reqwest::Client, signer: &str, path: &str) -> Self {
        Self {
            request: client.get(format!("{signer}{path}")),
            path: path.to_owned(),
        }
    }

    fn post(client: &reqwest::Client, url: &str, body: Vec<u8>) -> Self {
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        Self {
            request,
            path: url.to_owned(),
        }
    }

    async fn answer(&self, output: Option<&str>) -> Response {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        let request = self.request.try_clone().unwrap().build().unwrap();
        let mut request = request;
        if let Some(output) = output {
            let url = format!("{}{separator}output={output}", request.url());
            *request.url_mut() = url.parse().unwrap();
        }
        reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .execute(request)
            .await
            .unwrap()
    }

    async fn bytes(&self, output: Option<&str>, kind: &str) -> Vec<u8> {
        let answer = self.answer(output).await;
        let status = answer.status();
        let content_type = answer.headers()[header::CONTENT_TYPE].clone();
        let bytes = answer.bytes().await.unwrap();
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(status, StatusCode::OK, "{}: {}", self.path, text());
        assert_eq!(content_type, kind, "{}", self.path);
        bytes.to_vec()
    }

    /// The answer as JSON.
    pub(crate) async fn json<T: DeserializeOwned>(&self) -> T {
        let bytes = self.bytes(None, "application/json").await;
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// The answer in three forms, each decoded by the published type.
    async fn three<T: DeserializeOwned + Serialize>(&self) -> [T; 3] {
        let said =
            |form: &str, error: &dyn std::fmt::Display| format!("{} as {form}: {error}", self.path);
        let yaml = self.bytes(Some("yaml"), "application/yaml").await;
        let yaml = serde_yaml::from_slice(&yaml).unwrap_or_else(|e| panic!("{}", said("yaml", &e)));
        let binary = self.bytes(Some("bincode"), "application/bincode").await;
        let binary = make_bincode_serializer()
            .deserialize(&binary)
            .unwrap_or_else(|e| panic!("{}", said("bincode", &e)));
        let unknown = self.answer(Some("xml")).await;
        assert_eq!(unknown.status(), StatusCode::BAD_REQUEST, "{}", self.path);
        let kind = unknown.headers()[header::CONTENT_TYPE].clone();
        assert_eq!(kind, "text/plain; charset=utf-8", "{}", self.path);
        [self.json().await, yaml, binary]
    }

    /// The answer, the same in three forms.
    async fn same<T: DeserializeOwned + Serialize>(&self) -> T {
        let [json, yaml, binary] = self.three::<T>().await;
        let value = |answer: &T| -> Value { serde_json::to_value(answer).unwrap() };
        assert_eq!(value(&json), value(&yaml), "{}", self.path);
        assert_eq!(value(&json), value(&binary), "{}", self.path);
        json
    }
}

pub(crate) async fn asked(world: &mut World) {
    let signer = world.network.signers()[0];
    let get = |path: &str| Route::get(&world.client, signer, path);
    let information: SignerInformationResponse =
        get("/v1/api-status/signer-information").same().await;
    assert!(information.verification_key.is_some());
    let identity = PublicKey::from_base58_string(&information.identity).unwrap();

    let epoch = {
        let [json, yaml, binary] = get("/v1/ecash/signer-status")
            .three::<EcashSignerStatusResponse>()
            .await;
        for status in [&json, &yaml, &binary] {
            assert!(status.verify_signature(&identity));
            assert!(status.body.has_signing_keys && status.body.is_ecash_signer);
        }
        json.body.dkg_ecash_epoch_id
    };
    for query in [String::new(), format!("?epoch_id={epoch}")] {
        let get = |route: &str| get(&format!("/v1/ecash/{route}{query}"));
        get("master-verification-key")
            .same::<MasterVerificationKeyResponse>()
            .await;
        let dates: PartialExpirationDateSignatureResponse =
            get("partial-expiration-date-signatures").same().await;
        assert_eq!((dates.epoch_id, dates.signatures.len()), (epoch, 7));
        let coins: PartialCoinIndicesSignatureResponse =
            get("partial-coin-indices-signatures").same().await;
        assert_eq!((coins.epoch_id, coins.signatures.len()), (epoch, 50));
        get("aggregated-expiration-date-signatures")
            .same::<AggregatedExpirationDateSignatureResponse>()
            .await;
        get("aggregated-coin-indices-signatures")
            .same::<AggregatedCoinIndicesSignatureResponse>()
            .await;
    }
    let missing = get(&format!(
        "/v1/ecash/master-verification-key?epoch_id={}",
        epoch + 9
    ));
    assert_eq!(missing.answer(None).await.status(), StatusCode::BAD_REQUEST);

    let health = get("/v1/api-status/health")
        .three::<ApiHealthResponse>()
        .await;
    assert!(
        health
            .iter()
            .all(|health| health.status.is_up() && health.chain_status.is_synced())
    );
    let build: BinaryBuildInformationOwned = get("/v1/api-status/build-information").same().await;
    assert_eq!(build.binary_name, "nym-api");

    let details: DetailsResponse = get("/v1/network/details").same().await;
    let contracts = details.network.contracts;
    let ecash = contracts.ecash_contract_address.unwrap();
    assert_eq!(ecash, world.network.text("/contracts/ecash"));
    assert!(contracts.directory_contract_address.is_none());

    let chain = get("/v1/network/chain-status")
        .three::<ChainStatusResponse>()
        .await;
    for status in chain {
        let header = status.status.latest_block.block.header;
        assert_eq!(header.chain_id, world.network.text("/chain_id"));
    }
    let chain = get("/v1/network/chain-blocks-status")
        .three::<ChainBlocksStatusResponse>()
        .await;
    for status in chain {
        assert!(status.verify_signature(&identity));
        assert!(status.body.chain_status.is_synced());
        assert!(status.body.latest_cached_block.is_some());
    }
}

/// The published holder's own request, sent again as it was: the stored share, in every form.
pub(crate) async fn shares(world: &mut World) {
    let (url, body) = world.proxy.last_request().expect("a request for a share");
    let route = Route::post(&world.client, &url, body);
    route.same::<BlindedSignatureResponse>().await;
    let answer: Value = route.json().await;
    assert!(
        answer["attestation"].is_object(),
        "what we add, they ignore"
    );
}

pub(crate) async fn verdicts(world: &mut World) {
    let signer = world.network.signers()[0].to_owned();
    let ticket_type = TicketType::V1WireguardEntry;
    let (_, key) = world.network.gateway_for(&ticket_type.to_string());
    let key = key.to_owned();
    let accounts = world.network.gateway_accounts();
    let ticket = world.ticket(ticket_type, &key).await;
    for (account_key, account) in accounts {
        let body = VerifyEcashTicketBody {
            credential: ticket.data.clone(),
            gateway_cosmos_addr: account.parse().unwrap(),
        };
        let body = serde_json::to_vec(&body).unwrap();
        let url = format!("{signer}/v1/ecash/verify-ecash-ticket");
        let verdict: EcashTicketVerificationResponse =
            Route::post(&world.client, &url, body).same().await;
        if account_key == key {
            assert!(verdict.verified.is_ok());
        } else {
            assert!(matches!(
                verdict.verified,
                Err(EcashTicketVerificationRejection::InvalidTicket)
            ));
        }
    }
}

pub(crate) async fn signers(world: &mut World) {
    let signer = world.network.signers()[0];
    let get = |path: &str| Route::get(&world.client, signer, path);
    let status = get("/v1/network/signers/status");
    let enough = async || {
        let answer = status.answer(None).await;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            return false;
        }
        let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        told["body"]["overview"]["thresholdAvailable"] == true
    };
    let found = async {
        while !enough().await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, found).await;
    waited.expect("a survey that finds enough signers");
    let information: SignerInformationResponse =
        get("/v1/api-status/signer-information").json().await;
    let identity = PublicKey::from_base58_string(&information.identity).unwrap();

    let brief: SignersStatusResponse = status.same().await;
    assert!(brief.verify_signature(&identity));
    let overview = &brief.body.overview;
    assert_eq!(overview.threshold_available, Some(true));
    assert_eq!(overview.signing_threshold, Some(crate::THRESHOLD as u64));
    assert_eq!(overview.total_signers, usize::from(crate::SIGNERS));

    let detailed: DetailedSignersStatusResponse =
        get("/v1/network/signers/status-detailed").same().await;
    assert!(detailed.verify_signature(&identity));
    let body = &detailed.body;
    let judged = SignersStatusOverview::new(&body.details, overview.signing_threshold);
    let value = |overview: &SignersStatusOverview| serde_json::to_value(overview).unwrap();
    assert_eq!(
        value(&judged),
        value(&body.overview),
        "the same verdicts as theirs"
    );
    for (result, ours) in body.details.iter().zip(&brief.body.results) {
        assert_eq!(ours.local_chain_working, result.chain_available());
        assert_eq!(
            ours.credential_issuance_available,
            result.signing_available()
        );
    }
}
