//! A signer that signs honestly, or does what the test tells it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ecash_requests::quorum::{
    Attestation, AttestedShare, BlindSignRequestBody, BlindSignResponse,
    CoinIndexSignaturesResponse, DepositOwnerRequest, DepositStatusResponse,
    ExpirationDateSignaturesResponse, OwnerAction, RecordedRequest, RefundResponse, RefundState,
    SealedShare, ShareContext, SignedMessage, SignerStatusBody,
};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_scheme::{CoinIndexSignatures, DateSignatures};
use ecash_ticketbook::{EcashDate, EpochId, NodeIndex, UnixTime};
use rand::rngs::OsRng;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::{EPOCH, EPOCH_AFTER, Keys, identity};

/// What a signer does when it is asked for a share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Signs, attests, seals.
    #[default]
    Honest,
    /// As published signers: clear, no attestation.
    Published,
    /// Attests a share made with another key.
    WrongShare,
    /// A share made with another key, without attestation.
    WrongShareUnattested,
    /// Seals for another key than it was asked to.
    WrongSeal,
    /// Good share, attestation by another key.
    WrongAttestation,
    /// 503 with `Retry-After: 0` this many times, then honest.
    Busy(u32),
    /// Refuses.
    Refuses,
    /// Records a request and refuses it, and signs it from the second time on.
    Reluctant,
    /// Text in place of an answer.
    Garbage,
    /// Signs honestly, but the answer never comes.
    Stalls,
    /// Sends the caller elsewhere.
    Redirects,
    /// An answer without an end.
    Endless,
    /// An honest share of another epoch's key.
    OtherEpoch,
    /// Signs, and closes the connection without an answer.
    Silent,
}

/// What a signer says of a deposit's record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Says {
    /// What it recorded.
    #[default]
    Truth,
    /// That it recorded nothing.
    Nothing,
    /// "Later".
    Later,
    /// This record, whatever the deposit is.
    Record(Box<RecordedRequest>),
}

/// Which public signatures it serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Serves {
    /// The right ones.
    #[default]
    Right,
    /// Those of another key.
    OtherKey,
    /// The right ones, one of them exchanged for another's.
    OneChanged,
    /// Those of the day after.
    OtherDate,
    /// Labelled with another epoch.
    OtherEpoch,
}

pub(crate) struct Inner {
    index: u64,
    identity: Arc<IdentitySecret>,
    pub(crate) network: NetworkIds,
    coins: CoinIndexSignatures,
    keys: Arc<Keys>,
    /// Keys of the epoch after the present one, once there is one.
    later: Mutex<Option<Arc<Keys>>>,
    /// Refuses everything under the present epoch from now on.
    pub(crate) refuses_old_epoch: Mutex<bool>,
    other_keys: Keys,
    pub(crate) mode: Mutex<Mode>,
    pub(crate) serves: Mutex<Serves>,
    pub(crate) healthy: Mutex<bool>,
    requests: Mutex<Vec<Vec<u8>>>,
    /// What it recorded, by deposit.
    pub(crate) records: Mutex<HashMap<u32, BlindSignRequestBody>>,
    pub(crate) says: Mutex<Says>,
    /// Its clock − the real one, in seconds.
    pub(crate) clock_off_secs: Mutex<i64>,
    pub(crate) status_questions: Mutex<usize>,
    pub(crate) refund_demands: Mutex<usize>,
}

pub(crate) struct FakeSigner {
    pub(crate) index: u64,
    pub(crate) url: String,
    pub(crate) identity: Arc<IdentitySecret>,
    pub(crate) inner: Arc<Inner>,
}

