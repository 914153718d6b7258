//! Requests of our wallet, signed by published issuers and by ours behind the same routes; and global data of each side
//! read by the other. Everything crosses as the JSON of the routes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::{
    BlindSignRequestBody, BlindSignResponse, CoinIndexSignaturesResponse, Envelope,
    ExpirationDateSignaturesResponse, MasterVerificationKeyResponse, QuorumClient, routes,
};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_scheme::{PartialWallet, Wallet};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, PayInfo, TicketType, UnixTime};
use interop_scheme::{EXPIRATION, Network, THRESHOLD, TICKET_TYPE, User};
use nym_api_requests::ecash::models::{
    AggregatedCoinIndicesSignatureResponse, AggregatedExpirationDateSignatureResponse,
};
use nym_api_requests::ecash::models::{
    BlindSignRequestBody as TheirBody, BlindedSignatureResponse,
    MasterVerificationKeyResponse as TheirMasterKey,
};
use nym_compact_ecash as published;
use nym_crypto::asymmetric::ed25519::PublicKey;
use nym_ecash_time::EcashTime;
use rand::rngs::OsRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;

const EPOCH: EpochId = EpochId(7);
const DEPOSIT: DepositId = DepositId(42);

/// A signer of published code: it knows nothing of ours.
#[derive(Clone)]
struct Issuer {
    key: Arc<published::SecretKeyAuth>,
    deposit_key: [u8; 32],
}

