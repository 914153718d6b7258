//! `POST /v1/ecash/deposits/{id}/status` and `…/refund`. They answer in JSON only.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use ecash_requests::limits::OWNER_BODY_MAX_BYTES;
use ecash_requests::quorum::{
    DepositOwnerRequest, DepositStatusResponse, RefundResponse, RefundState,
};
use ecash_ticketbook::DepositId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Body, InPath};
use crate::member::Member;
use crate::refusal::Refusal;

pub(crate) fn status_routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .layer(DefaultBodyLimit::max(OWNER_BODY_MAX_BYTES))
}

pub(crate) fn refund_routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(refund))
        .layer(DefaultBodyLimit::max(OWNER_BODY_MAX_BYTES))
}

/// The request that a deposit is bound to at this signer, told to its owner.
#[utoipa::path(
    post,
    path = "/v1/ecash/deposits/{id}/status",
    tag = "deposits",
    params(("id" = u32, Path, description = "id of the deposit")),
    request_body = DepositOwnerRequest,
    responses(
        (status = 200, body = DepositStatusResponse),
        (status = 400, description = "unknown deposit, wrong signature, wrong time, not a signer", body = String),
        (status = 413, description = "body above 4 KiB", body = String),
        (status = 415, description = "body not announced as JSON", body = String),
        (status = 422, description = "JSON of another shape, or a value that does not decode", body = String),
        (status = 429, description = "rate exceeded", body = String),
        (status = 503, description = "this signer cannot know yet; ask again later", body = String),
    )
)]
async fn status(
    State(member): State<Member>,
    InPath(id): InPath<DepositId>,
    Body(request): Body<DepositOwnerRequest>,
) -> Result<Json<DepositStatusResponse>, Refusal> {
    let recorded = member.owners().status(id, &request).await?;
    Ok(Json(DepositStatusResponse { recorded }))
}

/// The demand of a deposit's owner for the money back.
#[utoipa::path(
    post,
    path = "/v1/ecash/deposits/{id}/refund",
    tag = "deposits",
    params(("id" = u32, Path, description = "id of the deposit")),
    request_body = DepositOwnerRequest,
    responses(
        (status = 202, description = "written down", body = RefundResponse),
        (status = 400, description = "bound to a request, younger than 30 days, or not open; unknown deposit, wrong signature, wrong time", body = String),
        (status = 413, description = "body above 4 KiB", body = String),
        (status = 415, description = "body not announced as JSON", body = String),
        (status = 422, description = "JSON of another shape, or a value that does not decode", body = String),
        (status = 429, description = "rate exceeded", body = String),
        (status = 503, description = "the same demand can succeed later", body = String),
    )
)]
async fn refund(
    State(member): State<Member>,
    InPath(id): InPath<DepositId>,
    Body(request): Body<DepositOwnerRequest>,
) -> Result<(StatusCode, Json<RefundResponse>), Refusal> {
    member.owners().refund(id, &request).await?;
    let state = RefundState::Recorded;
    Ok((StatusCode::ACCEPTED, Json(RefundResponse { state })))
}