impl FakeSigner {
    pub(crate) async fn start(index: u64, keys: Arc<Keys>, network: NetworkIds) -> Self {
        let identity = Arc::new(identity(100 + index as u8));
        let other_keys = Keys::deal();
        let inner = Arc::new(Inner {
            index,
            identity: identity.clone(),
            network,
            coins: keys.coins(),
            keys,
            later: Mutex::default(),
            refuses_old_epoch: Mutex::default(),
            other_keys,
            mode: Mutex::default(),
            serves: Mutex::default(),
            healthy: Mutex::new(true),
            requests: Mutex::default(),
            records: Mutex::default(),
            says: Mutex::default(),
            clock_off_secs: Mutex::default(),
            status_questions: Mutex::default(),
            refund_demands: Mutex::default(),
        });
        let app = Router::new()
            .route("/v1/ecash/blind-sign", post(blind_sign))
            .route("/v1/ecash/signer-status", get(status))
            .route("/v1/ecash/aggregated-coin-indices-signatures", get(coins))
            .route(
                "/v1/ecash/aggregated-expiration-date-signatures",
                get(dates),
            )
            .route("/v1/ecash/deposits/{id}/status", post(deposit_status))
            .route("/v1/ecash/deposits/{id}/refund", post(refund))
            .with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            index,
            url,
            identity,
            inner,
        }
    }

    pub(crate) fn set(&self, mode: Mode) {
        *self.inner.mode.lock().unwrap() = mode;
    }

    pub(crate) fn serves(&self, serves: Serves) {
        *self.inner.serves.lock().unwrap() = serves;
    }

    /// Holds keys of the next epoch too.
    pub(crate) fn learn(&self, later: Arc<Keys>) {
        *self.inner.later.lock().unwrap() = Some(later);
    }

    pub(crate) fn says(&self, says: Says) {
        *self.inner.says.lock().unwrap() = says;
    }

    pub(crate) fn clock_off(&self, secs: i64) {
        *self.inner.clock_off_secs.lock().unwrap() = secs;
    }

    pub(crate) fn status_questions(&self) -> usize {
        *self.inner.status_questions.lock().unwrap()
    }

    pub(crate) fn refund_demands(&self) -> usize {
        *self.inner.refund_demands.lock().unwrap()
    }

    /// Bytes of every request it was sent, envelope aside.
    pub(crate) fn requests(&self) -> Vec<Vec<u8>> {
        self.inner.requests.lock().unwrap().clone()
    }
}

#[derive(Deserialize)]
struct EpochQuery {
    epoch_id: EpochId,
}

impl Inner {
    fn keys_of(&self, epoch: EpochId) -> Option<Arc<Keys>> {
        if epoch == EPOCH {
            return Some(self.keys.clone());
        }
        self.later
            .lock()
            .unwrap()
            .clone()
            .filter(|_| epoch == EPOCH_AFTER)
    }
}

impl Inner {
    fn now(&self) -> UnixTime {
        UnixTime(
            now()
                .get()
                .saturating_add_signed(*self.clock_off_secs.lock().unwrap()),
        )
    }

    /// The header by which wallets correct their clocks.
    fn date(&self) -> [(axum::http::HeaderName, String); 1] {
        let now = time::OffsetDateTime::from_unix_timestamp(self.now().get() as i64).unwrap();
        let format = time::macros::format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        [(axum::http::header::DATE, now.format(format).unwrap())]
    }
}

fn now() -> UnixTime {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    UnixTime(since.as_secs())
}

