use super::{
    BlindSignRequestBody, BlindSignResponse, BuildInformation, ChainBlocksStatusResponse,
    ChainStatusResponse, CoinIndexSignaturesResponse, DepositOwnerRequest, DepositStatusResponse,
    ExpirationDateSignaturesResponse, HealthResponse, MasterVerificationKeyResponse,
    NetworkDetailsResponse, OwnerAction, RefundResponse, SignerInformation, SignerStatusResponse,
    VerifyEcashTicketBody, VerifyEcashTicketResponse, routes,
};
use crate::RequestsError;
use crate::http::{Answered, BaseUrl, HttpClient};
use crate::limits::{ANSWER_MAX_BYTES, GLOBAL_DATA_MAX_BYTES};
use ecash_ticketbook::{DepositId, EcashDate, EpochId};
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

type Answer<T> = Result<Answered<T>, RequestsError>;

/// Client of one Quorum member. It retries nothing and believes nothing: what a signer answers is decoded, and checked
/// by the caller.
///
/// Every call fails with the transport variants of [`RequestsError`]: [`RequestsError::Unreachable`],
/// [`RequestsError::TimedOut`], [`RequestsError::Broken`], [`RequestsError::Refused`], [`RequestsError::AnswerTooLong`],
/// [`RequestsError::NotUnderstood`]; [`RequestsError::Url`] for a target that may not be called.
#[derive(Clone, Debug)]
pub struct QuorumClient {
    http: HttpClient,
    base: BaseUrl,
}

impl QuorumClient {
    /// A client for the signer that announces this URL.
    ///
    /// # Errors
    /// [`RequestsError::Url`] if it is no http or https URL.
    pub fn new(http: HttpClient, announce_address: &str) -> Result<Self, RequestsError> {
        Ok(Self {
            http,
            base: BaseUrl::parse(announce_address)?,
        })
    }