async fn issue(
    State(issuer): State<Issuer>,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<TheirBody>,
) -> Result<Json<BlindedSignatureResponse>, StatusCode> {
    if query.get("epoch_id").map(String::as_str) != Some("7") {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut signed = body.inner_sign_request.to_bytes();
    signed.extend_from_slice(&body.deposit_id.to_be_bytes());
    PublicKey::from_bytes(&issuer.deposit_key)
        .unwrap()
        .verify(&signed, &body.signature)
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    published::issue(
        &issuer.key,
        body.ecash_pubkey.clone(),
        &body.inner_sign_request,
        body.expiration_date.ecash_unix_timestamp(),
        body.ticketbook_type.encode(),
    )
    .map(|share| Json(BlindedSignatureResponse::new(share)))
    .map_err(|_| StatusCode::BAD_REQUEST)
}

async fn serve(issuer: Issuer) -> QuorumClient {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap());
    let router = Router::new()
        .route(&format!("/api{}", routes::BLIND_SIGN), post(issue))
        .with_state(issuer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let http = HttpClient::new(HttpOptions::default()).unwrap();
    QuorumClient::new(http, &url).unwrap()
}

fn ids() -> NetworkIds {
    NetworkIds::new("test-chain", "n1ecash", "n1contract").unwrap()
}

#[tokio::test]
async fn a_book_of_shares_from_published_issuers_and_from_ours_is_one_book() {
    let network = Network::dealt_by_us();
    let user = User::from_seed(b"holder");
    let deposit = IdentitySecret::generate(&mut OsRng);
    let (request, info) = user.our_request();
    let body = BlindSignRequestBody::sign(
        request.clone(),
        DEPOSIT,
        &deposit,
        *user.ours.public_key(),
        EcashDate::from_unix(EXPIRATION).unwrap(),
        TicketType::from_code(TICKET_TYPE).unwrap(),
    );
    let hash = body.request_hash(&ids());
    let mut shares: Vec<PartialWallet> = Vec::new();
    for (position, signer) in network.signers.iter().enumerate().take(3) {
        let share = if position < 2 {
            // Our wallet sends an envelope to everybody; a published issuer does not know it.
            let mut body = body.clone();
            let (now, index) = (UnixTime(EXPIRATION.into()), NodeIndex(signer.index));
            body.envelope = Some(Envelope::sign(&ids(), &hash, now, index, None, &deposit));
            let issuer = Issuer {
                key: Arc::new(
                    published::SecretKeyAuth::from_bytes(&signer.theirs.to_bytes()).unwrap(),
                ),
                deposit_key: *deposit.public().as_bytes(),
            };
            let client = serve(issuer).await;
            let refused = client.blind_sign(Some(EpochId(8)), &body).await;
            assert!(refused.is_err(), "the epoch is named in the query");
            let answer = client.blind_sign(Some(EPOCH), &body).await.unwrap().value;
            let BlindSignResponse::Clear {
                blinded_signature,
                attestation: None,
            } = answer
            else {
                panic!("a published issuer answers with the share alone");
            };
            blinded_signature
        } else {
            interop_scheme::our_answer(signer, &user, &request)
        };
        shares.push(interop_scheme::our_share(signer, &user, &info, &share));
    }
    assert_eq!(u64::try_from(shares.len()).unwrap(), THRESHOLD);
    let signatures = info
        .aggregate(
            user.ours.secret_key(),
            &shares,
            THRESHOLD,
            &network.our_master,
        )
        .unwrap();
    let mut wallet = Wallet::new(signatures, 0).unwrap();
    let provider = IdentitySecret::generate(&mut OsRng);
    let pay_info = PayInfo::new(
        rand::random(),
        EXPIRATION.into(),
        *provider.public().as_bytes(),
    );
    let payment = wallet
        .spend(
            user.ours.secret_key(),
            &network.context(),
            &pay_info.to_bytes(),
            EXPIRATION,
            1,
            &mut OsRng,
        )
        .unwrap();
    let payment = published::scheme::Payment::from_bytes(&payment.to_bytes()).unwrap();
    let pay_info = published::PayInfo {
        pay_info_bytes: pay_info.to_bytes(),
    };
    payment
        .spend_verify(&network.their_master, &pay_info, EXPIRATION)
        .unwrap();
}

#[tokio::test]
async fn a_published_issuer_refuses_what_our_wallet_did_not_sign() {
    let network = Network::dealt_by_them();
    let user = User::from_seed(b"holder");
    let deposit = IdentitySecret::generate(&mut OsRng);
    let issuer = Issuer {
        key: Arc::new(
            published::SecretKeyAuth::from_bytes(&network.signers[0].theirs.to_bytes()).unwrap(),
        ),
        deposit_key: *deposit.public().as_bytes(),
    };
    let client = serve(issuer).await;
    let (request, _) = user.our_request();
    let sign = |key: &IdentitySecret, ticket_type| {
        BlindSignRequestBody::sign(
            request.clone(),
            DEPOSIT,
            key,
            *user.ours.public_key(),
            EcashDate::from_unix(EXPIRATION).unwrap(),
            TicketType::from_code(ticket_type).unwrap(),
        )
    };
    let honest = sign(&deposit, TICKET_TYPE);
    client.blind_sign(Some(EPOCH), &honest).await.unwrap();
    let stranger = sign(&IdentitySecret::generate(&mut OsRng), TICKET_TYPE);
    assert!(client.blind_sign(Some(EPOCH), &stranger).await.is_err());
    let other_type = sign(&deposit, TICKET_TYPE + 1);
    assert!(client.blind_sign(Some(EPOCH), &other_type).await.is_err());
}

/// A value of one side as the other reads it.
fn crossed<T: DeserializeOwned>(value: &impl Serialize) -> T {
    serde_json::from_slice(&serde_json::to_vec(value).unwrap()).unwrap()
}

#[test]
fn global_data_of_published_signers_are_accepted_by_our_verifier() {
    let network = Network::dealt_by_them();
    let expiration = EcashDate::from_unix(EXPIRATION).unwrap();
    let key: MasterVerificationKeyResponse =
        crossed(&TheirMasterKey::new(network.their_master.clone()));
    assert_eq!(key.key, network.our_master);
    let theirs = AggregatedExpirationDateSignatureResponse {
        epoch_id: EPOCH.get(),
        expiration_date: time::OffsetDateTime::from_unix_timestamp(EXPIRATION.into())
            .unwrap()
            .date(),
        signatures: network.their_dates.clone(),
    };
    let dates: ExpirationDateSignaturesResponse = crossed(&theirs);
    assert_eq!((dates.epoch_id, dates.expiration_date), (EPOCH, expiration));
    dates.signatures.verify(&key.key, &mut OsRng).unwrap();
    let theirs = AggregatedCoinIndicesSignatureResponse {
        epoch_id: EPOCH.get(),
        signatures: network.their_coins.clone(),
    };
    let coins: CoinIndexSignaturesResponse = crossed(&theirs);
    coins
        .signatures
        .verify(&key.key, &network.bases, &mut OsRng)
        .unwrap();

    let other = Network::dealt_by_them();
    assert!(
        dates
            .signatures
            .verify(&other.our_master, &mut OsRng)
            .is_err()
    );
    assert!(
        coins
            .signatures
            .verify(&other.our_master, &other.bases, &mut OsRng)
            .is_err()
    );
}

#[test]
fn global_data_of_ours_are_what_the_published_types_say() {
    let network = Network::dealt_by_us();
    let ours = MasterVerificationKeyResponse {
        key: network.our_master.clone(),
    };
    let key: TheirMasterKey = crossed(&ours);
    assert!(key.key == network.their_master);
    let ours = ExpirationDateSignaturesResponse {
        epoch_id: EPOCH,
        expiration_date: EcashDate::from_unix(EXPIRATION).unwrap(),
        signatures: network.our_dates.clone(),
    };
    let dates: AggregatedExpirationDateSignatureResponse = crossed(&ours);
    assert!(dates.signatures == network.their_dates);
    let ours = CoinIndexSignaturesResponse {
        epoch_id: EPOCH,
        signatures: network.our_coins.clone(),
    };
    let coins: AggregatedCoinIndicesSignatureResponse = crossed(&ours);
    assert!(coins.signatures == network.their_coins);
}