async fn blind_sign(
    State(signer): State<Arc<Inner>>,
    Query(EpochQuery { epoch_id }): Query<EpochQuery>,
    Json(body): Json<BlindSignRequestBody>,
) -> Response {
    let mut bytes = body.inner_sign_request.to_bytes().to_vec();
    bytes.extend_from_slice(&body.deposit_id.get().to_be_bytes());
    signer.requests.lock().unwrap().push(bytes);
    let keys = signer
        .keys_of(epoch_id)
        .filter(|_| epoch_id != EPOCH || !*signer.refuses_old_epoch.lock().unwrap());
    let Some(keys) = keys else {
        return (StatusCode::BAD_REQUEST, "not under this epoch").into_response();
    };
    let mode = signer.mode.lock().unwrap().clone();
    match mode {
        Mode::Busy(0) => *signer.mode.lock().unwrap() = Mode::Honest,
        Mode::Busy(left) => {
            *signer.mode.lock().unwrap() = Mode::Busy(left - 1);
            let headers: HeaderMap = [(axum::http::header::RETRY_AFTER, "0".parse().unwrap())]
                .into_iter()
                .collect();
            return (StatusCode::SERVICE_UNAVAILABLE, headers, "busy").into_response();
        }
        Mode::Refuses => return (StatusCode::BAD_REQUEST, "no").into_response(),
        Mode::Garbage => return (StatusCode::OK, "not json").into_response(),
        Mode::Redirects => {
            return axum::response::Redirect::temporary("/v1/ecash/signer-status").into_response();
        }
        Mode::Endless => return endless(),
        _ => {}
    }
    {
        // One request per deposit, for ever: another one is refused, the same one is answered again.
        let mut records = signer.records.lock().unwrap();
        let first = !records.contains_key(&body.deposit_id.get());
        let kept = records
            .entry(body.deposit_id.get())
            .or_insert_with(|| body.clone());
        if kept.request_hash(&signer.network) != body.request_hash(&signer.network) {
            return (StatusCode::BAD_REQUEST, "another request is recorded").into_response();
        }
        if first && mode == Mode::Reluctant {
            return (StatusCode::BAD_REQUEST, "not yet").into_response();
        }
    }
    match mode {
        Mode::Stalls => std::future::pending::<()>().await,
        Mode::Silent => return broken(),
        _ => {}
    }
    let (expiration, code) = (body.expiration_date.unix(), body.ticketbook_type.code());
    let verified = body
        .inner_sign_request
        .verify(&body.ecash_pubkey, expiration, code)
        .expect("an honest request");
    let hash = body.request_hash(&signer.network);
    let context = ShareContext {
        network: &signer.network,
        epoch_id,
        node_index: NodeIndex(signer.index),
        deposit_id: body.deposit_id,
        request: &hash,
    };
    let key = match mode {
        Mode::WrongShare | Mode::WrongShareUnattested | Mode::OtherEpoch => {
            signer.other_keys.share(signer.index)
        }
        _ => keys.share(signer.index),
    };
    let share = key.blind_sign(&verified);
    let context = match mode {
        Mode::OtherEpoch => ShareContext {
            epoch_id: EPOCH_AFTER,
            ..context
        },
        _ => context,
    };
    let identity = match mode {
        Mode::WrongAttestation => &super::identity(1),
        _ => &*signer.identity,
    };
    let attestation = Attestation::sign(&context, &share, identity);
    let envelope = body.envelope.as_ref().expect("an envelope");
    let response_key =
        ecash_requests::quorum::ResponseKey::from_bytes(envelope.response_key.unwrap().as_bytes())
            .unwrap();
    assert_eq!(
        envelope.node_index.get(),
        signer.index,
        "addressed to this signer"
    );
    let clear = |attestation| {
        Json(BlindSignResponse::Clear {
            blinded_signature: share,
            attestation,
        })
        .into_response()
    };
    match mode {
        Mode::Published | Mode::WrongShareUnattested => clear(None),
        Mode::WrongSeal => {
            let other = ecash_requests::quorum::ResponseSecret::generate(&mut OsRng).public();
            let sealed = SealedShare::seal(
                &context,
                &AttestedShare { share, attestation },
                &other,
                &mut OsRng,
            )
            .unwrap();
            Json(BlindSignResponse::Sealed(sealed)).into_response()
        }
        _ => {
            let sealed = SealedShare::seal(
                &context,
                &AttestedShare { share, attestation },
                &response_key,
                &mut OsRng,
            )
            .unwrap();
            Json(BlindSignResponse::Sealed(sealed)).into_response()
        }
    }
}