    /// The announced URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Asks for a share under the key of `epoch`, or of the issuing epoch.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn blind_sign(
        &self,
        epoch: Option<EpochId>,
        body: &BlindSignRequestBody,
    ) -> Answer<BlindSignResponse> {
        self.post(routes::BLIND_SIGN, &query(epoch, None), body)
            .await
    }

    /// The signer's own date signatures.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn partial_expiration_date_signatures(
        &self,
        epoch: Option<EpochId>,
        expiration: Option<EcashDate>,
    ) -> Answer<ExpirationDateSignaturesResponse> {
        self.get(
            routes::PARTIAL_EXPIRATION_DATE_SIGNATURES,
            &query(epoch, expiration),
            ANSWER_MAX_BYTES,
        )
        .await
    }

    /// The signer's own coin-index signatures.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn partial_coin_indices_signatures(
        &self,
        epoch: Option<EpochId>,
    ) -> Answer<CoinIndexSignaturesResponse> {
        self.get(
            routes::PARTIAL_COIN_INDICES_SIGNATURES,
            &query(epoch, None),
            ANSWER_MAX_BYTES,
        )
        .await
    }

    /// The aggregated key of an epoch.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn master_verification_key(
        &self,
        epoch: Option<EpochId>,
    ) -> Answer<MasterVerificationKeyResponse> {
        self.get(
            routes::MASTER_VERIFICATION_KEY,
            &query(epoch, None),
            GLOBAL_DATA_MAX_BYTES,
        )
        .await
    }

    /// Aggregated date signatures.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn aggregated_expiration_date_signatures(
        &self,
        epoch: Option<EpochId>,
        expiration: Option<EcashDate>,
    ) -> Answer<ExpirationDateSignaturesResponse> {
        let query = query(epoch, expiration);
        self.get(
            routes::AGGREGATED_EXPIRATION_DATE_SIGNATURES,
            &query,
            GLOBAL_DATA_MAX_BYTES,
        )
        .await
    }

    /// Aggregated coin-index signatures.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn aggregated_coin_indices_signatures(
        &self,
        epoch: Option<EpochId>,
    ) -> Answer<CoinIndexSignaturesResponse> {
        self.get(
            routes::AGGREGATED_COIN_INDICES_SIGNATURES,
            &query(epoch, None),
            GLOBAL_DATA_MAX_BYTES,
        )
        .await
    }

    /// What the signer says of itself, signed; the signature is for the caller to verify.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn signer_status(&self) -> Answer<SignerStatusResponse> {
        self.get(routes::SIGNER_STATUS, &[], ANSWER_MAX_BYTES).await
    }

    /// Health of the node and of its view of the chain.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn health(&self) -> Answer<HealthResponse> {
        self.get(routes::HEALTH, &[], ANSWER_MAX_BYTES).await
    }

    /// What was built.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn build_information(&self) -> Answer<BuildInformation> {
        self.get(routes::BUILD_INFORMATION, &[], ANSWER_MAX_BYTES)
            .await
    }

    /// Address and keys of the signer, unsigned.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn signer_information(&self) -> Answer<SignerInformation> {
        self.get(routes::SIGNER_INFORMATION, &[], ANSWER_MAX_BYTES)
            .await
    }

    /// The network that the node belongs to.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn network_details(&self) -> Answer<NetworkDetailsResponse> {
        self.get(routes::NETWORK_DETAILS, &[], ANSWER_MAX_BYTES)
            .await
    }

    /// The newest block as the node sees it, unsigned.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn chain_status(&self) -> Answer<ChainStatusResponse> {
        self.get(routes::CHAIN_STATUS, &[], ANSWER_MAX_BYTES).await
    }

    /// The newest block as the node sees it; the signature is for the caller to verify.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn chain_blocks_status(&self) -> Answer<ChainBlocksStatusResponse> {
        self.get(routes::CHAIN_BLOCKS_STATUS, &[], ANSWER_MAX_BYTES)
            .await
    }

    /// Delivers a ticket that a gateway took.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn verify_ecash_ticket(
        &self,
        body: &VerifyEcashTicketBody,
    ) -> Answer<VerifyEcashTicketResponse> {
        self.post(routes::VERIFY_ECASH_TICKET, &[], body).await
    }

    /// Asks which request the signer recorded for a deposit.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn deposit_status(
        &self,
        deposit: DepositId,
        body: &DepositOwnerRequest,
    ) -> Answer<DepositStatusResponse> {
        self.post(&OwnerAction::Status.path(deposit), &[], body)
            .await
    }

    /// Demands the money of a deposit back.
    ///
    /// # Errors
    /// Those of the type; [`RequestsError::Refused`] with status 400 while the deposit cannot be refunded.
    pub async fn refund(
        &self,
        deposit: DepositId,
        body: &DepositOwnerRequest,
    ) -> Answer<RefundResponse> {
        self.post(&OwnerAction::Refund.path(deposit), &[], body)
            .await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        route: &str,
        query: &[(&str, String)],
        limit_bytes: usize,
    ) -> Answer<T> {
        self.http
            .get(self.base.join(route, query), HeaderMap::new(), limit_bytes)
            .await?
            .json()
    }

    async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        route: &str,
        query: &[(&str, String)],
        body: &B,
    ) -> Answer<T> {
        let url = self.base.join(route, query);
        self.http
            .post_json(url, HeaderMap::new(), body, ANSWER_MAX_BYTES)
            .await?
            .json()
    }
}

fn query(epoch: Option<EpochId>, expiration: Option<EcashDate>) -> Vec<(&'static str, String)> {
    let epoch = epoch.map(|epoch| (routes::EPOCH_PARAMETER, epoch.to_string()));
    let expiration = expiration.map(|date| (routes::EXPIRATION_DATE_PARAMETER, date.to_string()));
    epoch.into_iter().chain(expiration).collect()
}
