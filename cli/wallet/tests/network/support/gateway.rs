//! A gateway that keeps what it is sent and answers as the test tells it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ecash_requests::gateway::{Consumed, GatewayInfo, InfoNonce, TicketAnswer, Verdict};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_ticketbook::{EpochId, TicketType, UnixTime};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::{EPOCH, identity, short};

/// How the gateway's statement about itself differs from an honest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Info {
    #[default]
    Honest,
    OtherKey,
    OldNonce,
    OtherChain,
    OtherAccount,
    ClockOff(i64),
    NoRole,
    OtherEpoch,
}

/// What comes back for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Verdict(Verdict, Consumed),
    /// The ticket is taken, the answer is lost on the way.
    Lost,
}

pub(crate) struct Inner {
    identity: Arc<IdentitySecret>,
    network: NetworkIds,
    account: String,
    pub(crate) info: Mutex<Info>,
    pub(crate) replies: Mutex<VecDeque<Reply>>,
    pub(crate) received: Mutex<Vec<Vec<u8>>>,
}

pub(crate) struct FakeGateway {
    pub(crate) url: String,
    pub(crate) identity: Arc<IdentitySecret>,
    pub(crate) inner: Arc<Inner>,
}

impl FakeGateway {
    pub(crate) async fn start(network: NetworkIds, account: String) -> Self {
        let identity = Arc::new(identity(200));
        let inner = Arc::new(Inner {
            identity: identity.clone(),
            network,
            account,
            info: Mutex::default(),
            replies: Mutex::default(),
            received: Mutex::default(),
        });
        let app = Router::new()
            .route("/v1/info", get(info))
            .route("/v1/tickets", post(ticket))
            .with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            identity,
            inner,
        }
    }

    /// The next tickets meet these replies; afterwards all are accepted.
    pub(crate) fn will_reply(&self, replies: &[Reply]) {
        self.inner
            .replies
            .lock()
            .unwrap()
            .extend(replies.iter().copied());
    }

    pub(crate) fn says(&self, info: Info) {
        *self.inner.info.lock().unwrap() = info;
    }

    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.inner.received.lock().unwrap().clone()
    }
}

#[derive(Deserialize)]
struct InfoQuery {
    nonce: InfoNonce,
}

async fn info(State(gateway): State<Arc<Inner>>, Query(query): Query<InfoQuery>) -> Response {
    let says = *gateway.info.lock().unwrap();
    let mut network = gateway.network.clone();
    if says == Info::OtherChain {
        network.chain_id = short("zknym-other");
    }
    let account = if says == Info::OtherAccount {
        short("n1other")
    } else {
        short(&gateway.account)
    };
    let own = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let time = match says {
        Info::ClockOff(by) => own.saturating_add_signed(by),
        _ => own,
    };
    let roles = if says == Info::NoRole {
        vec![TicketType::MixnetExit]
    } else {
        vec![TicketType::WireguardEntry]
    };
    let epochs = if says == Info::OtherEpoch {
        vec![EpochId(99)]
    } else {
        vec![EPOCH]
    };
    let nonce = if says == Info::OldNonce {
        InfoNonce::from([9; 32])
    } else {
        query.nonce
    };
    let key = if says == Info::OtherKey {
        &identity(201)
    } else {
        &*gateway.identity
    };
    Json(GatewayInfo::sign(
        key,
        &network,
        account,
        roles,
        epochs,
        UnixTime(time),
        nonce,
    ))
    .into_response()
}

async fn ticket(State(gateway): State<Arc<Inner>>, bytes: Bytes) -> Response {
    gateway.received.lock().unwrap().push(bytes.to_vec());
    let reply = gateway.replies.lock().unwrap().pop_front();
    match reply.unwrap_or(Reply::Verdict(Verdict::Accepted, Consumed::Yes)) {
        Reply::Lost => (StatusCode::BAD_GATEWAY, "lost").into_response(),
        Reply::Verdict(verdict, consumed) => {
            let answer = TicketAnswer {
                verdict,
                consumed,
                serial: None,
                available: 1,
            };
            (
                StatusCode::from_u16(verdict.http_status()).unwrap(),
                Json(answer),
            )
                .into_response()
        }
    }
}