/// Ten gigabytes, a piece at a time.
fn endless() -> Response {
    let piece = axum::body::Bytes::from(vec![b' '; 1 << 20]);
    let pieces =
        futures::stream::iter((0..10_240).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    axum::body::Body::from_stream(pieces).into_response()
}

/// An answer that breaks off.
fn broken() -> Response {
    let pieces = futures::stream::iter([Err::<axum::body::Bytes, _>(std::io::Error::other("cut"))]);
    axum::body::Body::from_stream(pieces).into_response()
}

async fn status(State(signer): State<Arc<Inner>>) -> Response {
    let body = SignerStatusBody {
        current_time: time::OffsetDateTime::from_unix_timestamp(signer.now().get() as i64).unwrap(),
        dkg_ecash_epoch_id: EPOCH,
        signer_disabled: !*signer.healthy.lock().unwrap(),
        is_ecash_signer: true,
        has_signing_keys: true,
    };
    (
        signer.date(),
        Json(SignedMessage::sign(body, &signer.identity).unwrap()),
    )
        .into_response()
}

async fn deposit_status(
    State(signer): State<Arc<Inner>>,
    Path(id): Path<u32>,
    Json(question): Json<DepositOwnerRequest>,
) -> Response {
    *signer.status_questions.lock().unwrap() += 1;
    if question.time.abs_diff(signer.now()) > 120 {
        return (StatusCode::BAD_REQUEST, "the time is off").into_response();
    }
    let recorded = match signer.says.lock().unwrap().clone() {
        Says::Truth => signer
            .records
            .lock()
            .unwrap()
            .get(&id)
            .map(|body| RecordedRequest::of(&signer.network, body)),
        Says::Nothing => None,
        Says::Record(record) => Some(*record),
        Says::Later => return (StatusCode::SERVICE_UNAVAILABLE, "behind").into_response(),
    };
    Json(DepositStatusResponse { recorded }).into_response()
}

async fn refund(
    State(signer): State<Arc<Inner>>,
    Path(id): Path<u32>,
    Json(demand): Json<DepositOwnerRequest>,
) -> Response {
    *signer.refund_demands.lock().unwrap() += 1;
    assert!(
        demand.time.abs_diff(signer.now()) <= 120,
        "{}",
        OwnerAction::Refund.path(id.into())
    );
    if signer.records.lock().unwrap().contains_key(&id) {
        return (StatusCode::BAD_REQUEST, "bound to a request").into_response();
    }
    let state = RefundState::Recorded;
    (StatusCode::ACCEPTED, Json(RefundResponse { state })).into_response()
}

async fn coins(
    State(signer): State<Arc<Inner>>,
    Query(EpochQuery { epoch_id: asked }): Query<EpochQuery>,
) -> Response {
    let serves = signer.serves.lock().unwrap().clone();
    let signatures = match serves {
        Serves::OtherKey => signer.other_keys.coins(),
        Serves::OneChanged => {
            let mut entries = signer.coins.entries().to_vec();
            entries[7].signature = entries[8].signature;
            CoinIndexSignatures::from_vec(entries).unwrap()
        }
        _ if asked == EPOCH => signer.coins.clone(),
        _ => signer.keys_of(asked).unwrap().coins(),
    };
    let epoch_id = if serves == Serves::OtherEpoch {
        (EPOCH.get() + 1).into()
    } else {
        asked
    };
    Json(CoinIndexSignaturesResponse {
        epoch_id,
        signatures,
    })
    .into_response()
}

#[derive(Deserialize)]
struct DatesQuery {
    expiration_date: EcashDate,
    epoch_id: EpochId,
}

async fn dates(State(signer): State<Arc<Inner>>, Query(query): Query<DatesQuery>) -> Response {
    let serves = signer.serves.lock().unwrap().clone();
    let keys = signer.keys_of(query.epoch_id).unwrap();
    let date = query.expiration_date;
    let (expiration_date, signatures): (EcashDate, DateSignatures) = match serves {
        Serves::OtherKey => (date, signer.other_keys.dates(date)),
        Serves::OneChanged => {
            let mut entries = keys.dates(date).entries().to_vec();
            entries[2].signature = entries[3].signature;
            (date, DateSignatures::from_vec(entries).unwrap())
        }
        Serves::OtherDate => {
            let later = date.plus_days(1).unwrap();
            (later, keys.dates(later))
        }
        _ => (date, keys.dates(date)),
    };
    let epoch_id = if serves == Serves::OtherEpoch {
        (EPOCH.get() + 1).into()
    } else {
        query.epoch_id
    };
    Json(ExpirationDateSignaturesResponse {
        epoch_id,
        expiration_date,
        signatures,
    })
    .into_response()
}
