//! What the routes share: reading bodies and parameters, rates, and the router that puts the resources together.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use ecash_requests::quorum::routes;
use ecash_service::clock::SharedClock;
use ecash_service::http::{ClientAddress, HttpError, Rate, TokenBuckets, protect};
use ecash_ticketbook::{EcashDate, EpochId};
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;

use crate::member::Member;
use crate::openapi;
use crate::refusal::Refusal;
use crate::{deposits, globals, issuance, signers, status, tickets};

/// A JSON body. What is not one is answered in plain text: 400 not JSON, 415 another content type, 422 another shape,
/// 413 too long.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        Ok(Self(Json::<T>::from_request(request, state).await?.0))
    }
}

/// The query string. What does not fit is answered 400.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|rejection: QueryRejection| HttpError::bad_request(rejection.body_text()))
    }
}

/// A segment of the path. What does not fit is answered 400.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|rejection: PathRejection| HttpError::bad_request(rejection.body_text()))
    }
}

/// Parameters of most routes. The form of the answer is read by [`crate::output::Output`] on its own.
#[derive(Clone, Copy, Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EpochParams {
    /// Epoch; the issuing one if absent.
    #[param(value_type = Option<u64>)]
    pub epoch_id: Option<EpochId>,
}

/// Parameters of the routes of date signatures.
#[derive(Clone, Copy, Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DateParams {
    /// Epoch; the issuing one if absent.
    #[param(value_type = Option<u64>)]
    pub epoch_id: Option<EpochId>,
    /// Expiration date, `YYYY-MM-DD`; today + 6 days if absent.
    #[param(value_type = Option<String>)]
    pub expiration_date: Option<EcashDate>,
}

/// Token buckets of one group of routes, in front of everything that costs something.
#[derive(Clone)]
struct Gate {
    clock: SharedClock,
    per_caller: Arc<TokenBuckets<ClientAddress>>,
    total: Arc<TokenBuckets<()>>,
}

impl Gate {
    fn new(clock: &SharedClock, per_caller: Rate, total: Rate) -> Self {
        Self {
            clock: Arc::clone(clock),
            per_caller: Arc::new(TokenBuckets::new(per_caller)),
            total: Arc::new(TokenBuckets::new(total)),
        }
    }
}

async fn within_rate(
    State(gate): State<Gate>,
    client: ClientAddress,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let now = gate.clock.monotonic();
    gate.per_caller.take(client, now)?;
    gate.total.take((), now)?;
    Ok(next.run(request).await)
}

/// All routes with their documentation, before limits and layers.
pub(crate) fn documented_routes(member: &Member) -> OpenApiRouter<Member> {
    let limits = member.limits();
    let clock = member.clock();
    let gate =
        |per_caller, total| from_fn_with_state(Gate::new(clock, per_caller, total), within_rate);
    OpenApiRouter::with_openapi(openapi::base())
        .merge(
            issuance::http::routes()
                .layer(gate(Rate::per_minute(limits.blind_sign), Rate::UNLIMITED)),
        )
        .merge(deposits::http::status_routes().layer(gate(
            Rate::per_minute(limits.deposit_status),
            Rate::UNLIMITED,
        )))
        .merge(
            deposits::http::refund_routes()
                .layer(gate(Rate::per_minute(limits.refund), Rate::UNLIMITED)),
        )
        .merge(
            globals::http::routes()
                .layer(gate(Rate::per_minute(limits.global_data), Rate::UNLIMITED)),
        )
        .merge(
            status::http::signer_routes()
                .layer(gate(Rate::per_minute(limits.global_data), Rate::UNLIMITED)),
        )
        .merge(tickets::http::routes().layer(gate(
            Rate::per_minute(limits.verify_ticket),
            limits.verify_ticket_total(),
        )))
        .merge(
            tickets::http::gone_routes()
                .layer(gate(Rate::per_minute(limits.other), Rate::UNLIMITED)),
        )
        .merge(
            status::http::node_routes()
                .merge(signers::http::routes())
                .layer(gate(Rate::per_minute(limits.other), Rate::UNLIMITED)),
        )
}

/// The whole server of a member: routes, rates, limits, `Date` header.
pub fn router(member: Member) -> Router {
    let (routes, mut document) = documented_routes(&member).split_for_parts();
    openapi::describe_forms(&mut document);
    let document = openapi::text(&document);
    let serve_document = move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document) }
    };
    let clock = Arc::clone(member.clock());
    let proxies = member.proxies().clone();
    let limits = member.limits().server;
    let routes = routes
        .route(routes::OPENAPI, get(serve_document))
        .route("/", get(|| async { Redirect::to(routes::OPENAPI) }))
        .with_state(member);
    protect(routes, clock, proxies, &limits)
}

/// 410 with a reason.
pub(crate) fn gone(reason: &'static str) -> Response {
    HttpError::new(StatusCode::GONE, reason).into_response()
}
